"""The protocol as a state machine for hypothesis: outbox, link, ingest, ledger, ack, rewind, cards and crashes, in any order.

The parts are the simulation's (`tests/simulation/parts.py`): the production state machines. Where the seeded simulation
lets weather happen by chance, here hypothesis chooses each event and its place, and after each the invariants hold:
- what an ack of this generation names is accounted, and what is accounted is stored, refused or declared lost;
- what a device takes for accounted, the hub has accounted;
- every number that a device gave is held, accounted or declared lost, and none was given twice;
- no reading stands in the store twice.
When nothing else goes wrong any more, everything arrives.
"""

from __future__ import annotations

from collections import Counter
from typing import ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from edge.contract.control import Ack
from edge.contract.ranges import RangeSet
from edge.contract.records.counter import CounterAir
from hub.ledger import Account
from tests.simulation.parts import SimulatedDevice
from tests.simulation.weather import CALM
from tests.simulation.world import World

T = TypeVar("T")
CALM_TICKS = 400
SMALL_QUOTA = 4_000

which = st.integers(0, 1)
place = st.integers(0, 50)


class Delivery(RuleBasedStateMachine):
    """Two devices, a broker that forgets and mixes, one hub."""

    world_type: ClassVar[type[World]] = World
    steps: ClassVar[int] = 0

    @initialize(
        seed=st.integers(0, 1 << 20), kind=st.sampled_from(["plain", "small", "cards"]), seconds=st.integers(0, 12)
    )
    def begin(self, seed: int, kind: str, seconds: int) -> None:
        """Two new devices and a few good seconds; cards are not copied where a hub may be restored (``draw_weather``)."""
        self.cards = kind == "cards"
        quota = SMALL_QUOTA if kind == "small" else CALM.quota_bytes
        self.world = self.world_type(seed, weather=CALM._replace(quota_bytes=quota))
        self.given: dict[tuple[str, str, int], float] = {}
        self.seen = 0
        for _ in range(seconds):
            self.world.pass_tick(CALM, True)
        self.world.hub.backup()

    def _device(self, number: int) -> SimulatedDevice:
        type(self).steps += 1
        return self.world.devices[number]

    # ---------------------------------------------------------------- what devices do

    @rule(number=which, commits=st.integers(1, 6), alarm=st.booleans())
    def observe(self, number: int, commits: int, alarm: bool) -> None:
        """Readings are appended."""
        device = self._device(number)
        for _ in range(commits):
            self.world.tick += 1
            device.observe(self.world.tick, alarm)

    @rule(number=which, ticks=st.sampled_from([0, 1, 6, 25]))
    def talk(self, number: int, ticks: int) -> None:
        """Time passes; the device connects, greets, sends, sends again."""
        self.world.tick += ticks
        self.world.exchange(self._device(number), CALM)

    @rule(ticks=st.integers(1, 6), observing=st.booleans())
    def go_on(self, ticks: int, observing: bool) -> None:
        """Nothing goes wrong for a few seconds."""
        type(self).steps += 1
        for _ in range(ticks):
            self.world.pass_tick(CALM, observing)

    @rule(
        number=which,
        fate=st.sampled_from(["cut off", "power cut", "power cut, clock lost", "disk fails", "disk works"]),
    )
    def meet_a_fate(self, number: int, fate: str) -> None:
        """A device's connection breaks, it boots anew, perhaps with no clock, or its disk refuses commits for a while."""
        device = self._device(number)
        if fate.startswith("power cut"):
            device.crash(self.world.tick)
            device.clock_known = fate == "power cut"
        if fate.startswith("disk"):
            device.disk_fails = fate == "disk fails"
        else:
            self.world.connected[device.name] = False

    @rule(number=which, error_s=st.sampled_from([0, -3600, 3600]))
    def set_the_clock(self, number: int, error_s: int) -> None:
        """It is known from here on, and perhaps wrong."""
        device = self._device(number)
        device.clock_known, device.clock_error_us = True, error_s * 1_000_000

    @precondition(lambda self: self.cards)
    @rule(number=which, copied=st.booleans())
    def handle_the_card(self, number: int, copied: bool) -> None:
        """An image is made, or takes the card's place, once a device."""
        device = self._device(number)
        if copied:
            device.copy_card()
        elif device.has_copy and device.name not in self.world.exchanged:
            self.world.exchange_card(device)
            gone = {(one.device, one.epoch, one.number) for one in self.world.gone_with_a_card}
            self.given = {key: value for key, value in self.given.items() if key not in gone}

    # ---------------------------------------------------------------- what the broker does

    @precondition(lambda self: self.world.up)
    @rule(at=place, count=st.integers(1, 12), backward=st.booleans(), ends=st.sampled_from(["acked", "fails", "torn"]))
    def deliver(self, at: int, count: int, backward: bool, ends: str) -> None:
        """Some of the messages arrive together, from anywhere in the queue, in this order or the other."""
        type(self).steps += 1
        at %= len(self.world.up)
        taken = self.world.up[at : at + count]
        del self.world.up[at : at + count]
        messages = [message for _, message in (reversed(taken) if backward else taken)]
        weather = CALM._replace(commit_fails=float(ends == "fails"), commit_torn=float(ends == "torn"))
        self.world.commit(self.world.hub.take(messages), weather)

    @precondition(lambda self: self.world.down)
    @rule(at=place)
    def deliver_an_ack(self, at: int) -> None:
        """One ack arrives, perhaps before older ones."""
        type(self).steps += 1
        self.world.down.insert(0, self.world.down.pop(at % len(self.world.down)))
        others, self.world.down = self.world.down[1:], self.world.down[:1]
        self.world.tick += 1
        self.world.deliver_acks()
        self.world.down = others

    @precondition(lambda self: self.world.up)
    @rule(at=place, twice=st.booleans())
    def lose_or_repeat_a_message(self, at: int, twice: bool) -> None:
        """It does not arrive, or arrives once more."""
        type(self).steps += 1
        _lose_or_repeat(self.world.up, at, twice)

    @precondition(lambda self: self.world.down)
    @rule(at=place, twice=st.booleans())
    def lose_or_repeat_an_ack(self, at: int, twice: bool) -> None:
        """It does not arrive, or arrives once more."""
        type(self).steps += 1
        _lose_or_repeat(self.world.down, at, twice)

    # ---------------------------------------------------------------- what the hub does

    @rule(fate=st.sampled_from(["killed", "backed up", "restored"]))
    def meet_the_hubs_fate(self, fate: str) -> None:
        """It starts on what was committed, is copied, or the copy takes its place, a generation on."""
        type(self).steps += 1
        if fate == "backed up":
            self.world.hub.backup()
        elif fate == "killed" or self.cards:
            self.world.hub.start()
        else:
            self.world.hub.restore()

    # ---------------------------------------------------------------- what always holds

    @invariant()
    def an_ack_names_only_what_is_accounted(self) -> None:
        """Of acks under way, those of this generation."""
        hub = self.world.hub
        for _, device, ack in self.world.down:
            if ack.generation == hub.generation and ack.unreadable is None:
                account = hub.accounts.get((device, ack.epoch), Account())
                assert not _named(ack).difference(_accounted(account)), "acked and not accounted"

    @invariant()
    def what_is_accounted_is_stored_refused_or_lost(self) -> None:
        """Numbers, by their count."""
        rows = Counter((device, epoch) for device, epoch, _ in self.world.hub.rows)
        for key, account in self.world.hub.accounts.items():
            assert rows[key] == account.stored, "stored is counted wrongly"
            assert _accounted(account).count == account.stored + account.refused + account.lost

    @invariant()
    def a_device_forgets_only_what_the_hub_has(self) -> None:
        """But for a hub that was restored and has not been heard since."""
        for device in self.world.devices:
            outbox = device.outbox
            account = self.world.hub.accounts.get((device.name, outbox.epoch), Account())
            if max(outbox.generation, 1) == self.world.hub.generation:
                assert not outbox._accounted.difference(_accounted(account)), "forgotten and not accounted"

    @invariant()
    def every_number_is_held_accounted_or_declared(self) -> None:
        """On the device."""
        for device in self.world.devices:
            outbox = device.outbox
            missing = RangeSet([(1, outbox.last)]).difference(outbox._held).difference(outbox._accounted)
            if missing:
                told = RangeSet(numbers for gap in outbox._gaps() for numbers in gap.ranges)
                assert not missing.difference(told), "neither held nor accounted nor declared"

    @invariant()
    def no_number_is_given_twice(self) -> None:
        """Not within an epoch, but for a card that came back."""
        for truth in self.world.durable[self.seen :]:
            key = (truth.device, truth.epoch, truth.number)
            assert key not in self.given, f"{key} given twice"
            self.given[key] = truth.value
        self.seen = len(self.world.durable)

    @invariant()
    def the_store_has_each_reading_once(self) -> None:
        """Whatever its epoch and number."""
        stored = Counter(
            (row.device, row.record.co2_ppm)
            for row in self.world.hub.rows.values()
            if isinstance(row.record, CounterAir)
        )
        assert all(count == 1 for count in stored.values()), "stored twice"

    def teardown(self) -> None:
        """Calm: everything that can arrive does."""
        if hasattr(self, "world"):
            finding = self.world.calm_down(CALM_TICKS)
            assert not finding.is_red, f"after the calm: {finding}"


def _lose_or_repeat(queue: list[T], at: int, twice: bool) -> None:
    at %= len(queue)
    if twice:
        queue.append(queue[at])
    else:
        del queue[at]


def _named(ack: Ack) -> RangeSet:
    return RangeSet([(1, ack.through), *ack.ranges] if ack.through >= 1 else ack.ranges)


def _accounted(account: Account) -> RangeSet:
    return account.ranges.union([(1, account.through)] if account.through else [])
