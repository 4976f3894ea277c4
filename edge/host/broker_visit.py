"""A short visit to a broker under one's own user, beside the connection of a process that runs and without publishing."""

from __future__ import annotations

import queue
from pathlib import Path
from typing import Any, NamedTuple

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from edge.contract.address import Address


class Visitor(NamedTuple):
    """Who visits.

    Attributes:
        client_id: an identifier of its own: that of a running process would push its connection out.
        username: empty for none.
        password_file: where the secret stands in the first line.
        reads: topics or filters that it has to be granted.
    """

    client_id: str
    username: str
    password_file: str
    reads: list[str]


class Found(NamedTuple):
    """What the visit showed; the first of these that is set explains why there is no more.

    Attributes:
        unreachable: why no broker answered.
        refused: why it did not let us in.
        denied: what of ``reads`` it did not grant.
    """

    unreachable: str | None = None
    refused: str | None = None
    denied: tuple[str, ...] = ()


def visit(visitor: Visitor, broker: Address, timeout_s: float) -> Found:
    """Connect to a broker, subscribe to what the visitor reads, and leave; at most about three times ``timeout_s``."""
    answers: queue.SimpleQueue[list[Any]] = queue.SimpleQueue()
    client = paho.Client(
        CallbackAPIVersion.VERSION2, client_id=visitor.client_id, protocol=paho.MQTTv311, reconnect_on_failure=False
    )
    client.connect_timeout = timeout_s
    if visitor.username:
        client.username_pw_set(visitor.username, _password(visitor.password_file))
    client.on_connect = lambda _, __, ___, code, ____: answers.put([code])
    client.on_subscribe = lambda _, __, ___, codes, ____: answers.put(codes)
    try:
        client.connect(broker.host, broker.port, keepalive=30)
    except (OSError, ValueError) as problem:
        return Found(unreachable=str(problem))
    client.loop_start()
    try:
        return _ask(client, answers, visitor.reads, timeout_s)
    finally:
        client.disconnect()
        client.loop_stop()


def _ask(client: paho.Client, answers: queue.SimpleQueue[list[Any]], reads: list[str], timeout_s: float) -> Found:
    try:
        (code,) = answers.get(timeout=timeout_s)
        if code.is_failure:
            return Found(refused=str(code))
        client.subscribe([(each, 0) for each in reads])
        granted = answers.get(timeout=timeout_s)
    except queue.Empty:
        return Found(unreachable=f"something listens there but does not speak MQTT within {timeout_s:g} s")
    return Found(denied=tuple(each for each, code in zip(reads, granted, strict=True) if code.is_failure))


def _password(file: str) -> str:
    """The secret; empty when there is none to read, which the broker then refuses."""
    try:
        return Path(file).read_text(encoding="utf-8").splitlines()[0].strip()
    except (OSError, IndexError, UnicodeDecodeError):
        return ""
