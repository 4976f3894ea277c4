"""Mosquitto's configuration, password file and access file as text."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from typing import NamedTuple

from provisioning.access import Rules, User

ITERATIONS = 101
"""PBKDF2 rounds, Mosquitto's own default; the secrets here are random, 192 bits long, and gain nothing from more."""

SALT_BYTES = 12
KEY_BYTES = 64


class MosquittoSettings(NamedTuple):
    """What differs from place to place.

    Attributes:
        host: address to listen on; ``127.0.0.1`` for this machine only, ``0.0.0.0`` for all.
        port: MQTT port.
        directory: where retained states are kept.
        password_file, access_file: written by ``password_file`` and ``access_file`` below.
        user: account to run as, None for Mosquitto's own choice (``mosquitto`` when started by root).
        max_payload_bytes: a larger message is refused. It is above every limit of the contract, since a broker that
            refuses closes the connection, while the hub refuses one message, with its reason.
        max_connections: devices and hub together.
        max_queued: messages that wait for one slow subscriber; then the newest are dropped and are sent again,
            because they get no ack.
    """

    host: str
    port: int
    directory: str
    password_file: str
    access_file: str
    user: str | None = None
    max_payload_bytes: int = 4 * 1024 * 1024
    max_connections: int = 10_000
    max_queued: int = 20_000


def configuration(settings: MosquittoSettings) -> str:
    """The text of ``mosquitto.conf``: passwords and access rules, persistence, no Nagle delay, every limit stated."""
    lines = [
        "# Written by machikado; change the city's provisioning, not this file.",
        f"listener {settings.port} {settings.host}",
        f"max_connections {settings.max_connections}",
        "allow_anonymous false",
        f"password_file {settings.password_file}",
        f"acl_file {settings.access_file}",
        "",
        "# Without it a batch waits for the acknowledgement of the one before.",
        "set_tcp_nodelay true",
        "",
        "# Only retained states are worth keeping: readings are kept by the devices until the hub has them.",
        "persistence true",
        f"persistence_location {settings.directory.rstrip('/')}/",
        "autosave_interval 60",
        "persistent_client_expiration 1d",
        "",
        f"message_size_limit {settings.max_payload_bytes}",
        "max_inflight_messages 200",
        f"max_queued_messages {settings.max_queued}",
        "max_queued_bytes 268435456",
        "memory_limit 536870912",
        "",
        "log_dest stderr",
        "log_type error",
        "log_type warning",
        "log_type notice",
        "connection_messages false",
    ]
    if settings.user is not None:
        lines.append(f"user {settings.user}")
    return "\n".join(lines) + "\n"


def password_hash(password: str, salt: bytes, iterations: int = ITERATIONS) -> str:
    """One secret as Mosquitto keeps it: ``$7$`` iterations ``$`` salt ``$`` PBKDF2-HMAC-SHA512 of 64 bytes, in base64.

    Source: ``mosquitto_passwd`` of Mosquitto 2.0, whose lines this equals.
    """
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, iterations, KEY_BYTES)
    return f"$7${iterations}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"


def password_file(users: Iterable[User], random_bytes: Callable[[int], bytes]) -> str:
    """The text of the password file, one line a user; ``random_bytes(n)`` gives the salts."""
    return "".join(f"{each.rules.user}:{password_hash(each.password, random_bytes(SALT_BYTES))}\n" for each in users)


def access_file(rules: Iterable[Rules]) -> str:
    """The text of the access file; what is not listed is refused."""
    blocks = []
    for each in rules:
        lines = [f"user {each.user}"]
        lines += [f"topic write {topic}" for topic in each.publish]
        lines += [f"topic read {topic}" for topic in each.read]
        blocks.append("\n".join(lines) + "\n")
    return "# Written by machikado; what is not listed is refused.\n\n" + "\n".join(blocks)
