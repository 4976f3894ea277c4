"""The fleet's process: fills the outboxes, connects the devices and drives them all from one loop.

Rules it keeps:
- Outboxes are filled before the clock starts.
- Devices connect one after the other over the first second, as agents do that lost a broker together.
- A phase ends by its time, or when the hub has every backlog; readings that are not accounted then count with the time
  that they have waited so far.
"""

import heapq
import random
import resource
import selectors
import time
from multiprocessing.connection import Connection

from benchmarks.errors import MeasurementFailed
from benchmarks.fleet_device import LightDevice, readings
from benchmarks.fleet_plan import Answers, Phase, Plan, Report

LOOK_EVERY_S = 0.25
WAIT_MOST_S = 0.05
BACKLOG_STEP_US = 10_000_000
HELD_AT_ONCE = 480
SPARE_FILES = 100
CONNECT, OBSERVE, LOOK = range(3)


def serve(plan: Plan, pipe: Connection) -> None:
    """Fill, say so, then a report for every phase that is asked for."""
    try:
        _allow_files(plan.devices + SPARE_FILES)
        crew = Crew(plan, filled(plan))
        pipe.send("ready")
        while True:
            pipe.send(crew.run(pipe.recv()))
    except (MeasurementFailed, OSError) as error:
        pipe.send(MeasurementFailed(f"fleet: {error}"))
    except EOFError:
        return


def _allow_files(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted:
        return
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise MeasurementFailed(f"{wanted} open files: this account may have {hard}; wanted a higher 'ulimit -Hn'")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def filled(plan: Plan) -> list[LightDevice]:
    """The devices with what they held before they connect, 10 s apart up to now, appended by the true outbox."""
    rng = random.Random(plan.seed)
    now_us = time.time_ns() // 1000
    backlog = readings(now_us - plan.backlog * BACKLOG_STEP_US, BACKLOG_STEP_US, plan.backlog)
    devices = []
    for name in plan.names:
        device = LightDevice(name, f"{rng.getrandbits(64):016x}", plan.link)
        for at in range(0, len(backlog), HELD_AT_ONCE):
            device.hold(backlog[at : at + HELD_AT_ONCE])
        devices.append(device)
    return devices


class Crew:
    """The devices and the loop that drives them."""

    def __init__(self, plan: Plan, devices: list[LightDevice]) -> None:
        self._plan = plan
        self._devices = devices
        self._selector = selectors.DefaultSelector()
        self._rng = random.Random(plan.seed + 1)
        self._undrained = {index for index, device in enumerate(devices) if not device.drained}
        self._connected = False
        self._appended = 0

    def run(self, phase: Phase) -> Report:
        """A phase from beginning to end."""
        answers, self._appended = Answers(), 0
        for device in self._devices:
            device.begin(answers)
        started_s, cpu_s = time.monotonic(), time.process_time()
        sent, received = self._bytes()
        self._loop(phase, started_s, self._agenda(phase, started_s))
        ended_s = time.monotonic()
        waiting = self._count_waiting(answers, started_s, ended_s)
        opened_s = [device.opened_s for device in self._devices if device.opened_s is not None]
        now_sent, now_received = self._bytes()
        return Report(
            started_s=started_s,
            ended_s=ended_s,
            opened_s=max(opened_s) if len(opened_s) == len(self._devices) else None,
            drained_s=None if self._undrained else ended_s,
            answers=answers,
            appended=self._appended,
            waiting=waiting,
            bytes_sent=now_sent - sent,
            bytes_received=now_received - received,
            cpu_share=(time.process_time() - cpu_s) / (ended_s - started_s),
        )

    def _agenda(self, phase: Phase, now_s: float) -> list[tuple[float, int, int]]:
        """What is due when, for which device; everyone's readings at a phase of their own."""
        agenda = []
        for index in range(len(self._devices)):
            agenda.append((now_s + self._rng.uniform(0, LOOK_EVERY_S), LOOK, index))
            if not self._connected:
                agenda.append((now_s + self._plan.connect_over_s * index / len(self._devices), CONNECT, index))
            if phase.group:
                agenda.append((now_s + self._rng.uniform(0, phase.every_s), OBSERVE, index))
        self._connected = True
        heapq.heapify(agenda)
        return agenda

    def _loop(self, phase: Phase, started_s: float, agenda: list[tuple[float, int, int]]) -> None:
        ends_s = started_s + phase.seconds
        while True:
            now_s = time.monotonic()
            if now_s >= ends_s or (phase.until_drained and not self._undrained):
                return
            while agenda and agenda[0][0] <= now_s:
                due_s, what, index = heapq.heappop(agenda)
                again_s = self._do(what, index, phase, now_s)
                if again_s:
                    heapq.heappush(agenda, (due_s + again_s, what, index))
            pause_s = min(max(0.0, agenda[0][0] - time.monotonic()), WAIT_MOST_S) if agenda else WAIT_MOST_S
            for key, events in self._selector.select(pause_s):
                self._ready(key.data, events)

    def _do(self, what: int, index: int, phase: Phase, now_s: float) -> float:
        """Do what is due; after how long it is due again [s], 0 for never."""
        device = self._devices[index]
        if what == CONNECT:
            host, _, port = self._plan.brokers[index % len(self._plan.brokers)].rpartition(":")
            device.connect(host, int(port))
            self._selector.register(device.socket, selectors.EVENT_READ, index)
            return 0.0
        if what == OBSERVE:
            device.observe(readings(time.time_ns() // 1000, 1, phase.group), now_s)
            self._appended += phase.group
        self._pump(index, now_s)
        return phase.every_s if what == OBSERVE else LOOK_EVERY_S

    def _ready(self, index: int, events: int) -> None:
        device = self._devices[index]
        now_s = time.monotonic()
        if events & selectors.EVENT_READ:
            device.receive(now_s)
            if device.drained:
                self._undrained.discard(index)
        self._pump(index, now_s)

    def _pump(self, index: int, now_s: float) -> None:
        device = self._devices[index]
        if not device.is_connected:
            return
        device.pump(now_s)
        all_sent = device.flush()
        wanted = selectors.EVENT_READ if all_sent else selectors.EVENT_READ | selectors.EVENT_WRITE
        if self._selector.get_key(device.socket).events != wanted:
            self._selector.modify(device.socket, wanted, index)

    def _count_waiting(self, answers: Answers, started_s: float, ended_s: float) -> int:
        """Groups of this phase that are not accounted, with the time that they have waited so far."""
        waiting = 0
        for device in self._devices:
            for _, appended_s, count in device.live_waiting:
                if appended_s >= started_s:
                    answers.add(appended_s, ended_s, count)
                    waiting += count
        return waiting

    def _bytes(self) -> tuple[int, int]:
        return sum(device.bytes_sent for device in self._devices), sum(
            device.bytes_received for device in self._devices
        )
