"""The agent: takes what sources deliver through the pipeline into the outbox, and lets the link send it.

Rules it keeps:
- One thread owns pipeline, outbox and link; sources and MQTT only put events into its queue, which is bounded.
- Records are committed in groups, at least every ``commit_interval_s``; an alarm commits at once, and what
  people watch on a display within ``GATHER_S``, so many times a minute (``edge/prompt.py``).
- A source that fails is reported once, run again with growing pauses, and reported once when it delivers again.
- Nothing of this waits for the network.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from edge import __version__
from edge.attachments import Attachments
from edge.backoff import Backoff
from edge.clock import Clock, Reading
from edge.config import Loaded
from edge.contract.control import Ack, Command, DesiredConfig, State, decode, encode
from edge.contract.errors import ContractError
from edge.contract.records import DeviceAlarm, Health, ModelState, Priority, Record, SourceState, kind_of
from edge.contract.topics import Channel
from edge.delivery import Delivery, Own
from edge.desired import Desired
from edge.errors import OutboxError, SourceError
from edge.late_times import let_the_hub_time, settle_what_waited
from edge.lines import Line, Lines, Refused, settles_what_waited
from edge.linger import may_linger
from edge.link import Link
from edge.log import Log
from edge.mqtt import Arrived, Connected, Disconnected, Event, Mqtt, Puback
from edge.notify import Notifier
from edge.outbox import Outbox
from edge.outbox_rows import Entry
from edge.pipeline import Pipeline, Tick
from edge.prompt import GATHER_S, Prompt
from edge.self_watch import SelfWatch
from edge.settle import Settler
from edge.source import CountsFrames, Source
from edge.vitals import Vitals, VitalSigns
from edge.watch import Seen, Standing, Watched

QUEUE_ITEMS = 10_000
"""Most events that wait for the agent's thread; a source blocks when there are more."""
COMMIT_RECORDS = 2_000
"""A group commit does not wait for more records than this."""
TICK_US = 1_000_000


class Delivered(NamedTuple):
    """A source delivered an item."""

    source: str
    mono_us: int
    item: object


class SourceEnded(NamedTuple):
    """A source failed, and why; it will be run again."""

    source: str
    reason: str


class FromMqtt(NamedTuple):
    """Something of the connection with this number."""

    connection: int
    event: Event


Observer = Callable[[Delivery, list[Line | Refused]], None]
"""Sees every delivery and what became of it: recording and watch."""


@dataclass
class Parts:
    """What the agent is made of; built by ``main``."""

    loaded: Loaded
    pipeline: Pipeline
    sources: list[Source]
    outbox: Outbox
    settler: Settler
    link: Link
    attachments: Attachments
    clock: Clock
    desired: Desired
    notifier: Notifier
    vitals: VitalSigns
    backoff: Callable[[], Backoff]
    boot: str
    log: Log
    watched: Watched
    observers: list[Observer] = field(default_factory=list)


