"""Vehicles and other short excitations: the short-term over the long-term average of the power (STA/LTA; Allen 1978).

Rules it keeps:
- A passage begins when enough trusted channels are above ``on`` at once and ends when none is above ``off``.
- The long-term average stands still during a passage, so that a queue of vehicles does not teach it.
- Nothing is detected before one long-term length has been seen, nor for as long after a gap.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from edge.bridge.block import Block
from edge.bridge.config import Passages
from edge.contract.records.bridge import BridgePassage, BridgeTrigger

BIN_S = 0.1


class DetectPassages:
    """The step; works on bins of a tenth of a second."""

    def __init__(self, config: Passages) -> None:
        self._config = config
        self._held: NDArray[np.float64] = np.zeros((0, 0))
        self._offset: NDArray[np.float64] = np.zeros(0)
        self._short: list[float] = []
        self._long: list[float] = []
        self._bins = 0
        self._begin: int | None = None
        self._peak = 0.0
        self._agreed = 0
        self._told = False

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if not isinstance(item, Block):
            return [item]
        if not item.continues or self._held.shape[1] != item.samples.shape[1]:
            self._restart(item.samples.shape[1])
        size = max(1, round(BIN_S * item.rate_hz))
        held = np.concatenate((self._held, item.samples))
        start = item.t - round(len(self._held) * 1e6 / item.rate_hz)
        count = len(held) // size
        self._held = held[count * size :]
        if not count:
            return [item]
        bins = held[: count * size].reshape(count, size, -1)
        centred = bins - self._offset_for(bins, size / item.rate_hz)
        power = (np.einsum("bsc,bsc->bc", centred, centred) / size).tolist()
        peak = np.maximum(centred.max(axis=1), -centred.min(axis=1)).tolist()
        used = np.flatnonzero(item.used).tolist()
        out: list[object] = []
        for index in range(count):
            t = start + round(index * size * 1e6 / item.rate_hz)
            out += self._bin(t, size / item.rate_hz, power[index], peak[index], used)
        return [*out, item]

    def _offset_for(self, bins: NDArray[np.float64], bin_s: float) -> NDArray[np.float64]:
        """The slow mean that is taken off these bins; a passage does not move it."""
        mean = np.asarray(bins.sum(axis=(0, 1)) / (bins.shape[0] * bins.shape[1]))
        if not self._bins:
            self._offset = mean
        elif self._begin is None:
            self._offset = self._offset + min(1.0, len(bins) * bin_s / self._config.long_s) * (mean - self._offset)
        return self._offset

    def _restart(self, channels: int) -> None:
        self._held = np.zeros((0, channels))
        self._offset = np.zeros(channels)
        self._short = [0.0] * channels
        self._long = [0.0] * channels
        self._bins = 0
        self._begin = None

    def _bin(self, t: int, bin_s: float, power: list[float], peak: list[float], used: list[int]) -> list[object]:
        config = self._config
        self._bins += 1
        short_pace = max(bin_s / config.short_s, 1.0 / self._bins)
        short = self._short = [old + short_pace * (new - old) for old, new in zip(self._short, power, strict=True)]
        above = 0
        for c in used:
            above += short[c] > config.on * self._long[c]
        if self._begin is None:
            if not above or above < min(config.channels, len(used)) or self._bins * bin_s < config.long_s:
                pace = max(bin_s / config.long_s, 1.0 / self._bins)
                self._long = [old + pace * (new - old) for old, new in zip(self._long, power, strict=True)]
                return []
            self._begin, self._peak, self._agreed, self._told = t, 0.0, 0, False
        self._agreed = max(self._agreed, above)
        self._peak = max([self._peak, *(peak[c] for c in used)])
        out: list[object] = []
        if self._peak >= config.trigger_peak_m_s2 and not self._told:
            self._told = True
            told_t = t + round(bin_s * 1e6)
            out.append(BridgeTrigger(t=told_t, peak_m_s2=float(f"{self._peak:.5g}"), channels=self._agreed))
        going_on = any(short[c] > config.off * self._long[c] for c in used)
        duration_s = (t - self._begin) * 1e-6 + bin_s
        if going_on and duration_s < config.longest_s:
            return out
        record = BridgePassage(
            t=self._begin, duration_s=round(duration_s, 3), peak_m_s2=float(f"{self._peak:.5g}"), channels=self._agreed
        )
        if going_on:
            # What lasts this long is the new normal.
            self._long = list(short)
        self._begin = None
        return [*out, record]
