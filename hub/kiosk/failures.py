"""Mean time between failures from a time in operation and a count, with how sure that is.

Failures are taken for a Poisson process, the observation ends at a time and not at a failure. The interval is Garwood's
(Biometrika 28, 1936, p. 437): for ``n`` failures the true mean count lies between the λ under which ``n`` or more, and the λ
under which ``n`` or fewer, have half the remaining probability.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

LEAST_FAILURES: Final = 3
"""Of fewer no mean is given, only the time that it is at least."""
LEVEL: Final = 0.8
_STEPS: Final = 60


class Between(NamedTuple):
    """Mean time between failures [s]: None of too few; its interval, open above where nothing failed."""

    mean_s: float | None
    low_s: float
    high_s: float | None
    failures: int


def mean_time_between(operating_s: float, failures: int, level: float = LEVEL) -> Between:
    """The mean and its interval.

    Args:
        operating_s: time in operation [s], above 0.
        failures: in that time.
        level: probability that the interval holds the truth, 0–1.

    Raises:
        ValueError: a negative count, or no time in operation.
    """
    if operating_s <= 0 or failures < 0:
        raise ValueError(f"{failures} failures in {operating_s} s: wanted 0 or more in a time above 0")
    rest = (1 - level) / 2
    most = _mean_count(failures, rest)
    least = _mean_count(failures - 1, 1 - rest) if failures else 0.0
    return Between(
        mean_s=operating_s / failures if failures >= LEAST_FAILURES else None,
        low_s=operating_s / most,
        high_s=operating_s / least if least else None,
        failures=failures,
    )


def _mean_count(failures: int, probability: float) -> float:
    """The λ under which at most so many failures have this probability, by bisection."""
    low, high = 0.0, failures + 10.0 + 10.0 * math.sqrt(failures + 1.0)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _at_most(failures, middle) > probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _at_most(failures: int, mean: float) -> float:
    """P(N ≤ failures) of a Poisson count with this mean, summed from its logarithms."""
    if mean == 0:
        return 1.0
    return sum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(failures + 1))
