"""The life of an outbox whose disk is watched: `python -m tests.powercut.outbox_life FOLDER SYNCHRONOUS ROUNDS`.

Everything an agent does with its outbox and its configuration's file, in small: appends, acks, eviction at the quota, gap
records, settling, a record given up, a rewind, a new epoch, closing and opening. After each call that returned it says
what must now be on disk. SYNCHRONOUS is ``as-it-is``, or the pragma's value that is planted.
"""

from __future__ import annotations

import itertools
import sqlite3
import sys
from pathlib import Path

import msgspec

from edge.contract.codec import digest_of
from edge.contract.ranges import Range, RangeSet
from edge.contract.records import Record
from edge.contract.records.counter import CounterAir
from edge.host.durable import replace_file
from edge.outbox import Outbox
from edge.outbox_schema import connect
from edge.settle import SettlerState
from simulators.disk.log import PROMISES
from tests.edge.outboxes import T0, airs, alarm, waiting

ROOT = Path(__file__).parents[2]
AS_IT_IS = "as-it-is"
QUOTA_BYTES = 6_000
LOG_PAGES = 24
"""After so many pages SQLite's log is brought into the file, so that a short life has many such moments."""
FILE = "device/outbox/outbox.sqlite"
CONFIG = FILE + ".config"


class Stand(msgspec.Struct, frozen=True):
    """What an outbox holds: digests of lines by number."""

    epoch: str
    last: int
    generation: int
    held: dict[int, str]
    accounted: list[Range]
    config: str = ""


def stand_of(outbox: Outbox, config: str) -> Stand:
    """As it stands in memory, lines read from the file."""
    held = {
        number: digest_of(line)
        for first, last in outbox._held
        for number, line in enumerate(outbox.read(first, last, 1 << 20).lines, first)
    }
    return Stand(outbox.epoch, outbox.last, outbox.generation, held, list(outbox._accounted), config)


def opened(path: Path, synchronous: str = AS_IT_IS) -> tuple[sqlite3.Connection, Outbox]:
    """The outbox on a file, its epochs counted from one above those that it had."""
    database = connect(path)
    database.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
    if synchronous != AS_IT_IS:
        database.execute(f"PRAGMA synchronous={synchronous}")
    epochs = itertools.count(1)
    outbox = Outbox(database, QUOTA_BYTES, lambda: f"{next(epochs):016x}")
    outbox.open()
    return database, outbox


class Life:
    """What is done, and what is said of it."""

    def __init__(self, folder: Path, synchronous: str) -> None:
        self._path = folder / FILE
        self._synchronous = synchronous
        self._promises = (folder / PROMISES).open("wb", buffering=0)
        self._config = ""

    def start(self, boot: str) -> Outbox:
        """Open, and say what is there."""
        self._database, self._outbox = opened(self._path, self._synchronous)
        self._outbox.begin_boot(boot)
        self.say()
        return self._outbox

    def say(self) -> None:
        """The call before has returned."""
        self._promises.write(msgspec.json.encode(stand_of(self._outbox, self._config)) + b"\n")

    def configure(self, text: str) -> None:
        """Replace the configuration's file as the agent does."""
        replace_file(self._path.parent / Path(CONFIG).name, text.encode())
        self._config = text
        self.say()

    def close(self) -> None:
        """An orderly end."""
        self._database.close()


def live(folder: Path, synchronous: str, rounds: int) -> None:
    """Do it all."""
    life = Life(folder, synchronous)
    outbox = life.start("boot-1")
    value = itertools.count(1)

    def append(records: int, with_alarm: bool = False) -> None:
        first = next(value)
        entries = [*airs(first * 10, first * 10 + records - 1), *([alarm(first)] if with_alarm else [])]
        outbox.append(entries, SettlerState(0, entries[-1].t))
        life.say()

    for turn in range(rounds):
        append(1 + turn % 4, with_alarm=turn % 5 == 4)
        if turn % 3 == 0:
            outbox.account(outbox.last - 1, [])
    life.configure('{"revision":1}')
    life.close()
    outbox = life.start("boot-2")
    outbox.append([waiting(5, "boot-2"), waiting(6, "boot-2")])
    life.say()
    outbox.settle("boot-2", _settled, lambda: SettlerState(1, T0 + 7))
    life.say()
    life.configure('{"revision":2}')
    for turn in range(rounds):
        append(8, with_alarm=turn % 4 == 3)
    outbox.give_up(outbox.last)
    life.say()
    outbox.rewind(outbox.last // 2, [], 2)
    life.say()
    outbox.begin_epoch("behind_the_hub", RangeSet([(1, 3)]), RangeSet())
    life.say()
    for _ in range(rounds // 2):
        append(2)
    life.close()
    outbox = life.start("boot-3")
    append(3)


def _settled(records: list[Record]) -> list[Record]:
    return [CounterAir(t=T0 + number, co2_ppm=float(number)) for number, _ in enumerate(records)]


if __name__ == "__main__":
    live(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
