"""The link's adapter to MQTT 3.1.1: paho with a clean session, a last will, and Nagle's delay switched off."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from edge.config import HubTable
from edge.contract.address import Address
from edge.contract.control import State, encode
from edge.contract.topics import READ, Channel, topic
from edge.errors import ConfigError


class Connected(NamedTuple):
    """The broker has accepted us."""


class Disconnected(NamedTuple):
    """The connection is gone or was refused, and why."""

    reason: str


class Arrived(NamedTuple):
    """A message for this device."""

    channel: Channel
    payload: bytes


class Puback(NamedTuple):
    """The broker has taken a publish; no proof of storage."""


Event = Connected | Disconnected | Arrived | Puback


class Mqtt:
    """One connection at a time, each with a client of its own, so that nothing old is sent again behind the link's back.

    Where several brokers are named, each connection goes to the next of them.

    Events are handed over from other threads, each with the number of the connection that it belongs to.
    """

    def __init__(self, device: str, hub: HubTable, hand_over: Callable[[int, Event], None]) -> None:
        self._device = device
        self._hub = hub
        self._topics = {channel: topic(device, channel) for channel in Channel}
        self._channels = {self._topics[channel]: channel for channel in READ}
        self._hand_over = hand_over
        self._client: paho.Client | None = None
        self._starting = threading.Lock()
        self._runs = False
        self._turn = 0
        self.connection = 0

    def open(self) -> None:
        """Begin to connect in the background; the outcome arrives as an event.

        Raises:
            ConfigError: the password file cannot be read.
        """
        self.close()
        self.connection += 1
        self._client = client = self._new_client(self.connection)
        broker = self._hub.addresses[self._turn % len(self._hub.addresses)]
        self._turn += 1
        threading.Thread(target=self._connect, args=(client, broker, self.connection), daemon=True).start()

    def _connect(self, client: paho.Client, broker: Address, connection: int) -> None:
        try:
            client.connect(broker.host, broker.port, self._hub.keepalive_s)
        except OSError as problem:
            self._hand_over(connection, Disconnected(f"{broker}: {problem}"))
            return
        with self._starting:
            if connection == self.connection and client is self._client:
                client.loop_start()
                self._runs = True
                return
        # Given up while it was being made: only this thread has touched it.
        client.disconnect()

    def _new_client(self, connection: int) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"machikado-{self._device}",
            protocol=paho.MQTTv311,
            clean_session=True,
            reconnect_on_failure=False,
        )
        if self._hub.username:
            client.username_pw_set(self._hub.username, _password(self._hub.password_file))
        client.will_set(self._topics[Channel.STATE], encode(State(status="offline", why="lost")), qos=1, retain=True)
        client.max_inflight_messages_set(1000)
        client.on_connect = lambda c, _, __, code, ___: self._on_connect(c, connection, code)
        client.on_disconnect = lambda _, __, ___, code, ____: self._hand_over(connection, Disconnected(str(code)))
        client.on_message = lambda _, __, message: self._on_message(connection, message)
        client.on_publish = lambda *_: self._hand_over(connection, Puback())
        client.on_socket_open = _without_nagle
        return client

    def publish(self, channel: Channel, payload: bytes, retain: bool = False) -> None:
        """Hand a payload to the connection at QoS 1; lost if the connection is."""
        if self._client is not None:
            self._client.publish(self._topics[channel], payload, qos=1, retain=retain)

    def close(self) -> None:
        """Say goodbye and stop paho's thread."""
        with self._starting:
            client, self._client = self._client, None
            runs, self._runs = self._runs, False
        if client is not None and runs:
            client.disconnect()
            client.loop_stop()

    def _on_connect(self, client: paho.Client, connection: int, code: Any) -> None:
        if code.is_failure:
            self._hand_over(connection, Disconnected(f"refused by the broker: {code}"))
            return
        # At QoS 0, because nothing of it is only said once: the next ack says more, a configuration is retained. A broker
        # keeps a queue on its disk for each subscription at QoS 1: nats-server twice the memory a device.
        client.subscribe([(filter, 0) for filter in self._channels])
        self._hand_over(connection, Connected())

    def _on_message(self, connection: int, message: paho.MQTTMessage) -> None:
        channel = self._channels.get(message.topic)
        if channel is not None:
            self._hand_over(connection, Arrived(channel, bytes(message.payload)))


def _without_nagle(_: paho.Client, __: Any, sock: Any) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _password(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").splitlines()[0].strip()
    except (OSError, IndexError) as problem:
        raise ConfigError(
            f"hub.password_file {file!r}: {problem}; wanted a file with the password in its first line"
        ) from problem
