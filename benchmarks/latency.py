"""How long from a device's append until its reading is stored and visible, at three loads, single and as a cluster.

A hundred light devices (`fleet.py`: true outbox and link) commit a group of live readings each tenth of a second, as many as
the load needs, over a real broker to the hub. `-p50` and `-p99` are of all readings: from before the append until the
device has the ack, which leaves after the commit. `-api-p99` is of one device's readings by somebody who asks
`GET /api/v1/devices/DEVICE/latest` every 20 ms: from before the append until an answer shows it.

Loads: 1,000 readings a second; half of saturation; saturation. Saturation is found in the run: the load is raised by half
until, twice in a row, a second's readings wait or the 99th percentile is above a second; the last load before that is it.

Forms: `single` is nats-server, one hub and its embedded store, as one machine runs. `1-1` and `3-2` are a cluster of one
node and worker, and of three nodes and two workers, before one InfluxDB 1.8.3, the ledger in a JetStream bucket; all of it
on this one machine, so that it shows what more nodes cost, not what they bring.

`--quick`: `single` only, loads of 3 s. Long: all three, 20 s a load and 6 s a step of the search.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.api_probe import ApiProbe
from benchmarks.cluster_rig import running_cluster
from benchmarks.figures import Figure
from benchmarks.fleet import Fleet
from benchmarks.fleet_plan import Phase, Plan, Report
from benchmarks.hub_station import hub
from benchmarks.latencies import percentile
from simulators import brokers
from simulators.servers import Place

DEVICES = 100
EVERY_S = 0.1
STEADY = 1_000
FIRST_STEP = {"single": 10_000, "1-1": 2_000, "3-2": 2_000}
STEP_FACTOR = 1.5
STEPS_MOST = 12
TRIES = 2
SETTLE_S = 2.0
LIMIT_S = 1.0


@dataclass(frozen=True, slots=True)
class Form:
    """Which systems, how long a load is measured, and how long a step of the search takes [s]."""

    systems: tuple[str, ...]
    load_s: float
    step_s: float


class System(NamedTuple):
    """What is measured: its brokers' addresses and where its status API is."""

    brokers: tuple[str, ...]
    api: Place


QUICK = Form(("single",), 3.0, 1.5)
LONG = Form(("single", "1-1", "3-2"), 20.0, 6.0)


def run(quick: bool) -> Iterator[Figure]:
    """Each system with its three loads."""
    form = QUICK if quick else LONG
    for name in form.systems:
        with SYSTEMS[name]() as system:
            plan = Plan(system.brokers, DEVICES)
            with Fleet(plan) as fleet:
                fleet.run(Phase(EVERY_S, STEADY // DEVICES // 10, SETTLE_S))
                yield from _measure(f"latency-{name}", fleet, plan, system, form)


def _measure(name: str, fleet: Fleet, plan: Plan, system: System, form: Form) -> Iterator[Figure]:
    steady = _loaded(fleet, plan, system, STEADY, form.load_s)
    yield from _figures(f"{name}-1000", steady, "<= 0.3" if name.endswith("single") else None)
    saturation = _saturation(fleet, FIRST_STEP[name.removeprefix("latency-")], form.step_s, steady.report)
    said = f"{DEVICES} devices, a group of live readings each {EVERY_S} s"
    yield Figure(f"{name}-saturation", saturation, "readings/s", said)
    half = _loaded(fleet, plan, system, saturation // 2, form.load_s)
    yield from _figures(f"{name}-half", half, "<= 1" if name.endswith("single") else None)
    yield from _figures(f"{name}-full", _loaded(fleet, plan, system, saturation, form.load_s), None)


class _Loaded(NamedTuple):
    report: Report
    probe: ApiProbe


def _phase(readings_per_s: int, seconds: float) -> Phase:
    return Phase(EVERY_S, max(1, round(readings_per_s * EVERY_S / DEVICES)), seconds)


def _loaded(fleet: Fleet, plan: Plan, system: System, readings_per_s: int, seconds: float) -> _Loaded:
    """A load once everything before it is accounted."""
    fleet.run(Phase(EVERY_S, 0, SETTLE_S))
    with ApiProbe(system.api, plan.names[0]) as probe:
        report = fleet.run(_phase(readings_per_s, seconds))
    return _Loaded(report, probe)


def _saturation(fleet: Fleet, first_step: int, step_s: float, steady: Report) -> int:
    """The highest load of the search that the system kept up with [readings/s]; the steady one when it did with none."""
    kept, load = round(_rate(steady)), first_step
    failed = 0
    for _ in range(STEPS_MOST):
        fleet.run(Phase(EVERY_S, 0, SETTLE_S))
        phase = _phase(load, step_s)
        report = fleet.run(phase)
        rate, offered = _rate(report), phase.group * DEVICES / EVERY_S
        if report.waiting > rate * LIMIT_S or percentile(report.answers, 0.99) > LIMIT_S or rate < 0.9 * offered:
            failed += 1
            if failed == TRIES:
                break
        else:
            kept, load, failed = round(rate), round(load * STEP_FACTOR), 0
    return kept


def _rate(report: Report) -> float:
    return report.appended / (report.ended_s - report.started_s)


def _figures(name: str, loaded: _Loaded, aim: str | None) -> Iterator[Figure]:
    report = loaded.report
    said = f"{DEVICES} devices, {_rate(report):.0f} readings/s, generator {report.cpu_share:.2f} cores"
    yield Figure(f"{name}-p50", percentile(report.answers, 0.5), "s", said)
    yield Figure(f"{name}-p99", percentile(report.answers, 0.99), "s", said, aim=aim)
    if loaded.probe.answers.readings:
        seen = f"{said}; {len(loaded.probe.answers.readings)} readings of one device, seen by GET"
        yield Figure(f"{name}-api-p50", percentile(loaded.probe.answers, 0.5), "s", seen)
        yield Figure(f"{name}-api-p99", percentile(loaded.probe.answers, 0.99), "s", seen, aim=aim)


@contextlib.contextmanager
def _single() -> Iterator[System]:
    with brokers.nats() as broker, hub(broker.place) as station:
        yield System((f"{broker.host}:{broker.port}",), station.place)


def _cluster(nodes: int, workers: int) -> Callable[[], contextlib.AbstractContextManager[System]]:
    @contextlib.contextmanager
    def system() -> Iterator[System]:
        with (
            brokers.influxdb_1_8() as store,
            running_cluster(store, f"latency-{nodes}-{workers}", nodes, workers) as rig,
        ):
            yield System(tuple(rig.nats.brokers), rig.workers[0].place)

    return system


SYSTEMS: dict[str, Callable[[], contextlib.AbstractContextManager[System]]] = {
    "single": _single,
    "1-1": _cluster(1, 1),
    "3-2": _cluster(3, 2),
}
