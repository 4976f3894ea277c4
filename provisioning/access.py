"""Who may say and hear what on the broker: one device its own topics, the hub the other end of all of them.

Broker-neutral: ``provisioning/mosquitto.py`` and ``provisioning/nats.py`` turn these rules into their broker's words.
"""

from __future__ import annotations

from typing import NamedTuple

from edge.contract.topics import PUBLISHED, READ, check_device_name, subscription, topic

HUB_USER = "hub."
"""The hub's user name; no device can have it, since a device's name has no dot."""

NODES_USER = "nodes."
"""The name under which the nodes of a cluster know each other; it is no user of the broker."""


class Rules(NamedTuple):
    """MQTT topics (for a device) or filters (for the hub) that one user may publish to and read."""

    user: str
    publish: tuple[str, ...]
    read: tuple[str, ...]


class User(NamedTuple):
    """One user of the broker: what it may do, and its secret in clear."""

    rules: Rules
    password: str


def device_rules(name: str) -> Rules:
    """Exactly the topics of the contract: a device's own, and no other's.

    Raises:
        TopicError: a device cannot have this name.
    """
    check_device_name(name)
    return Rules(
        user=name,
        publish=tuple(topic(name, channel) for channel in PUBLISHED),
        read=tuple(topic(name, channel) for channel in READ),
    )


def hub_rules() -> Rules:
    """The mirror image for every device: the hub reads what devices publish and publishes what they read."""
    return Rules(
        user=HUB_USER,
        publish=tuple(subscription(channel) for channel in READ),
        read=tuple(subscription(channel) for channel in PUBLISHED),
    )


def rules_of(user: str) -> Rules:
    """The rules of the hub, of the nodes (none) or of the device of that name. Raises as ``device_rules``."""
    if user == NODES_USER:
        return Rules(NODES_USER, (), ())
    return hub_rules() if user == HUB_USER else device_rules(user)
