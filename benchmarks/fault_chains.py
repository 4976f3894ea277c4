"""Four systems side by side, each from a publisher over a Mosquitto of its own into a database of its own on one InfluxDB.

Every publisher gives the same numbered readings at the same rate, from one source that counts them in a page outside the
process (`tests/chaos/readings.py`). Ours is the agent with its outbox, the others' is `peers/paho_publisher.py`. Each
process may be killed by itself; what ends by itself is started again after a second, as systemd does it.
"""

import contextlib
import json
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import influx
from benchmarks.delivery_rig import RETENTIONS, InfluxDatabase
from benchmarks.errors import MeasurementFailed
from benchmarks.fault_books import Phase, numbers_of
from benchmarks.hub_station import PROJECT, hub
from benchmarks.ingest_peers import TOPIC_FILTER
from benchmarks.peers.stations import FIELD, MEASUREMENT, Peer, Site
from edge.contract.topics import Channel, subscription
from simulators import brokers
from simulators.servers import Place, Recipe, Server
from tests.chaos.agent import JOURNAL, PANEL
from tests.chaos.brokers import Broker
from tests.chaos.check import READING
from tests.chaos.panel import Panel, read_journal
from tests.chaos.processes import Process, supervised

OURS = "ours"
DEVICE = "counter-01"
STREAM = "a"
VALUE_A_READING = 1 / 8
NO_END = 90_000
START_LIMIT_S = 60.0
POLL_S = 0.1
CLIENTS = 2
_CAME = re.compile(r"New client connected from \S+ as (\S+) ")
_WENT = re.compile(r"Client (\S+) (?:closed|disconnected|has exceeded)")


@dataclass
class Chain:
    """One system: its broker, its three processes, its publisher's page, and the readings' numbers in its store.

    Attributes:
        committed: numbers that its publisher is known to have put on disk; paho has no disk.
        phases: what `begin` was told.
        excused: numbers given in the last moments before its publisher was killed.
    """

    name: str
    broker: Broker
    processes: dict[str, Process]
    panel: Panel
    stored: Callable[[], Counter[int]]
    committed: Callable[[], frozenset[int]]
    phases: list[Phase] = field(default_factory=list)
    excused: range = range(0)

    @property
    def is_connected(self) -> bool:
        """Whether publisher and hub are connected to the broker, by the broker's own log."""
        return len(clients_in(self.broker.server.log_text())) >= CLIENTS

    def begin(self, fault: str) -> None:
        """What is given from now on belongs to this fault."""
        self.phases.append(Phase(fault, self.panel.next))


@dataclass(frozen=True)
class Rig:
    """All systems, and the InfluxDB that they share."""

    chains: Sequence[Chain]
    store: Process

    def await_connected(self, limit_s: float) -> list[str]:
        """Wait until everybody is connected to its broker, `limit_s` at most; the names of those who are not yet."""
        deadline_s = time.monotonic() + limit_s
        while waiting := [chain.name for chain in self.chains if not chain.is_connected]:
            if time.monotonic() > deadline_s:
                break
            time.sleep(POLL_S)
        return waiting


@contextlib.contextmanager
def running_chains(folder: Path, peers: Sequence[Peer]) -> Iterator[Rig]:
    """Start everything, publishers at rest; leaving the block stops it. Raises MeasurementFailed when one does not start."""
    with contextlib.ExitStack() as stack:
        store = stack.enter_context(brokers.influxdb_1_8())
        chains = [_ours(stack, folder / OURS, store), *(_peer(stack, folder / one.name, one, store) for one in peers)]
        rig = Rig(chains, _adopted(store))
        everybody = [process for chain in chains for process in chain.processes.values()]
        stack.callback(_close, everybody)
        at_once([chain.processes[role].start for role in ("hub", "publisher") for chain in chains])
        stack.enter_context(supervised([rig.store, *everybody]))
        waiting = rig.await_connected(START_LIMIT_S)
        if waiting:
            raise MeasurementFailed(f"{', '.join(waiting)}: publisher or hub not connected in {START_LIMIT_S:.0f} s")
        yield rig


