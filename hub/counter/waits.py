"""How long somebody who takes a ticket now waits: the queue before them, times the pace of recent calls.

Only the time between two calls while somebody was waiting tells the pace; a pause because nobody came does not. The
pause since the last call counts as soon as it exceeds what is usual, so that a counter that stands still is noticed.
The sum of the calls still to come is taken as gamma distributed (Wilson and Hilferty's quantiles, 1931), and the pace's
own uncertainty widens it.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from itertools import pairwise
from typing import Final, NamedTuple

MINUTE_US: Final = 60_000_000
PACE_FROM_US: Final = 180 * MINUTE_US
CALLS_KEPT: Final = 60
FEWEST_GAPS: Final = 3
USUAL_SPREAD: Final = 0.8
"""Standard deviation of a gap over its mean, until enough gaps tell it."""
SHORTEST_GAP_MIN: Final = 1 / 60
SAME_CALL_US: Final = 15 * MINUTE_US
Z_80: Final = 1.2816
LATELY_US: Final = 15 * MINUTE_US
WINDOW_OPEN_US: Final = 20 * MINUTE_US


class Wait(NamedTuple):
    """Minutes from now until the call: the ends of the 80 % interval and the median."""

    low_min: float
    median_min: float
    high_min: float


class Pace(NamedTuple):
    """Minutes between two calls, and their standard deviation over that."""

    gap_min: float
    spread: float

    def behind(self, waiting: float) -> float:
        """The expected wait [min] behind so many; a fraction is the chance of one."""
        return self.gap_min * (waiting + min(1.0, waiting) * (1 + self.spread**2) / 2)


class Call(NamedTuple):
    """A ticket called at ``t`` [µs UTC]."""

    t: int
    ticket: int


class WaitEstimator:
    """The recent calls of one service, in whatever order their records arrive."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._queue: list[tuple[int, int]] = []
        self._busy: dict[int, tuple[int, bool]] = {}

    def called(self, t: int, ticket: int, window: int) -> None:
        """A ticket was called at ``t`` [µs UTC]; called again within a quarter of an hour it is the same call."""
        self._window(t, window, busy=True)
        if any(call.ticket == ticket and abs(call.t - t) < SAME_CALL_US for call in self._calls):
            return
        insort(self._calls, Call(t, ticket))
        del self._calls[:-CALLS_KEPT]

    def freed(self, t: int, window: int) -> None:
        """A window finished with its ticket at ``t`` [µs UTC]."""
        self._window(t, window, busy=False)

    def queued(self, t: int, waiting: int) -> None:
        """So many were waiting at ``t`` [µs UTC]."""
        insort(self._queue, (t, waiting), key=lambda entry: entry[0])
        del self._queue[: -CALLS_KEPT * 8]

    @property
    def waiting(self) -> int | None:
        """Tickets waiting by the newest record."""
        return self._queue[-1][1] if self._queue else None

    def estimate(self, now: int) -> Wait | None:
        """The wait of somebody who takes a ticket at ``now`` [µs UTC], None when too little is known."""
        waiting = self.waiting
        if waiting is None:
            return None
        gaps_min = self._gaps_min(now)
        if waiting == 0 and self._a_window_is_free(now):
            usual = sum(gaps_min) / len(gaps_min) if gaps_min else 2.0
            return Wait(0.0, 0.0, round(usual / 2, 1))
        if len(gaps_min) < FEWEST_GAPS:
            return None
        idle_min = max(0.0, (now - self._calls[-1].t) / MINUTE_US) if waiting else 0.0
        return _wait(gaps_min, idle_min, waiting)

    def lately(self, now: int) -> float | None:
        """How many waited on average over the last quarter of an hour; None before the first record."""
        since = now - LATELY_US
        known = [entry for entry in self._queue if entry[0] <= now]
        if not known:
            return None
        ends = [t for t, _ in known[1:]] + [now]
        total = sum(
            waiting * (min(end, now) - max(t, since))
            for (t, waiting), end in zip(known, ends, strict=True)
            if end > since
        )
        span = now - max(known[0][0], since)
        return total / span if span else float(known[-1][1])

    def pace(self, now: int) -> Pace | None:
        """The pace of recent calls; None when too few are known."""
        gaps_min = self._gaps_min(now)
        return _pace(gaps_min) if len(gaps_min) >= FEWEST_GAPS else None

    def _gaps_min(self, now: int) -> list[float]:
        """Minutes between successive calls while somebody was waiting all the time."""
        recent = [call for call in self._calls if now - PACE_FROM_US <= call.t <= now]
        return [
            (later.t - earlier.t) / MINUTE_US
            for earlier, later in pairwise(recent)
            if (self._waiting_after(earlier.t) or 0) > 0
        ]

    def _waiting_after(self, t: int) -> int | None:
        """Who was waiting once everything of the moment ``t`` had happened."""
        after = bisect_left(self._queue, t + 1, key=lambda entry: entry[0])
        return self._queue[after - 1][1] if after else None

    def _window(self, t: int, window: int, busy: bool) -> None:
        if window and t >= self._busy.get(window, (0, False))[0]:
            self._busy[window] = (t, busy)

    def _a_window_is_free(self, now: int) -> bool:
        return any(not busy and now - t <= WINDOW_OPEN_US for t, busy in self._busy.values())


def _pace(gaps_min: list[float]) -> Pace:
    known = len(gaps_min)
    mean = max(SHORTEST_GAP_MIN, sum(gaps_min) / known)
    spread = USUAL_SPREAD
    if known >= 2 * FEWEST_GAPS:
        spread = max(0.3, math.sqrt(sum((gap - mean) ** 2 for gap in gaps_min) / (known - 1)) / mean)
    return Pace(mean, spread)


def _wait(gaps_min: list[float], idle_min: float, waiting: int) -> Wait:
    known = len(gaps_min)
    mean, spread = _pace(gaps_min)
    if idle_min > mean:
        mean = (sum(gaps_min) + idle_min) / (known + 1)
    first = mean * (1 + spread**2) / 2
    expected = first + waiting * mean
    variance = (first * 0.7) ** 2 + waiting * (spread * mean) ** 2 + (waiting * spread * mean) ** 2 / known
    shape = expected**2 / variance
    low, median, high = (
        expected * max(0.0, 1 - 1 / (9 * shape) + z / (3 * math.sqrt(shape))) ** 3 for z in (-Z_80, 0.0, Z_80)
    )
    return Wait(round(low, 1), round(median, 1), round(high, 1))
