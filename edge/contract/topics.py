"""Every MQTT topic, spelled in this one file.

``machikado/v1/<shard>/<device>/<channel>``: the shard (00–ff) is the first byte of the SHA-256 of the device's
name, so that hub workers can share the devices on any broker by subscribing to shards.
"""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from typing import NamedTuple

from edge.contract.errors import TopicError
from edge.contract.quantity import END

ROOT = "machikado/v1"

DEVICE_PATTERN = r"^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?" + END
_DEVICE = re.compile(DEVICE_PATTERN)
_TOPIC = re.compile(rf"^{ROOT}/([0-9a-f]{{2}})/([a-z0-9-]+)/([a-z/]+){END}")


class Channel(StrEnum):
    """The last part of a topic."""

    UP = "up"
    BLOB = "blob"
    STATE = "state"
    CONFIG_REPORTED = "config/reported"
    CMD_REPLY = "cmd/reply"
    ACK = "ack"
    CONFIG = "config"
    CMD = "cmd"


PUBLISHED = (Channel.UP, Channel.BLOB, Channel.STATE, Channel.CONFIG_REPORTED, Channel.CMD_REPLY)
"""What a device publishes, and nothing else."""

READ = (Channel.ACK, Channel.CONFIG, Channel.CMD)
"""What a device reads, of its own, and nothing else."""


class Address(NamedTuple):
    """What a topic says."""

    device: str
    channel: Channel


def check_device_name(name: str) -> str:
    """Return ``name`` if a device may be called so.

    Raises:
        TopicError: it is not 1–48 of a–z, 0–9 and inner hyphens.
    """
    if not _DEVICE.match(name):
        raise TopicError(f"device name {name!r}: wanted 1–48 of a–z, 0–9 and inner hyphens, e.g. 'bridge-01'")
    return name


def shard_of(device: str) -> str:
    """The two hexadecimal digits by which hub workers share the devices."""
    return hashlib.sha256(device.encode()).hexdigest()[:2]


def topic(device: str, channel: Channel) -> str:
    """The topic of a device's channel."""
    return f"{ROOT}/{shard_of(device)}/{device}/{channel}"


def subscription(channel: Channel, shard: str = "+") -> str:
    """The filter by which the hub hears one channel of every device (of one shard)."""
    return f"{ROOT}/{shard}/+/{channel}"


def parse_topic(text: str) -> Address:
    """What device and channel a topic names.

    Raises:
        TopicError: it is none of the contract's topics, or the shard is not the device's own.
    """
    found = _TOPIC.match(text)
    if not found:
        raise TopicError(f"topic {text[:120]!r}: wanted {ROOT}/<shard>/<device>/<channel>")
    shard, device, channel = found.groups()
    check_device_name(device)
    if shard != shard_of(device):
        raise TopicError(f"topic {text[:120]!r}: the shard of {device!r} is {shard_of(device)!r}, not {shard!r}")
    try:
        return Address(device, Channel(channel))
    except ValueError:
        known = ", ".join(Channel)
        raise TopicError(f"topic {text[:120]!r}: unknown channel {channel!r}, wanted one of {known}") from None
