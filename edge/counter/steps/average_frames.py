"""Averages the thermal frames of one second: ten frames make a tenth of the noise power, and people hardly move."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from edge.counter.items import ThermalFrame
from edge.pipeline import Tick
from firmware_bridge.amg8833 import pixels_c

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SECOND_US: Final = 1_000_000
CREDIBLE_DEGC: Final = (-20.0, 100.0)
"""What the sensor can measure; a frame with a pixel outside it is not a picture of a room."""
LONGEST_GAP_S: Final = 60.0


class MeanFrame(NamedTuple):
    """Mean temperatures [°C], shape (8, 8), and the time since the mean frame before [s], at most a minute."""

    degc: NDArray[np.float32]
    elapsed_s: float


class AverageFrames:
    """Thermal frames in, one mean frame a second out, when the next second has begun."""

    def __init__(self) -> None:
        self._sum: NDArray[np.float32] | None = None
        self._frames = 0
        self._second = 0
        self._said_second: int | None = None

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if not isinstance(item, ThermalFrame | Tick):
            return (item,)
        mean = self._ended(mono // SECOND_US)
        if isinstance(item, Tick):
            return (item,) if mean is None else (mean, item)
        self._add(mono, item)
        return () if mean is None else (mean,)

    def _add(self, mono: int, frame: ThermalFrame) -> None:
        degc = pixels_c(frame.registers)
        if degc.min() < CREDIBLE_DEGC[0] or degc.max() > CREDIBLE_DEGC[1]:
            return
        self._second = mono // SECOND_US
        self._sum = degc if self._sum is None else self._sum + degc
        self._frames += 1

    def _ended(self, second: int) -> MeanFrame | None:
        if self._sum is None or second == self._second:
            return None
        gap_s = 1.0 if self._said_second is None else float(self._second - self._said_second)
        mean = MeanFrame((self._sum / self._frames).astype(self._sum.dtype), min(gap_s, LONGEST_GAP_S))
        self._said_second = self._second
        self._sum, self._frames = None, 0
        return mean
