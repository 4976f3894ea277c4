"""Flash wear: bytes that the outbox writes to disk for each byte of its records, and what that is in years of a card's life.

The true outbox (`edge/outbox.py`, in a process of its own) appends at the default commit interval of a second: one record
in 10 s, 10, 150 (16 kB a commit) and 1,000 a second, each about 120 bytes, already full to its quota, so that the log of
SQLite, its checkpoints, the acks coming back and the eviction of old records are all in the figures; and once more with no
ack ever coming, so that it evicts what it must declare lost. Time is not waited for: a commit is what counts.

strace counts the bytes of every write to the outbox's files from the first commit to the closing of the file. What the file
system adds (its own journal, and whole blocks of 4 KiB where less was written) is not in them; `in whole blocks` counts
every block of 4 KiB that a sync makes the disk write, once. The files lie in the system's folder for temporary files,
which must be a disk: on a tmpfs the figures would be the same, for the calls are counted.

The peer, in the same run: one row a record, deleted when its ack comes, in SQLite WAL with synchronous=FULL and
otherwise as Python brings it here.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.errors import MeasurementFailed
from benchmarks.figures import Figure
from simulators.disk.log import Operation, Resized, Said, Synced, Written, operations, traced

PEER = "one row a record, deleted on ack"
CARD_TBW, CARD_GB = 100, 32
BLOCK = 4096
SECONDS_A_DAY = 86_400
MOST_S = 600.0


class Load(NamedTuple):
    """How much comes at a commit, and how often."""

    name: str
    records: int
    every_s: float
    commits: int

    @property
    def commits_a_day(self) -> float:
        """Group commits in 24 hours."""
        return SECONDS_A_DAY / self.every_s


QUICK = (
    Load("1 in 10 s", 1, 10, 1200),
    Load("10/s", 10, 1, 1000),
    Load("150/s", 150, 1, 300),
    Load("1,000/s", 1000, 1, 60),
)
LONG = tuple(load._replace(commits=load.commits * 10) for load in QUICK)
QUOTA_BYTES = 4 << 20
LONG_QUOTA_BYTES = 16 << 20


class Wear(NamedTuple):
    """What was written for what was put in."""

    payload_bytes: int
    written_bytes: int
    block_bytes: int

    @property
    def factor(self) -> float:
        """Bytes written a byte of payload."""
        return self.written_bytes / self.payload_bytes


def run(quick: bool) -> Iterator[Figure]:
    """The figures of each load."""
    quota = QUOTA_BYTES if quick else LONG_QUOTA_BYTES
    for load in QUICK if quick else LONG:
        naive = measured("naive", load, quota, acked=True)
        acked = measured("outbox", load, quota, acked=True)
        yield from _figures(load, acked, naive, f"{load.commits} commits, full to {quota >> 20} MiB, each acked")
        alone = measured("outbox", load, quota, acked=False)
        yield _aimed(load, f"{load.name}, no acks", alone, None, f"{load.commits} commits, evicts what no hub has")


def _figures(load: Load, wear: Wear, naive: Wear, what: str) -> Iterator[Figure]:
    yield _aimed(load, load.name, wear, naive, what)
    a_commit = wear.block_bytes / load.commits
    yield Figure(
        f"in whole blocks, {load.name}", a_commit / 1000, "kB a commit", f"{what}; blocks of 4 KiB at each sync"
    )
    a_day = wear.written_bytes / load.commits * load.commits_a_day
    peer_day = naive.written_bytes / load.commits * load.commits_a_day
    yield Figure(f"a day, {load.name}", a_day / 1e6, "MB", what, PEER, peer_day / 1e6)
    years, peer_years = (CARD_TBW * 1e12 / (one * 365.25) for one in (a_day, peer_day))
    yield Figure(f"life of a card, {load.name}", years, "years", f"{CARD_GB} GB, {CARD_TBW} TBW", PEER, peer_years)


def _aimed(load: Load, name: str, wear: Wear, naive: Wear | None, what: str) -> Figure:
    """The figure that has an aim: times the payload for large commits, kB a commit for small ones."""
    peer = None if naive is None else PEER
    if wear.payload_bytes / load.commits >= 16_000:
        return Figure(
            f"written a byte, {name}", wear.factor, "x", what, peer, None if naive is None else naive.factor, aim="<= 4"
        )
    peer_kb = None if naive is None else naive.written_bytes / load.commits / 1000
    a_commit_kb = wear.written_bytes / load.commits / 1000
    return Figure(f"written a commit, {name}", a_commit_kb, "kB", what, peer, peer_kb, aim="<= 12")


def measured(kind: str, load: Load, quota_bytes: int, acked: bool) -> Wear:
    """What one program writes in its watched part.

    Raises:
        MeasurementFailed: it failed or was not done in time.
        SimulatorError: strace is not there.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "files"
        folder.mkdir()
        log = Path(name) / "strace.log"
        words = [kind, folder / "outbox.sqlite", load.records, load.commits, quota_bytes, int(acked)]
        command = [sys.executable, "-m", "benchmarks.wearing", *map(str, words)]
        done = subprocess.run(
            traced(command, log, with_data=False), capture_output=True, text=True, check=False, timeout=MOST_S
        )
        if done.returncode:
            raise MeasurementFailed(f"wearing {kind}, {load.name}: {done.stderr.strip()[-300:]}")
        written, blocks = counted(operations(log, folder))
        return Wear(json.loads(done.stdout)["payload_bytes"], written, blocks)


def counted(made: Iterator[Operation]) -> tuple[int, int]:
    """Bytes written after the mark, and bytes of the blocks that the syncs (and the end) put on the disk."""
    written = blocks = 0
    watched = False
    dirty: dict[int, set[int]] = {}
    for one in made:
        if isinstance(one, Said):
            watched = True
            dirty.clear()
        elif isinstance(one, Written):
            written += one.size * watched
            dirty.setdefault(one.file, set()).update(
                range(one.offset // BLOCK, (one.offset + one.size - 1) // BLOCK + 1)
            )
        elif isinstance(one, Resized):
            dirty[one.file] = {block for block in dirty.get(one.file, ()) if block * BLOCK < one.size}
        elif isinstance(one, Synced):
            blocks += len(dirty.pop(one.file, ())) * watched
    blocks += sum(map(len, dirty.values())) * watched
    return written, blocks * BLOCK
