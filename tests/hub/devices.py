"""Devices as the hub hears them: batches and states on their topics, and a hub's file to put them in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from edge.contract.batch import encode_batch
from edge.contract.codec import encode_record
from edge.contract.control import State, encode
from edge.contract.records import Gap, Record
from edge.contract.records.counter import CounterAir
from edge.contract.topics import Channel, topic
from hub.books import Books
from hub.ingest import Ingest
from hub.schema import open_reader, open_writer
from hub.step import Received, Step
from hub.store.port import Row
from hub.store.sqlite import SqliteStore

DEVICE = "counter-01"
EPOCH = "0123456789abcdef"
HELLO = "fedcba9876543210"
T0 = 1_795_000_000_000_000
ARRIVAL = T0 + 3_600_000_000


def air(number: int, value: float | None = None) -> bytes:
    """The line of a reading whose value is its number, unless it is given."""
    return encode_record(CounterAir(t=T0 + number * 1_000_000, co2_ppm=float(number) if value is None else value))


def airs(first: int, last: int) -> list[bytes]:
    """The lines of readings ``first`` to ``last``."""
    return [air(number) for number in range(first, last + 1)]


def gap(*ranges: tuple[int, int]) -> bytes:
    """The line of a gap record."""
    return encode_record(Gap(t=T0, ranges=list(ranges), why="outbox_full", records=1))


def batch(
    first: int, lines: Sequence[bytes], epoch: str = EPOCH, device: str = DEVICE, mono: int | None = None
) -> Received:
    """A batch as it arrives."""
    return Received(topic(device, Channel.UP), encode_batch(epoch, first, lines, mono), ARRIVAL)


def birth(epoch: str = EPOCH, device: str = DEVICE, hello: str | None = None) -> Received:
    """A device's state when it connects."""
    state = State(status="online", family="counter", epoch=epoch, hello=hello)
    return Received(topic(device, Channel.STATE), encode(state), ARRIVAL)


def line(record: Record) -> bytes:
    """A record's line."""
    return encode_record(record)


class Hub:
    """Ingest over books and embedded store in one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = open_writer(path)
        self.books = Books(self.database)
        self.reader = open_reader(path)
        self.store = SqliteStore(self.database, self.reader, self.books.epoch_id, self.books.device_id)
        self.ingest = Ingest(self.books.account_of, self.are_stored)

    def are_stored(self, rows: Sequence[Row]) -> list[bool]:
        """As the writer's commit answers it."""
        return [
            self.books.is_accounted_otherwise(row) if found is None else found
            for row, found in zip(rows, self.store.are_stored(rows), strict=True)
        ]

    def take(self, *messages: Received) -> Step:
        """Make a step of the messages and commit it."""
        step = self.ingest.step(messages)
        self.books.commit(step, self.store.insert)
        return step

    def numbers(self, epoch: str = EPOCH) -> list[int]:
        """The numbers of an epoch that stand in the store."""
        rows = self.database.execute(
            "SELECT r.number FROM records r JOIN series s ON s.id = r.series JOIN epochs e ON e.id = s.epoch "
            "WHERE e.epoch = ? ORDER BY r.number",
            (epoch,),
        )
        return [number for (number,) in rows]

    def quarantined(self) -> list[tuple[int | None, str]]:
        """Number and reason of everything in the quarantine."""
        return self.database.execute("SELECT number, reason FROM quarantine ORDER BY id").fetchall()


@contextmanager
def hub_at(path: Path) -> Iterator[Hub]:
    """A hub on a file."""
    hub = Hub(path)
    with closing(hub.database), closing(hub.reader):
        yield hub
