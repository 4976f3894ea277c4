"""The whole system on a tick clock in one process: devices, a broker that forgets, a hub that crashes, and a checker."""

from __future__ import annotations

import random
from collections import Counter
from typing import NamedTuple

from edge.contract.control import Ack, encode
from edge.contract.records.counter import CounterAir
from edge.contract.topics import Channel, parse_topic, topic
from hub.step import Received, Step
from tests.simulation.parts import START_US, TICK_US, SimulatedDevice, SimulatedHub, Truth
from tests.simulation.weather import CALM, Weather, draw_weather


class Finding(NamedTuple):
    """What the checker says of a run; all zero is what we promise."""

    lost: int
    doubled: int
    altered: int
    unfinished: int
    conflicts: int

    @property
    def is_red(self) -> bool:
        """Whether anything is wrong."""
        return any(self)


class World:
    """One seeded run."""

    device_type = SimulatedDevice
    hub_type = SimulatedHub

    def __init__(self, seed: int, devices: int = 2, weather: Weather | None = None) -> None:
        self.rng = random.Random(seed)
        self.weather = draw_weather(self.rng) if weather is None else weather
        self.durable: list[Truth] = []
        self.gone_with_a_card: set[Truth] = set()
        self.exchanged: set[str] = set()
        self.tick = 0
        self.hub = self.hub_type()
        self.devices = [
            self.device_type(f"sim-{n}", random.Random(f"{seed}-{n}"), self.weather.quota_bytes, self.durable)
            for n in range(devices)
        ]
        self.up: list[tuple[int, Received]] = []
        self.down: list[tuple[int, str, Ack]] = []
        self.before: dict[str, list[Received]] = {}
        self.cut_until = dict.fromkeys((device.name for device in self.devices), -1)
        self.connected = dict.fromkeys((device.name for device in self.devices), False)

    def run(self, ticks: int, calm_ticks: int) -> Finding:
        """A stormy while, then calm weather until everything that can arrive has arrived."""
        for _ in range(ticks):
            self.pass_tick(self.weather, observe=True)
        return self.calm_down(calm_ticks)

    def calm_down(self, ticks: int) -> Finding:
        """Calm weather, at most so long, until everything that can arrive has arrived; then the judge's word."""
        began = self.tick
        for device in self.devices:
            device.clock_known, device.disk_fails = True, False
        for _ in range(ticks):
            self.pass_tick(CALM, observe=self.tick < began + 3)
            if self.tick > began + 10 and self._is_quiet():
                break
        return self.check()

    def _is_quiet(self) -> bool:
        return not (self.up or self.down or any(self.before.values())) and all(
            not device.outbox.open_numbers() for device in self.devices
        )

    # ---------------------------------------------------------------- one tick

    def pass_tick(self, weather: Weather, observe: bool) -> None:
        """A second in this weather."""
        self.tick += 1
        for device in self.devices:
            self._hazards(device, weather)
            if observe:
                device.observe(self.tick, alarm=self.rng.random() < weather.alarms)
            self.exchange(device, weather)
        self._hub(weather)
        self.deliver_acks()

    def _hazards(self, device: SimulatedDevice, weather: Weather) -> None:
        chance = self.rng.random
        device.disk_fails = chance() < weather.disk_fails
        if chance() < weather.clock_steps:
            device.clock_error_us = self.rng.choice([0, -3_600_000_000, 3_600_000_000])
        if chance() < weather.device_crash:
            device.crash(self.tick)
            device.clock_known = chance() >= weather.clock_unknown
            self.connected[device.name] = False
        elif not device.clock_known and chance() < 0.1:
            device.clock_known = True
        if chance() < weather.card_copied:
            device.copy_card()
        elif chance() < weather.card_copied and device.has_copy and device.name not in self.exchanged:
            self.exchange_card(device)
        if chance() < weather.partition:
            self.cut_until[device.name] = self.tick + weather.partition_ticks
        if chance() < weather.broker_wiped:
            self.up.clear()
            self.down.clear()
            for name in self.connected:
                self.connected[name] = False

    def exchange_card(self, device: SimulatedDevice) -> None:
        """An older copy takes the card's place: once a device, for of two copies neither can know what the other sent.

        It takes longer to exchange a card than a message is on the line; but a hub whose store is away still has before it
        what the card that was taken away had sent, and answers it bit by bit when it can.
        """
        self.gone_with_a_card |= device.put_copy_in(self.tick)
        self.before[device.name] = [one for _, one in self.up if parse_topic(one.topic).device == device.name]
        self.up = [one for one in self.up if parse_topic(one[1].topic).device != device.name]
        self.down = [one for one in self.down if one[1] != device.name]
        self.exchanged.add(device.name)
        self.connected[device.name] = False

    def exchange(self, device: SimulatedDevice, weather: Weather) -> None:
        """A device connects if it can, and says what it has to say."""
        cut = self.tick < self.cut_until[device.name] and weather is not CALM
        if cut or not self.connected[device.name]:
            device.link.disconnected()
            self.connected[device.name] = False
            if cut:
                return
            device.link.connected(self.tick)
            self.connected[device.name] = True
        if device.link.hello_due(self.tick):
            self._send(device.name, Channel.STATE, encode(device.hello()), weather)
        for batch in device.link.next_batches(self.tick, device.mono):
            self._send(device.name, Channel.UP, batch.payload, weather)
            device.link.puback()

    def _send(self, device: str, channel: Channel, payload: bytes, weather: Weather) -> None:
        for _ in range(2 if self.rng.random() < weather.duplicate else 1):
            if self.rng.random() >= weather.lose:
                due = self.tick + self.rng.randint(0, weather.delay_ticks)
                self.up.append((due, Received(topic(device, channel), payload, START_US + due * TICK_US)))

    def _hub(self, weather: Weather) -> None:
        if self.rng.random() < weather.hub_crash:
            self.up = [one for one in self.up if one[0] > self.tick]
            self.before.clear()
            self.hub.start()
        if self.rng.random() < weather.restore:
            self.hub.restore()
        elif self.rng.random() < 0.02:
            self.hub.backup()
        due = [message for at, message in self.up if at <= self.tick and not self._waits(message)]
        self.up = [one for one in self.up if one[0] > self.tick or self._waits(one[1])]
        self.rng.shuffle(due)
        if due:
            self.commit(self.hub.take(due), weather)
        for waiting in self.before.values():
            if waiting:
                self.commit(self.hub.take([waiting.pop(0)]), weather)

    def _waits(self, message: Received) -> bool:
        """Whether the hub has not yet come so far in what it heard of the device."""
        return bool(self.before.get(parse_topic(message.topic).device or ""))

    def commit(self, step: Step, weather: Weather) -> None:
        """The hub's store takes a step, or not; acks follow only what it took."""
        if self.rng.random() < weather.commit_fails:
            return
        self.hub.commit(step)
        if self.rng.random() < weather.commit_torn:
            self.hub.start()  # died between commit and ack
            return
        for device, ack in self.hub.acks(step):
            if self.rng.random() >= weather.lose:
                self.down.append((self.tick + self.rng.randint(0, weather.delay_ticks), device, ack))

    def deliver_acks(self) -> None:
        """Acks that are due reach their devices."""
        due = [one for one in self.down if one[0] <= self.tick]
        self.down = [one for one in self.down if one[0] > self.tick]
        for _, name, ack in due:
            device = next(device for device in self.devices if device.name == name)
            if self.connected[name]:
                device.link.ack(ack, self.tick)

    # ---------------------------------------------------------------- the judge

    def check(self) -> Finding:
        """Compare what the devices put on disk with what the hub has."""
        stored: Counter[tuple[str, float]] = Counter()
        for row in self.hub.rows.values():
            if isinstance(row.record, CounterAir) and row.record.co2_ppm is not None:
                stored[row.device, row.record.co2_ppm] += 1
        declared = {
            (lost.device, lost.epoch, number)
            for lost in self.hub.lost
            for first, last in lost.numbers
            for number in range(first, last + 1)
        }
        said = self.hub.quarantined.union(*(device.set_aside() for device in self.devices))
        missing = [
            truth
            for truth in self.durable
            if (truth.device, truth.value) not in stored
            and truth not in self.gone_with_a_card
            and (truth.device, truth.value) not in said
        ]
        promised = {(truth.device, truth.value) for truth in self.durable}
        in_force = {(device.name, device.outbox.epoch) for device in self.devices}
        holes = sum(account.holes().count for key, account in self.hub.accounts.items() if key in in_force)
        pending = sum(device.outbox.open_numbers().count for device in self.devices)
        return Finding(
            lost=sum((truth.device, truth.epoch, truth.number) not in declared for truth in missing),
            doubled=sum(count - 1 for count in stored.values() if count > 1),
            altered=sum(key not in promised for key in stored),
            unfinished=holes + pending,
            conflicts=self.hub.conflicts if not self.exchanged else 0,
        )
