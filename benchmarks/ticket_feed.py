"""A ticket machine that gives out numbered tickets at a steady pace over a pseudo-terminal, and a journal of them.

The journal is the benchmark's own knowledge of what was fed and when: it does not come from the system under test. A
line has no flow control, as the real one: what an agent that is down does not read is gone, and the journal still has it.
"""

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from edge.counter.items import TicketEvent
from edge.counter.ticket_line import encode_line, number_after
from simulators.wire import PtyLine


class Fed(NamedTuple):
    """One ticket: of which service, when it went into the line (monotonic), and whether the line took all of it."""

    service: str
    ticket: int
    at_s: float
    whole: bool


@dataclass(frozen=True, slots=True)
class Pace:
    """So many services get a ticket each, every so often [s]."""

    services: int
    every_s: float


class TicketFeed:
    """Feeds until the block ends; `with TicketFeed(path, pace) as feed: … feed.fed`."""

    def __init__(self, path: Path, pace: Pace) -> None:
        self.fed: list[Fed] = []
        self._line = PtyLine(path)
        self._pace = pace
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "TicketFeed":
        self._line.open()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pause()
        self._line.close()

    def pause(self) -> None:
        """Feed no more."""
        self._stop.set()
        self._thread.join()

    def resume(self) -> None:
        """Go on feeding after `pause`."""
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        """Keep the pace on average; late turns are made up for."""
        line_number = 0
        began_s = time.monotonic()
        for turn in range(1, 1 << 40):
            if self._stop.wait(max(0.0, began_s + turn * self._pace.every_s - time.monotonic())):
                return
            for service in range(self._pace.services):
                self._one(f"s{service}", line_number)
                line_number = number_after(line_number)

    def _one(self, service: str, line_number: int) -> None:
        ticket = len(self.fed) + 1
        before = self._line.dropped_bytes
        at_s = time.monotonic()
        # A blank line first: the rest of a line that was cut short spoils only itself.
        self._line.write(b"\r\n" + encode_line(line_number, TicketEvent(service, "finished", ticket)))
        self.fed.append(Fed(service, ticket, at_s, self._line.dropped_bytes == before))
