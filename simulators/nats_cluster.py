"""Three nats-servers on loopback as one cluster, each of which may be killed, frozen and started again.

Every node has three ports: MQTT for devices, the native side for hubs, and the route for the other nodes; all are reserved
while the cluster stands, so that a node comes back where it was.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from simulators import programs
from simulators.brokers import answers_mqtt
from simulators.errors import ServerFailed
from simulators.servers import HOST, Place, Recipe, Server

NODES = 3
POLL_S = 0.1
POLLS = 300
_PROBE_S = 0.5


class Node(NamedTuple):
    """One node's place among the others: ports of the native side and of the route."""

    number: int
    native: int
    route: int

    @property
    def name(self) -> str:
        """As the cluster knows it."""
        return f"node-{self.number}"


Configure = Callable[[Place, Node, list[Node]], str]
"""The text of a node's configuration, from its place, itself and all nodes."""


def open_node(place: Place, node: Node, nodes: list[Node]) -> str:
    """A node that lets everyone do everything; one alone is no cluster."""
    routes = ", ".join(f'"nats-route://{place.host}:{each.route}"' for each in nodes)
    cluster = f'cluster {{ name: "machikado", listen: "{place.host}:{node.route}", routes: [{routes}] }}\n'
    return (
        f'server_name: "{node.name}"\n'
        f'listen: "{place.host}:{node.native}"\n'
        f'jetstream {{ store_dir: "{place.store}", max_memory_store: 256MB, max_file_store: 4GB, sync_interval: always }}\n'
        f"{cluster if len(nodes) > 1 else ''}"
        f'mqtt {{ host: "{place.host}", port: {place.port} }}\n'
    )


class NatsCluster:
    """``with NatsCluster() as cluster: ... cluster.servers[0].kill()``."""

    def __init__(self, configure: Configure = open_node, directory: Path | None = None, nodes: int = NODES) -> None:
        """Nothing starts here. Without a directory each node has a temporary one."""
        self._configure = configure
        self._directory = directory
        self._count = nodes
        self._on_close = contextlib.ExitStack()
        self.nodes: list[Node] = []
        self.servers: list[Server] = []

    def __enter__(self) -> NatsCluster:
        try:
            ports = [self._reserve() for _ in range(2 * self._count)]
            self.nodes = [Node(at + 1, ports[2 * at], ports[2 * at + 1]) for at in range(self._count)]
            self.servers = [self._server(node) for node in self.nodes]
            self._each(Server.start)
            self.wait()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def urls(self) -> list[str]:
        """The native side of every node."""
        return [f"nats://{HOST}:{node.native}" for node in self.nodes]

    @property
    def brokers(self) -> list[str]:
        """The MQTT side of every node, ``HOST:PORT``."""
        return [f"{server.host}:{server.port}" for server in self.servers]

    def wait(self) -> None:
        """Wait until every node that runs lets MQTT clients in: until then the cluster has no leader.

        Raises ServerFailed after 30 s.
        """
        halt = threading.Event()
        for _ in range(POLLS):
            if all(answers_mqtt(server.place) for server in self.servers if server.running):
                return
            halt.wait(POLL_S)
        raise ServerFailed(f"NATS cluster: no answer in {POLLS * POLL_S:.0f} s; {self.servers[0].log_text()[-400:]}")

    def close(self) -> None:
        """Stop every node and give the ports back."""
        self._on_close.close()

    def _server(self, node: Node) -> Server:
        def configure(place: Place) -> str:
            return self._configure(place, node, self.nodes)

        def command(place: Place) -> list[str]:
            return [str(programs.NATS.require()), "-c", str(place.configuration)]

        def ready(place: Place) -> bool:
            with contextlib.suppress(OSError), socket.create_connection((place.host, node.native), timeout=_PROBE_S):
                return True
            return False

        directory = None if self._directory is None else self._directory / node.name
        server = Server(Recipe(f"nats-{node.name}", configure, command, ready), directory)
        self._on_close.callback(server.close)
        return server

    def _each(self, act: Callable[[Server], None]) -> None:
        threads = [threading.Thread(target=act, args=(server,)) for server in self.servers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if not all(server.running for server in self.servers):
            raise ServerFailed("NATS cluster: a node did not start, see above")

    def _reserve(self) -> int:
        reservation = self._on_close.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
        reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reservation.bind((HOST, 0))
        return int(reservation.getsockname()[1])
