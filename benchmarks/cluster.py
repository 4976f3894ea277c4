"""Whether a cluster loses or doubles anything while a NATS node and a worker are killed and another worker sleeps.

Three nats-servers, three workers, InfluxDB 1.8.3 and several real agents, each fed with numbered tickets over a
pseudo-terminal at a steady pace. In each round a NATS node and a worker are killed in the same moment (SIGKILL), then,
when all flows again, another worker is frozen (SIGSTOP) for longer than its leases last, and woken. Recovery is the time
from the fault until everything that was fed until a second after it is stored in InfluxDB, of all devices. In the end the
checker of `delivery.py` compares each device's outbox with the store and with the ledger bucket, both read without the
hub's code.

Not part of it: InfluxDB is one server, and is not killed here.

`--quick`: 4 devices at 20 readings/s each, one round. Long: 8 devices at 50 readings/s each, five rounds.
"""

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

from benchmarks.cluster_books import cluster_ledger, read_accounts, stored_between
from benchmarks.cluster_rig import LEASE_S, ClusterRig, cluster_agent, gauge, running_cluster, together
from benchmarks.delivery_check import READING, Verdict, check
from benchmarks.errors import MeasurementFailed
from benchmarks.figures import Figure
from benchmarks.ticket_feed import Pace, TicketFeed
from simulators import brokers
from simulators.servers import Server
from tests.chaos.books import Outbox, influx_store, read_outbox

FROZEN_LEASES = 2.5
AFTER_S = 1.0
FLOW_S = 2.0
POLL_S = 0.2
LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Form:
    """How many devices, readings a second of each, rounds of faults, workers, whether any are killed, leases [s]."""

    devices: int
    readings_a_second: float
    rounds: int
    workers: int = 3
    kills: bool = True
    lease_s: float = LEASE_S


QUICK = Form(4, 20.0, 1)
LONG = Form(8, 50.0, 5)


class Station(NamedTuple):
    """One device; its tickets above ``first`` were fed when its agent listened."""

    name: str
    agent: Server
    feed: TicketFeed
    outbox: Path
    first: int


class Recovery(NamedTuple):
    """How long the faults of a round kept readings from the store at most [s]."""

    killed_s: float
    frozen_s: float


class Outcome(NamedTuple):
    """What a run gave, over all devices and rounds."""

    verdict: Verdict
    readings: int
    recovery: Recovery


def run(quick: bool) -> Iterator[Figure]:
    """One cluster, its rounds of faults, and the checker's verdict."""
    form = QUICK if quick else LONG
    with tempfile.TemporaryDirectory(prefix="machikado-cluster-") as folder, brokers.influxdb_1_8() as store:
        outcome = measure(Path(folder), store, form)
    said = (
        f"{form.devices} agents, {outcome.readings} readings at {form.devices * form.readings_a_second:g}/s, 3 NATS "
        f"nodes, 3 workers, leases of {LEASE_S:g} s, {form.rounds} rounds of a node and a worker killed, a worker frozen"
    )
    for one in fields(Verdict):
        yield Figure(f"cluster-{one.name}", getattr(outcome.verdict, one.name), "records", said, aim="== 0")
    yield Figure("cluster-recovery-killed", outcome.recovery.killed_s, "s", said, aim="<= 15")
    yield Figure("cluster-recovery-frozen", outcome.recovery.frozen_s, "s", said, aim="<= 15")


def measure(
    folder: Path, store: Server, form: Form, look: Callable[[list[Server]], None] = lambda workers: None
) -> Outcome:
    """Storm, calm, verdict. `look` is given the workers before they end."""
    with contextlib.ExitStack() as stack:
        rig = stack.enter_context(running_cluster(store, "cluster", workers=form.workers, lease_s=form.lease_s))
        stations = [_station(stack, folder, rig, at, form) for at in range(form.devices)]
        for station in stations:
            stack.callback(station.agent.close)
        together([station.agent for station in stations])
        time.sleep(AFTER_S)
        stations = [station._replace(first=len(station.feed.fed)) for station in stations]
        recoveries = [_round(rig, stations, number, form) for number in range(form.rounds)]
        time.sleep(AFTER_S)
        for station in stations:
            station.feed.pause()
        outboxes = [_settle(rig, station) for station in stations]
        look(rig.workers)
        for worker in rig.workers:
            worker.stop()
        verdicts = [_verdict(rig, station, outbox) for station, outbox in zip(stations, outboxes, strict=True)]
    return Outcome(
        Verdict(*(sum(getattr(verdict, one.name) for verdict in verdicts) for one in fields(Verdict))),
        sum(line["kind"] == READING for outbox in outboxes for line in outbox.lines.values()),
        Recovery(max(one.killed_s for one in recoveries), max(one.frozen_s for one in recoveries)),
    )


