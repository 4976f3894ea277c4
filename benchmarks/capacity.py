"""What a device and a reading cost, measured with a thousand devices, and what that makes for a ward, a city, a country.

A thousand light devices (`fleet.py`: true outbox and link over real connections) connect to a broker and to the hub as it
is run in earnest with its embedded store; their cost is what broker and hub grew by. Then three loads, and what each cost a
reading in processor time, bytes on the wire and bytes on the hub's disk: `ward`, the readings of a thousand devices that
report every ten seconds; `city`, those of a hundred thousand, one a message, sent by the thousand; `backlog`, 500 records a
device in large batches. What the same device costs in earnest, with its sources, is what `footprint` measures.

A ward is measured; a city's processors are measured, its memory and disk multiplied; a country (10 million) is a hundred
cities. All of it behind nats-server.

`--quick`: 200 devices, nats-server, 5 s a load. Long: 1,000, both brokers, 30 s.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from benchmarks.ceiling import BROKERS
from benchmarks.errors import MeasurementFailed
from benchmarks.figures import Figure
from benchmarks.fleet import Fleet
from benchmarks.fleet_plan import Phase, Plan
from benchmarks.hub_station import hub
from benchmarks.memory import cpu_s, memory_of
from simulators.servers import Server

BACKLOG = 500
DRAIN_LIMIT_S = 120.0
CONNECTS_A_S = 200
SETTLE_S = 3.0
DAY_S = 86_400
RATES = {"ward": 100, "city": 10_000}
PLACES = {"ward": (1_000, "ward"), "city": (100_000, "city"), "country": (10_000_000, "city")}
READINGS_A_DEVICE = 0.1
PLACES_BROKER = "nats"


@dataclass(frozen=True, slots=True)
class Form:
    """Which brokers, how many devices, how long a load lasts [s]."""

    brokers: tuple[str, ...]
    devices: int
    seconds: float


QUICK = Form(("nats",), 200, 5.0)
LONG = Form(("nats", "mosquitto"), 1_000, 30.0)


class Spent(NamedTuple):
    """Processor time [s] and memory [MB] of broker and hub, and the bytes of the hub's files."""

    broker_cpu_s: float
    hub_cpu_s: float
    broker_mb: float
    hub_mb: float
    disk_bytes: int


class Cost(NamedTuple):
    """Of one reading: processor time of broker and hub [µs], bytes up, down and on the hub's disk; and how many came a s."""

    broker_us: float
    hub_us: float
    up_bytes: float
    down_bytes: float
    disk_bytes: float
    readings_per_s: float


class Device(NamedTuple):
    """Of one connected device: memory of broker and hub [kB]."""

    broker_kb: float
    hub_kb: float


def run(quick: bool) -> Iterator[Figure]:
    """Each broker's costs, then the places."""
    form = QUICK if quick else LONG
    for name in form.brokers:
        device, costs = _measure(name, form)
        yield from _device_figures(f"capacity-{name}", device, form)
        for load, cost in costs.items():
            said = f"{form.devices} devices, {cost.readings_per_s:.0f} readings/s"
            yield from _cost_figures(f"capacity-{name}-{load}", cost, said)
        if name == PLACES_BROKER:
            for place, (devices, load) in PLACES.items():
                yield from _place_figures(f"capacity-{place}", devices, device, costs[load], costs["ward"])


def _measure(name: str, form: Form) -> tuple[Device, dict[str, Cost]]:
    connecting_s = form.devices / CONNECTS_A_S
    with BROKERS[name]() as broker, hub(broker.place) as station:
        address = (f"{broker.host}:{broker.port}",)
        idle = _spent(broker, station)
        with Fleet(Plan(address, form.devices, connect_over_s=connecting_s, prefix="present")) as fleet:
            fleet.run(Phase(1.0, 0, SETTLE_S + connecting_s))
            connected = _spent(broker, station)
            costs = {
                load: _cost(broker, station, fleet, Phase(form.devices / rate, 1, form.seconds))
                for load, rate in RATES.items()
            }
        with Fleet(Plan(address, form.devices, BACKLOG, connecting_s, prefix="away")) as fleet:
            drain = Phase(1.0, 0, DRAIN_LIMIT_S, until_drained=True)
            costs["backlog"] = _cost(broker, station, fleet, drain, BACKLOG * form.devices)
    device = Device(
        (connected.broker_mb - idle.broker_mb) * 1000 / form.devices,
        (connected.hub_mb - idle.hub_mb) * 1000 / form.devices,
    )
    return device, costs


