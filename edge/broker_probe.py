"""A short visit to the broker under the device's own user, beside the agent's connection and without publishing."""

from __future__ import annotations

import queue
from pathlib import Path
from typing import Any, NamedTuple

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from edge.config import HubTable
from edge.contract.address import Address
from edge.contract.topics import READ, topic


class Found(NamedTuple):
    """What the visit showed; the first of these that is set explains why there is no more.

    Attributes:
        unreachable: why no broker answered.
        refused: why it did not let us in.
        denied: the device's own topics that it did not grant.
    """

    unreachable: str | None = None
    refused: str | None = None
    denied: tuple[str, ...] = ()


def probe(device: str, hub: HubTable, broker: Address, timeout_s: float) -> Found:
    """Connect to one of the brokers, subscribe to what the device reads, and leave; at most about three times ``timeout_s``."""
    answers: queue.SimpleQueue[list[Any]] = queue.SimpleQueue()
    # An identifier of its own: the agent's would push the agent's connection out.
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        client_id=f"machikado-{device}-doctor",
        protocol=paho.MQTTv311,
        reconnect_on_failure=False,
    )
    client.connect_timeout = timeout_s
    if hub.username:
        client.username_pw_set(hub.username, _password(hub.password_file))
    client.on_connect = lambda _, __, ___, code, ____: answers.put([code])
    client.on_subscribe = lambda _, __, ___, codes, ____: answers.put(codes)
    try:
        client.connect(broker.host, broker.port, keepalive=30)
    except (OSError, ValueError) as problem:
        return Found(unreachable=str(problem))
    client.loop_start()
    try:
        return _visit(client, answers, [topic(device, channel) for channel in READ], timeout_s)
    finally:
        client.disconnect()
        client.loop_stop()


def _visit(client: paho.Client, answers: queue.SimpleQueue[list[Any]], topics: list[str], timeout_s: float) -> Found:
    try:
        (code,) = answers.get(timeout=timeout_s)
        if code.is_failure:
            return Found(refused=str(code))
        client.subscribe([(each, 0) for each in topics])
        granted = answers.get(timeout=timeout_s)
    except queue.Empty:
        return Found(unreachable=f"something listens there but does not speak MQTT within {timeout_s:g} s")
    return Found(denied=tuple(each for each, code in zip(topics, granted, strict=True) if code.is_failure))


def _password(file: str) -> str:
    """The secret; empty when there is none to read, which the broker then refuses."""
    try:
        return Path(file).read_text(encoding="utf-8").splitlines()[0].strip()
    except (OSError, IndexError, UnicodeDecodeError):
        return ""
