"""A light device: the true outbox and link behind one plain socket, without a thread, a sensor or a file.

Rules it keeps:
- Records are numbered, chosen, sent, sent again and forgotten by `edge.outbox` and `edge.link` alone.
- What stands here besides is a socket: CONNECT, the three subscriptions, publishes at QoS 1, acks and PUBACKs.
- It reads no clock: now [s] is given.

The outbox is in memory, so that what is measured is the way, not five hundred files on one disk.
"""

import contextlib
import socket
import sqlite3
from collections import deque
from collections.abc import Sequence

from benchmarks import wire
from benchmarks.errors import MeasurementFailed
from benchmarks.fleet_plan import AS_CONFIGURED, Answers
from edge.contract.codec import encode_record
from edge.contract.control import Ack, State, decode, encode
from edge.contract.ranges import RangeSet
from edge.contract.records import Priority
from edge.contract.records.counter import CounterAir
from edge.contract.topics import READ, Channel, topic
from edge.link import Link, LinkConfig
from edge.outbox import Outbox
from edge.outbox_rows import Entry

KEEPALIVE_S = 600
RECEIVE_BYTES = 1 << 16
QUOTA_BYTES = 256 * 1024 * 1024


def readings(first_us: int, step_us: int, count: int) -> list[Entry]:
    """Settled readings of the air, `step_us` apart from `first_us` on [µs UTC]."""
    times = range(first_us, first_us + step_us * count, step_us)
    return [
        Entry(encode_record(CounterAir(t=t, co2_ppm=400 + number % 8_000 / 8)), Priority.NORMAL, t)
        for number, t in enumerate(times)
    ]


class LightDevice:
    """One device of a fleet."""

    def __init__(self, name: str, epoch: str, config: LinkConfig = AS_CONFIGURED) -> None:
        self.name = name
        self.outbox = Outbox(sqlite3.connect(":memory:", isolation_level=None), QUOTA_BYTES, lambda: epoch)
        self.outbox.open()
        self.link = Link(self.outbox, config, lambda: epoch)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.bytes_sent = 0
        self.bytes_received = 0
        self.backlog_last = 0
        self.through = 0
        self.is_connected = False
        self.opened_s: float | None = None
        self._answers = Answers()
        self._topics = {channel: topic(name, channel) for channel in Channel}
        self._unread = bytearray()
        self._unsent = bytearray()
        self._packet_id = 0
        self._live: deque[tuple[int, float, int]] = deque()

    # ---------------------------------------------------------------- records

    def begin(self, answers: Answers) -> None:
        """From here on live readings are counted there; those from before are counted already."""
        self._answers = answers
        self._live.clear()

    def hold(self, entries: Sequence[Entry]) -> None:
        """Records that wait since before the fleet connects."""
        self.outbox.append(entries)
        self.backlog_last = self.outbox.last

    def observe(self, entries: Sequence[Entry], now_s: float) -> None:
        """A group commit of live readings; how long until the hub has them is counted while it is there."""
        last = self.outbox.append(entries)[1]
        if self.link.is_open:
            self._live.append((last, now_s, len(entries)))

    @property
    def drained(self) -> bool:
        """Whether the hub has everything that waited before the fleet connected."""
        return self.through >= self.backlog_last

    @property
    def live_waiting(self) -> Sequence[tuple[int, float, int]]:
        """Groups that are not accounted yet: last number, when appended [s], readings."""
        return self._live

    # ---------------------------------------------------------------- the connection

    def connect(self, host: str, port: int) -> None:
        """Connect and say CONNECT; everything after that is answered in `receive`."""
        self.socket.connect((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.is_connected = True
        self._unsent += wire.connect(f"machikado-{self.name}", None, None, KEEPALIVE_S)
        self.flush()

    def pump(self, now_s: float) -> None:
        """Hand the socket's queue what the link allows now."""
        if self.link.hello_due(now_s):
            outbox = self.outbox
            birth = State(
                status="online", family="counter", epoch=outbox.epoch, last=outbox.last,
                digest=outbox.digest(outbox.last), hello=self.link.hello, agent_version="light",
            )  # fmt: skip
            self._publish(Channel.STATE, encode(birth))
        for batch in self.link.next_batches(now_s, int(now_s * 1e6)):
            self._publish(Channel.UP, batch.payload)

    def flush(self) -> bool:
        """Send what the socket takes; whether all of it is sent."""
        if not self._unsent:
            return True
        with contextlib.suppress(BlockingIOError):
            sent = self.socket.send(self._unsent)
            self.bytes_sent += sent
            del self._unsent[:sent]
        return not self._unsent

    def receive(self, now_s: float) -> None:
        """Take what has arrived. Raises MeasurementFailed when the broker hung up or refused."""
        try:
            received = self.socket.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        if not received:
            raise MeasurementFailed(f"device {self.name}: the broker closed its connection")
        self.bytes_received += len(received)
        self._unread += received
        end = 0
        for first_byte, start, end in wire.packets(self._unread):
            kind = first_byte & 0xF0
            if kind == wire.PUBACK:
                self.link.puback()
            elif kind == wire.PUBLISH:
                self._published(first_byte, start, end, now_s)
            elif kind == wire.CONNACK:
                self._connected(bytes(self._unread[start:end]), now_s)
        del self._unread[:end]

    def close(self) -> None:
        """Take leave of the broker."""
        with contextlib.suppress(OSError):
            self.socket.setblocking(True)
            self.socket.sendall(bytes(self._unsent) + wire.DISCONNECT)
        self.socket.close()

    def _connected(self, answer: bytes, now_s: float) -> None:
        if answer[1:] != b"\x00":
            raise MeasurementFailed(f"device {self.name}: broker answered CONNECT with {answer.hex()}")
        for packet_id, channel in enumerate(READ, 1):
            self._unsent += wire.subscribe(self._topics[channel], 0, packet_id)
        self.link.connected(now_s)

    def _published(self, first_byte: int, start: int, end: int, now_s: float) -> None:
        at = wire.publish_payload_start(first_byte, self._unread, start)
        if first_byte & 0x06:
            self._unsent += b"\x40\x02" + self._unread[at - 2 : at]
        ack = decode(Ack, bytes(self._unread[at:end]))
        self.link.ack(ack, now_s)
        if self.opened_s is None:
            self.opened_s = now_s
        self.through = max(self.through, ack.through)
        named = RangeSet([(1, ack.through), *ack.ranges] if ack.through else ack.ranges)
        while self._live and self._live[0][0] in named:
            _, appended_s, count = self._live.popleft()
            self._answers.add(appended_s, now_s, count)

    def _publish(self, channel: Channel, payload: bytes) -> None:
        self._packet_id = self._packet_id % wire.HIGHEST_PACKET_ID + 1
        self._unsent += wire.publish(self._topics[channel], payload, self._packet_id)
