"""A cluster in one process: true session, keeper, ledger and ingest over a bucket, a store and a broker that are drawn.

A worker may freeze at every call that leaves it, before or after the call had its effect: the world then runs on without
it for a while, and the call returns as if nothing had been. Clocks run at different speeds from different beginnings;
calls fail before or after their effect; batches and acks are lost and delayed. Everything comes from the seed.

What is wrong at once: an account that shrinks or whose counters do not add up, an account advanced under a lower fencing
number than the one that is served, an ack of what the bucket does not account. In the end: a reading that is not stored,
or not accounted.
"""

from __future__ import annotations

import fnmatch
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from edge.contract.batch import encode_batch
from edge.contract.codec import encode_record
from edge.contract.control import Ack
from edge.contract.ranges import RangeSet
from edge.contract.records.counter import CounterAir
from edge.contract.topics import Channel, shard_of, topic
from hub.cluster.entries import AccountEntry, decode
from hub.cluster.groups import GROUPS, group_of
from hub.cluster.keeper import Keeper
from hub.cluster.kv_ledger import KvLedger
from hub.cluster.leased_ingest import LeasedIngest
from hub.cluster.port import Conflict, Entry, Outcome, Swap, Unknown, Written
from hub.cluster.session import Session, Timing
from hub.errors import StoreError
from hub.step import Lost, Quarantined, Received, Step
from hub.store.port import Row

TICK_S = 0.1
LEASE_S = 2.0
EPOCH = "00112233445566aa"
T0 = 1_795_000_000_000_000
DEVICES = ("counter-01", "counter-02", "counter-03", "counter-04", "gate-01", "gate-02", "truck-07", "truck-08")
READINGS = 40
STORM_TICKS = 300
CALM_TICKS = 600


@dataclass
class Weather:
    """How likely a call is hit, drawn anew for each seed."""

    freeze: float
    fail: float
    lose: float
    crash: float
    send: float

    @staticmethod
    def drawn(rng: random.Random) -> Weather:
        hazards = [rng.choice((0.0, most / 4, most)) for most in (0.2, 0.03, 0.3, 0.004)]
        return Weather(*hazards, send=rng.choice((0.03, 0.1, 0.5)))


class Wrong(AssertionError):
    """A promise was broken."""


@dataclass
class Device:
    """A device's side: numbers that exist, those acked, and when it sends."""

    name: str
    last: int = 0
    acked: RangeSet = field(default_factory=RangeSet)

    def batch(self) -> Received | None:
        open_numbers = RangeSet([(1, self.last)] if self.last else []).difference(self.acked)
        for first, last in open_numbers:
            last = min(last, first + 4)
            lines = [line_of(number) for number in range(first, last + 1)]
            return Received(topic(self.name, Channel.UP), encode_batch(EPOCH, first, lines), T0)
        return None


def line_of(number: int) -> bytes:
    return encode_record(CounterAir(t=T0 + number * 1_000_000, co2_ppm=float(number)))


class SimKeys:
    """One worker's view of the bucket."""

    def __init__(self, world: World, worker: str, is_fenced: bool) -> None:
        self._world = world
        self._worker = worker
        self._is_fenced = is_fenced

    def read(self, keys: Sequence[str]) -> dict[str, Entry]:
        self._world.leaves(self._worker)
        return {key: self._world.bucket[key] for key in keys if key in self._world.bucket}

    def keys(self, pattern: str, least_revision: int = 0) -> list[str]:
        self._world.leaves(self._worker)
        return sorted(key for key in self._world.bucket if fnmatch.fnmatch(key, pattern.replace(">", "*")))

    def swap(self, swaps: Sequence[Swap]) -> list[Outcome]:
        self._world.leaves(self._worker, is_write=any(".account." in swap.key for swap in swaps))
        outcomes = [self._one(swap) for swap in swaps]
        if self._world.returns(self._worker):
            return outcomes
        return [Unknown("no answer")] * len(swaps)

    def put(self, key: str, value: bytes) -> None:
        self._world.leaves(self._worker)
        self._world.write(self._worker, key, value)

    def delete(self, key: str) -> None:
        self._world.leaves(self._worker)
        self._world.bucket.pop(key, None)

    def _one(self, swap: Swap) -> Outcome:
        stands = self._world.bucket.get(swap.guard or swap.key)
        if self._is_fenced and (stands.revision if stands else 0) != swap.revision:
            return Conflict()
        return Written(self._world.write(self._worker, swap.key, swap.value))


