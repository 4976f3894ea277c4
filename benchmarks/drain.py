"""Whether 500 devices that come back with a day of backlog drain fast and hide nothing of what happens now.

Every device (one process, the true link and outboxes, `fleet.py`) holds 8,640 records, reconnects, and goes on with a
reading a second. The way is a broker, the hub as it is run in earnest and its embedded store. A live reading's latency is
from before it is appended to its device's outbox until that device has the ack, so stored and visible; it counts from
when the hub has first answered the device, since what is appended before that is backlog by the link's rules. The worst
five seconds' 95th percentile must hold. The drain's rate is all backlog over the time from the first connect to the last
ack, beside `ingest` with batches of 50 through the same kind of broker in the same run. Memory is the highest resident
set.

`--quick`: 500 devices with 4,320 records behind nats-server. Long: 8,640, behind nats-server and Mosquitto.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.ceiling import BROKERS
from benchmarks.errors import MeasurementFailed
from benchmarks.figures import Figure
from benchmarks.fleet import Fleet
from benchmarks.fleet_plan import Phase, Plan, Report
from benchmarks.hub_station import hub
from benchmarks.ingest import ours
from benchmarks.ingest_peers import Case
from benchmarks.latencies import percentile, worst_span
from benchmarks.memory import memory_of

DEVICES = 500
EVERY_S = 1.0
LIMIT_S = 150.0
SPAN_S = 5.0


@dataclass(frozen=True, slots=True)
class Form:
    """Which brokers, how many records a device holds, and the messages of the ingest beside it."""

    brokers: tuple[str, ...]
    backlog: int
    ingest_messages: int


QUICK = Form(("nats",), 4_320, 6_000)
LONG = Form(("nats", "mosquitto"), 8_640, 10_000)


def run(quick: bool) -> Iterator[Figure]:
    """Each broker: ingest for comparison, then the drain."""
    form = QUICK if quick else LONG
    for name in form.brokers:
        ingest = ours(Case(50, form.ingest_messages, "light"), name)
        with BROKERS[name]() as broker, hub(broker.place) as station:
            with Fleet(Plan((f"{broker.host}:{broker.port}",), DEVICES, form.backlog)) as fleet:
                report = fleet.run(Phase(EVERY_S, 1, LIMIT_S, until_drained=True))
            memory_mb = memory_of(station.pid).peak_resident_mb, memory_of(broker.pid).peak_resident_mb
        yield from _figures(f"drain-{name}", report, form, ingest.readings_per_s, memory_mb)


def _figures(name: str, report: Report, form: Form, ingest: float, memory_mb: tuple[float, float]) -> Iterator[Figure]:
    if report.drained_s is None or report.opened_s is None:
        raise MeasurementFailed(f"{name}: not drained after {LIMIT_S:.0f} s; is another load on this machine?")
    said = f"{DEVICES} devices, {form.backlog} records of backlog each, a live reading a second each"
    answers = report.answers
    rate = DEVICES * form.backlog / (report.drained_s - report.started_s)
    worst = worst_span(answers, SPAN_S, 0.95)
    yield Figure(f"{name}-rate", rate, "records/s", said, "ingest, batches of 50", ingest, ">= 0.7 x peer")
    yield Figure(f"{name}-live-p95-worst", worst, "s", f"{said}; worst {SPAN_S:.0f} s", aim="<= 2")
    yield Figure(f"{name}-live-p50", percentile(answers, 0.5), "s", said)
    yield Figure(f"{name}-live-p99", percentile(answers, 0.99), "s", said)
    yield Figure(f"{name}-live", sum(answers.readings), "readings", f"{said}; that the latencies are of")
    yield Figure(
        f"{name}-answered", report.opened_s - report.started_s, "s", f"{said}; until the last had its first ack"
    )
    yield Figure(f"{name}-hub-memory", memory_mb[0], "MB", said, aim="<= 300")
    yield Figure(f"{name}-broker-memory", memory_mb[1], "MB", said)
    yield Figure(f"{name}-generator", report.cpu_share, "cores", said)
