"""The rig of a cluster: NATS nodes, InfluxDB and workers as processes of their own, for benchmarks and tests.

``with running_cluster(store, "name", nodes=3, workers=2) as rig:`` gives nodes and workers that may be killed, frozen and
started again. With one node and one worker it is the smallest system with the same parts.
"""

import contextlib
import json
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.delivery_rig import HUB, InfluxDatabase
from benchmarks.errors import MeasurementFailed
from benchmarks.hub_station import CITY, PROJECT
from simulators.nats_cluster import NatsCluster
from simulators.servers import Place, Recipe, Server

GROUPS = 32
LEASE_S = 3.0
ANSWER_S = 5.0
POLL_S = 0.1
SERVED_POLLS = 600


class ClusterRig(NamedTuple):
    """What runs."""

    nats: NatsCluster
    database: InfluxDatabase
    workers: list[Server]

    def served(self) -> list[int]:
        """How many groups each worker that runs serves."""
        return [gauge(worker, "machikado_cluster_groups") for worker in self.workers if worker.running]

    def wait_until_served(self) -> None:
        """Wait until every group is served by one of the workers.

        Raises MeasurementFailed after a minute.
        """
        halt = threading.Event()
        for _ in range(SERVED_POLLS):
            if sum(self.served()) == GROUPS:
                return
            halt.wait(POLL_S)
        raise MeasurementFailed(f"cluster: {self.served()} of {GROUPS} groups are served after a minute")


@contextlib.contextmanager
def running_cluster(
    store: Server, database: str, nodes: int = 3, workers: int = 2, main: Sequence[str] = HUB, lease_s: float = LEASE_S
) -> Iterator[ClusterRig]:
    """Start everything over a database of its own on a running InfluxDB; leaving the block stops it."""
    own = InfluxDatabase(store, database)
    own.create()
    with contextlib.ExitStack() as stack:
        nats = stack.enter_context(NatsCluster(nodes=nodes))
        started = [Server(_worker(f"worker-{at + 1}", nats, own, main, lease_s)) for at in range(workers)]
        for worker in started:
            stack.callback(worker.close)
        together(started)
        rig = ClusterRig(nats, own, started)
        rig.wait_until_served()
        yield rig


def gauge(worker: Server, name: str) -> int:
    """One of a worker's metrics. Raises MeasurementFailed when it does not answer or has none of that name."""
    for line in ask_text(worker, "/metrics").splitlines():
        if line.startswith(f"{name} "):
            return int(line.split()[1])
    raise MeasurementFailed(f"{worker.place.directory.name}: no metric {name!r}")


def ask(worker: Server, path: str) -> Any:
    """A worker's answer as JSON. Raises MeasurementFailed when it does not answer."""
    return json.loads(ask_text(worker, path))


def ask_text(worker: Server, path: str) -> str:
    """A worker's answer. Raises MeasurementFailed when it does not answer."""
    url = f"http://{worker.host}:{worker.port}{path}"
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_S) as answer:
            return str(answer.read().decode())
    except (urllib.error.URLError, OSError) as problem:
        raise MeasurementFailed(f"{url}: {problem}") from problem


def cluster_agent(name: str, folder: Path, nats: NatsCluster, first: int = 0) -> Server:
    """An agent that reads `folder`/tickets and tries the nodes in turn, beginning with the one numbered `first`."""
    brokers = [*nats.brokers[first:], *nats.brokers[:first]]
    seen = 0

    def configure(place: Place) -> str:
        return (
            f'[device]\nname = "{name}"\nfamily = "counter"\n'
            f'[outbox]\npath = "{folder}/outbox.sqlite"\n'
            f"[hub]\nhost = {json.dumps(brokers)}\n"
            '[clock]\ntrust = "system"\n[agent]\nhealth_every_s = 600.0\n'
            f'[[source]]\nkind = "ticket_line"\npath = "{folder}/tickets"\n'
        )

    def command(place: Place) -> list[str]:
        nonlocal seen
        seen = place.log.stat().st_size if place.log.exists() else 0
        return [sys.executable, "-m", "machikado", "agent", "run", str(place.configuration)]

    def connected(place: Place) -> bool:
        return b"broker: connected" in place.log.read_bytes()[seen:]

    return Server(Recipe(name, configure, command, connected, PROJECT), folder)


def _worker(name: str, nats: NatsCluster, database: InfluxDatabase, main: Sequence[str], lease_s: float) -> Recipe:
    def configure(place: Place) -> str:
        # Each begins with a node of its own, so that a node takes only a part of them with it.
        first = int(name.rpartition("-")[2]) - 1
        brokers = [nats.brokers[(first + at) % len(nats.brokers)] for at in range(len(nats.brokers))]
        return (
            f'city = "{CITY}"\n'
            f"[broker]\nhost = {json.dumps(brokers)}\n"
            f'[api]\nhost = "{place.host}"\nport = {place.port}\n'
            f'[store]\npath = "{place.store}/hub.db"\n{database.settings()}'
            f'[cluster]\nname = "{name}"\nservers = {json.dumps(nats.urls)}\n'
            f"lease_s = {lease_s}\nreplicas = {len(nats.nodes)}\n"
        )

    def command(place: Place) -> list[str]:
        return [sys.executable, "-m", *main, str(place.configuration)]

    def ready(place: Place) -> bool:
        try:
            with urllib.request.urlopen(f"http://{place.host}:{place.port}/healthz", timeout=0.5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    return Recipe(name, configure, command, ready, PROJECT)


def together(servers: list[Server]) -> None:
    """Start servers side by side."""
    threads = [threading.Thread(target=server.start) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if not all(server.running for server in servers):
        raise MeasurementFailed("cluster: a worker did not start, see above")
