"""What goes into the outbox and comes out of it, and how entries are cut into the runs that its rows hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from edge.contract.records import Priority

RUN_BYTES = 32 * 1024
"""Most bytes of lines in one run; a batch takes whole or cut runs."""
RUN_RECORDS = 256


class Entry(NamedTuple):
    """A record ready to be numbered.

    Attributes:
        line: as ``encode_record`` gives it.
        priority: who leaves first and is evicted last.
        t: its time, for the gap record that may name it one day [µs UTC]; 0 when not settled.
        settled: False while it waits for the clock.
        boot: identity of the boot that observed it, kept for records that are not settled.
    """

    line: bytes
    priority: Priority
    t: int
    settled: bool = True
    boot: str = ""


class Held(NamedTuple):
    """Lines that are ready to send: ``first``, ``first + 1``, …."""

    first: int
    lines: list[bytes]

    @property
    def last(self) -> int:
        """Number of the last line."""
        return self.first + len(self.lines) - 1


def runs_of(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Cut entries into runs of one priority and settling, bounded in records and bytes."""
    run: list[Entry] = []
    size = 0
    for entry in entries:
        alike = (
            run and run[0].priority is entry.priority and run[0].settled == entry.settled and run[0].boot == entry.boot
        )
        if run and (not alike or len(run) >= RUN_RECORDS or size + len(entry.line) > RUN_BYTES):
            yield run
            run, size = [], 0
        run.append(entry)
        size += len(entry.line) + 1
    if run:
        yield run
