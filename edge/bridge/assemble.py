"""Chunks as they were delivered to blocks of one second, by the sensor's own sample counter.

Rules it keeps:
- Blocks end where the counter is a multiple of one second, however the samples were cut in delivery.
- A chunk with other channels than the configuration names is refused, with one alarm.
- A missing sample is counted and ends a block; it is never filled in. A sample that came twice is taken once.
- A sample's time is where its counter stands on the line of ``sample_clock``; every block says how far the true rate is
  from the nominal one, which decides the frequencies that are reported.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from edge.bridge.block import Block
from edge.bridge.config import Channel, Config
from edge.bridge.items import AccelerationChunk
from edge.bridge.sample_clock import SampleClock
from edge.contract.records import DeviceAlarm
from edge.contract.records.bridge import BridgeSampling

LOOK_S = 60
RESTART_S = 10.0


def is_whole(chunk: AccelerationChunk) -> bool:
    """Whether a chunk's data are one sample or more, all complete."""
    return len(chunk.data) > 0 and len(chunk.data) % Coding.of(chunk).sample_bytes == 0


def decoded(chunk: AccelerationChunk) -> NDArray[np.float64]:
    """A whole chunk's values, (samples, channels), times its weight."""
    return Coding.of(chunk).decode(chunk.data)


class Coding(NamedTuple):
    """How samples are written."""

    encoding: Literal["i24", "f4"]
    weight: float
    channels: int

    @classmethod
    def of(cls, chunk: AccelerationChunk) -> Self:
        """How a chunk's samples are written."""
        return cls(chunk.encoding, chunk.weight, chunk.channels)

    @property
    def sample_bytes(self) -> int:
        """Bytes of one sample of all channels."""
        return (3 if self.encoding == "i24" else 4) * self.channels

    def counts(self, data: bytes) -> NDArray[np.int32] | NDArray[np.float32]:
        """Whole samples as the sensor gave them, (samples, channels)."""
        if self.encoding == "f4":
            return np.frombuffer(data, dtype="<f4").reshape(-1, self.channels)
        widened = np.zeros((len(data) // 3, 4), dtype=np.uint8)
        widened[:, 1:] = np.frombuffer(data, dtype=np.uint8).reshape(-1, 3)
        return (widened.view("<i4")[:, 0] >> 8).reshape(-1, self.channels)

    def decode(self, data: bytes) -> NDArray[np.float64]:
        """Whole samples as (samples, channels), times their weight."""
        return self.counts(data).astype(np.float64) * self.weight


class AssembleBlocks:
    """The step; holds at most one second of samples."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._channels: tuple[Channel, ...] = tuple(config.channels)
        self._in_si = np.array([channel.in_si for channel in self._channels])
        self._run: tuple[int, float] | None = None
        self._coding = Coding("f4", 1.0, 1)
        self._held: list[bytes] = []
        self._held_first = 0
        self._next = 0
        self._continues = False
        self._lost = 0
        self._alarmed = False
        self._clock = SampleClock(1.0)
        self._reported: int | None = None

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if not isinstance(item, AccelerationChunk):
            return [item]
        coding = self._coding
        if coding != (item.encoding, item.weight, item.channels):
            coding = Coding.of(item)
        sample_bytes = coding.sample_bytes
        fits = self._fits(item, sample_bytes)
        out = self._alarm(mono, active=not fits)
        if not fits:
            return out
        if self._run != (item.run, item.rate_hz) or item.first_sample < self._next - RESTART_S * item.rate_hz:
            out += self._flush()
            self._begin(item)
        elif coding != self._coding:
            out += self._flush()
            self._held_first = self._next
        self._coding = coding
        first, data = item.first_sample, item.data
        if first > self._next:
            out += self._flush()
            self._lost += first - self._next
            self._held_first, self._continues = first, False
        elif first < self._next:
            data = data[(self._next - first) * sample_bytes :]
            first = self._next
            if not data:
                return out
        end = first + len(data) // sample_bytes
        self._next = end
        self._held.append(data)
        self._clock.saw(end, mono)
        size = round(item.rate_hz)
        boundary = (self._held_first // size + 1) * size
        return out if end < boundary else out + self._cut(size, boundary)

    def _fits(self, item: AccelerationChunk, sample_bytes: int) -> bool:
        if not self._channels:
            self._channels = tuple(Channel(name=f"ch{n + 1}") for n in range(item.channels))
            self._in_si = np.ones(item.channels)
        size = len(item.data)
        return item.channels == len(self._channels) and size > 0 and size % sample_bytes == 0

    def _alarm(self, mono: int, active: bool) -> list[object]:
        if active == self._alarmed:
            return []
        self._alarmed = active
        return [DeviceAlarm(t=mono, code="source_failed", active=active)]

    def _begin(self, item: AccelerationChunk) -> None:
        self._run = (item.run, item.rate_hz)
        self._next = self._held_first = item.first_sample
        self._continues = False
        self._clock = SampleClock(item.rate_hz)
        self._reported = None

    def _cut(self, size: int, boundary: int) -> list[object]:
        data = b"".join(self._held)
        joined = self._coding.decode(data)
        out: list[object] = []
        start = 0
        while self._held_first + len(joined) - start >= boundary:
            stop = start + boundary - self._held_first
            out.append(self._block(joined[start:stop], self._held_first))
            if boundary % (LOOK_S * size) == 0:
                out += self._minute_ends(boundary)
            self._held_first, start, boundary = boundary, stop, boundary + size
        rest = data[start * self._coding.sample_bytes :]
        self._held = [rest] if rest else []
        return out

    def _flush(self) -> list[object]:
        if not self._held:
            return []
        joined = self._coding.decode(b"".join(self._held))
        self._held = []
        return [self._block(joined, self._held_first)]

    def _block(self, samples: NDArray[np.float64], first: int) -> Block:
        block = Block(
            t=self._clock.time_of(first),
            rate_hz=self._clock.rate_hz,
            samples=samples * self._in_si,
            continues=self._continues,
            used=np.ones(len(self._channels), dtype=np.bool_),
            names=tuple(channel.name for channel in self._channels),
            velocity=tuple(channel.is_velocity for channel in self._channels),
            first=first,
            rate_ratio=self._clock.ratio,
        )
        self._continues = True
        return block

    def _minute_ends(self, boundary: int) -> list[BridgeSampling]:
        t = self._clock.time_of(boundary)
        if self._reported is None:
            self._reported = t
        rate = self._clock.rate
        if rate is None or t - self._reported < self._config.sampling_every_s * 1e6:
            return []
        self._reported = t
        return [
            BridgeSampling(
                t=t,
                rate_hz=round(rate.ratio * self._clock.rate_hz, 4),
                deviation_ppm=round((rate.ratio - 1.0) * 1e6, 1) + 0.0,
                deviation_std_ppm=float(f"{rate.std_ppm:.2g}"),
                samples_lost=self._lost,
                jumps=self._clock.jumps,
            )
        ]