def at_once(steps: Sequence[Callable[[], object]]) -> None:
    """Take steps side by side, and wait for all of them."""
    threads = [threading.Thread(target=step) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _ours(stack: contextlib.ExitStack, folder: Path, store: Server) -> Chain:
    broker = Broker("deep-mosquitto", folder / "broker", subscription(Channel.UP, "+"))
    stack.enter_context(broker.server)
    database = InfluxDatabase(store, OURS)
    database.create()

    def configure(place: Place) -> str:
        return (
            f'[device]\nname = "{DEVICE}"\nfamily = "counter"\n'
            f'[outbox]\npath = "{folder}/outbox.sqlite"\n'
            f'[hub]\nhost = "{broker.server.host}"\nport = {broker.server.port}\n'
            "[agent]\nhealth_every_s = 600.0\n"
            '[[source]]\nkind = "ticket_line"\npath = "/dev/null"\n'
        )

    def command(place: Place) -> list[str]:
        return [sys.executable, "-m", "tests.chaos.agent", str(place.configuration), str(folder), STREAM]

    def stored() -> Counter[int]:
        rows = influx.records(store.place, OURS, f'SELECT "ticket" FROM "{RETENTIONS[0]}"."{READING}"')
        return numbers_of([row["ticket"] for row in rows])

    station = hub(broker.server, database.settings())
    return _chain(OURS, folder, broker, station, Recipe("agent", configure, command, _starts, PROJECT), stored)


def _peer(stack: contextlib.ExitStack, folder: Path, peer: Peer, store: Server) -> Chain:
    broker = Broker("deep-mosquitto", folder / "broker", TOPIC_FILTER)
    stack.enter_context(broker.server)
    influx.create_database(store.place, peer.name)

    def command(_place: Place) -> list[str]:
        where = ["--host", broker.server.host, "--port", str(broker.server.port)]
        files = ["--panel", str(folder / PANEL), "--journal", str(folder / JOURNAL)]
        what = ["--topic", TOPIC_FILTER.replace("+", DEVICE), "--device", DEVICE, "--reader", peer.name]
        return [sys.executable, "-m", "benchmarks.peers.paho_publisher", *where, *what, *files]

    def stored() -> Counter[int]:
        rows = influx.records(store.place, peer.name, f'SELECT "{FIELD}" FROM "{MEASUREMENT}"')
        return numbers_of([row[FIELD] for row in rows], VALUE_A_READING)

    station = peer.station(Site(broker.server.place, TOPIC_FILTER, 1, store.place, peer.name))
    publisher = Recipe("paho-publisher", lambda _: "", command, _starts, PROJECT)
    return _chain(peer.name, folder, broker, station, publisher, stored)


def _chain(
    name: str, folder: Path, broker: Broker, station: Server, publisher: Recipe, stored: Callable[[], Counter[int]]
) -> Chain:
    panel = Panel(folder / PANEL)
    panel.next, panel.target, panel.rate = 1, NO_END, 0

    def committed() -> frozenset[int]:
        had = read_journal(folder / JOURNAL).had
        return frozenset(numbers_on_disk([one.line for one in had]))

    processes = {
        "hub": Process(station),
        "publisher": Process(Server(publisher, folder / "publisher")),
        "broker": _adopted(broker.server),
    }
    return Chain(name, broker, processes, panel, stored, committed)


def numbers_on_disk(lines: Sequence[bytes]) -> Iterator[int]:
    """The readings' numbers among lines that an outbox has put on disk."""
    for line in lines:
        says = json.loads(line)
        if says["kind"] == READING:
            yield int(says["ticket"])


def _starts(_place: Place) -> bool:
    """A publisher under faults may not be answered for long; nobody waits for it."""
    return True


def clients_in(log: str) -> set[str]:
    """The clients that are connected to a Mosquitto, by what it logged since its last start; probes have no name."""
    inside: set[str] = set()
    for line in log.rpartition(" starting")[2].splitlines():
        came, went = _CAME.search(line), _WENT.search(line)
        if came and not came[1].startswith("auto-"):
            inside.add(came[1])
        elif went:
            inside.discard(went[1])
    return inside


def _adopted(server: Server) -> Process:
    """A server that runs already."""
    process = Process(server)
    process.adopt()
    return process


def _close(processes: Sequence[Process]) -> None:
    """End them all; nobody's orderly end is of interest, and one by one they may take their time."""
    for process in processes:
        process.server.kill()
        process.server.close()