def _station(stack: contextlib.ExitStack, folder: Path, rig: ClusterRig, number: int, form: Form) -> Station:
    name = f"counter-{number + 1:02}"
    own = folder / name
    own.mkdir()
    feed = stack.enter_context(TicketFeed(own / "tickets", Pace(1, 1 / form.readings_a_second)))
    agent = cluster_agent(name, own, rig.nats, number % len(rig.nats.nodes))
    return Station(name, agent, feed, own / "outbox.sqlite", 0)


def _round(rig: ClusterRig, stations: list[Station], number: int, form: Form) -> Recovery:
    """Kill and bring back a node and a worker; then freeze another worker and wake it."""
    node = rig.nats.servers[number % len(rig.nats.servers)]
    killed = rig.workers[number % len(rig.workers)]
    killed_s = 0.0
    time.sleep(FLOW_S)
    if form.kills:
        began_s = time.monotonic()
        node.kill()
        killed.kill()
        killed_s = _recovered(rig, stations, began_s)
        node.start()
        killed.start()
        time.sleep(FLOW_S)
    others = [worker for worker in rig.workers if worker is not killed or not form.kills]
    frozen = max(others, key=lambda worker: gauge(worker, "machikado_ledger_epochs"))
    began_s = time.monotonic()
    frozen.freeze()
    frozen_s = _recovered(rig, stations, began_s)
    time.sleep(max(0.0, began_s + FROZEN_LEASES * form.lease_s - time.monotonic()))
    frozen.thaw()
    return Recovery(killed_s, frozen_s)


def _recovered(rig: ClusterRig, stations: list[Station], began_s: float) -> float:
    """How long after the fault everything fed until ``AFTER_S`` after it was stored [s]."""
    time.sleep(AFTER_S)
    return _wait(lambda: _stored_until_now(rig, stations), "what was fed before the fault") - began_s


def _stored_until_now(rig: ClusterRig, stations: list[Station]) -> Callable[[], bool]:
    """Whether all that has been fed until this moment is stored, to be asked again and again."""
    waiting = {station.name: (station.first, len(station.feed.fed)) for station in stations}

    def is_stored() -> bool:
        for name, (first, last) in list(waiting.items()):
            if stored_between(rig.database, READING, name, first, last) >= last - first:
                del waiting[name]
        return not waiting

    return is_stored


def _wait(make: Callable[[], Callable[[], bool]], what: str) -> float:
    """The moment when it is so (monotonic) [s]."""
    is_so = make()
    deadline_s = time.monotonic() + LIMIT_S
    while not is_so():
        if time.monotonic() > deadline_s:
            raise MeasurementFailed(f"cluster: {what} are not stored after {LIMIT_S:g} s")
        time.sleep(POLL_S)
    return time.monotonic()


def _settle(rig: ClusterRig, station: Station) -> Outbox:
    """Wait until the ledger has everything that the device has, end its agent and read its outbox.

    An agent that had more to say when it ended is started again; after the limit what is missing is the checker's.
    """
    deadline_s = time.monotonic() + LIMIT_S
    while True:
        quiet_since: dict[int, float] = {}
        while time.monotonic() < deadline_s:
            through, is_whole = _through(rig, station)
            quiet_since.setdefault(through, time.monotonic())
            if is_whole and through and time.monotonic() - quiet_since[through] > 2 * AFTER_S:
                break
            time.sleep(POLL_S)
        station.agent.stop()
        outbox = read_outbox(station.outbox)
        if _through(rig, station)[0] >= outbox.last or time.monotonic() > deadline_s:
            return outbox
        station.agent.start()


def _through(rig: ClusterRig, station: Station) -> tuple[int, bool]:
    """Up to which number the ledger accounts everything of a device, and whether that is all it knows of."""
    accounts = [one for (device, _), one in read_accounts(rig.nats.urls).items() if device == station.name]
    through = max((one.get("through", 0) for one in accounts), default=0)
    return through, all(one.get("through", 0) == one.get("last", 0) for one in accounts)


def _verdict(rig: ClusterRig, station: Station, outbox: Outbox) -> Verdict:
    stored = influx_store(rig.database.server.place, rig.database.name, "raw", station.name)
    ledger = cluster_ledger(rig.nats.urls, rig.database, station.name, outbox.epoch)
    fed = station.feed.fed
    return check(outbox, stored, ledger, fed, [one.ticket for one in fed[station.first :] if one.whole])
