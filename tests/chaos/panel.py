"""What the harness and one agent share beside the device's card: a panel to turn knobs on, and a journal.

Both are files of the harness, outside of everything that a fault touches, and survive a SIGKILL in the system's cache.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

_SLOT = struct.Struct("<q")
_NEXT, _TARGET, _RATE, _SHIFT, _UNKNOWN, _REBOOTS = range(6)
PANEL_BYTES = 64
TAIL_BYTES = 400


class Panel:
    """Six numbers in a shared page.

    ``next``: the reading that the sensor gives next; counted by the sensor's own end, so that a number is fed once.
    ``target``: how many there are. ``rate``: readings a second. ``shift_us``: how wrong the device's UTC is.
    ``unknown``: 1 when it has none. ``reboots``: 1 when each start of the agent is a boot of the device.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(PANEL_BYTES))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), PANEL_BYTES)

    def _get(self, slot: int) -> int:
        return int(_SLOT.unpack_from(self._map, slot * _SLOT.size)[0])

    def _set(self, slot: int, value: int) -> None:
        _SLOT.pack_into(self._map, slot * _SLOT.size, value)

    next = property(lambda self: self._get(_NEXT), lambda self, value: self._set(_NEXT, value))
    target = property(lambda self: self._get(_TARGET), lambda self, value: self._set(_TARGET, value))
    rate = property(lambda self: self._get(_RATE), lambda self, value: self._set(_RATE, value))
    shift_us = property(lambda self: self._get(_SHIFT), lambda self, value: self._set(_SHIFT, value))
    unknown = property(lambda self: self._get(_UNKNOWN), lambda self, value: self._set(_UNKNOWN, value))
    reboots = property(lambda self: self._get(_REBOOTS), lambda self, value: self._set(_REBOOTS, value))


class Had(NamedTuple):
    """A record that an outbox said to have put on disk, under the number that it gave; ``t`` of an unsettled one will change.

    ``at`` is where in the journal it stands [bytes].
    """

    epoch: str
    number: int
    line: bytes
    settled: bool
    at: int


class Journal:
    """Written by the agent's process: what it was about to put on disk, and then, under which numbers it has."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def begins(self, reading: int) -> None:
        """A sensor's life begins with this reading."""
        self._write({"life": reading})

    def tries(self, lines: Sequence[bytes], settled: Sequence[bool]) -> None:
        """These lines are about to be appended."""
        self._write({"try": [line.decode() for line in lines], "settled": list(settled)})

    def had(self, epoch: str, first: int) -> None:
        """The lines tried last are on disk from this number on."""
        self._write({"had": epoch, "first": first})

    def _write(self, entry: dict[str, Any]) -> None:
        os.write(self._file, json.dumps(entry).encode() + b"\n")


class Journalled(NamedTuple):
    """A journal as it was read.

    Attributes:
        had: every record that its outbox promised to keep, in order.
        tried: every line that was ever to be appended.
        lives: the first reading of each life of the sensor.
    """

    had: list[Had]
    tried: list[bytes]
    lives: list[int]


def read_journal(path: Path) -> Journalled:
    """What a journal says; its last line may be torn by a kill."""
    had: list[Had] = []
    tried: list[bytes] = []
    lives: list[int] = []
    lines: list[bytes] = []
    settled: list[bool] = []
    for at, entry in _entries(path):
        if "life" in entry:
            lives.append(int(entry["life"]))
        elif "try" in entry:
            lines = [line.encode() for line in entry["try"]]
            settled = entry["settled"]
            tried += lines
        else:
            had += [
                Had(entry["had"], number, line, is_settled, at)
                for number, (line, is_settled) in enumerate(zip(lines, settled, strict=True), entry["first"])
            ]
    return Journalled(had, tried, lives)


def last_had(path: Path) -> tuple[str, int]:
    """Epoch and first number of what was put on disk last, by the end of a journal; nothing while it is being written."""
    if not path.exists():
        return "", 0
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        last = file.read().rpartition(b"\n")[0].rpartition(b"\n")[2]
    entry = json.loads(last) if last.startswith(b'{"had"') else {}
    return entry.get("had", ""), entry.get("first", 0)


def _entries(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    at = 0
    for line in path.read_bytes().splitlines(keepends=True) if path.exists() else []:
        if line.endswith(b"\n"):
            yield at, json.loads(line)
        at += len(line)
