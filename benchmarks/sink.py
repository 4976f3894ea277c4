"""A subscriber that only counts, in its own process: what a broker can deliver when nobody does anything with it."""

import socket
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection

from benchmarks import wire
from benchmarks.answering_process import AnsweringProcess
from benchmarks.errors import MeasurementFailed

RECEIVE_BYTES = 1 << 18
CONNECT_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Subscription:
    """What to subscribe to, at which quality of service, and how many messages end the count."""

    host: str
    port: int
    topic_filter: str
    qos: int
    expected: int
    timeout_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Counted:
    """How many messages came, when the last one did (monotonic clock) and what counting cost."""

    messages: int
    ended_s: float
    cpu_s: float


class Sink(AnsweringProcess[Subscription]):
    """A counting process, subscribed when the `with` block begins."""

    def __init__(self, subscription: Subscription) -> None:
        super().__init__("counting subscriber", _serve, subscription, CONNECT_TIMEOUT_S)
        self._subscription = subscription

    def counted(self) -> Counted:
        """Wait for the expected number, or for the time limit, and say how many came."""
        answer = self._receive(self._subscription.timeout_s + CONNECT_TIMEOUT_S)
        if not isinstance(answer, Counted):
            raise MeasurementFailed(f"counting subscriber: {answer}")
        return answer


def _serve(subscription: Subscription, pipe: Connection) -> None:
    address = (subscription.host, subscription.port)
    with socket.create_connection(address, timeout=CONNECT_TIMEOUT_S) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(wire.connect("counting-sink", None, None, keepalive_s=600))
        connection.recv(4, socket.MSG_WAITALL)
        connection.sendall(wire.subscribe(subscription.topic_filter, subscription.qos))
        connection.recv(5, socket.MSG_WAITALL)
        pipe.send("ready")
        pipe.send(_count(connection, subscription))


def _count(connection: socket.socket, subscription: Subscription) -> Counted:
    received, messages, cpu_before_s = bytearray(), 0, time.process_time()
    deadline_s, ended_s = time.monotonic() + subscription.timeout_s, time.monotonic()
    connection.settimeout(0.5)
    while messages < subscription.expected and time.monotonic() < deadline_s:
        try:
            arrived = connection.recv(RECEIVE_BYTES)
        except TimeoutError:
            continue
        if not arrived:
            break
        received += arrived
        pubacks, end = bytearray(), 0
        for first_byte, start, packet_end in wire.packets(received):
            end = packet_end
            if first_byte & 0xF0 == wire.PUBLISH:
                messages += 1
                if first_byte & 0x06:
                    at = wire.publish_payload_start(first_byte, received, start)
                    pubacks += b"\x40\x02" + received[at - 2 : at]
        del received[:end]
        if pubacks:
            connection.sendall(pubacks)
        ended_s = time.monotonic()
    return Counted(messages, ended_s, time.process_time() - cpu_before_s)