class NoEvidence:
    """Nothing is refused or lost here."""

    def write(self, quarantined: Sequence[Quarantined], lost: Sequence[Lost]) -> None:
        assert not quarantined, quarantined[0].reason
        assert not lost

    def is_accounted_otherwise(self, row: Row) -> bool:
        return False


class Worker:
    """One hub of the cluster; ``life`` counts its starts."""

    def __init__(self, world: World, name: str, parts: Parts) -> None:
        self._world = world
        self._rate = world.rng.uniform(0.7, 1.4)
        self._ahead_s = world.rng.uniform(-1e5, 1e5)
        self.name = name
        self.shards: set[str] = set()
        self.inbox: list[Received] = []
        self.is_away = False
        keys = SimKeys(world, name, parts.is_fenced)
        self.keeper = parts.keeper(Session(name, GROUPS, Timing(LEASE_S)), keys, self._clock, lambda *_: None)
        self.ledger = parts.ledger(keys, NoEvidence(), self.keeper.may_act, lambda *_: None, self._wait)
        self._ingest = LeasedIngest(self.ledger, self._are_stored, self.keeper.may_act)
        self._acks = parts.acks

    def turn(self) -> None:
        """A tenth of a second of its work."""
        self.keeper.beat()
        self.keeper.look(self.ledger, self, lambda: False)
        if not self.inbox:
            return
        taken, self.inbox = self.inbox[:20], self.inbox[20:]
        try:
            step = self._ingest.step(taken)
            self._world.leaves(self.name)
            for row in step.rows:
                self._world.store_row(row)
            self._world.leaves(self.name)
            self.ledger.commit(step)
        except StoreError:
            self.inbox = taken + self.inbox
            return
        self._world.pauses(self.name, is_write=True)
        for device, ack in self._acks(self.ledger, step):
            self._world.ack(device, ack)

    def take_shards(self, shards: Sequence[str]) -> None:
        self.shards |= set(shards)
        group = int(shards[0], 16) * GROUPS // 256
        fence = self.ledger._groups[group].fence
        self._world.serving[group] = max(self._world.serving.get(group, 0), fence)

    def drop_shards(self, shards: Sequence[str]) -> None:
        self.shards -= set(shards)

    def _clock(self) -> float:
        return self._world.now_s * self._rate + self._ahead_s

    def _wait(self, pause_s: float) -> bool:
        self._world.run_without(self.name, 1)
        return False

    def _are_stored(self, rows: Sequence[Row]) -> list[bool]:
        self._world.leaves(self.name)
        return [self._world.store.get((row.device, row.number)) == row.line for row in rows]


def acks_of(ledger: KvLedger, step: Step) -> list[tuple[str, Ack]]:
    """As the writer acks: from the committed accounts."""
    return [
        (device, ledger.account_of(device, epoch).ack(1, epoch, *reply))
        for (device, epoch), reply in step.replies.items()
    ]


@dataclass(frozen=True)
class Parts:
    """What workers are made of; a planted bug replaces one of them."""

    ledger: type[KvLedger] = KvLedger
    keeper: type[Keeper] = Keeper
    acks: Callable[[KvLedger, Step], list[tuple[str, Ack]]] = acks_of
    is_fenced: bool = True


