"""paho with a faster read path: QoS 0 publishes are cut out of large reads; every other packet is paho's own.

paho reads a packet in two or three pieces, each a system call and some 20 µs of Python; the hub's stream is nearly all
QoS 0 publishes. They are taken here; CONNACK, SUBACK, PINGRESP and the like go on to paho, which keeps the session.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTErrorCode

from edge.contract.address import Address

READ_BYTES = 256 * 1024

Published = tuple[bytes, bytes]
"""Topic and payload of a publish."""

_QOS_0_PUBLISH = 0x30
_TYPE_AND_QOS = 0xF6
_LENGTH_BYTES_MOST = 4


def split_packets(data: bytes) -> tuple[list[Published], bytes, bytes]:
    """Cut a stream of MQTT 3.1.1 packets (section 2.2): QoS 0 publishes, other whole packets, and the unfinished rest."""
    publishes: list[Published] = []
    others: list[bytes] = []
    at, end = 0, len(data)
    while at + 2 <= end:
        length = data[at + 1]
        body = at + 2
        if length & 0x80:
            length, body = _remaining_length(data, at + 1)
            if body < 0:
                break
        after = body + length
        if after > end:
            break
        is_publish = data[at] & _TYPE_AND_QOS == _QOS_0_PUBLISH and length >= 2
        topic_end = body + 2 + (data[body] << 8 | data[body + 1]) if is_publish else after
        if is_publish and topic_end <= after:
            publishes.append((data[body + 2 : topic_end], data[topic_end:after]))
        else:
            # What is malformed is paho's to refuse.
            others.append(data[at:after])
        at = after
    return publishes, b"".join(others), data[at:]


def _remaining_length(data: bytes, at: int) -> tuple[int, int]:
    """The remaining length (section 2.2.3) and where it ends, −1 when it is not whole yet."""
    length = 0
    for place, byte in enumerate(data[at : at + _LENGTH_BYTES_MOST]):
        length |= (byte & 0x7F) << (7 * place)
        if not byte & 0x80:
            return length, at + place + 1
    return 0, -1


class PacketSocket:
    """A socket that hands paho whole packets out of large reads, but for QoS 0 publishes, which ``publishes`` gives.

    paho looks at ``pending()`` before it waits, as it does for TLS, so that what is here already is not slept on.
    """

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._unread = b""
        self._for_paho = b""
        self._ended = False

    def publishes(self) -> list[Published]:
        """Read what has arrived; packets other than QoS 0 publishes wait for ``recv``. A broken connection ends it."""
        try:
            data = self._sock.recv(READ_BYTES)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        self._ended = not data
        found, others, self._unread = split_packets(self._unread + data if self._unread else data)
        self._for_paho += others
        return found

    def recv(self, size: int) -> bytes:
        """At most ``size`` bytes of the packets that are paho's; empty at the connection's end.

        Raises:
            BlockingIOError: none are here now.
        """
        if not self.has_paho_work():
            raise BlockingIOError
        taken, self._for_paho = self._for_paho[:size], self._for_paho[size:]
        return taken

    def pending(self) -> int:
        """Bytes that wait for paho."""
        return len(self._for_paho)

    def has_paho_work(self) -> bool:
        """Whether a packet, or the end of the connection, waits for paho."""
        return bool(self._for_paho) or self._ended

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class FastClient(paho.Client):
    """paho without Nagle's delay; ``take`` gets the QoS 0 publishes of each read instead of ``on_message``.

    Each attempt to connect goes to the next of ``brokers``; ``unreachable`` is told of one that does not answer, and why.
    """

    take: Callable[[list[Published]], None]
    brokers: Iterator[Address]
    unreachable: Callable[[Address, OSError], None]

    def _create_socket_connection(self) -> Any:
        broker = next(self.brokers)
        self._host, self._port = broker
        try:
            return super()._create_socket_connection()
        except OSError as problem:
            self.unreachable(broker, problem)
            raise

    def _create_socket(self) -> Any:
        sock: Any = super()._create_socket()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return PacketSocket(sock)

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """Read once; see ``paho.Client.loop_read``."""
        sock: Any = self.socket()
        if sock is not None:
            publishes = sock.publishes()
            if publishes:
                self.take(publishes)
            if not sock.has_paho_work():
                return MQTTErrorCode.MQTT_ERR_SUCCESS
        return super().loop_read(max_packets)
