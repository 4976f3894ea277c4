"""Outboxes on real files, and the entries that go into them."""

from __future__ import annotations

import itertools
import sqlite3
from pathlib import Path

from edge.contract.codec import decode_record, encode_record
from edge.contract.records import DeviceAlarm, Gap, Priority, Record
from edge.contract.records.counter import CounterAir
from edge.outbox import Outbox
from edge.outbox_rows import Entry
from edge.outbox_schema import connect

T0 = 1_795_000_000_000_000
LARGE = 1 << 30


def air(value: int, t: int | None = None) -> Entry:
    """A settled reading that its value tells from others."""
    at = T0 + value * 1_000_000 if t is None else t
    return Entry(encode_record(CounterAir(t=at, co2_ppm=float(value))), Priority.NORMAL, at)


def airs(first: int, last: int) -> list[Entry]:
    """Readings ``first`` to ``last``."""
    return [air(value) for value in range(first, last + 1)]


def alarm(second: int = 0) -> Entry:
    """A settled alarm."""
    at = T0 + second * 1_000_000
    return Entry(encode_record(DeviceAlarm(t=at, code="overheated", active=True)), Priority.ALARM, at)


def waiting(value: int, boot: str) -> Entry:
    """A reading whose time is not known yet; its ``t`` is monotonic."""
    return Entry(
        encode_record(CounterAir(t=value * 1_000_000, co2_ppm=float(value))),
        Priority.NORMAL,
        0,
        settled=False,
        boot=boot,
    )


class OnDisk:
    """An outbox file that can be closed and opened again."""

    def __init__(self, path: Path, quota_bytes: int = LARGE) -> None:
        self.path = path
        self.quota_bytes = quota_bytes
        self._epochs = itertools.count(1)
        self.database: sqlite3.Connection
        self.outbox: Outbox

    def open(self) -> Outbox:
        """Open it, made if it is new."""
        self.database = connect(self.path)
        self.outbox = Outbox(self.database, self.quota_bytes, lambda: f"{next(self._epochs):016x}")
        self.outbox.open()
        return self.outbox

    def again(self) -> Outbox:
        """Close and open it, as a restart does."""
        self.database.close()
        return self.open()

    def close(self) -> None:
        """Close it."""
        self.database.close()


def lines(outbox: Outbox, first: int, last: int) -> list[bytes]:
    """The lines of some numbers, read one by one."""
    return [outbox.read(number, number, LARGE).lines[0] for number in range(first, last + 1)]


def records(outbox: Outbox) -> dict[int, Record]:
    """Every record that is open to send, by its number."""
    found: dict[int, Record] = {}
    for first, last in outbox.open_numbers():
        for number in range(first, last + 1):
            record = decode_record(outbox.read(number, number, LARGE).lines[0])
            assert isinstance(record, Record)
            found[number] = record
    return found


def gaps(outbox: Outbox) -> dict[int, Gap]:
    """The gap records that are open to send, by their numbers."""
    return {number: record for number, record in records(outbox).items() if isinstance(record, Gap)}


def values(outbox: Outbox) -> list[float]:
    """The values of the readings that are open to send, in the order of their numbers."""
    return [
        record.co2_ppm
        for record in records(outbox).values()
        if isinstance(record, CounterAir) and record.co2_ppm is not None
    ]
