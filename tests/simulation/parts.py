"""The simulated device and hub: the production state machines with a crash, a disk and a clock that the seed commands."""

from __future__ import annotations

import functools
import random
import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from edge.contract.codec import decode_record, encode_record
from edge.contract.control import Ack, State
from edge.contract.records import DeviceAlarm, Record
from edge.contract.records.counter import CounterAir
from edge.errors import OutboxError
from edge.link import Link, LinkConfig
from edge.outbox import Outbox
from edge.outbox_rows import Entry
from edge.settle import Settler
from hub.ingest import Ingest
from hub.ledger import Account
from hub.step import Lost, Received, Step
from hub.store.port import Row

START_US = 1_795_000_000_000_000
TICK_US = 1_000_000

SIMULATED_LINK = LinkConfig(
    window_batches=4, batch_records=7, ack_timeout_s=5, ack_timeout_most_s=20, hello_every_s=3, no_ack_alarm_s=60,
    backlog_delay_s=3,
)  # fmt: skip


class Truth(NamedTuple):
    """A reading that a device put on disk: the value that tells it apart, and the number it was given."""

    device: str
    value: float
    epoch: str
    number: int


class SimulatedDevice:
    """One agent's outbox, settler and link on a disk that keeps what was synced."""

    def __init__(self, name: str, rng: random.Random, quota_bytes: int, durable: list[Truth]) -> None:
        self.name = name
        self._rng = rng
        self._quota = quota_bytes
        self._durable = durable
        self._values = 0
        self.mono = 0
        self.clock_known = True
        self.clock_error_us = 0
        self.disk_fails = False
        self.boot = "boot-0"
        self._boots = 0
        self.disk = sqlite3.connect(":memory:", isolation_level=None)
        self._copy: tuple[bytes, int] | None = None
        self.start(0)

    def start(self, tick: int) -> None:
        """Boot: open the outbox on what the disk kept."""
        self.mono = 0
        self._boots += 1
        self.boot = f"boot-{self._boots}"
        self.started_us = START_US + tick * TICK_US
        self.outbox = Outbox(self.disk, self._quota, self.draw)
        self.outbox.open()
        self.outbox.begin_boot(self.boot)
        self.settler = Settler(self.outbox.settler_state)
        self.link = Link(self.outbox, SIMULATED_LINK, self.draw)

    def draw(self) -> str:
        """A new epoch or greeting."""
        return f"{self._rng.getrandbits(64):016x}"

    def crash(self, tick: int) -> None:
        """Power cut: what was committed stands, the rest is gone."""
        if self.disk.in_transaction:
            self.disk.execute("ROLLBACK")
        self.start(tick)

    def copy_card(self) -> None:
        """Keep an image of the card as it is now."""
        self._copy = (self.disk.serialize(), len(self._durable))

    @property
    def has_copy(self) -> bool:
        """Whether there is an image that is not used yet."""
        return self._copy is not None

    def put_copy_in(self, tick: int) -> set[Truth]:
        """Power cut, and the copied card in the place of the card; the readings that went away with the other one."""
        assert self._copy is not None
        image, known = self._copy
        if self.disk.in_transaction:
            self.disk.execute("ROLLBACK")
        self.disk.deserialize(image)
        self._copy = None
        self.start(tick)
        return {truth for truth in self._durable[known:] if truth.device == self.name}

    def set_aside(self) -> set[tuple[str, float]]:
        """Readings in the device's own quarantine."""
        lines = self.disk.execute("SELECT line FROM quarantine").fetchall()
        return values_of(self.name, [line for (line,) in lines])

    def observe(self, tick: int, alarm: bool) -> None:
        """One group commit of a few readings (and perhaps an alarm)."""
        self.mono += TICK_US
        offset = START_US + tick * TICK_US + self.clock_error_us - self.mono if self.clock_known else None
        if offset is not None and self.outbox.unsettled_boots():
            self._settle_what_waited(offset)
        values = []
        entries = []
        for _ in range(self._rng.randint(1, 4)):
            self._values += 1
            values.append(float(self._values))
            entries.append(self._entry(CounterAir(t=self.mono, co2_ppm=float(self._values)), offset))
        if alarm:
            entries.append(self._entry(DeviceAlarm(t=self.mono, code="overheated", active=True), offset))
        if self.disk_fails:
            return
        try:
            self.outbox.append(entries, self.settler.state)
        except OutboxError:
            return
        # A gap that made room takes numbers of its own before the entries do.
        first = self.outbox.last - len(entries) + 1
        self._durable.extend(
            Truth(self.name, value, self.outbox.epoch, number) for number, value in enumerate(values, first)
        )

    def _entry(self, record: CounterAir | DeviceAlarm, offset: int | None) -> Entry:
        settled = self.settler.settle(record, offset)
        kept = settled if settled is not None else record
        t = kept.t if settled is not None and kept.t is not None else 0
        return Entry(encode_record(kept), record.priority, t, settled is not None, "" if settled else self.boot)

    def _settle_what_waited(self, offset: int) -> None:
        for boot in self.outbox.unsettled_boots():
            if boot == self.boot:
                self.outbox.settle(
                    boot,
                    lambda records: [self._settled(record, offset) for record in records],
                    lambda: self.settler.state,
                )
            else:
                floor, now = self.settler.state.floor, self.started_us
                self.outbox.settle(
                    boot,
                    functools.partial(self._bounded, min(floor or now, now), now),
                    lambda: self.settler.state,
                )

    def _settled(self, record: Record, offset: int) -> Record:
        settled = self.settler.settle(record, offset)
        assert settled is not None
        return settled

    def _bounded(self, earliest: int, latest: int, records: list[Record]) -> list[Record]:
        return [self.settler.settle_bounded(record, earliest, latest) for record in records]

    def hello(self) -> State:
        """The birth message."""
        return State(
            status="online", family="counter", epoch=self.outbox.epoch, last=self.outbox.last, hello=self.link.hello
        )


