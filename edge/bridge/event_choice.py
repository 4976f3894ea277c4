"""Which passages are worth their waveform: the largest and strangest of the last day, so many a day.

Rules it keeps:
- A passage is worth its peak times its novelty, the latter at least 1 and only as long as it is fresh.
- It is chosen when it is among the ``events_a_day`` most worth of the last 24 hours, itself included. In the first day
  among as many as fall to the hours that have passed, so that the first vehicles do not take the whole day's share.
- Windows that overlap are one.
"""

from __future__ import annotations

import math
from collections import deque
from typing import NamedTuple

DAY_US = 86_400_000_000
FRESH_US = 600_000_000
CANDIDATES_MOST = 50_000


class Window(NamedTuple):
    """From when to when [µs UTC], and what it is worth."""

    t_from: int
    t_to: int
    worth: float


class EventChoice:
    """Takes passages and novelty scores in order of time; gives windows when their last sample is past."""

    def __init__(self, events_a_day: int, before_s: float, after_s: float) -> None:
        self._a_day = events_a_day
        self._before_us = round(before_s * 1e6)
        self._after_us = round(after_s * 1e6)
        self._past: deque[tuple[int, float]] = deque(maxlen=CANDIDATES_MOST)
        self._novelty = (0, 1.0)
        self._open: Window | None = None
        self._began: int | None = None

    def scored(self, t: int, score: float) -> None:
        """The spectrum's novelty at ``t`` [µs UTC]."""
        self._novelty = (t, max(1.0, score))

    def passed(self, t: int, peak_m_s2: float) -> list[Window]:
        """A passage began at ``t`` [µs UTC]; the window before, if this one does not go on with it."""
        began = self._began = t if self._began is None else min(self._began, t)
        while self._past and self._past[0][0] <= t - DAY_US:
            self._past.popleft()
        at, novelty = self._novelty
        worth = peak_m_s2 * (novelty if t - at <= FRESH_US else 1.0)
        self._past.append((t, worth))
        share = max(1, math.ceil(self._a_day * min(1.0, (t - began) / DAY_US)))
        if not self._a_day or sum(other > worth for _, other in self._past) >= share:
            return []
        window = Window(t - self._before_us, t + self._after_us, worth)
        before = self._open
        if before is not None and window.t_from < before.t_to:
            self._open = Window(before.t_from, window.t_to, max(worth, before.worth))
            return []
        self._open = window
        return [] if before is None else [before]

    def ended_by(self, now: int) -> list[Window]:
        """The window whose last sample is past at ``now`` [µs UTC]."""
        if self._open is None or now < self._open.t_to:
            return []
        window, self._open = self._open, None
        return [window]
