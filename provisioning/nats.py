"""nats-server's configuration with its MQTT side, users and their permissions as text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from provisioning.access import User


class NatsSettings(NamedTuple):
    """What differs from place to place.

    Attributes:
        host: address of the MQTT side; ``127.0.0.1`` for this machine only, ``0.0.0.0`` for all.
        port: MQTT port.
        directory: where JetStream keeps retained states and sessions.
        max_payload_bytes: a larger message is refused. It is above every limit of the contract, since a broker that
            refuses closes the connection, while the hub refuses one message, with its reason.
        max_connections: devices and hub together.
        max_store_bytes: most that JetStream keeps on disk.
    """

    host: str
    port: int
    directory: str
    max_payload_bytes: int = 4 * 1024 * 1024
    max_connections: int = 10_000
    max_store_bytes: int = 4 * 1024 * 1024 * 1024


_QOS_1_DELIVERY = "$MQTT.sub.>"
"""Where the server delivers QoS 1 messages to itself for a subscriber. Up to 2.11 the subscriber needs the permission
(measured: 2.11.6 refuses the subscription without it, 2.15.1 does not ask); an MQTT client cannot subscribe to it by
name in either, and the native side is closed to all users, so it opens nothing."""


def subject(topic: str) -> str:
    """The NATS subject of an MQTT topic or filter: ``a/+/c`` is ``a.*.c``. The contract's topics have no dots."""
    return ".".join({"+": "*", "#": ">"}.get(level, level) for level in topic.split("/"))


def configuration(settings: NatsSettings, users: Iterable[User]) -> str:
    """The text of ``nats-server.conf``. It holds the users' secrets: write it readable by its owner only."""
    return "\n".join(
        (
            "# Written by machikado; change the city's provisioning, not this file.",
            'server_name: "machikado"',
            "# The native side is for nobody: every user below may come by MQTT only.",
            'listen: "127.0.0.1:-1"',
            f"max_payload: {settings.max_payload_bytes}",
            f"max_connections: {settings.max_connections}",
            "jetstream {",
            f"  store_dir: {quoted(settings.directory)}",
            "  max_memory_store: 67108864",
            f"  max_file_store: {settings.max_store_bytes}",
            "}",
            "mqtt {",
            f"  host: {quoted(settings.host)}",
            f"  port: {settings.port}",
            '  ack_wait: "30s"',
            "  max_ack_pending: 1024",
            "}",
            *authorization(users),
            "",
        )
    )


class Native(NamedTuple):
    """What one user may do on the native side too: subjects that it may publish to and read."""

    user: str
    publish: tuple[str, ...]
    read: tuple[str, ...]


def authorization(users: Iterable[User], native: Native | None = None) -> list[str]:
    """The lines of the block that lets users in, by MQTT only but for the one of ``native``."""
    return ["authorization {", "  users: [", *(_user(each, native) for each in users), "  ]", "}"]


def _user(user: User, native: Native | None) -> str:
    own = native if native is not None and native.user == user.rules.user else Native(user.rules.user, (), ())
    publish = ", ".join(quoted(each) for each in (*map(subject, user.rules.publish), *own.publish))
    read = ", ".join(quoted(each) for each in (*map(subject, user.rules.read), _QOS_1_DELIVERY, *own.read))
    kinds = '["MQTT", "STANDARD"]' if own.publish else '["MQTT"]'
    return (
        f"    {{ user: {quoted(user.rules.user)}, password: {quoted(user.password)},\n"
        f"      allowed_connection_types: {kinds},\n"
        f"      permissions: {{ publish: [{publish}],\n"
        f"                     subscribe: [{read}] }} }}"
    )


def quoted(text: str) -> str:
    """A text as the configuration spells it."""
    return json.dumps(text)
