"""Blocks at the sensor's rate to blocks at the rate of the analysis, as accelerations.

The lowest whole fraction of the rate is taken whose flat band (0.4 of it) still holds the highest frequency asked for.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from edge.bridge.block import Block
from edge.spectra.decimation import Decimator

FLAT_BAND = 0.4


def decimation_factor(rate_hz: float, highest_hz: float) -> int:
    """How many samples become one."""
    return max(1, int(rate_hz * FLAT_BAND / highest_hz * (1.0 + 1e-9)))


class ReduceRate:
    """The step; holds the filter's memory. Its output is trusted only where all that went into it was."""

    def __init__(self, highest_hz: float) -> None:
        self._highest_hz = highest_hz
        self._decimator: Decimator | None = None
        self._kind: tuple[float, tuple[bool, ...]] | None = None
        self._factor = 1
        self._used_before: NDArray[np.bool_] | None = None
        self._continues = False

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if not isinstance(item, Block):
            return [item]
        if self._decimator is None or self._kind != (item.rate_hz, item.velocity):
            self._kind = (item.rate_hz, item.velocity)
            self._factor = decimation_factor(item.rate_hz, self._highest_hz)
            self._decimator = Decimator(self._factor, item.rate_hz, item.velocity)
            item.continues = False
        if not item.continues:
            self._decimator.reset(item.first)
            self._used_before = None
            self._continues = False
        first, samples = self._decimator.push(item.samples)
        used = item.used if self._used_before is None else item.used & self._used_before
        self._used_before = item.used
        if not len(samples):
            return []
        continues, self._continues = self._continues, True
        return [
            Block(
                t=item.t + round((first - item.first) * 1e6 / item.true_rate_hz),
                rate_hz=item.rate_hz / self._factor,
                samples=samples,
                continues=continues,
                used=used,
                names=item.names,
                velocity=(False,) * len(item.velocity),
                first=first,
                rate_ratio=item.rate_ratio,
            )
        ]
