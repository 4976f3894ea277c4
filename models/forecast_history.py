"""What the forecast model sees of a bridge: thirty days of one mode's frequency and of the deck's temperature.

Levels are medians of the 24 hours before a moment, as percent of frequency (100 times its natural logarithm), so that
the identification's scatter and the day's round are out of it. Every mode is a row of its own and every level is told
relative to the newest: the model knows no bridge by its frequencies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HOUR_S: Final = 3600.0
DAY_H: Final = 24
DAYS: Final = 30
"""Days of history."""

HORIZONS_D: Final = (1, 7, 30)
FEWEST_H: Final = 6
"""Hours known of a day, at least; a day known less holds the level before it."""

YEAR_S: Final = 365.25 * 86_400.0
WIDTH: Final = 2 * DAYS + len(HORIZONS_D) + 2


@dataclass(frozen=True)
class Levels:
    """Trailing days on a grid of whole hours.

    Attributes:
        start_s: time of the first hour, UTC.
        percent: (hours, modes), NaN until a day is known, afterwards the newest known.
        degc: (hours,), of the deck, as ``percent``.
        fresh: (hours, modes), whether the level is of this day.
    """

    start_s: float
    percent: Floats
    degc: Floats
    fresh: NDArray[np.bool_]

    def hour(self, times_s: Floats) -> Ints:
        """The grid's hour of each time."""
        return np.round((times_s - self.start_s) / HOUR_S).astype(np.int64)


def levels(times_s: Floats, frequencies_hz: Floats, deck_degc: Floats) -> Levels:
    """Levels of a series.

    Args:
        times_s: (rows,), rising, about whole hours apart.
        frequencies_hz: (rows, modes); deck_degc: (rows,); NaN where not measured.
    """
    rows = np.round((times_s - times_s[0]) / HOUR_S).astype(np.int64)
    grid = np.full((int(rows[-1]) + 1, frequencies_hz.shape[1] + 1), np.nan)
    grid[rows, :-1] = 100.0 * np.log(frequencies_hz)
    grid[rows, -1] = deck_degc
    medians = trailing_median(grid, DAY_H, FEWEST_H)
    held = _held(medians)
    return Levels(float(times_s[0]), held[:, :-1], held[:, -1], ~np.isnan(medians[:, :-1]))


def trailing_median(values: Floats, length: int, fewest: int) -> Floats:
    """Median of the ``length`` rows up to each row, column by column; NaN where fewer than ``fewest`` are known."""
    edged = np.concatenate([np.full((length - 1, values.shape[1]), np.nan), values])
    ordered = np.sort(np.lib.stride_tricks.sliding_window_view(edged, length, axis=0), axis=2)
    count = (~np.isnan(ordered)).sum(axis=2)
    low, high = (np.maximum(count - 1, 0) // 2)[..., None], np.minimum(count // 2, length - 1)[..., None]
    middle = 0.5 * (np.take_along_axis(ordered, low, 2) + np.take_along_axis(ordered, high, 2))[..., 0]
    return np.where(count >= fewest, middle, np.nan)


def _held(values: Floats) -> Floats:
    """Each column's newest known value."""
    rows = np.where(np.isnan(values), -1, np.arange(len(values))[:, None])
    newest = np.maximum.accumulate(rows, axis=0)
    return np.where(newest >= 0, np.take_along_axis(values, np.maximum(newest, 0), 0), np.nan)


def inputs(known: Levels, hours: Ints, coming_degc: Floats) -> NDArray[np.float32]:
    """The model's rows at moments, (moments · modes, WIDTH), the modes of a moment together; NaN before 30 days.

    Args:
        hours: (moments,), hours of the grid at which history ends.
        coming_degc: (moments, horizons), the deck's level of temperature at each horizon: measured where the question
            is whether a frequency is as foretold, itself foretold where the future is asked for.
    """
    back = hours[:, None] - DAY_H * np.arange(DAYS)
    inside = back[:, -1] >= 0
    back = np.maximum(back, 0)
    modes = known.percent.shape[1]
    past = known.percent[back] - known.percent[hours][:, None, :]
    turn = 2.0 * np.pi * (known.start_s + HOUR_S * hours) / YEAR_S
    shared = np.column_stack([known.degc[back], coming_degc, 10.0 * np.sin(turn), 10.0 * np.cos(turn)])
    rows = np.concatenate(
        [np.moveaxis(past, 2, 1).reshape(-1, DAYS), np.repeat(shared, modes, axis=0)], axis=1, dtype=np.float32
    )
    rows[~np.repeat(inside, modes)] = np.nan
    return np.asarray(rows, dtype=np.float32)


def measured_ahead(known: Levels, hours: Ints) -> Floats:
    """The deck's level at each horizon after each hour, (moments, horizons); the newest where the series has ended."""
    ahead = hours[:, None] + DAY_H * np.array(HORIZONS_D)
    return np.asarray(known.degc[np.minimum(ahead, len(known.degc) - 1)])


def changes(known: Levels, hours: Ints) -> Floats:
    """What came: each mode's change at each horizon [%], (moments · modes, horizons); NaN where it is not known."""
    ahead = hours[:, None] + DAY_H * np.array(HORIZONS_D)
    there = np.minimum(ahead, len(known.percent) - 1)
    change = known.percent[there] - known.percent[hours][:, None, :]
    sure = known.fresh[there] & known.fresh[hours][:, None, :] & (ahead < len(known.percent))[..., None]
    return np.moveaxis(np.where(sure, change, np.nan), 2, 1).reshape(-1, len(HORIZONS_D))