def _cost(broker: Server, station: Server, fleet: Fleet, phase: Phase, backlog: int = 0) -> Cost:
    before = _spent(broker, station)
    report = fleet.run(phase)
    if phase.until_drained and report.drained_s is None:
        raise MeasurementFailed(f"capacity: not drained in {phase.seconds:.0f} s; is another load on this machine?")
    settled = fleet.run(Phase(1.0, 0, SETTLE_S))
    after = _spent(broker, station)
    readings = report.appended + backlog
    return Cost(
        (after.broker_cpu_s - before.broker_cpu_s) * 1e6 / readings,
        (after.hub_cpu_s - before.hub_cpu_s) * 1e6 / readings,
        (report.bytes_sent + settled.bytes_sent) / readings,
        (report.bytes_received + settled.bytes_received) / readings,
        (after.disk_bytes - before.disk_bytes) / readings,
        readings / (report.ended_s - report.started_s),
    )


def _spent(broker: Server, station: Server) -> Spent:
    files = [path for path in Path(station.place.store).iterdir() if not path.name.endswith(("-wal", "-shm"))]
    return Spent(
        cpu_s(broker.pid),
        cpu_s(station.pid),
        memory_of(broker.pid).resident_mb,
        memory_of(station.pid).resident_mb,
        sum(map(_bytes_of, files)),
    )


def _bytes_of(database: Path) -> int:
    """A database's size with what still stands in its write-ahead log."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as reader:
        return int(reader.execute("PRAGMA page_count").fetchone()[0] * reader.execute("PRAGMA page_size").fetchone()[0])


def _device_figures(name: str, device: Device, form: Form) -> Iterator[Figure]:
    said = f"{form.devices} devices connected, each with its three subscriptions and an account"
    yield Figure(f"{name}-device-broker-memory", device.broker_kb, "kB a device", said)
    yield Figure(f"{name}-device-hub-memory", device.hub_kb, "kB a device", said)


def _cost_figures(name: str, cost: Cost, said: str) -> Iterator[Figure]:
    yield Figure(f"{name}-broker-cpu", cost.broker_us, "µs a reading", said)
    yield Figure(f"{name}-hub-cpu", cost.hub_us, "µs a reading", said)
    yield Figure(f"{name}-up", cost.up_bytes, "B a reading", f"{said}; MQTT in TCP's payload")
    yield Figure(f"{name}-down", cost.down_bytes, "B a reading", f"{said}; MQTT in TCP's payload")
    yield Figure(f"{name}-disk", cost.disk_bytes, "B a reading", f"{said}; the hub's file")


def _place_figures(name: str, devices: int, device: Device, cost: Cost, singly: Cost) -> Iterator[Figure]:
    rate = devices * READINGS_A_DEVICE
    said = f"{devices:,} devices, each a reading in {1 / READINGS_A_DEVICE:.0f} s"
    yield Figure(f"{name}-readings", rate, "readings/s", said)
    yield Figure(f"{name}-hub-cpu", rate * cost.hub_us / 1e6, "cores", said)
    yield Figure(f"{name}-broker-cpu", rate * cost.broker_us / 1e6, "cores", said)
    yield Figure(f"{name}-hub-memory", devices * device.hub_kb / 1e3, "MB", f"{said}; beside an idle hub's")
    yield Figure(f"{name}-broker-memory", devices * device.broker_kb / 1e3, "MB", f"{said}; beside an idle broker's")
    yield Figure(f"{name}-disk", rate * DAY_S * cost.disk_bytes / 1e9, "GB a day", said)
    line = rate * (singly.up_bytes + singly.down_bytes) * 8 / 1e6
    yield Figure(f"{name}-line", line, "Mbit/s", f"{said}, sent by itself; both ways, without TCP and IP")
