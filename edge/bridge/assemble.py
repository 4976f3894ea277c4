"""Chunks as they were delivered to blocks of one second, by the sensor's own sample counter.

Rules it keeps:
- Blocks end where the counter is a multiple of one second, however the samples were cut in delivery.
- A chunk with other channels than the configuration names is refused, with one alarm.
- A missing sample is counted and ends a block; it is never filled in. A sample that came twice is taken once.
- A sample's time is an anchor plus its counter over the nominal rate. The anchor is the least delay between counter
  and delivery seen in the last full minute, so that a clock that runs off is followed and a late delivery is not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from edge.bridge.block import Block
from edge.bridge.config import Channel, Config
from edge.bridge.items import AccelerationChunk
from edge.contract.records import DeviceAlarm
from edge.contract.records.bridge import BridgeSampling

ANCHOR_S = 60
FIT_POINTS = 31
RESTART_S = 10.0


def is_whole(chunk: AccelerationChunk) -> bool:
    """Whether a chunk's data are one sample or more, all complete."""
    width = 3 if chunk.encoding == "i24" else 4
    return len(chunk.data) > 0 and len(chunk.data) % (width * chunk.channels) == 0


def decoded(chunk: AccelerationChunk) -> NDArray[np.float64]:
    """A whole chunk's values, (samples, channels), times its weight."""
    if chunk.encoding == "f4":
        values = np.frombuffer(chunk.data, dtype="<f4").astype(np.float64)
    else:
        widened = np.zeros((len(chunk.data) // 3, 4), dtype=np.uint8)
        widened[:, 1:] = np.frombuffer(chunk.data, dtype=np.uint8).reshape(-1, 3)
        values = (widened.view("<i4")[:, 0] >> 8).astype(np.float64)
    return (values * chunk.weight).reshape(-1, chunk.channels)


class AssembleBlocks:
    """The step; holds at most one second of samples."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._channels: tuple[Channel, ...] = tuple(config.channels)
        self._in_si = np.array([channel.in_si for channel in self._channels])
        self._run: tuple[int, float] | None = None
        self._held: list[NDArray[np.float64]] = []
        self._held_first = 0
        self._next = 0
        self._continues = False
        self._lost = 0
        self._alarmed = False
        self._timing = _Timing(1.0)

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if not isinstance(item, AccelerationChunk):
            return [item]
        fits = self._fits(item)
        out = self._alarm(mono, active=not fits)
        if not fits:
            return out
        samples = decoded(item)
        if self._run != (item.run, item.rate_hz) or item.first_sample < self._next - RESTART_S * item.rate_hz:
            out += self._flush()
            self._begin(item)
        first = item.first_sample
        if first > self._next:
            out += self._flush()
            self._lost += first - self._next
            self._held_first, self._continues = first, False
        elif first < self._next:
            samples = samples[self._next - first :]
            first = self._next
            if not len(samples):
                return out
        end = first + len(samples)
        self._next = end
        self._held.append(samples)
        self._timing.saw(end, mono)
        return out + self._cut(round(item.rate_hz), end)

    def _fits(self, item: AccelerationChunk) -> bool:
        if not self._channels:
            self._channels = tuple(Channel(name=f"ch{n + 1}") for n in range(item.channels))
            self._in_si = np.ones(item.channels)
        return item.channels == len(self._channels) and is_whole(item)

    def _alarm(self, mono: int, active: bool) -> list[object]:
        if active == self._alarmed:
            return []
        self._alarmed = active
        return [DeviceAlarm(t=mono, code="source_failed", active=active)]

    def _begin(self, item: AccelerationChunk) -> None:
        self._run = (item.run, item.rate_hz)
        self._next = self._held_first = item.first_sample
        self._continues = False
        self._timing = _Timing(item.rate_hz)

    def _cut(self, size: int, end: int) -> list[object]:
        boundary = (self._held_first // size + 1) * size
        if end < boundary:
            return []
        joined = np.concatenate(self._held) if len(self._held) > 1 else self._held[0]
        out: list[object] = []
        start = 0
        while self._held_first + len(joined) - start >= boundary:
            stop = start + boundary - self._held_first
            out.append(self._block(joined[start:stop], self._held_first))
            if boundary % (ANCHOR_S * size) == 0:
                out += self._minute_ends(boundary)
            self._held_first, start, boundary = boundary, stop, boundary + size
        self._held = [joined[start:]] if start < len(joined) else []
        return out

    def _flush(self) -> list[object]:
        if not self._held:
            return []
        joined = np.concatenate(self._held)
        self._held = []
        return [self._block(joined, self._held_first)]

    def _block(self, samples: NDArray[np.float64], first: int) -> Block:
        block = Block(
            t=self._timing.time_of(first),
            rate_hz=self._timing.rate_hz,
            samples=samples * self._in_si,
            continues=self._continues,
            used=np.ones(len(self._channels), dtype=np.bool_),
            names=tuple(channel.name for channel in self._channels),
            velocity=tuple(channel.is_velocity for channel in self._channels),
            first=first,
        )
        self._continues = True
        return block

    def _minute_ends(self, boundary: int) -> list[BridgeSampling]:
        t = self._timing.time_of(boundary)
        rate_hz = self._timing.minute_ends(t, self._config.sampling_every_s)
        if rate_hz is None:
            return []
        deviation = (rate_hz / self._timing.rate_hz - 1.0) * 1e6
        return [
            BridgeSampling(
                t=t, rate_hz=round(rate_hz, 4), deviation_ppm=round(deviation, 1) + 0.0, samples_lost=self._lost
            )
        ]


class _Timing:
    """Where the sample counter stands on the device's clock, and how fast it really runs."""

    def __init__(self, rate_hz: float) -> None:
        self.rate_hz = rate_hz
        self._anchor: int | None = None
        self._least: tuple[int, int, int] | None = None
        self._points: deque[tuple[int, int]] = deque(maxlen=FIT_POINTS)
        self._reported = 0

    def time_of(self, sample: int) -> int:
        """When the sample was taken [µs since boot], as far as the anchor knows."""
        return max(0, (self._anchor or 0) + round(sample * 1e6 / self.rate_hz))

    def saw(self, end: int, mono: int) -> None:
        """Note that everything before sample ``end`` had been delivered at ``mono``."""
        delay = mono - round(end * 1e6 / self.rate_hz)
        if self._anchor is None:
            self._anchor = delay
            self._reported = mono
        if self._least is None or delay < self._least[0]:
            self._least = (delay, end, mono)

    def minute_ends(self, t: int, every_s: float) -> float | None:
        """Move the anchor; the measured rate [Hz] where it is due and can be told."""
        if self._least is not None:
            self._anchor = self._least[0]
            self._points.append(self._least[1:])
            self._least = None
        if t - self._reported < every_s * 1e6 or len(self._points) < 3:
            return None
        self._reported = t
        ends = np.array([end for end, _ in self._points], dtype=np.float64)
        monos = np.array([mono for _, mono in self._points], dtype=np.float64)
        ends -= ends.mean()
        monos -= monos.mean()
        return float(1e6 * (ends @ monos) / (monos @ monos))
