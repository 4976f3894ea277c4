"""Whether a line's sensor is mounted the wrong way round: people leave before anybody came.

The only way in and out of an empty room lets in, at every moment of a day, at least as many as it lets out. A sensor
that is upside down shows the opposite from the first visitors on; a drift of some per cent does not, because the first
people are still seen to come.

Rules it keeps:
- It judges one local day at a time, and only one that began with ``EMPTY_FIRST_US`` in which nobody crossed.
- It judges from ``FEWEST_CROSSED`` crossings on; what it found stays until the day ends or more have come than left.
"""

from __future__ import annotations

import datetime as dt
from itertools import accumulate
from typing import Final
from zoneinfo import ZoneInfo

from edge.contract.records.counter import CounterPassages

EMPTY_FIRST_US: Final = 600_000_000
FEWEST_CROSSED: Final = 12
FEWER_THAN_NOBODY: Final = -4
MOST_SEEN_TO_COME: Final = 1


class LineWatch:
    """One line's crossings of today."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._day: dt.date | None = None
        self._began_t = 0
        self._windows: dict[int, tuple[int, int]] = {}
        self.reversed_since: int | None = None

    def take(self, t: int, passages: CounterPassages) -> None:
        """Take one window that ended at ``t`` [µs UTC], late or not; an earlier day's is left aside."""
        day = (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=t)).astimezone(self._zone).date()
        if self._day is None or day > self._day:
            self._day, self._began_t, self._windows, self.reversed_since = day, t, {}, None
        if day < self._day:
            return
        self._began_t = min(self._began_t, t)
        if passages.entered or passages.left:
            self._windows[t] = (passages.entered, passages.left)
            self._judge(t)

    def _judge(self, t: int) -> None:
        windows = sorted(self._windows.items())
        inside = list(accumulate(entered - left for _, (entered, left) in windows))
        crossed = sum(entered + left for _, (entered, left) in windows)
        empty_first = windows[0][0] - self._began_t >= EMPTY_FIRST_US
        if max(inside) > MOST_SEEN_TO_COME:
            self.reversed_since = None
        elif empty_first and crossed >= FEWEST_CROSSED and min(inside) <= FEWER_THAN_NOBODY:
            self.reversed_since = self.reversed_since or t
