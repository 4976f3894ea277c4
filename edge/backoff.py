"""Back-off: growing pauses with jitter, so that a city's devices do not all come back in the same second."""

from __future__ import annotations

import random


class Backoff:
    """Exponential pauses with full jitter (AWS Architecture Blog, 'Exponential Backoff And Jitter', 2015).

    Args:
        rng: randomness, given.
        first_s: upper end of the first pause.
        most_s: upper end of every later one.
    """

    def __init__(self, rng: random.Random, first_s: float = 1.0, most_s: float = 60.0) -> None:
        self._rng = rng
        self._first_s = first_s
        self._most_s = most_s
        self._failures = 0

    def failed(self) -> float:
        """One more failure: how long to wait now [s]."""
        most = min(self._first_s * 2.0**self._failures, self._most_s)
        self._failures = min(self._failures + 1, 16)
        return self._rng.uniform(most * 0.1, most)

    def succeeded(self) -> None:
        """Begin anew next time."""
        self._failures = 0
