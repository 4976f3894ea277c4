"""A desired configuration, published so that a device finds it whenever it connects, and what the device makes of it."""

from __future__ import annotations

import queue
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from edge.contract import limits
from edge.contract.control import DesiredConfig, ReportedConfig, decode, encode
from edge.contract.errors import ContractError
from edge.contract.topics import Channel, check_device_name, topic
from hub.config import BrokerTable
from hub.errors import ConfigError, HubError
from hub.mqtt import read_password

ANSWER_S = 10.0
"""How long the broker may take to let us in, and to take the configuration."""


def read_pipeline(path: Path) -> dict[str, object]:
    """A ``[pipeline]`` table: a TOML file that has one, or that is one.

    Raises:
        ConfigError: it cannot be read or is not TOML.
    """
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ConfigError(f"{path}: {problem.strerror}; check the path") from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigError(f"{path}: not TOML: {problem}") from problem
    table = raw.get("pipeline", {} if "device" in raw else raw)
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: pipeline is {type(table).__name__}; wanted a table")
    return table


def configure(
    broker: BrokerTable, device: str, pipeline: dict[str, object], revision: int, wait_s: float
) -> ReportedConfig | None:
    """Publish a desired configuration (retained) and wait for the device's report on it.

    Args:
        revision: above every one before; a device ignores a lower one.
        wait_s: how long to wait for the report, 0 for not at all.

    Returns:
        What the device reported in that time; None when it said nothing yet.

    Raises:
        ContractError: the device's name is none, or the configuration is too large.
        HubError: the broker does not answer, does not let us in or does not take it.
    """
    check_device_name(device)
    payload = _payload(pipeline, revision)
    answers: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
    client = _client(broker, answers)
    where = _connect(client, broker)
    client.loop_start()
    try:
        code = _answer(answers, "connected", where)
        if code.is_failure:
            raise HubError(f"{where}: refuses {broker.username!r}: {code}; is this the hub's password file?")
        client.subscribe(topic(device, Channel.CONFIG_REPORTED), qos=1)
        _answer(answers, "subscribed", where)
        client.publish(topic(device, Channel.CONFIG), payload, qos=1, retain=True)
        _answer(answers, "published", where)
        return _report(answers, revision, wait_s) if wait_s > 0 else None
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


def _payload(pipeline: dict[str, object], revision: int) -> bytes:
    try:
        payload = encode(DesiredConfig(revision=revision, pipeline=pipeline))
        decode(DesiredConfig, payload)
    except (TypeError, msgspec.ValidationError) as problem:
        raise ConfigError(f"configuration: {problem}; wanted numbers, texts, lists and tables only") from problem
    except ContractError as problem:
        raise ConfigError(f"configuration: {problem}; at most {limits.CONTROL_BYTES} bytes") from problem
    return payload


def _client(broker: BrokerTable, answers: queue.SimpleQueue[tuple[str, Any]]) -> paho.Client:
    # An identifier of its own: the hub's would push a running hub's connection out.
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        client_id=f"{broker.client_id}-configure",
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


def _report(answers: queue.SimpleQueue[tuple[str, Any]], revision: int, wait_s: float) -> ReportedConfig | None:
    """The device's report on this revision; others are passed over. Each word from it begins the wait anew."""
    try:
        while True:
            what, value = answers.get(timeout=wait_s)
            if what != "message":
                continue
            try:
                report = decode(ReportedConfig, value)
            except ContractError:
                continue
            if report.revision == revision:
                return report
    except queue.Empty:
        return None
