"""A plain MQTT client that waits for what happened, for the tests of access rules."""

from __future__ import annotations

import queue
import threading
from types import TracebackType
from typing import Any, NamedTuple

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

WAIT_S = 10.0


class Heard(NamedTuple):
    """One message that arrived."""

    topic: str
    payload: bytes
    retained: bool


class Client:
    """``with Client(port, user, password) as client: client.hear(...); client.say(...)``."""

    def __init__(
        self, port: int, user: str, password: str, will: tuple[str, bytes] | None = None, client_id: str = ""
    ) -> None:
        self.heard: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        self.refused: str | None = None
        self.lost = 0
        self._port = port
        self._connected = threading.Event()
        self._granted: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=paho.MQTTv311)
        self._client.username_pw_set(user, password)
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        self._client.on_subscribe = self._on_subscribe
        self._client.on_disconnect = self._on_disconnect
        if will is not None:
            self._client.will_set(will[0], will[1], qos=1, retain=True)

    def __enter__(self) -> Client:
        self._client.connect("127.0.0.1", self._port, keepalive=30)
        self._client.loop_start()
        assert self._connected.wait(WAIT_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def hear(self, topic: str, qos: int = 0) -> bool:
        """Subscribe; whether the broker granted it."""
        self._client.subscribe(topic, qos)
        return self._granted.get(timeout=WAIT_S)

    def say(self, topic: str, payload: bytes, qos: int = 1, retain: bool = False) -> None:
        """Publish and wait until the broker took it."""
        self._client.publish(topic, payload, qos, retain).wait_for_publish(WAIT_S)

    def until(self, payload: bytes) -> list[Heard]:
        """Everything heard up to and with the message of this payload."""
        found: list[Heard] = []
        while not found or found[-1].payload != payload:
            found.append(self.heard.get(timeout=WAIT_S))
        return found

    def vanish(self) -> None:
        """End without a goodbye, as a device that loses its power."""
        self._client.loop_stop()
        sock = self._client.socket()
        assert sock is not None
        sock.close()

    def _on_connect(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self.refused = str(reason) if reason.is_failure else None
        self._connected.set()

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        self.heard.put(Heard(message.topic, bytes(message.payload), message.retain))

    def _on_subscribe(self, _client: Any, _data: Any, _mid: int, reasons: list[Any], _properties: Any) -> None:
        self._granted.put(not reasons[0].is_failure)

    def _on_disconnect(self, _client: Any, _data: Any, _flags: Any, _reason: Any, _properties: Any) -> None:
        self.lost += 1
