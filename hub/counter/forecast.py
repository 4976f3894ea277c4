"""How long one will wait 15, 30 and 60 minutes from now: a ridge score of many signs, read off on what followed it before.

The score is a linear model of the square root of the wait, learnt on whole days. What it means in minutes is not assumed
but looked up: the training slots, each scored by a fit that did not see its day, are laid side by side in order of
score, and the waits that followed in each part give the point, the interval and the chance of a busy counter.

Rules it keeps:
- There is one point forecast. It is the median of what followed, a busy outcome counting ``1 + weight`` times: that is
  the least overall error for a given error in busy slots. The weight is the one that stays farthest below both
  ``ERROR_ALLOWED`` of persistence overall and ``BUSY_ERROR_ALLOWED`` of it in busy slots: later days differ.
- The interval is the shortest that holds so much of what followed that, over all slots, it holds 80 %.
- The level is decided by the chance of a busy counter, with a threshold of its own, and the point agrees with it: it is
  ``BUSY_MIN`` or more exactly where the level is ``busy``.
- Weight, interval and threshold come from the training days alone, each judged by a fit without that day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hub.counter.displays import SLOT_MIN, Cell, Displays, Grid
from hub.counter.signs import BUSY_MIN, Norms, Usuals, signs
from hub.errors import RecordingRefused

AHEAD_MIN: Final = (15, 30, 60)
MODERATE_MIN: Final = 5.0
BELOW_BUSY_MIN: Final = BUSY_MIN - 0.1
"""The longest wait told that is not busy: points are told in tenths of a minute."""
FEWEST_DAYS: Final = 3
MOST_DAYS: Final = 60
"""Older days are not learnt from: a season has passed, and memory has an end."""
RIDGE: Final = 100.0
PARTS: Final = 80
FEWEST_PARTS: Final = 10
FEWEST_A_PART: Final = 50
COVERAGE: Final = 0.8
ERROR_ALLOWED: Final = 0.97
BUSY_ERROR_ALLOWED: Final = {15: 0.85, 30: 0.8, 60: 0.8}
"""Of persistence's error, the latter by minutes ahead; the former leaves a little for days quieter than those learnt from.
Persistence is good for a quarter of an hour: a fifth less in busy slots would cost more elsewhere."""
WEIGHTS: Final = tuple(0.25 * step for step in range(25))
MASSES: Final = tuple(0.60 + 0.01 * step for step in range(31))
RECALL_WANTED: Final = 0.70
PRECISION_WANTED: Final = 0.60

Column = NDArray[np.float64]
Level = Literal["free", "moderate", "busy"]


class Ahead(NamedTuple):
    """What is expected so many minutes from now: the point, the ends of the 80 % interval, the chance of ``busy``."""

    minutes: int
    wait_min: float
    low_min: float
    high_min: float
    busy_probability: float
    level: Level


class Forecast(NamedTuple):
    """The forecasts made at one row."""

    cell: Cell
    ahead: tuple[Ahead, ...]


@dataclass(frozen=True)
class Followed:
    """What followed a score: at each of ``score`` the point, the interval's ends and the chance of a busy counter."""

    score: Column
    point_min: Column
    low_min: Column
    high_min: Column
    busy: Column
    busy_from: float

    def at(self, score: Column) -> tuple[Column, Column, Column, Column]:
        """Point, low, high and chance for each score, between its neighbours."""
        point, low, high, busy = (
            np.interp(score, self.score, curve) for curve in (self.point_min, self.low_min, self.high_min, self.busy)
        )
        return _agreeing(point, busy >= self.busy_from), np.floor(low + 0.5), np.floor(high + 0.5), busy


class _Horizon(NamedTuple):
    slots: int
    weights: Column
    followed: Followed


class _Learnt(NamedTuple):
    """Slots that a model is learnt from: signs, the wait at the slot, the wait that followed, and the day."""

    signs: Grid
    now_min: Column
    later_min: Column
    day: NDArray[np.intp]