class World:
    """One run."""

    def __init__(self, seed: int, parts: Parts = Parts()) -> None:
        self.rng = random.Random(seed)
        self.weather = Weather.drawn(self.rng)
        self.parts = parts
        self.now_s = 0.0
        self.revision = 0
        self.bucket: dict[str, Entry] = {}
        self.serving: dict[int, int] = {}
        self.store: dict[tuple[str, int], bytes] = {}
        self.devices = [Device(name) for name in DEVICES]
        self._born = 0
        self._running: list[str] = []
        self._left = 0
        self.workers = [self._new_worker() for _ in range(3)]
        self.frozen = 0

    def run(self) -> None:
        """Storm, then calm until all is acked. Raises Wrong."""
        self._left = STORM_TICKS
        while self._left > 0:
            self._tick()
        self.weather = Weather(0.0, 0.0, 0.0, 0.0, send=0.5)
        for _ in range(CALM_TICKS):
            self._left = 1
            self._tick()
            if all(device.acked == RangeSet([(1, device.last)]) for device in self.devices):
                break
        for device in self.devices:
            wanted = {number: line_of(number) for number in range(1, device.last + 1)}
            stored = {number: line for (name, number), line in self.store.items() if name == device.name}
            if stored != wanted:
                raise Wrong(f"{device.name}: stored {sorted(stored)} of 1–{device.last}")
            if device.acked != RangeSet([(1, device.last)]):
                raise Wrong(
                    f"{device.name}: acked {list(device.acked)} of 1–{device.last} after {CALM_TICKS} calm ticks"
                )

    # ---------------------------------------------------------------- what may happen at a call

    def leaves(self, worker: str, is_write: bool = False) -> None:
        """A call leaves a worker."""
        self.pauses(worker, is_write)
        if self.rng.random() < self.weather.fail:
            raise StoreError("unreachable")

    def returns(self, worker: str) -> bool:
        """Whether the answer of a call arrives."""
        self.pauses(worker)
        return self.rng.random() >= self.weather.fail

    def pauses(self, worker: str, is_write: bool = False) -> None:
        """The worker may freeze here, and does so rather where it is about to write or to ack."""
        if self.rng.random() < self.weather.freeze * (1.0 if is_write else 0.01) and self._left > 0:
            self.frozen += 1
            self.run_without(worker, self.rng.choice((15, 30, 60)))

    def run_without(self, worker: str, ticks: int) -> None:
        """The world goes on while a worker stands in a call."""
        self._running.append(worker)
        for _ in range(ticks):
            self._tick()
        self._running.remove(worker)

    # ---------------------------------------------------------------- effects

    def write(self, worker: str, key: str, value: bytes) -> int:
        """A key is written; accounts are looked at."""
        before = self.bucket.get(key)
        self.revision += 1
        self.bucket[key] = Entry(value, self.revision)
        if ".account." in key:
            self._look_at(worker, key, before, value)
        return self.revision

    def _look_at(self, worker: str, key: str, before: Entry | None, value: bytes) -> None:
        entry = decode(key, value)
        assert isinstance(entry, AccountEntry)
        numbers = numbers_of(entry)
        if numbers.count != entry.stored + entry.refused + entry.lost:
            raise Wrong(f"{key}: {numbers.count} accounted, {entry.stored} stored")
        if before is not None:
            earlier = decode(key, before.value)
            assert isinstance(earlier, AccountEntry)
            if numbers_of(earlier).difference(numbers):
                raise Wrong(f"{key}: {worker} takes back {list(numbers_of(earlier).difference(numbers))}")
        served = self.serving.get(group_of(key.split(".")[2]), 0)
        if entry.fence < served:
            raise Wrong(f"{key}: {worker} writes under {entry.fence} while {served} is served")

    def store_row(self, row: Row) -> None:
        """A point is written, again where it stood."""
        if self.store.setdefault((row.device, row.number), row.line) != row.line:
            raise Wrong(f"{row.device} {row.number}: two records")

    def ack(self, name: str, ack: Ack) -> None:
        """An ack goes out, and may be lost."""
        said = RangeSet([*([(1, ack.through)] if ack.through else []), *ack.ranges])
        found = [entry for key, entry in self.bucket.items() if f".account.{name}." in key]
        stands = [decode(f"00.account.{name}.", entry.value) for entry in found]
        known = RangeSet(pair for entry in stands if isinstance(entry, AccountEntry) for pair in numbers_of(entry))
        if said.difference(known):
            raise Wrong(f"{name}: acked {list(said)}, the bucket has {list(known)}")
        if self.rng.random() >= self.weather.lose:
            device = next(device for device in self.devices if device.name == name)
            device.acked = device.acked.union(said)

    # ---------------------------------------------------------------- time

    def _new_worker(self) -> Worker:
        self._born += 1
        return Worker(self, f"worker-{self._born}", self.parts)

    def _tick(self) -> None:
        self._left -= 1
        self.now_s += TICK_S
        for device in self.devices:
            if device.last < READINGS and self.rng.random() < 0.3:
                device.last += 1
            if self.rng.random() < self.weather.send:
                self._send(device)
        for worker in list(self.workers):
            if worker.name in self._running or worker not in self.workers:
                continue
            if self.rng.random() < self.weather.crash:
                self.workers[self.workers.index(worker)] = self._new_worker()
                continue
            worker.turn()

    def _send(self, device: Device) -> None:
        batch = device.batch()
        if batch is None:
            return
        for worker in self.workers:
            if shard_of(device.name) in worker.shards and self.rng.random() >= self.weather.lose:
                worker.inbox.append(batch)
                del worker.inbox[:-50]


def numbers_of(entry: AccountEntry) -> RangeSet:
    return RangeSet([*([(1, entry.through)] if entry.through else []), *entry.ranges])
