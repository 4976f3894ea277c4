"""nats-server's configuration as one node of a cluster: JetStream on all nodes, devices by MQTT, hubs on the native side.

A node's file holds no secret: it includes ``nats-users.conf``, the same on every node, which provisioning writes from the
register. The server reads both again on SIGHUP.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from provisioning.access import HUB_USER, NODES_USER, User
from provisioning.nats import Native, authorization, quoted

USERS_FILE = "nats-users.conf"
CLUSTER = "machikado"
REPLICAS = 3
_BUCKET = "KV_machikado_ledger"

HUB_NATIVE = Native(
    HUB_USER,
    publish=(
        "$KV.machikado_ledger.>",
        *(f"$JS.API.STREAM.{each}.{_BUCKET}" for each in ("INFO", "CREATE", "PURGE", "MSG.GET")),
        "$JS.API.INFO",
        "machikado.committed",
    ),
    read=("_INBOX.>", "machikado.committed"),
)
"""What the hubs need beside MQTT: the ledger's bucket, and what they tell each other."""


class NodeSettings(NamedTuple):
    """What differs from node to node.

    Attributes:
        name: of its own in the cluster.
        mqtt: address for devices and for the hubs' MQTT side, ``HOST:PORT``.
        native: address for the hubs' ledger.
        route: address for the other nodes.
        directory: where JetStream keeps the ledger, retained states and sessions.
        replicas: on how many nodes MQTT's own streams stand.
    """

    name: str
    mqtt: str
    native: str
    route: str
    directory: str
    replicas: int = REPLICAS
    max_payload_bytes: int = 4 * 1024 * 1024
    max_connections: int = 10_000
    max_store_bytes: int = 8 * 1024 * 1024 * 1024


def node_configuration(settings: NodeSettings) -> str:
    """The text of one node's file."""
    host, _, port = settings.mqtt.rpartition(":")
    return "\n".join(
        (
            "# Written by machikado; change the city's provisioning, not this file.",
            f"include {quoted(USERS_FILE)}",
            f"server_name: {quoted(settings.name)}",
            "# The hubs' ledger; no device may come here.",
            f"listen: {quoted(settings.native)}",
            f"max_payload: {settings.max_payload_bytes}",
            f"max_connections: {settings.max_connections}",
            "jetstream {",
            f"  store_dir: {quoted(settings.directory)}",
            "  max_memory_store: 67108864",
            f"  max_file_store: {settings.max_store_bytes}",
            "  # The default syncs every two minutes: a power cut of all nodes would take back what was acked.",
            "  sync_interval: always",
            "}",
            "cluster {",
            f"  name: {quoted(CLUSTER)}",
            f"  listen: {quoted(settings.route)}",
            f"  authorization {{ user: {quoted(NODES_USER)}, password: $ROUTE_PASSWORD, timeout: 2 }}",
            "  routes: $ROUTES",
            "}",
            "mqtt {",
            f"  host: {quoted(host)}",
            f"  port: {port}",
            '  ack_wait: "30s"',
            "  max_ack_pending: 1024",
            f"  stream_replicas: {settings.replicas}",
            f"  consumer_replicas: {settings.replicas}",
            "}",
            "",
        )
    )


def users_file(users: Iterable[User], route_password: str, routes: Sequence[str]) -> str:
    """The text of ``nats-users.conf``; ``routes`` are the nodes' addresses for each other, ``HOST:PORT``."""
    urls = ", ".join(quoted(f"nats-route://{NODES_USER}:{route_password}@{route}") for route in routes)
    return "\n".join(
        (
            "# Written by machikado from the register: readable by its owner only.",
            f"ROUTE_PASSWORD: {quoted(route_password)}",
            f"ROUTES: [{urls}]",
            *authorization(users, HUB_NATIVE),
            "",
        )
    )
