"""The light load generator: devices that publish pre-encoded payloads as fast as a window allows, in one process.

Rules it keeps:
- All encoding is done before the clock starts; playing is only sending slices of one buffer and counting answers.
- A lane never has more than `window` messages unanswered.
- A lane that waits for PUBACKs counts those; a lane that has an `AckReader` counts only what its acks account for, and
  goes back to the last accounted message when no ack came for `resend_after_s`, as a device would.
- It ends with every message answered, or raises.

A PUBACK says that the broker has a message, an ack that the hub has stored it. Use the second for anything durable.
"""

import selectors
import socket
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from multiprocessing.connection import Connection

from benchmarks import wire
from benchmarks.answering_process import AnsweringProcess
from benchmarks.errors import MeasurementFailed

RECEIVE_BYTES = 1 << 18
CONNECT_TIMEOUT_S = 10.0
KEEPALIVE_S = 600


@dataclass(frozen=True, slots=True)
class AckReader:
    """Where a lane's end-to-end acks arrive, and how to read one.

    `accounted` takes an ack's payload and gives how many of the lane's messages, from the first on, are accounted for,
    or None where the payload says nothing about that. It must be importable (it crosses a process boundary).
    """

    topic: str
    accounted: Callable[[bytes], int | None]


@dataclass(frozen=True, slots=True)
class Lane:
    """One device: its connection, its topic and the payloads it publishes in order."""

    client_id: str
    topic: str
    payloads: Sequence[bytes]
    username: str | None = None
    password: str | None = None
    acks: AckReader | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """What one load process plays, and against which broker."""

    host: str
    port: int
    lanes: Sequence[Lane]
    window: int = 1_000
    resend_after_s: float = 2.0
    timeout_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Played:
    """What came of it. Times are of the monotonic clock, which all processes of a machine share."""

    messages: int
    resent: int
    started_s: float
    ended_s: float
    cpu_s: float

    @property
    def messages_per_s(self) -> float:
        """Answered messages over the whole time."""
        return self.messages / (self.ended_s - self.started_s)

    @property
    def cpu_share(self) -> float:
        """Part of one core that the generator itself used."""
        return self.cpu_s / (self.ended_s - self.started_s)


class Player(AnsweringProcess[Load]):
    """A load process: encoded and connected when the `with` block begins, playing from `go` on.

    `serve` is what runs in the process; it says "ready", waits for a word and answers with `Played`.
    """

    def __init__(self, load: Load, serve: Callable[[Load, Connection], None] | None = None) -> None:
        super().__init__("load generator", serve or _serve, load, load.timeout_s)
        self._load = load

    def go(self) -> None:
        """Start playing."""
        self._send("go")

    def played(self) -> Played:
        """Wait for the end.

        Raises MeasurementFailed when a lane was refused, disconnected, or not answered within `timeout_s`.
        """
        answer = self._receive(self._load.timeout_s + CONNECT_TIMEOUT_S)
        if not isinstance(answer, Played):
            raise MeasurementFailed(f"load generator: said {answer!r}; wanted its figures")
        return answer


def play(load: Load) -> Played:
    """Play one load from beginning to end in its own process."""
    with Player(load) as player:
        player.go()
        return player.played()


