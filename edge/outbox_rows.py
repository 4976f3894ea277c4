"""The outbox's rows: what goes into them and comes out, and the SQL that reads and writes them.

One row is a run of consecutively numbered records of one priority, so that a group commit writes few pages. What may be
written when is the outbox's to decide (``edge/outbox.py``), and so is each transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from edge.contract.ranges import RangeSet
from edge.contract.records import Priority

RUN_BYTES = 32 * 1024
"""Most bytes of lines in one run; a batch takes whole or cut runs."""
RUN_RECORDS = 256
RUN_OVERHEAD_BYTES = 64
"""What a row costs beside its lines, for the quota."""


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


class Run(NamedTuple):
    """A row but for its lines, of which it has the size."""

    first: int
    records: int
    priority: int
    settled: bool
    t_from: int
    t_to: int
    size: int

    @property
    def last(self) -> int:
        """Number of the last record."""
        return self.first + self.records - 1

    @property
    def bytes_held(self) -> int:
        """What it takes of the quota."""
        return self.size + RUN_OVERHEAD_BYTES


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


class Rows:
    """The tables of an open outbox file.

    Raises of every method: sqlite3.Error when the disk does not obey.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database

    # ---------------------------------------------------------------- meta

    def meta(self, key: str) -> str | None:
        """What is noted under a key."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, **values: object) -> None:
        """Note values under their keys; what is so already is not written."""
        self._db.executemany(
            "INSERT INTO meta (key, value) VALUES (?,?) ON CONFLICT (key) DO UPDATE SET value = excluded.value "
            "WHERE value IS NOT excluded.value",
            [(key, str(value)) for key, value in values.items()],
        )

    # ---------------------------------------------------------------- runs, read

    def runs(self) -> list[Run]:
        """Every run, in order."""
        rows = self._db.execute(
            "SELECT first, count, priority, settled, t_from, t_to, length(lines) FROM runs ORDER BY first"
        )
        return [Run(*row) for row in rows]

    def run_of(self, first: int) -> Run:
        """The run that begins with a number."""
        sql = "SELECT first, count, priority, settled, t_from, t_to, length(lines) FROM runs WHERE first = ?"
        return Run(*self._db.execute(sql, (first,)).fetchone())

    def time_at(self, number: int) -> int:
        """The earliest time in the run that holds a number [µs UTC], 0 if there is none."""
        row = self._db.execute(
            "SELECT t_from FROM runs WHERE first <= ? ORDER BY first DESC LIMIT 1", (number,)
        ).fetchone()
        return int(row[0]) if row else 0

    def read(self, first: int, last: int, most_bytes: int) -> list[bytes]:
        """The lines from ``first`` on, at most to ``last``, to the first hole, and ``most_bytes``; one if it is held."""
        lines: list[bytes] = []
        size = 0
        cursor = self._db.execute(
            "SELECT first, lines FROM runs WHERE first >= "
            "(SELECT max(first) FROM runs WHERE first <= ?) AND first <= ? ORDER BY first",
            (first, last),
        )
        for run_first, blob in cursor:
            for number, line in enumerate(blob.split(b"\n"), run_first):
                if number < first:
                    continue
                if number > last or number != first + len(lines):
                    return lines
                size += len(line) + 1
                if lines and size > most_bytes:
                    return lines
                lines.append(line)
        return lines

    def lines_of(self, priority: Priority) -> Iterator[tuple[int, int, bytes]]:
        """Every line of a priority, with the first number and the count of its run."""
        rows = self._db.execute("SELECT first, count, lines FROM runs WHERE priority = ? ORDER BY first", (priority,))
        for first, count, lines in rows.fetchall():
            for line in lines.split(b"\n"):
                yield first, count, line

    def entries(self, numbers: RangeSet) -> Iterator[Entry]:
        """What was put in under these numbers, with the latest time of its run."""
        for first, last in numbers:
            rows = self._db.execute(
                "SELECT first, priority, settled, boot, t_to, lines FROM runs "
                "WHERE first <= ? AND first + count > ? ORDER BY first",
                (last, first),
            )
            for run_first, priority, settled, boot, t, blob in rows.fetchall():
                for number, line in enumerate(blob.split(b"\n"), run_first):
                    if first <= number <= last:
                        yield Entry(line, Priority(priority), t, bool(settled), boot)

    def unsettled_boots(self) -> list[str]:
        """Boots that left records without a time, oldest first."""
        rows = self._db.execute("SELECT boot FROM runs WHERE NOT settled GROUP BY boot ORDER BY min(first)")
        return [row[0] for row in rows]

    def unsettled(self, boot: str) -> list[tuple[int, list[bytes]]]:
        """The first number and the lines of each run that a boot left without a time."""
        rows = self._db.execute("SELECT first, lines FROM runs WHERE NOT settled AND boot = ? ORDER BY first", (boot,))
        return [(first, blob.split(b"\n")) for first, blob in rows.fetchall()]

    # ---------------------------------------------------------------- runs, written

    def insert(self, first: int, run: Sequence[Entry]) -> int:
        """Put a run of entries under ``first`` and on; the bytes that it takes of the quota."""
        lines = b"\n".join(entry.line for entry in run)
        times = [entry.t for entry in run if entry.t] or [0]
        self._db.execute(
            "INSERT INTO runs (first, count, priority, settled, boot, t_from, t_to, lines) VALUES (?,?,?,?,?,?,?,?)",
            (first, len(run), run[0].priority, run[0].settled, run[0].boot, min(times), max(times), lines),
        )
        return len(lines) + RUN_OVERHEAD_BYTES

    def settle(self, first: int, lines: Sequence[bytes], times: Sequence[int]) -> None:
        """Put lines with their times in the place of those that waited."""
        self._db.execute(
            "UPDATE runs SET settled = 1, t_from = ?, t_to = ?, lines = ? WHERE first = ?",
            (min(times, default=0), max(times, default=0), b"\n".join(lines), first),
        )

    def delete(self, firsts: Iterable[int]) -> None:
        """Take the runs that begin with these numbers off the disk."""
        self._db.executemany("DELETE FROM runs WHERE first = ?", [(first,) for first in firsts])

    def clear(self) -> None:
        """Take every run off the disk."""
        self._db.execute("DELETE FROM runs")

    def set_aside(self, epoch: str, number: int, line: bytes) -> None:
        """Keep a line in the device's own quarantine."""
        self._db.execute("INSERT INTO quarantine (epoch, number, line) VALUES (?,?,?)", (epoch, number, line))
