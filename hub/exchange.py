"""One message to a device over the broker, and the device's answer to it; beside a running hub, not through it."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from edge.contract.errors import ContractError
from edge.contract.topics import Channel, topic
from hub.config import BrokerTable
from hub.errors import HubError
from hub.mqtt import read_password

ANSWER_S = 10.0
"""How long the broker may take to let us in, and to take the message."""

Answer = TypeVar("Answer")


class Said(NamedTuple):
    """What is published, where, and whether the broker keeps it."""

    channel: Channel
    payload: bytes
    retain: bool


def exchange(
    broker: BrokerTable,
    device: str,
    said: Said,
    listen: Channel,
    wanted: Callable[[bytes], Answer | None],
    wait_s: float,
) -> Answer | None:
    """Publish and wait for what is ``wanted`` on a channel of the device.

    Args:
        wanted: the answer that a payload is, None when it is none; a ContractError of it passes over the payload.
        wait_s: how long to wait, 0 for not at all; each word from the device begins the wait anew.

    Returns:
        The answer; None when none came in time.

    Raises:
        HubError: the broker does not answer, does not let us in or does not take it.
    """
    answers: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
    client = _client(broker, answers)
    where = _connect(client, broker)
    client.loop_start()
    try:
        code = _answer(answers, "connected", where)
        if code.is_failure:
            raise HubError(f"{where}: refuses {broker.username!r}: {code}; is this the hub's password file?")
        client.subscribe(topic(device, listen), qos=1)
        _answer(answers, "subscribed", where)
        client.publish(topic(device, said.channel), said.payload, qos=1, retain=said.retain)
        _answer(answers, "published", where)
        return _awaited(answers, wanted, wait_s) if wait_s > 0 else None
    finally:
        client.disconnect()
        client.loop_stop()


def _connect(client: paho.Client, broker: BrokerTable) -> str:
    """Connect to the first of the brokers that answers, and name it.

    Raises:
        HubError: none does.
    """
    problems: list[str] = []
    for address in broker.addresses:
        try:
            client.connect(address.host, address.port, keepalive=30)
        except (OSError, ValueError) as problem:
            problems.append(f"broker {address}: {problem}")
        else:
            return f"broker {address}"
    raise HubError(f"{'; '.join(problems)}; is it running, and is [broker] right?")


def _client(broker: BrokerTable, answers: queue.SimpleQueue[tuple[str, Any]]) -> paho.Client:
    # An identifier of its own: the hub's would push a running hub's connection out.
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        client_id=f"{broker.client_id}-asks",
        protocol=paho.MQTTv311,
        reconnect_on_failure=False,
    )
    client.connect_timeout = ANSWER_S
    if broker.username:
        client.username_pw_set(broker.username, read_password(broker.password_file))
    client.on_connect = lambda _, __, ___, code, ____: answers.put(("connected", code))
    client.on_subscribe = lambda *_: answers.put(("subscribed", None))
    client.on_publish = lambda *_: answers.put(("published", None))
    client.on_message = lambda _, __, message: answers.put(("message", bytes(message.payload)))
    return client


def _answer(answers: queue.SimpleQueue[tuple[str, Any]], wanted: str, where: str) -> Any:
    try:
        while True:
            what, value = answers.get(timeout=ANSWER_S)
            if what == wanted:
                return value
    except queue.Empty:
        raise HubError(f"{where}: no answer within {ANSWER_S:g} s; is it an MQTT broker?") from None


def _awaited(
    answers: queue.SimpleQueue[tuple[str, Any]], wanted: Callable[[bytes], Answer | None], wait_s: float
) -> Answer | None:
    try:
        while True:
            what, value = answers.get(timeout=wait_s)
            if what != "message":
                continue
            try:
                found = wanted(value)
            except ContractError:
                continue
            if found is not None:
                return found
    except queue.Empty:
        return None
