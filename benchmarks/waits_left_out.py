"""Each open day of the recording forecast by all its others, and what five such days would give: the figure for days unseen.

The days that follow one origin are few and alike, so that a split tells as much of them as of the model. Here every day
is judged once by a model of all others, later ones too, which no forecast in use may read. Days are then drawn with
replacement, five at a time, and each draw's slots are pooled: the scatter of what five unseen days give.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import Figure
from hub.counter.displays import Displays
from hub.counter.forecast_score import Score, later_days, scored

DRAWS, DAYS_A_DRAW = 2000, 5
LIMITS = (0.025, 0.975)
SEED = 1
RECALL_WANTED, PRECISION_WANTED = 0.7, 0.6
AIMS = {
    "error_of_persistence": "<= 1",
    "busy_error_of_persistence": "<= 0.8",
    "busy_recall": ">= 0.7",
    "busy_precision": ">= 0.6",
    "coverage_80": ">= 0.75 and <= 0.85",
}
LEVEL = ("busy_recall", "busy_precision")

Sums = NDArray[np.float64]


class Pooled(NamedTuple):
    """Figures over the slots of several days, in the order of `AIMS`."""

    error: Sums
    busy_error: Sums
    recall: Sums
    precision: Sums
    coverage: Sums


def left_out(displays: Displays) -> dict[int, list[Score]]:
    """By minutes ahead, the scores of every day with any wait, each learnt from the others."""
    scores: dict[int, list[Score]] = {}
    for day in range(len(displays.days)):
        if np.nanmax(displays.wait_min[day]) > 0:
            moved = moved_last(displays, day)
            for score in scored(moved, later_days(moved, moved.days[-2])):
                scores.setdefault(score.minutes, []).append(score)
    return scores


def moved_last(displays: Displays, day: int) -> Displays:
    """The same days under other dates, that one after all others."""
    order = [each for each in range(len(displays.days)) if each != day] + [day]
    dates = [displays.days[0] + dt.timedelta(days=nth) for nth in range(len(order))]
    return replace(displays, days=dates, wait_min=displays.wait_min[order], waiting=displays.waiting[order])


def figures(scores: list[Score], aimed_level: bool) -> Iterator[Figure]:
    """The pooled figures of one horizon, with the limits of 95 % of all draws, and how many draws meet both aims of the level."""
    sums = np.array([_sums(score) for score in scores])
    drawn = np.random.default_rng(SEED).integers(0, len(sums), (DRAWS, DAYS_A_DRAW))
    all_days, draws = _pooled(sums.sum(axis=0)), _pooled(sums[drawn].sum(axis=1))
    minutes = scores[0].minutes
    for (name, aim), value, of_draws in zip(AIMS.items(), all_days, draws, strict=True):
        low, high = np.nanquantile(of_draws, LIMITS)
        said = f"{len(sums)} open days, each learnt from the others; {DAYS_A_DRAW} days drawn from them {low:.3f} to {high:.3f}"
        aimed = aimed_level or name not in LEVEL
        yield Figure(f"left_out_{name}_{minutes}min", float(value), "share", said, aim=aim if aimed else None)
    if aimed_level:
        both = np.mean((draws.recall >= RECALL_WANTED) & (draws.precision >= PRECISION_WANTED))
        said = f"{DRAWS} draws of {DAYS_A_DRAW} of {len(sums)} open days: both recall and precision as aimed"
        yield Figure(f"left_out_level_met_{minutes}min", float(both), "share", said)


def _sums(score: Score) -> tuple[float, ...]:
    """What adds up over days; a figure whose slots do not exist counts nought."""
    hits = score.recall * score.busy_slots if score.busy_slots else 0.0
    return tuple(
        np.nan_to_num(
            [
                score.error_min * score.slots, score.persistence_error_min * score.slots,
                score.busy_error_min * score.busy_slots, score.busy_persistence_error_min * score.busy_slots,
                hits, score.busy_slots, hits + score.false_busy * (score.slots - score.busy_slots),
                score.coverage * score.slots, score.slots,
            ]
        )
    )  # fmt: skip


def _pooled(sums: Sums) -> Pooled:
    """The figures of sums along the last axis; nan where no slot is busy, or called so."""
    error, persistence, busy_error, busy_persistence, hits, busy, called, inside, slots = np.moveaxis(sums, -1, 0)
    with np.errstate(invalid="ignore"):
        return Pooled(error / persistence, busy_error / busy_persistence, hits / busy, hits / called, inside / slots)