class _Connection:
    """One lane's socket: how far it has sent, and how far it was answered."""

    def __init__(self, load: Load, lane: Lane) -> None:
        """Encode every frame. Raises MeasurementFailed for a window that packet ids cannot carry."""
        if not 0 < load.window < wire.HIGHEST_PACKET_ID:
            raise MeasurementFailed(f"window {load.window}: wanted 1 to {wire.HIGHEST_PACKET_ID - 1}")
        frames = [
            wire.publish(lane.topic, payload, 1 + index % wire.HIGHEST_PACKET_ID)
            for index, payload in enumerate(lane.payloads)
        ]
        self.load = load
        self.lane = lane
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.total = len(frames)
        self.answered = 0
        self.resent = 0
        self._ends = list(accumulate((len(frame) for frame in frames), initial=0))
        self._bytes = memoryview(b"".join(frames))
        self._sent_bytes = 0
        self._received = bytearray()
        self._answered_at_s = 0.0

    @property
    def done(self) -> bool:
        """Whether every message is answered."""
        return self.answered >= self.total

    def open(self) -> None:
        """Connect, log in and subscribe to the acks. Raises MeasurementFailed when the broker refuses."""
        self.socket.settimeout(CONNECT_TIMEOUT_S)
        self.socket.connect((self.load.host, self.load.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lane = self.lane
        self.socket.sendall(wire.connect(lane.client_id, lane.username, lane.password, KEEPALIVE_S))
        answer = self.socket.recv(4, socket.MSG_WAITALL)
        if answer != bytes([wire.CONNACK, 2, 0, 0]):
            raise MeasurementFailed(f"lane {lane.client_id}: broker answered CONNECT with {answer.hex() or 'nothing'}")
        if lane.acks is not None:
            self.socket.sendall(wire.subscribe(lane.acks.topic, qos=0))
            answer = self.socket.recv(5, socket.MSG_WAITALL)
            if answer[:1] != bytes([wire.SUBACK]) or answer[-1] > 2:
                raise MeasurementFailed(f"lane {lane.client_id}: broker refused to subscribe to {lane.acks.topic}")
        self.socket.setblocking(False)

    def send(self, now_s: float) -> None:
        """Send what the window allows; go back when end-to-end acks stay away."""
        if self._answered_at_s == 0.0:
            self._answered_at_s = now_s
        sent = bisect_right(self._ends, self._sent_bytes) - 1
        unanswered = sent - self.answered
        whole = self._ends[sent] == self._sent_bytes
        if self.lane.acks and unanswered and whole and now_s - self._answered_at_s > self.load.resend_after_s:
            self.resent += unanswered
            self._sent_bytes, self._answered_at_s, sent = self._ends[self.answered], now_s, self.answered
            unanswered = 0
        room = min(self.load.window - unanswered, self.total - sent)
        # Fewer, larger sends: wait until a quarter of the window is free, but finish a frame that was cut.
        if whole and room < min(self.load.window // 4, self.total - sent):
            return
        try:
            self._sent_bytes += self.socket.send(self._bytes[self._sent_bytes : self._ends[sent + max(room, 0)]])
        except BlockingIOError:
            return

    def receive(self) -> None:
        """Count the answers that have arrived. Raises MeasurementFailed when the broker hung up."""
        received = self.socket.recv(RECEIVE_BYTES)
        if not received:
            raise MeasurementFailed(f"lane {self.lane.client_id}: broker closed the connection after {self.answered}")
        self._received += received
        answered, end = self.answered, 0
        if self.lane.acks is None and _only_pubacks(self._received):
            self.answered += len(self._received) // 4
            self._received.clear()
            return
        for first_byte, start, end in wire.packets(self._received):
            self._count(first_byte, start, end)
        del self._received[:end]
        if self.answered > answered:
            self._answered_at_s = time.monotonic()

    def close(self) -> None:
        """Take leave of the broker."""
        self.socket.setblocking(True)
        self.socket.sendall(wire.DISCONNECT)
        self.socket.close()

    def _count(self, first_byte: int, start: int, end: int) -> None:
        kind, acks = first_byte & 0xF0, self.lane.acks
        if acks is None:
            self.answered += kind == wire.PUBACK
        elif kind == wire.PUBLISH:
            at = wire.publish_payload_start(first_byte, self._received, start)
            accounted = acks.accounted(bytes(self._received[at:end]))
            if accounted is not None:
                self.answered = max(self.answered, min(accounted, self.total))


def _serve(load: Load, pipe: Connection) -> None:
    """The load process: encode, connect, say so, wait for the word, play, answer."""
    try:
        connections = [_Connection(load, lane) for lane in load.lanes]
        for connection in connections:
            connection.open()
        pipe.send("ready")
        pipe.recv()
        pipe.send(_play(load, connections))
    except (MeasurementFailed, OSError) as error:
        pipe.send(MeasurementFailed(f"load generator: {error}"))


def _play(load: Load, connections: Sequence[_Connection]) -> Played:
    started_s, cpu_before_s = time.monotonic(), time.process_time()
    deadline_s = started_s + load.timeout_s
    waiting = {connection.socket.fileno(): connection for connection in connections}
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        while waiting:
            now_s = time.monotonic()
            if now_s > deadline_s:
                answered = sum(connection.answered for connection in connections)
                raise MeasurementFailed(f"{answered} messages answered in {load.timeout_s:.0f} s; wanted all")
            for number, connection in list(waiting.items()):
                connection.send(now_s)
                if connection.done:
                    selector.unregister(connection.socket)
                    del waiting[number]
            for key, _ in selector.select(0.05 if waiting else 0.0):
                key.data.receive()
    ended_s, cpu_s = time.monotonic(), time.process_time() - cpu_before_s
    for connection in connections:
        connection.close()
    messages = sum(connection.total for connection in connections)
    return Played(messages, sum(connection.resent for connection in connections), started_s, ended_s, cpu_s)


def _only_pubacks(received: bytearray) -> bool:
    count, rest = divmod(len(received), 4)
    return rest == 0 and received[0::4] == b"\x40" * count and received[1::4] == b"\x02" * count