def values_of(device: str, lines: list[bytes]) -> set[tuple[str, float]]:
    """The readings that some lines are."""
    records = [decode_record(line) for line in lines]
    return {
        (device, record.co2_ppm) for record in records if isinstance(record, CounterAir) and record.co2_ppm is not None
    }


class SimulatedHub:
    """Ingest over a store that fails, crashes and is restored as the seed says."""

    def __init__(self) -> None:
        self.generation = 1
        self.accounts: dict[tuple[str, str], Account] = {}
        self.rows: dict[tuple[str, str, int], Row] = {}
        self.lost: list[Lost] = []
        self.conflicts = 0
        self.quarantined: set[tuple[str, float]] = set()
        self._backup: tuple[dict[tuple[str, str], Account], dict[tuple[str, str, int], Row], list[Lost]] = ({}, {}, [])
        self.start()

    def start(self) -> None:
        """Boot on what was committed."""
        self.ingest = Ingest(lambda device, epoch: self.accounts.get((device, epoch), Account()), self.are_stored)

    def are_stored(self, rows: Sequence[Row]) -> list[bool]:
        """Whether these rows, or their declared losses, stand under their numbers."""
        return [self._is_stored(row) for row in rows]

    def _is_stored(self, row: Row) -> bool:
        """Whether this row, or its declared loss, stands under its number."""
        before = self.rows.get((row.device, row.epoch, row.number))
        if before is not None:
            return before.line == row.line
        return any(
            (lost.device, lost.epoch) == (row.device, row.epoch) and row.number in lost.numbers for lost in self.lost
        )

    def commit(self, step: Step) -> None:
        """All of the step, at once."""
        for row in step.rows:
            key = (row.device, row.epoch, row.number)
            assert key not in self.rows, f"{key} stored twice"
            self.rows[key] = row
        self.accounts.update(step.accounts)
        self.lost.extend(step.lost)
        for one in step.quarantined:
            self.quarantined |= values_of(one.device or "", [one.payload])
        self.conflicts += sum(reply.conflict for reply in step.replies.values())

    def backup(self) -> None:
        """Keep a copy of what stands now."""
        self._backup = (dict(self.accounts), dict(self.rows), list(self.lost))

    def restore(self) -> None:
        """Come back as of the last backup, one generation on."""
        accounts, rows, lost = self._backup
        self.accounts, self.rows, self.lost = dict(accounts), dict(rows), list(lost)
        self.generation += 1
        self.start()

    def take(self, messages: list[Received]) -> Step:
        """The step that the messages make; not yet committed."""
        return self.ingest.step(messages)

    def acks(self, step: Step) -> list[tuple[str, Ack]]:
        """What is owed after a commit."""
        owed = [
            (
                device,
                self.accounts.get((device, epoch), Account()).ack(self.generation, epoch, *reply),
            )
            for (device, epoch), reply in step.replies.items()
        ]
        owed += [
            (device, Ack(generation=self.generation, epoch="0" * 16, unreadable=digest))
            for device, digest in step.unreadable
        ]
        return owed