class Forecaster:
    """A model of the displays up to a day, for any later day of the same offices and services."""

    def __init__(self, usual: Norms, horizons: list[_Horizon]) -> None:
        self._usual = usual
        self._horizons = horizons

    def day(self, displays: Displays, day: int) -> Iterator[Forecast]:
        """The forecasts at every row of a day, slot after slot; each is made of rows up to its own slot."""
        cells = list(displays.told(day))
        if not cells:
            return
        where = tuple(np.array([cell[1:] for cell in cells], dtype=np.intp).T)
        columns = []
        for horizon in self._horizons:
            made = signs(displays.wait_min[day], displays.waiting[day], self._usual, horizon.slots)[where]
            columns.append(horizon.followed.at(made @ horizon.weights))
        for nth, cell in enumerate(cells):
            yield Forecast(
                cell,
                tuple(
                    _ahead(horizon, *(float(column[nth]) for column in found))
                    for horizon, found in zip(self._horizons, columns, strict=True)
                ),
            )


def learn(displays: Displays, until: dt.date) -> Forecaster:
    """The model of the days up to and with ``until``; no later row is read.

    Days on which no counter showed any wait (closed ones) are not learnt from.

    Raises:
        RecordingRefused: fewer than ``FEWEST_DAYS`` such days, or too few slots on them.
    """
    past = displays.until(until)
    days = [day for day in range(len(past.days)) if np.nanmax(past.wait_min[day]) > 0][-MOST_DAYS:]
    if len(days) < FEWEST_DAYS:
        raise RecordingRefused(f"{len(days)} days with any wait up to {until}; wanted at least {FEWEST_DAYS}")
    usuals = Usuals(past, days)
    norms = [usuals.without(nth) for nth in range(len(days))]
    horizons = []
    for minutes in AHEAD_MIN:
        learnt = _learnt(past, days, norms, minutes // SLOT_MIN)
        weights, scores = _ridge(learnt)
        followed = _followed(learnt, scores, BUSY_ERROR_ALLOWED[minutes])
        horizons.append(_Horizon(minutes // SLOT_MIN, weights, followed))
    return Forecaster(usuals.without(None), horizons)


def _learnt(past: Displays, days: list[int], norms: list[Norms], slots: int) -> _Learnt:
    """Every slot of these days whose later slot is told too."""
    found = []
    for nth, day in enumerate(days):
        wait = past.wait_min[day]
        both = ~np.isnan(wait[:-slots]) & ~np.isnan(wait[slots:])
        made = signs(wait, past.waiting[day], norms[nth], slots)[:-slots][both]
        found.append((made, wait[:-slots][both], wait[slots:][both], np.full(len(made), nth)))
    columns = [np.concatenate(parts) for parts in zip(*found, strict=True)]
    if len(columns[0]) < FEWEST_PARTS * FEWEST_A_PART:
        raise RecordingRefused(f"{len(columns[0])} slots to learn from; wanted at least {FEWEST_PARTS * FEWEST_A_PART}")
    return _Learnt(columns[0], columns[1].astype(float), columns[2].astype(float), columns[3])


def _ridge(learnt: _Learnt) -> tuple[Column, Column]:
    """The weights by all days, and each slot's score by the weights of all days but its own.

    The penalty is that of standardised signs; the last sign is the constant, which bears none.
    """
    days = [learnt.day == day for day in range(int(learnt.day.max()) + 1)]
    root = np.sqrt(learnt.later_min)
    made = [learnt.signs[day].astype(np.float64) for day in days]
    squares = [each.T @ each for each in made]
    products = [each.T @ root[day] for each, day in zip(made, days, strict=True)]
    all_squares, all_products = np.sum(squares, axis=0), np.sum(products, axis=0)
    count = len(root)
    variance = np.diag(all_squares) / count - (all_squares[-1] / count) ** 2
    penalty = np.diag(RIDGE * np.maximum(variance, 1e-6))
    penalty[-1, -1] = 0.0
    scores = np.empty(count)
    for day, each, square, product in zip(days, made, squares, products, strict=True):
        scores[day] = each @ np.linalg.solve(all_squares - square + penalty, all_products - product)
    return np.linalg.solve(all_squares + penalty, all_products), scores


def _followed(learnt: _Learnt, scores: Column, busy_error_allowed: float) -> Followed:
    later = learnt.later_min
    parts = np.array_split(np.argsort(scores, kind="stable"), min(PARTS, len(scores) // FEWEST_A_PART))
    waits = [np.sort(later[part]) for part in parts]
    at = np.array([scores[part].mean() for part in parts])
    busy = np.maximum.accumulate([float(np.mean(wait >= BUSY_MIN)) for wait in waits])
    low, high = _interval(waits)
    chance = np.interp(scores, at, busy)
    busy_from = _busy_from(later, chance)
    called = chance >= busy_from
    point = _point(learnt, waits, busy_error_allowed, lambda curve: _agreeing(np.interp(scores, at, curve), called))
    return Followed(at, point, low, high, busy, busy_from)


def _agreeing(point: Column, called_busy: NDArray[np.bool_]) -> Column:
    """The points [min], moved to the side of ``BUSY_MIN`` on which the level is."""
    return np.where(called_busy, np.maximum(point, BUSY_MIN), np.minimum(point, BELOW_BUSY_MIN))


def _point(learnt: _Learnt, waits: list[Column], busy_error_allowed: float, told: Callable[[Column], Column]) -> Column:
    """The curve of the weight whose error stays farthest below both bounds, the overall one and the busy slots'.

    ``told`` gives what a curve would have told at every slot.
    """
    later = learnt.later_min
    busy = later >= BUSY_MIN
    persistence = np.abs(later - learnt.now_min)
    curves = [_medians(waits, weight) for weight in WEIGHTS]
    if not busy.any():
        return curves[0]

    def nearest_bound(curve: Column) -> float:
        error = np.abs(later - told(curve))
        overall = error.mean() / persistence.mean() - ERROR_ALLOWED
        return float(max(overall, error[busy].mean() / persistence[busy].mean() - busy_error_allowed))

    return min(curves, key=nearest_bound)


def _medians(waits: list[Column], weight: float) -> Column:
    """The weighted medians of all parts, never falling as the score rises."""
    medians: Column = np.maximum.accumulate([_weighted_median(wait, weight) for wait in waits])
    return medians


def _weighted_median(wait: Column, weight: float) -> float:
    """The median of sorted waits [min], a busy one counting ``1 + weight`` times."""
    total = np.cumsum(1.0 + weight * (wait >= BUSY_MIN))
    return float(wait[np.searchsorted(total, total[-1] / 2)])


def _interval(waits: list[Column]) -> tuple[Column, Column]:
    """Ends of the shortest intervals of the mass that covers ``COVERAGE`` of all slots most nearly.

    Waits are whole minutes and often nought, so that an interval holds more than its mass.
    """

    def missed_by(ends: Column) -> float:
        inside = [(wait >= low) & (wait <= high) for wait, (low, high) in zip(waits, ends, strict=True)]
        return abs(float(np.mean(np.concatenate(inside))) - COVERAGE)

    tried = [np.array([_shortest(wait, mass) for wait in waits]) for mass in MASSES]
    best = min(tried, key=missed_by)
    return best[:, 0], best[:, 1]


def _shortest(wait: Column, mass: float) -> tuple[float, float]:
    """The shortest interval that holds so much of the sorted waits."""
    held = int(np.ceil(mass * len(wait)))
    first = int(np.argmin(wait[held - 1 :] - wait[: len(wait) - held + 1]))
    return float(wait[first]), float(wait[first + held - 1])


def _busy_from(later: Column, chance: Column) -> float:
    """The chance from which the level is busy: recall and precision exceed what is wanted by equally much."""
    busy = later >= BUSY_MIN
    best, least = 0.5, np.inf
    for threshold in np.arange(0.15, 0.75, 0.005):
        said = chance >= threshold
        if not said.any() or not busy.any():
            continue
        hits = float(np.sum(said & busy))
        uneven = abs((hits / busy.sum() - RECALL_WANTED) - (hits / said.sum() - PRECISION_WANTED))
        if uneven < least:
            best, least = float(threshold), uneven
    return best


def _ahead(horizon: _Horizon, point: float, low: float, high: float, busy: float) -> Ahead:
    level: Level = "moderate" if point >= MODERATE_MIN else "free"
    if busy >= horizon.followed.busy_from:
        level = "busy"
    return Ahead(horizon.slots * SLOT_MIN, round(point, 1), low, high, round(busy, 3), level)
