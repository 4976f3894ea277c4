"""The hub's adapter to MQTT 3.1.1, subscribed at QoS 0 because acks are end to end, and the inbox behind it."""

from __future__ import annotations

import collections
import itertools
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from edge.contract.topics import Channel, subscription, topic
from hub.config import BrokerTable
from hub.errors import ConfigError
from hub.fast_paho import FastClient, Published
from hub.step import Received

CHANNELS = (Channel.UP, Channel.STATE, Channel.CONFIG_REPORTED, Channel.CMD_REPLY, Channel.BLOB)
RECONNECT_MOST_S = 10
TOPICS_REMEMBERED = 100_000


class Inbox:
    """What arrived and was not yet taken, bounded in bytes; a full one makes the broker wait."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._waiting: collections.deque[Received] = collections.deque()
        self._bytes = 0
        self._closed = False
        self._changed = threading.Condition()

    def put(self, messages: list[Received]) -> None:
        """Add messages, waiting for room; after ``close`` they are dropped, not acked, and come again."""
        with self._changed:
            while self._bytes > self._most and not self._closed:
                self._changed.wait(1.0)
            if self._closed:
                return
            was_empty = not self._waiting
            self._waiting += messages
            self._bytes += sum(len(message.payload) for message in messages)
            if was_empty:
                self._changed.notify_all()

    def take(self, most: int, most_bytes: int, timeout_s: float) -> list[Received]:
        """What is there, at most ``most`` messages and one more than fit into ``most_bytes``; empty when none came."""
        with self._changed:
            if not self._waiting:
                self._changed.wait(timeout_s)
            waiting = self._waiting
            taken: list[Received] = []
            size = 0
            while waiting and len(taken) < most and size < most_bytes:
                message = waiting.popleft()
                size += len(message.payload)
                taken.append(message)
            self._bytes -= size
            self._changed.notify_all()
            return taken

    def close(self) -> None:
        """Take no more: who waits for room goes on, so that a hub whose store fails can end."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def waiting_bytes(self) -> int:
        """How much waits [bytes]."""
        return self._bytes


class HubMqtt:
    """The hub's connection; messages go into the inbox from paho's thread."""

    def __init__(self, broker: BrokerTable, inbox: Inbox, log: Callable[[str, str, str], None]) -> None:
        self._broker = broker
        self._inbox = inbox
        self._log = log
        self.is_connected = False
        self._client = client = FastClient(
            CallbackAPIVersion.VERSION2, client_id=broker.client_id, protocol=paho.MQTTv311, clean_session=True
        )
        client.reconnect_delay_set(1, RECONNECT_MOST_S)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.take = self._take
        client.unreachable = lambda broker, why: log("broker", "away", f"{broker}: {why.strerror or why}")
        self._topics: dict[bytes, str] = {}
        self._shards = list(broker.shards)

    def open(self) -> None:
        """Connect in the background, again and again.

        Raises:
            ConfigError: the password file cannot be read.
        """
        if self._broker.username:
            self._client.username_pw_set(self._broker.username, read_password(self._broker.password_file))
        self._client.brokers = itertools.cycle(self._broker.addresses)
        self._client.connect_async(*self._broker.addresses[0], keepalive=30)
        self._client.loop_start()

    def publish(self, device: str, channel: Channel, payload: bytes, retain: bool = False) -> None:
        """Send to a device: acks at QoS 0 (the next one says more), configuration at QoS 1."""
        self._client.publish(topic(device, channel), payload, qos=1 if retain else 0, retain=retain)

    def take_shards(self, shards: Sequence[str]) -> None:
        """Hear the devices of these shards too, now or from the next connection on."""
        self._shards = [*self._shards, *(shard for shard in shards if shard not in self._shards)]
        if self.is_connected:
            self._client.subscribe(_filters(shards))

    def drop_shards(self, shards: Sequence[str]) -> None:
        """No longer hear those of these shards."""
        self._shards = [shard for shard in self._shards if shard not in shards]
        if self.is_connected:
            self._client.unsubscribe([name for name, _ in _filters(shards)])

    def close(self) -> None:
        """Leave."""
        self._inbox.close()
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: paho.Client, _: Any, __: Any, code: Any, ___: Any) -> None:
        if code.is_failure:
            self._log("broker", "refuses us", str(code))
            return
        self.is_connected = True
        self._log("broker", "connected", "")
        if self._shards:
            client.subscribe(_filters(self._shards))

    def _on_disconnect(self, client: paho.Client, _: Any, __: Any, code: Any, ___: Any) -> None:
        self.is_connected = False
        self._log("broker", "away", str(code))

    def _take(self, publishes: list[Published]) -> None:
        now = time.time_ns() // 1000
        topics = self._topics
        messages = []
        for raw, payload in publishes:
            name = topics.get(raw)
            if name is None:
                if len(topics) >= TOPICS_REMEMBERED:
                    topics.clear()
                name = topics[raw] = raw.decode("utf-8", "replace")
            messages.append(Received(name, payload, now))
        self._inbox.put(messages)


def _filters(shards: Sequence[str]) -> list[tuple[str, int]]:
    return [(subscription(channel, shard), 0) for shard in shards for channel in CHANNELS]


def read_password(file: str) -> str:
    """The first line of a password file.

    Raises:
        ConfigError: it cannot be read or is empty.
    """
    try:
        return Path(file).read_text(encoding="utf-8").splitlines()[0].strip()
    except (OSError, IndexError) as problem:
        raise ConfigError(
            f"broker.password_file {file!r}: {problem}; wanted the password in the first line"
        ) from problem
