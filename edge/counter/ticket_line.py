"""The ticket machine's serial line: one event a text line, numbered and with a checksum.

    $TK,<number>,<event>,<service>,<ticket>,<window>*<checksum>CR LF      an event
    $HB,<number>*<checksum>CR LF                                          nothing happened, the machine is alive

ASCII at 9600 baud, 8 bits, no parity; a heartbeat after 5 s without an event.
``number``: 0 for the first line after power-up, then 1 … 9999, and after that 1 again.
``event``: I issued, C called, N called and did not come, F finished.
``service``: the code in the city file. ``ticket``: 0–99999. ``window``: 1–999, or 0 where no window is concerned.
``checksum``: CRC-16/CCITT-FALSE over all between ``$`` and ``*``, as four capital hexadecimal digits.

Rules the decoder keeps:
- A line that is damaged, too long or not of this form gives nothing and raises one counter.
- A line repeated with the number and checksum of the line before it is given once.
- Numbers missing between two lines are counted as lost; after number 0 the count begins anew.
- It holds at most one line of 80 bytes, whatever it is fed.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from typing import Final

from edge.counter.items import TicketAlive, TicketEvent, TicketWord

LINE_MAX_BYTES: Final = 80
LAST_NUMBER: Final = 9999

_WORDS: Final[dict[str, TicketWord]] = {"I": "issued", "C": "called", "N": "no_show", "F": "finished"}
_LETTERS: Final[dict[TicketWord, str]] = {word: letter for letter, word in _WORDS.items()}
_LINE: Final = re.compile(
    rb"\$(?P<body>(?:TK,(?P<tk>\d{1,4}),(?P<event>[ICNF]),(?P<service>[a-z0-9][a-z0-9_.-]{0,31}),"
    rb"(?P<ticket>\d{1,5}),(?P<window>\d{1,3}))|(?:HB,(?P<hb>\d{1,4})))\*(?P<checksum>[0-9A-F]{4})\r?"
)


def number_after(number: int) -> int:
    """The line number that follows ``number`` (0–9999): 0 never comes again until the next power-up."""
    return number % LAST_NUMBER + 1


def encode_line(number: int, item: TicketEvent | TicketAlive) -> bytes:
    """One line as the machine writes it, CR LF included."""
    if isinstance(item, TicketAlive):
        body = f"HB,{number}"
    else:
        body = f"TK,{number},{_LETTERS[item.event]},{item.service},{item.ticket},{item.window}"
    return f"${body}*{_checksum(body.encode()):04X}\r\n".encode()


@dataclass(slots=True)
class TicketLineCounters:
    """What a decoder has seen since it was made."""

    lines: int = 0
    damaged: int = 0
    too_long: int = 0
    duplicates: int = 0
    lost: int = 0


class TicketLineDecoder:
    """Bytes in, as they come; events and heartbeats out."""

    def __init__(self) -> None:
        self.counters = TicketLineCounters()
        self._pending = bytearray()
        self._overflown = False
        self._last: tuple[int, bytes] | None = None

    @property
    def last_number(self) -> int | None:
        """The number of the last whole line, None before the first."""
        return None if self._last is None else self._last[0]

    def feed(self, received: bytes) -> list[TicketEvent | TicketAlive]:
        """What the lines that ``received`` completed say, in order."""
        said: list[TicketEvent | TicketAlive] = []
        *ended, rest = received.split(b"\n")
        for part in ended:
            self._hold(part)
            item = self._complete_line()
            if item is not None:
                said.append(item)
        self._hold(rest)
        return said

    def _hold(self, part: bytes) -> None:
        if self._overflown or len(self._pending) + len(part) > LINE_MAX_BYTES:
            self._overflown = True
            self._pending.clear()
            return
        self._pending += part

    def _complete_line(self) -> TicketEvent | TicketAlive | None:
        line, overflown = bytes(self._pending), self._overflown
        self._pending.clear()
        self._overflown = False
        if overflown:
            self.counters.too_long += 1
            return None
        if line in (b"", b"\r"):
            return None
        found = _LINE.fullmatch(line)
        if found is None or int(found["checksum"], 16) != _checksum(found["body"]):
            self.counters.damaged += 1
            return None
        number = int(found["tk"] or found["hb"])
        if not self._is_new(number, found["checksum"]):
            return None
        self.counters.lines += 1
        if found["tk"] is None:
            return TicketAlive()
        return TicketEvent(
            service=found["service"].decode(),
            event=_WORDS[found["event"].decode()],
            ticket=int(found["ticket"]),
            window=int(found["window"]),
        )

    def _is_new(self, number: int, checksum: bytes) -> bool:
        last, self._last = self._last, (number, checksum)
        if last == (number, checksum):
            self.counters.duplicates += 1
            return False
        if last is not None and number != 0:
            self.counters.lost += (number - number_after(last[0])) % LAST_NUMBER
        return True


def _checksum(body: bytes) -> int:
    return binascii.crc_hqx(body, 0xFFFF)
