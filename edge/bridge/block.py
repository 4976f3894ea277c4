"""A block: about one second of all channels in SI units, the thing that the bridge's steps hand to each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(slots=True)
class Block:
    """Consecutive samples.

    Attributes:
        t: time of the first sample [µs since boot].
        rate_hz: samples a second in ``samples``, by the sensor's nominal rate.
        samples: (n, channels) [m/s², or m/s where ``velocity``].
        continues: whether it follows the previous block without a sample missing.
        used: (channels,) which channels are trusted; the values of the others mean nothing.
        names: channels' names.
        velocity: (channels,) which channels are velocities.
        first: number of the first sample by the sensor's counter.
        rate_ratio: the true rate over the nominal one, as far as it is known.
    """

    t: int
    rate_hz: float
    samples: NDArray[np.float64]
    continues: bool
    used: NDArray[np.bool_]
    names: tuple[str, ...]
    velocity: tuple[bool, ...]
    first: int
    rate_ratio: float

    @property
    def end(self) -> int:
        """Time just after its last sample [µs since boot]."""
        return self.t + round(len(self.samples) * 1e6 / self.true_rate_hz)

    @property
    def true_rate_hz(self) -> float:
        """Samples a second by the device's clock."""
        return self.rate_hz * self.rate_ratio
