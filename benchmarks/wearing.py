"""The program whose disk `flash-wear` watches: `python -m benchmarks.wearing KIND FILE RECORDS COMMITS QUOTA ACKED`.

KIND is `outbox`, the true one (`edge/outbox.py`), or `naive`: one row a record, deleted when its ack comes. Every commit
takes RECORDS records; when ACKED is 1 the hub's ack comes before the next one, otherwise never. The outbox is filled to
its quota first. A line of JSON on standard output tells what was put in while it was watched.
"""

import itertools
import json
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

from edge.contract.codec import encode_record
from edge.contract.records import Priority
from edge.contract.records.counter import CounterPassages
from edge.outbox import Outbox
from edge.outbox_rows import RUN_OVERHEAD_BYTES, Entry
from edge.outbox_schema import connect
from edge.settle import SettlerState

T0_US = 1_795_000_000_000_000
SECOND_US = 1_000_000


def lines(records: int) -> Iterator[list[Entry]]:
    """Group commits of a people counter's records, about 120 bytes each."""
    for commit in itertools.count():
        times = [T0_US + commit * SECOND_US + n * (SECOND_US // records) for n in range(records)]
        yield [
            Entry(
                encode_record(CounterPassages(t=t, line="main-entrance", window_s=60.0, entered=n % 7, left=n % 5)),
                Priority.NORMAL,
                t,
            )
            for n, t in enumerate(times)
        ]


def payload(entries: list[Entry]) -> int:
    """Bytes of the lines."""
    return sum(len(entry.line) for entry in entries)


class Ours:
    """The true outbox."""

    def __init__(self, path: Path, quota_bytes: int) -> None:
        self._db = connect(path)
        self._outbox = Outbox(self._db, quota_bytes, lambda: "00000000000000aa")
        self._outbox.open()

    def fill(self, commits: Iterator[list[Entry]], acked: bool) -> None:
        """Append until the oldest were evicted for the first time, without waiting for the disk."""
        self._db.execute("PRAGMA synchronous=OFF")
        held = 0
        while held <= self._outbox.bytes_held:
            held = self._outbox.bytes_held
            self.commit(next(commits))
            if acked:
                self.ack()
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def commit(self, entries: list[Entry]) -> None:
        """As the agent does it, with the settler's state."""
        self._outbox.append(entries, SettlerState(0, entries[-1].t))

    def ack(self) -> None:
        """The hub has everything."""
        self._outbox.account(self._outbox.last, [])

    def close(self) -> None:
        """Close the file."""
        self._db.close()


class Naive:
    """One row a record, deleted in a transaction of its own when the ack comes; SQLite as it comes, but WAL and FULL."""

    def __init__(self, path: Path, quota_bytes: int) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("CREATE TABLE records (number INTEGER PRIMARY KEY AUTOINCREMENT, t INTEGER, line BLOB)")
        self._rows = quota_bytes // (120 + RUN_OVERHEAD_BYTES)

    def fill(self, commits: Iterator[list[Entry]], acked: bool) -> None:
        """A queue that is acked stands empty."""
        self.commit(next(commits))
        if acked:
            self.ack()

    def commit(self, entries: list[Entry]) -> None:
        """All of a group commit in one transaction."""
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany("INSERT INTO records (t, line) VALUES (?,?)", [(one.t, one.line) for one in entries])
        self._db.execute("COMMIT")

    def ack(self) -> None:
        """Delete what the hub has."""
        self._db.execute("DELETE FROM records")

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def main(kind: str, path: Path, records: int, commits: int, quota_bytes: int, acked: bool) -> None:
    """Fill, then work while watched."""
    queue = (Ours if kind == "outbox" else Naive)(path, quota_bytes)
    work = lines(records)
    queue.fill(work, acked)
    put = 0
    with path.with_name("promises").open("wb", buffering=0) as begin:
        begin.write(b"from here on\n")
    for entries in itertools.islice(work, commits):
        queue.commit(entries)
        put += payload(entries)
        if acked:
            queue.ack()
    queue.close()
    print(json.dumps({"payload_bytes": put, "records": records * commits}))


if __name__ == "__main__":
    _kind, _path, _records, _commits, _quota, _acked = sys.argv[1:]
    main(_kind, Path(_path), int(_records), int(_commits), int(_quota), _acked == "1")
