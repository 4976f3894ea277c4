"""What an 8×8 thermal array over a waiting area sees: people as warm blobs, drift, and a patch of sun.

The area is measured in pixels, (0, 0) to (8, 8), column first. A person is a Gaussian blob that covers the floor
behind it; two that overlap cover it together, so that they melt into one as they do on the real sensor. The sensor adds
its own offset a pixel (±0.5 °C), noise, and rounding to a quarter degree.

Simplified: no reflection, no lens shading, people equally warm all day, seats keep no warmth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PIXELS = 8
NOISE_DEGC = 0.15
OFFSET_DEGC = 0.5
REGISTER_DEGC = 0.25

_ROWS = np.arange(PIXELS) + 0.5


@dataclass(frozen=True, slots=True)
class Patch:
    """Sunlight on the floor: a rectangle that warms up and cools, and moves slowly."""

    column: float
    row: float
    width: float
    height: float
    rise_degc: float
    begin_s: float
    lasts_s: float
    drift_per_hour: float

    def warmth(self, t_s: float) -> NDArray[np.float64]:
        """°C above the floor, shape (8, 8)."""
        phase = (t_s - self.begin_s) / self.lasts_s
        if not 0.0 < phase < 1.0:
            return np.zeros((PIXELS, PIXELS))
        column = self.column + self.drift_per_hour * (t_s - self.begin_s) / 3600.0
        columns = np.clip(_ROWS + 0.5 - column, 0.0, 1.0) * np.clip(column + self.width - _ROWS + 0.5, 0.0, 1.0)
        rows = np.clip(_ROWS + 0.5 - self.row, 0.0, 1.0) * np.clip(self.row + self.height - _ROWS + 0.5, 0.0, 1.0)
        return np.asarray(self.rise_degc * math.sin(math.pi * phase) * np.outer(rows, columns))


class ThermalScene:
    """The floor, its warmth through the day, and the sensor above it."""

    def __init__(self, rng: np.random.Generator, patches: tuple[Patch, ...] = (), floor_degc: float = 22.5) -> None:
        self._rng = rng
        self._patches = patches
        self._floor_degc = floor_degc
        self._offsets = np.clip(rng.normal(0.0, OFFSET_DEGC / 2, (PIXELS, PIXELS)), -OFFSET_DEGC, OFFSET_DEGC)
        self._heating_phase = rng.uniform(0.0, 2 * math.pi)
        self._day_phase = rng.uniform(0.0, 2 * math.pi)

    def floor_degc(self, t_s: float) -> float:
        """Temperature of the floor: the day's slow drift and the heating's cycle of 20 minutes."""
        day = 1.2 * math.sin(2 * math.pi * t_s / 36_000.0 + self._day_phase)
        return self._floor_degc + day + 0.25 * math.sin(2 * math.pi * t_s / 1200.0 + self._heating_phase)

    def temperatures(self, t_s: float, people: NDArray[np.float64]) -> NDArray[np.float64]:
        """°C before the sensor, shape (8, 8); ``people`` has a row each of column, row, radius [pixels], °C above floor."""
        floor = np.full((PIXELS, PIXELS), self.floor_degc(t_s))
        for patch in self._patches:
            floor += patch.warmth(t_s)
        if not len(people):
            return floor
        columns = np.exp(-0.5 * ((_ROWS[None, :] - people[:, 0, None]) / people[:, 2, None]) ** 2)
        rows = np.exp(-0.5 * ((_ROWS[None, :] - people[:, 1, None]) / people[:, 2, None]) ** 2)
        cover = rows[:, :, None] * columns[:, None, :]
        seen = 1.0 - np.prod(1.0 - cover, axis=0)
        warmth = (cover * people[:, 3, None, None]).sum(axis=0) / np.maximum(cover.sum(axis=0), 1e-9)
        return np.asarray(floor + warmth * seen)

    def counts(self, temperatures: NDArray[np.float64], frames: int) -> NDArray[np.int16]:
        """What the sensor's registers hold for ``frames`` frames of it [quarter degrees], shape (frames, 8, 8)."""
        noise = self._rng.normal(0.0, NOISE_DEGC, (frames, PIXELS, PIXELS))
        return np.rint((temperatures + self._offsets + noise) / REGISTER_DEGC).astype(np.int16)


def registers(counts: NDArray[np.int16]) -> bytes:
    """64 counts as an AMG8833's 12-bit registers, 128 bytes, low byte first."""
    return (counts.astype(np.int32) & 0x0FFF).astype("<u2").tobytes()


def sun_patch(rng: np.random.Generator, begin_s: float) -> Patch:
    """A patch of sun of credible size and strength that begins at ``begin_s``."""
    return Patch(
        column=rng.uniform(0.0, 6.0),
        row=rng.uniform(0.0, 6.0),
        width=rng.uniform(1.5, 3.0),
        height=rng.uniform(1.5, 3.0),
        rise_degc=rng.uniform(1.5, 5.0),
        begin_s=begin_s,
        lasts_s=rng.uniform(1800.0, 7200.0),
        drift_per_hour=rng.uniform(-1.0, 1.0),
    )
