"""How good forecasts were, beside persistence: errors overall and in busy slots, bias, busy calls, coverage.

Busy slots are chosen by outcome, so their error can be lowered by forecasting too much everywhere. Bias and the share of
false busy calls therefore stand beside it.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hub.counter.displays import SLOT_MIN, Displays
from hub.counter.forecast import AHEAD_MIN, Column, Forecast, learn
from hub.counter.signs import BUSY_MIN


class Score(NamedTuple):
    """One horizon's figures over the slots whose outcome is told; minutes, and shares from 0 to 1.

    A figure whose slots do not exist is nan: recall without a busy slot, for example.
    """

    minutes: int
    slots: int
    busy_slots: int
    error_min: float
    persistence_error_min: float
    busy_error_min: float
    busy_persistence_error_min: float
    bias_min: float
    recall: float
    precision: float
    false_busy: float
    persistence_recall: float
    persistence_precision: float
    coverage: float
    coverage_uncertain: float
    """Of the slots whose interval is more than 'no wait'."""
    width_min: float


def later_days(displays: Displays, until: dt.date) -> Iterable[Forecast]:
    """The forecasts at every row after ``until``, by what was known up to it, in order of time; learnt before it returns.

    Raises:
        RecordingRefused: too little up to ``until``.
    """
    forecaster = learn(displays, until)
    later = [day for day, date in enumerate(displays.days) if date > until]
    return itertools.chain.from_iterable(forecaster.day(displays, day) for day in later)


def scored(displays: Displays, forecasts: Iterable[Forecast]) -> list[Score]:
    """The figures of each horizon."""
    rows: list[list[tuple[float, ...]]] = [[] for _ in AHEAD_MIN]
    for cell, ahead in forecasts:
        now = float(displays.wait_min[cell])
        for nth, at in enumerate(ahead):
            slot = cell.slot + at.minutes // SLOT_MIN
            if slot >= displays.wait_min.shape[1]:
                continue
            later = float(displays.wait_min[cell.day, slot, cell.office, cell.service])
            if not np.isnan(later):
                rows[nth].append((later, now, at.wait_min, at.low_min, at.high_min, at.level == "busy"))
    return [_score(minutes, *np.array(found).T) for minutes, found in zip(AHEAD_MIN, rows, strict=True) if found]


def _score(minutes: int, later: Column, now: Column, point: Column, low: Column, high: Column, called: Column) -> Score:
    busy, said = later >= BUSY_MIN, called > 0
    error, persistence = np.abs(later - point), np.abs(later - now)
    inside = (later >= low) & (later <= high)
    return Score(
        minutes=minutes, slots=len(later), busy_slots=int(busy.sum()),
        error_min=_mean(error), persistence_error_min=_mean(persistence),
        busy_error_min=_mean(error[busy]), busy_persistence_error_min=_mean(persistence[busy]),
        bias_min=_mean(point - later), recall=_mean(said[busy]), precision=_mean(busy[said]), false_busy=_mean(said[~busy]),
        persistence_recall=_mean(now[busy] >= BUSY_MIN), persistence_precision=_mean(busy[now >= BUSY_MIN]),
        coverage=_mean(inside), coverage_uncertain=_mean(inside[high > 0]), width_min=_mean(high - low),
    )  # fmt: skip


def _mean(values: Column | NDArray[np.bool_]) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