class Agent:
    """One device's process."""

    def __init__(self, parts: Parts) -> None:
        self._p = parts
        self._queue: queue.Queue[Delivered | SourceEnded | FromMqtt] = queue.Queue(QUEUE_ITEMS)
        self._mqtt = Mqtt(
            parts.loaded.config.device.name,
            parts.loaded.config.hub,
            lambda connection, event: self._queue.put(FromMqtt(connection, event)),
        )
        self._connect_backoff = parts.backoff()
        self._connect_at: float | None = 0.0
        self._lines = Lines(parts.pipeline, parts.settler)
        self._entries: list[Entry] = []
        self._commit_at = 0.0
        self._hurries = False
        self._prompt = Prompt(parts.loaded.config.outbox.prompt_commits_a_minute)
        self._tick_at = 0
        self._health_at = 0.0
        self._alarms: dict[str, bool] = {}
        self._self_watch = SelfWatch()
        self._source_states: dict[str, str] = {}
        self._said_frames: dict[str, tuple[int, int]] = {}
        self._models: dict[str, str] = {}
        self._refused = 0
        self._restart = False
        self._step = parts.settler.state.step

    # ---------------------------------------------------------------- the loop

    def run(self, stop: threading.Event) -> bool:
        """Work until ``stop`` is set; True when a new configuration asks for a start anew.

        Raises:
            OutboxError: the outbox does not obey; nothing more can be kept.
        """
        done = threading.Event()
        threads = [
            threading.Thread(target=self._source_loop, args=(source, done), daemon=True) for source in self._p.sources
        ]
        for thread in threads:
            thread.start()
        started = self._now()
        reading = self._p.clock.read()
        self._report(self._p.attachments.unannounced(reading), reading)
        self._p.notifier.ready("running")
        try:
            while not stop.is_set() and not self._restart:
                self._handle_waiting()
                self._periodic(started)
        finally:
            done.set()
            self._finish()
        return self._restart

    def _now(self) -> float:
        return self._p.clock.mono_us() / 1e6

    def _handle_waiting(self) -> None:
        """Wait for one event, then take what else is there (bounded)."""
        try:
            self._handle(self._queue.get(timeout=self._pause()))
            for _ in range(200):
                self._handle(self._queue.get_nowait())
        except queue.Empty:
            pass

    def _pause(self) -> float:
        now = self._now()
        until = [self._tick_at / 1e6]
        if self._entries:
            until.append(self._commit_at)
        if self._connect_at is not None:
            until.append(self._connect_at)
        return min(max(min(until) - now, 0.001), 1.0)

    def _handle(self, event: Delivered | SourceEnded | FromMqtt) -> None:
        if isinstance(event, Delivered):
            self._source_is(event.source, "delivering")
            self._p.watched.saw(Seen(event.source, event.mono_us, event.item))
            self._process(Delivery(event.mono_us, self._p.clock.read().offset_us, event.item))
        elif isinstance(event, SourceEnded):
            thing = f"source {event.source}"
            self._p.log.state(thing, "failed", event.reason.removeprefix(f"{thing}: "))
            self._source_is(event.source, "failed")
        elif event.connection == self._mqtt.connection:
            self._network(event.event)

    def _periodic(self, started: float) -> None:
        reading = self._p.clock.read()
        now = reading.mono_us / 1e6
        if reading.mono_us >= self._tick_at:
            self._tick_at = reading.mono_us + TICK_US
            self._tick(Delivery(reading.mono_us, reading.offset_us, Tick()))
            self._report(self._p.attachments.due(reading), reading)
            self._p.notifier.alive()
            self._p.watched.stand(self._standing(reading, now))
            self._watch_over(reading, now)
            if self._p.desired.on_trial and now - started > self._p.loaded.config.agent.probation_s:
                self._p.desired.confirm()
        if now >= self._health_at:
            self._health_at = now + self._p.loaded.config.agent.health_every_s
            self._look_at_itself(reading)
            self._say_changed_frames()
        if self._entries and (now >= self._commit_at or len(self._entries) >= COMMIT_RECORDS):
            self._commit()
        if self._connect_at is not None and now >= self._connect_at:
            self._connect_at = None
            self._mqtt.open()
        self._send(reading, now)

    # ---------------------------------------------------------------- records

    def _process(self, delivery: Delivery) -> None:
        """Take a delivery to lines, and let them wait for the next commit."""
        lines = self._lines.of(delivery)
        self._p.attachments.saw(delivery, [line.record for line in lines])
        for observer in self._p.observers:
            observer(delivery, lines)
        for line in lines:
            if isinstance(line, Refused):
                self._refused += 1
                self._p.log.state(f"{kind_of(line.record)} records", "refused", line.reason)
                continue
            if isinstance(line.record, ModelState):
                self._models[line.record.model] = line.record.version if line.record.running else "failed"
            self._keep(line)

    def _tick(self, tick: Delivery) -> None:
        self._process(tick)
        if settles_what_waited(tick) and (self._entries_wait() or self._p.outbox.unsettled_boots()):
            self._commit_if_any()
            settle_what_waited(self._p.outbox, self._p.settler, self._p.boot, tick.offset_us or 0)
        elif self._p.link.asked_to_fill and self._p.outbox.unsettled_boots():
            self._commit_if_any()
            let_the_hub_time(self._p.outbox, self._p.settler.state, self._p.boot)

    def _entries_wait(self) -> bool:
        return any(not entry.settled for entry in self._entries)

    def _report(self, records: Sequence[Record], reading: Reading) -> None:
        for record in records:
            self._own(record, reading)

    def _own(self, record: Record, reading: Reading) -> None:
        self._process(Delivery(reading.mono_us, reading.offset_us, Own(record)))

    def _keep(self, line: Line) -> None:
        now = self._now()
        if not self._entries:
            self._commit_at = now + self._p.loaded.config.outbox.commit_interval_s
        self._entries.append(
            Entry(line.line, line.priority, line.t, line.settled, "" if line.settled else self._p.boot)
        )
        self._hurries = self._hurries or not may_linger(line.record)
        if line.priority is Priority.ALARM:
            self._commit_at = 0.0
        elif self._prompt.grants(line.record, now):
            self._commit_at = min(self._commit_at, now + GATHER_S)

    def _commit(self) -> None:
        entries, self._entries = self._entries, []
        self._p.outbox.append(entries, self._p.settler.state)
        if self._hurries:
            self._hurries = False
            self._p.link.hurry()
        self._p.attachments.committed()

    # ---------------------------------------------------------------- network

    def _network(self, event: Event) -> None:
        now = self._now()
        if isinstance(event, Connected):
            self._connect_backoff.succeeded()
            self._p.log.state("broker", "connected", "")
            self._p.link.connected(now)
        elif isinstance(event, Disconnected):
            self._p.log.state("broker", "away", event.reason)
            self._p.link.disconnected()
            self._p.attachments.disconnected()
            self._connect_at = now + self._connect_backoff.failed()
        elif isinstance(event, Puback):
            self._p.link.puback()
        else:
            self._downlink(event, now)

    def _downlink(self, message: Arrived, now: float) -> None:
        try:
            if message.channel is Channel.ACK:
                self._ack(decode(Ack, message.payload), now)
            elif message.channel is Channel.CMD:
                self._obey(decode(Command, message.payload))
            elif message.channel is Channel.CONFIG and message.payload:
                self._restart = self._p.desired.offer(decode(DesiredConfig, message.payload)) or self._restart
        except ContractError as problem:
            self._p.log.state(f"messages on {message.channel}", "refused", str(problem))

    def _ack(self, ack: Ack, now: float) -> None:
        self._p.attachments.hub_has_generation(ack.generation)
        if ack.blob is not None:
            reading = self._p.clock.read()
            self._report(self._p.attachments.ack(ack.blob, reading), reading)
            return
        self._p.link.ack(ack, now)
        if self._p.link.conflict:
            self._alarm("two_devices_with_one_identity", True)

    def _obey(self, command: Command) -> None:
        reading = self._p.clock.read()
        reply, records = self._p.attachments.obey(command, reading)
        self._report(records, reading)
        self._mqtt.publish(Channel.CMD_REPLY, encode(reply))

    def _send(self, reading: Reading, now: float) -> None:
        if self._p.link.hello_due(now):
            self._mqtt.publish(Channel.STATE, encode(self._birth(reading)), retain=True)
        for batch in self._p.link.next_batches(now, reading.mono_us):
            self._mqtt.publish(Channel.UP, batch.payload)
        if self._p.link.is_open:
            while self._p.desired.reports:
                self._mqtt.publish(Channel.CONFIG_REPORTED, encode(self._p.desired.reports.pop(0)))
        if self._p.link.is_idle and (chunk := self._p.attachments.next_chunk(now, reading)) is not None:
            self._mqtt.publish(Channel.BLOB, chunk)

    def _birth(self, reading: Reading) -> State:
        outbox = self._p.outbox
        return State(
            status="online",
            family=self._p.loaded.config.device.family,
            epoch=outbox.epoch,
            last=outbox.last,
            digest=outbox.digest(outbox.last),
            hello=self._p.link.hello,
            agent_version=__version__,
            models=self._models,
            config_hash=self._p.loaded.hash,
            clock_quality=reading.quality,
            t=None if reading.offset_us is None else reading.mono_us + reading.offset_us,
        )

    # ---------------------------------------------------------------- sources

    def _source_loop(self, source: Source, done: threading.Event) -> None:
        backoff = self._p.backoff()

        def emit(item: object) -> None:
            backoff.succeeded()
            self._queue.put(Delivered(source.name, self._p.clock.mono_us(), item))

        while not done.is_set():
            try:
                source.run(emit, done)
                if not done.is_set():
                    raise SourceError(f"source {source.name}: ended")
            except SourceError as problem:
                self._queue.put(SourceEnded(source.name, str(problem)))
                done.wait(backoff.failed())
            except ImportError as problem:
                extra = self._p.loaded.config.device.family
                reason = f"needs {(problem.name or str(problem)).partition('.')[0]}; pip install 'machikado[{extra}]'"
                self._queue.put(SourceEnded(source.name, reason))
                done.wait(backoff.failed())

    def _source_is(self, source: str, state: str) -> None:
        if self._source_states.get(source) == state:
            return
        self._source_states[source] = state
        if state == "delivering":
            self._p.log.state(f"source {source}", state, "")
        self._say_source(source)
        self._alarm("source_failed", "failed" in self._source_states.values())

    def _say_source(self, name: str) -> None:
        """Report a source's state with what its line damaged and lost."""
        reading = self._p.clock.read()
        counts = self._frames(name)
        self._said_frames[name] = counts
        state = SourceState(
            t=reading.mono_us,
            source=name,
            state="delivering" if self._source_states[name] == "delivering" else "failed",
            frames_bad=counts[0],
            frames_lost=counts[1],
        )
        self._own(state, reading)

    def _frames(self, name: str) -> tuple[int, int]:
        source = next(one for one in self._p.sources if one.name == name)
        return (source.frames_bad, source.frames_lost) if isinstance(source, CountsFrames) else (0, 0)

    def _say_changed_frames(self) -> None:
        for name in self._source_states:
            if self._frames(name) != self._said_frames.get(name):
                self._say_source(name)

    # ---------------------------------------------------------------- the device itself

    def _watch_over(self, reading: Reading, now: float) -> None:
        self._alarm("no_acks", self._p.link.no_acks(now))
        self._alarm("clock_unknown", reading.quality == "unknown")
        step = self._p.settler.state.step
        if step != self._step:
            self._step = step
            self._alarm("clock_stepped", True)
            self._alarm("clock_stepped", False)

    def _look_at_itself(self, reading: Reading) -> None:
        """A health record, and the alarms that its facts raise or end."""
        vitals = self._p.vitals.look()
        self._own(self._health(reading, vitals), reading)
        failed = "failed" in self._models.values()
        alarms = self._self_watch.look(vitals, self._p.outbox.evicted, failed, self._p.desired.was_rolled_back)
        for code, active in alarms.items():
            self._alarm(code, active)

    def _commit_if_any(self) -> None:
        if self._entries:
            self._commit()

    def _alarm(self, code: str, active: bool) -> None:
        # The first look is always said, so that an alarm of a former life does not stand for ever.
        if self._alarms.get(code) == active:
            return
        self._alarms[code] = active
        self._p.log.state(f"alarm {code}", "on" if active else "off", "")
        reading = self._p.clock.read()
        self._own(DeviceAlarm(t=reading.mono_us, code=code, active=active), reading)  # type: ignore[arg-type]

    def _waiting(self, reading: Reading) -> tuple[int, float | None]:
        """How many records wait for the hub, and the age of the oldest [s] where it is known."""
        waiting, oldest = self._p.outbox.waiting()
        if not oldest or reading.offset_us is None:
            return waiting, None
        return waiting, max(0.0, (reading.mono_us + reading.offset_us - oldest) / 1e6)

    def _standing(self, reading: Reading, now: float) -> Standing:
        waiting, age = self._waiting(reading)
        link = self._p.link
        return Standing(
            mono_us=reading.mono_us,
            t=None if reading.offset_us is None else reading.mono_us + reading.offset_us,
            clock_quality=reading.quality,
            clock_error_s=reading.error_s,
            broker="connected" if link.is_connected else "away",
            last_ack_s=None if link.acked_at is None else now - link.acked_at,
            outbox_records=waiting,
            outbox_bytes=self._p.outbox.bytes_held,
            outbox_oldest_s=age,
            sources=dict(self._source_states),
        )

    def _health(self, reading: Reading, vitals: Vitals) -> Health:
        waiting, age = self._waiting(reading)
        return Health(
            t=reading.mono_us,
            clock_quality=reading.quality,
            uptime_s=reading.mono_us / 1e6,
            outbox_records=waiting,
            outbox_bytes=self._p.outbox.bytes_held,
            outbox_oldest_s=age,
            clock_offset_s=reading.error_s,
            records_refused=self._refused,
            **vitals._asdict(),
        )

    def _finish(self) -> None:
        """Put on disk what waits, say that we go on purpose."""
        self._p.notifier.stopping()
        try:
            self._commit_if_any()
        except OutboxError as problem:
            self._p.log.state("outbox", "failed", str(problem))
        self._p.attachments.close()
        if self._p.link.is_open:
            self._mqtt.publish(Channel.STATE, encode(State(status="offline", why="stopped")), retain=True)
        self._mqtt.close()
