"""A control chart for one natural frequency: has it left the band it was in?

A robust exponentially weighted moving average (Roberts 1959, residuals clipped as Huber does): the first
``LEARN`` values give a median and a spread, each later one moves the average by ``WEIGHT``. It is outside when the average
is further from the median than ``SIGMAS`` of its own standard deviation and than the smallest shift that matters.
Temperature is not taken out: the smallest shift must allow for a year's weather until a law of temperature is known.
"""

from __future__ import annotations

import math
from statistics import median

LEARN = 12
WEIGHT = 0.2
SIGMAS = 4.0
CLIP = 3.0
MAD_TO_SIGMA = 1.4826


class FrequencyChart:
    """Values of one mode in order of time."""

    def __init__(self) -> None:
        self._first: list[float] = []
        self._deviations: list[float] = []
        self.reference_hz: float | None = None
        self._sigma_hz = 0.0
        self._average_hz = 0.0

    @property
    def learning(self) -> bool:
        """Whether there is no reference yet."""
        return self.reference_hz is None

    def take(self, frequency_hz: float, std_hz: float) -> None:
        """The next value with its own standard uncertainty."""
        if self.reference_hz is None:
            self._first.append(frequency_hz)
            self._deviations.append(std_hz)
            if len(self._first) >= LEARN:
                self._learn()
            return
        away = frequency_hz - self._average_hz
        limit = CLIP * max(self._sigma_hz, std_hz)
        self._average_hz += WEIGHT * max(-limit, min(limit, away))

    def _learn(self) -> None:
        self.reference_hz = self._average_hz = median(self._first)
        spread = MAD_TO_SIGMA * median(abs(value - self.reference_hz) for value in self._first)
        self._sigma_hz = max(spread, median(self._deviations))
        self._first, self._deviations = [], []

    def shift_percent(self) -> float | None:
        """Departure of the average from the reference [%], None while learning."""
        if self.reference_hz is None:
            return None
        return 100.0 * (self._average_hz / self.reference_hz - 1.0)

    def is_outside(self, smallest_percent: float) -> bool:
        """Whether the average left the band, ``smallest_percent`` of the reference at least."""
        if self.reference_hz is None:
            return False
        away = abs(self._average_hz - self.reference_hz)
        chance = SIGMAS * self._sigma_hz * math.sqrt(WEIGHT / (2.0 - WEIGHT))
        return away > chance and away >= smallest_percent / 100.0 * self.reference_hz
