"""Bugs planted one at a time, each a mistake that real gateways make: a check that finds none of them is no check."""

from __future__ import annotations

import sqlite3
from typing import Literal

import msgspec

from edge.contract.control import Ack
from edge.contract.ranges import RangeSet
from edge.link import Publish
from hub.ledger import Account
from hub.step import Step
from tests.simulation.parts import SimulatedDevice, SimulatedHub
from tests.simulation.weather import EXCHANGES, Weather
from tests.simulation.world import World


class AckThoughTheStoreFailed(World):
    """The hub acks what it tried to write."""

    def commit(self, step: Step, weather: Weather) -> None:
        if self.rng.random() < weather.commit_fails:
            pretended = dict(self.hub.accounts)
            self.hub.accounts.update(step.accounts)
            self.down += [(self.tick, device, ack) for device, ack in self.hub.acks(step)]
            self.hub.accounts = pretended
            return
        super().commit(step, weather)


class _ForgetsAckedRows(SimulatedDevice):
    def crash(self, tick: int) -> None:
        if self.outbox.last in self.outbox._accounted:
            self.disk.execute("DELETE FROM runs WHERE first = (SELECT max(first) FROM runs)")
        super().crash(tick)


class NumberUsedTwice(World):
    """Acked rows are deleted and the next number is one above the rows that are left."""

    device_type = _ForgetsAckedRows


class _ForgetsOnSend(SimulatedDevice):
    def start(self, tick: int) -> None:
        super().start(tick)
        send = self.link.next_batches

        def next_batches(now: float, mono_us: int) -> list[Publish]:
            batches = send(now, mono_us)
            for batch in batches:
                self.outbox.account(0, [(batch.first, batch.last)])
            return batches

        self.link.next_batches = next_batches  # type: ignore[method-assign]


class ForgetOnSend(World):
    """A record is forgotten when it was sent (or PUBACKed)."""

    device_type = _ForgetsOnSend


class _NeverRetries(SimulatedDevice):
    def start(self, tick: int) -> None:
        super().start(tick)
        link = self.link
        sent: set[int] = set()
        send = link.next_batches

        def next_batches(now: float, mono_us: int) -> list[Publish]:
            batches = [batch for batch in send(now, mono_us) if batch.first not in sent]
            sent.update(number for batch in batches for number in range(batch.first, batch.last + 1))
            return batches

        link.next_batches = next_batches  # type: ignore[method-assign]


class NeverRetry(World):
    """What was sent once is not sent again."""

    device_type = _NeverRetries


class _AcksAllBelow(SimulatedHub):
    def acks(self, step: Step) -> list[tuple[str, Ack]]:
        return [
            (device, msgspec.structs.replace(ack, through=max(ack.last, ack.through), ranges=[]))
            for device, ack in super().acks(step)
        ]


class AckOfEverythingBelow(World):
    """The ack names the highest number seen, holes and all."""

    hub_type = _AcksAllBelow


class _InMemory(SimulatedDevice):
    def crash(self, tick: int) -> None:
        self.disk = sqlite3.connect(":memory:", isolation_level=None)
        super().crash(tick)


class OutboxInMemory(World):
    """The outbox does not survive its process."""

    device_type = _InMemory


class _SynchronousOff(SimulatedDevice):
    def observe(self, tick: int, alarm: bool) -> None:
        if not hasattr(self, "_synced") or self._rng.random() < 0.2:
            self._synced = self.disk.serialize()
        super().observe(tick, alarm)

    def crash(self, tick: int) -> None:
        if hasattr(self, "_synced"):
            self.disk.deserialize(self._synced)
        super().crash(tick)


class SynchronousOff(World):
    """A power cut takes the last commits with it."""

    device_type = _SynchronousOff


class _SleepingWorker(SimulatedHub):
    def restore(self) -> None:
        super().restore()
        self.generation -= 1


class LateAckFromAWorkerThatSlept(World):
    """A restored hub keeps its generation, so that acks of its former life count."""

    hub_type = _SleepingWorker


class _StoresTwice(SimulatedHub):
    def start(self) -> None:
        super().start()
        self.ingest._account_of = lambda device, epoch: Account(
            **{**msgspec.structs.asdict(self.accounts.get((device, epoch), Account())), "ranges": RangeSet()}
        )

    def commit(self, step: Step) -> None:
        for row in step.rows:
            self.rows[
                row.device, row.epoch, row.number + (1 << 40) * ((row.device, row.epoch, row.number) in self.rows)
            ] = row
        self.accounts.update(step.accounts)
        self.lost.extend(step.lost)


class RangesForgotten(World):
    """The ledger forgets what it has above ``through``: a repeated batch is stored again."""

    hub_type = _StoresTwice


class _ForgetsItsStart(SimulatedDevice):
    def start(self, tick: int) -> None:
        super().start(tick)
        begin = self.outbox.begin_epoch

        def begin_epoch(
            why: Literal["behind_the_hub", "differs_from_the_hub"], known: RangeSet, sent: RangeSet
        ) -> None:
            self.outbox.account(0, list(known.intersection(self.outbox.open_numbers())))
            begin(why, known, sent)

        self.outbox.begin_epoch = begin_epoch  # type: ignore[method-assign]


class PendingDroppedWithTheEpoch(World):
    """A copied card drops what it observed under numbers that the hub knows from the other one."""

    device_type = _ForgetsItsStart


class _TakesAnyAckForAnAnswer(SimulatedDevice):
    def start(self, tick: int) -> None:
        super().start(tick)
        take = self.link.ack

        def ack(ack: Ack, now: float) -> None:
            take(msgspec.structs.replace(ack, hello=self.link.hello), now)

        self.link.ack = ack  # type: ignore[method-assign]


class AnyAckIsAnAnswer(World):
    """An ack that was owed to a card which was taken away opens the link of the one in its place."""

    device_type = _TakesAnyAckForAnAnswer

    def __init__(self, seed: int, devices: int = 2, weather: Weather | None = None) -> None:
        super().__init__(seed, devices, weather or EXCHANGES)


PLANTED: tuple[type[World], ...] = (
    AckThoughTheStoreFailed,
    NumberUsedTwice,
    ForgetOnSend,
    NeverRetry,
    AckOfEverythingBelow,
    OutboxInMemory,
    SynchronousOff,
    LateAckFromAWorkerThatSlept,
    RangesForgotten,
    PendingDroppedWithTheEpoch,
)

IN_THEIR_WEATHER: tuple[type[World], ...] = (AnyAckIsAnAnswer,)
"""Those that show in a weather of their own only, which the model, whose lines are fast, does not have."""
