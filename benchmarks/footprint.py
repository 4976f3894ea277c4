"""Footprint: memory, processor time and start of an agent of each family on its simulator, and of a hub after a million readings.

Every agent is a real process behind a real broker and hub. *Start* is from the process's first instruction to its
`READY=1` (sd_notify), imports and opening of the outbox included, the median of three. *Idle* is with its lines there and
silent (a kiosk's provider answers, nobody comes). *Busy* is on its simulator at its true pace until the models it has are
loaded, which is checked in its memory map; the figure is the highest resident set from start to end, in MB of 10^6 bytes.

Quick form: one start instead of three, 6 s idle instead of 60, 18 s busy at five times the simulators' true pace instead
of 300 s, and 200,000 readings for the hub instead of a million.
"""

from __future__ import annotations

import contextlib
import os
import pty
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.errors import MeasurementFailed
from benchmarks.figures import Figure
from benchmarks.hub_station import hub
from benchmarks.ingest_ours import measure_ours
from benchmarks.ingest_peers import Case
from benchmarks.live_agents import Live, agent, live, set_up, simulation
from benchmarks.memory import cpu_s, memory_of
from edge.contract.families import FAMILIES, Family
from machikado.demo.setup import Setup
from simulators.brokers import nats

BUSY_MB: dict[Family, int] = {"bridge": 110, "truck": 45, "gate": 45, "kiosk": 45, "counter": 90}
LIBRARIES: dict[Family, tuple[str, ...]] = {"bridge": ("onnxruntime",), "counter": ("ai_edge_litert",)}
"""What must be in an agent's memory map before its memory counts as busy."""
START_S, IDLE_PERCENT, HUB_MB = 1.5, 1.0, 150
READY_S = 20.0
SETTLE_S = 4.0
"""Not measured at the beginning of idleness: the start itself, connecting and greeting [s]."""


class Form(NamedTuple):
    """How long each phase lasts."""

    starts: int
    idle_s: float
    busy_s: float
    speed: float
    hub_readings: int


QUICK = Form(starts=1, idle_s=6.0, busy_s=18.0, speed=5.0, hub_readings=200_000)
LONG = Form(starts=3, idle_s=60.0, busy_s=300.0, speed=1.0, hub_readings=1_000_000)


def run(quick: bool) -> Iterator[Figure]:
    """The figures of the five families and of the hub."""
    form = QUICK if quick else LONG
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for family in FAMILIES:
            times = [_start_s(folder / f"start-{number}" / family, family) for number in range(form.starts)]
            yield Figure(
                f"agent start, {family}", statistics.median(times), "s", f"median of {form.starts}", aim=f"<= {START_S}"
            )
        with nats() as broker, hub(broker.place):
            yield from _idle(folder / "idle", form.idle_s, broker.port)
            yield from _busy(folder / "busy", form, broker.port)
    yield _hub(form.hub_readings)


def _start_s(folder: Path, family: Family) -> float:
    """From the start of the process to its READY [s]; the folder is short, because a Unix socket's path is."""
    config, _ = set_up(folder, family)
    with tempfile.TemporaryDirectory() as place, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(f"{place}/notify")
        heard.settimeout(READY_S)
        began = time.monotonic()
        with agent(folder, family, config, notify=f"{place}/notify") as running:
            try:
                while b"READY=1" not in heard.recv(4096):
                    pass
            except TimeoutError as error:
                raise MeasurementFailed(f"agent of {family}: not ready in {READY_S:g} s: {running.said()}") from error
            return time.monotonic() - began


def _idle(folder: Path, seconds: float, broker_port: int) -> Iterator[Figure]:
    """Processor time of all agents at once, each waiting for a line that says nothing."""
    with contextlib.ExitStack() as closing:
        running = [closing.enter_context(_silent(folder / family, family, broker_port)) for family in FAMILIES]
        time.sleep(SETTLE_S)
        before, began = [cpu_s(one.process.pid) for one in running], time.monotonic()
        time.sleep(seconds)
        passed = time.monotonic() - began
        for one, used in zip(running, before, strict=True):
            percent = 100.0 * (cpu_s(one.process.pid) - used) / passed
            yield Figure(
                f"agent idle CPU, {one.family}", percent, "% of a core", f"{passed:.0f} s", aim=f"< {IDLE_PERCENT:g}"
            )
        for one in running:
            memory = memory_of(one.process.pid)
            yield Figure(f"agent idle memory, {one.family}", memory.resident_mb, "MB", f"{passed:.0f} s")


@contextlib.contextmanager
def _silent(folder: Path, family: Family, broker_port: int) -> Iterator[Live]:
    config, setup = set_up(folder, family, broker_port)
    with contextlib.ExitStack() as closing:
        if any(target.startswith("ws:") for target in setup.lines.values()):
            closing.enter_context(simulation(family, _nobody_comes(setup), 1.0))
        else:
            for target in setup.lines.values():
                closing.enter_context(_silent_line(Path(target.removeprefix("pty:"))))
        yield closing.enter_context(agent(folder, family, config))


def _nobody_comes(setup: Setup) -> Setup:
    return setup._replace(simulator={**setup.simulator, "sessions_an_hour": 0.0, "faults_a_day": 0.0})


@contextlib.contextmanager
def _silent_line(path: Path) -> Iterator[None]:
    near, far = pty.openpty()
    try:
        path.symlink_to(os.ttyname(far))
        yield
    finally:
        os.close(near)
        os.close(far)


def _busy(folder: Path, form: Form, broker_port: int) -> Iterator[Figure]:
    """Memory of all agents at once on their simulators."""
    with contextlib.ExitStack() as closing:
        running = [
            closing.enter_context(live(folder / family, family, speed=form.speed, broker_port=broker_port))
            for family in FAMILIES
        ]
        time.sleep(form.busy_s)
        for one in running:
            yield _busy_figure(one, form)


def _busy_figure(one: Live, form: Form) -> Figure:
    mapped = Path(f"/proc/{one.process.pid}/maps").read_text(encoding="utf-8")
    missing = [library for library in LIBRARIES.get(one.family, ()) if library not in mapped]
    if missing:
        raise MeasurementFailed(f"agent of {one.family}: {', '.join(missing)} not loaded after {form.busy_s:g} s")
    models = " with " + ", ".join(LIBRARIES[one.family]) if one.family in LIBRARIES else ""
    peak = memory_of(one.process.pid).peak_resident_mb
    given = f"simulator at {form.speed:g} times its pace for {form.busy_s:.0f} s{models}"
    return Figure(f"agent memory, {one.family}", peak, "MB", given, aim=f"<= {BUSY_MB[one.family]}")


def _hub(readings: int) -> Figure:
    case = Case(50, readings // 50, "light")
    with nats() as broker:
        peak = measure_ours(case, broker).peak_resident_mb
    return Figure("hub memory", peak, "MB", f"highest, {readings} readings in batches of 50", aim=f"<= {HUB_MB}")
