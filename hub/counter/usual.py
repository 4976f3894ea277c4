"""What is usual at a counter at this time of day: means over earlier days, shrunk to those of the office and service.

Rules it keeps:
- A day that is learnt from is never compared with itself: its own rows are taken out of its usual values.
- Where few days tell a slot, the mean of the office's service times the time of day's share of all counters fills in;
  where they tell nothing, the mean of that service everywhere.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from hub.counter.displays import Grid

AROUND_SLOTS: Final = 6
PRIOR_ROWS: Final = 30.0
"""Rows that the office's own mean weighs against the rows around a slot, about two days' worth."""
PRIOR_SERVICE_ROWS: Final = 50.0


class Usual:
    """The usual values of one quantity, shape (slots, offices, services), from the days that it was given."""

    def __init__(self, days: Grid) -> None:
        """``days`` has the shape (days, slots, offices, services), NaN where nothing is told."""
        self._around = [_around(day) for day in days]
        self._whole = [(np.nansum(day, axis=0), np.sum(~np.isnan(day), axis=0)) for day in days]
        self._sum = np.sum([total for total, _ in self._around], axis=0)
        self._count = np.sum([count for _, count in self._around], axis=0)
        self._whole_sum = np.sum([total for total, _ in self._whole], axis=0)
        self._whole_count = np.sum([count for _, count in self._whole], axis=0)

    def without(self, day: int | None) -> Grid:
        """What is usual by all days but ``day``; by all of them for None."""
        total, count = self._sum, self._count
        whole, rows = self._whole_sum, self._whole_count
        if day is not None:
            total, count = total - self._around[day][0], count - self._around[day][1]
            whole, rows = whole - self._whole[day][0], rows - self._whole[day][1]
        by_service = whole.sum(axis=0) / np.maximum(rows.sum(axis=0), 1)
        own = (whole + PRIOR_SERVICE_ROWS * by_service) / (rows + PRIOR_SERVICE_ROWS)
        share = total.sum(axis=(1, 2)) / np.maximum(count.sum(axis=(1, 2)), 1)
        share = share / max(float(share.mean()), 1e-6)
        usual: Grid = ((total + PRIOR_ROWS * own * share[:, None, None]) / (count + PRIOR_ROWS)).astype(np.float32)
        return usual


def _around(day: Grid) -> tuple[Grid, Grid]:
    """Sum and count of the rows within ``AROUND_SLOTS`` of each slot."""
    edges = ((AROUND_SLOTS + 1, AROUND_SLOTS), (0, 0), (0, 0))
    padded = np.pad(day, edges, constant_values=np.nan)
    total = np.cumsum(np.nan_to_num(padded), axis=0)
    count = np.cumsum(~np.isnan(padded), axis=0)
    width = 2 * AROUND_SLOTS + 1
    return total[width:] - total[:-width], (count[width:] - count[:-width]).astype(np.float32)
