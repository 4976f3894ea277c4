"""The gate's microcontroller: numbered frames, its own clock, counters of each beam's edges, a salt drawn at boot."""

from __future__ import annotations

import heapq
import zlib
from collections.abc import Iterable, Iterator

import numpy as np

from firmware_bridge.framing import FrameEncoder
from firmware_bridge.message_codec import encode_message
from firmware_bridge.message_stream import MessageStream
from firmware_bridge.messages import Hello, Message, Pulse, PulseEvent, RadioTag, SensorKind


class Board:
    """What happens is put in with its time and comes out as frames, in order of time."""

    def __init__(self, rng: np.random.Generator, start_us: int) -> None:
        self._encoder = FrameEncoder()
        self._requests = MessageStream()
        self._start = start_us
        self._boot_id = int(rng.integers(0, 2**32))
        self._salt = rng.bytes(8)
        self._waiting: list[tuple[int, int, int, bool, RadioTag | None]] = []
        self._serial = 0
        self._counters: dict[int, int] = {}
        self._blocked: dict[int, int] = {}
        self._said_hello = False

    def beam(self, when_us: int, place: int, blocked: bool) -> None:
        """A beam's edge; ``place`` is 2 × lane + beam. Several things in one beam count as one."""
        self._push(when_us, place, blocked, None)

    def tag(self, when_us: int, antenna: int, armed: bool, signal_dbm: float, article: int) -> None:
        """An article was heard; only its salted hash is said."""
        item_hash = zlib.crc32(self._salt + article.to_bytes(8, "little"))
        clock_ms = (when_us - self._start) // 1000 % 2**32
        self._push(when_us, 0, False, RadioTag(antenna, armed, round(signal_dbm * 10), clock_ms, item_hash))

    def due(self, until_us: int) -> Iterator[bytes]:
        """Frames of everything up to ``until_us``."""
        while self._waiting and self._waiting[0][0] <= until_us:
            when_us, _, place, blocked, tag = heapq.heappop(self._waiting)
            if tag is not None:
                yield self.say(tag)
            else:
                yield from self._edge(when_us, place, blocked)

    def hello(self) -> bytes:
        """A HELLO frame, the first of which begins the boot."""
        self._said_hello = True
        return self._framed(Hello(self._boot_id, (1, 0, 0), SensorKind.GATE, 0, 0, 0))

    def say(self, message: Message) -> bytes:
        """The frame of a message; a HELLO goes before the first one."""
        return (b"" if self._said_hello else self.hello()) + self._framed(message)

    def answer(self, data: bytes) -> Iterable[bytes]:
        """HELLO to each HELLO in what the device sent."""
        return [self.hello() for each in self._requests.feed(data) if isinstance(each.message, Hello)]

    def _edge(self, when_us: int, place: int, blocked: bool) -> Iterator[bytes]:
        before = self._blocked.get(place, 0)
        self._blocked[place] = before + (1 if blocked else -1)
        if (before > 0) == (self._blocked[place] > 0):
            return
        self._counters[place] = self._counters.get(place, 0) + 1
        event = PulseEvent.BLOCKED if blocked else PulseEvent.CLEARED
        clock_ms = (when_us - self._start) // 1000 % 2**32
        yield self.say(Pulse(place, event, self._counters[place] % 2**32, clock_ms))

    def _framed(self, message: Message) -> bytes:
        return self._encoder.encode(*encode_message(message))

    def _push(self, when_us: int, place: int, blocked: bool, tag: RadioTag | None) -> None:
        self._serial += 1
        heapq.heappush(self._waiting, (when_us, self._serial, place, blocked, tag))
