"""Waits-real: waits forecast 15, 30 and 60 minutes ahead on public counters' displays, beside persistence and boosting.

24 offices, 9 services, 16 days in 5-minute slots; the last five days are held out whole, in the long form the last ten
as well. One point forecast serves the overall and the busy figure. Busy slots (10 minutes or more) are chosen by
outcome, so bias and false busy calls stand beside them; recall and precision are those of the level.

One split says little: days differ more than models do. So the origin rolls: learnt up to each day in turn, the five days
of the recording that follow are scored, and the best, the middle and the worst of these splits are given. What days that
nobody has seen may give is told by leaving out each day in turn (`benchmarks/waits_left_out.py`).

Quick form: the last five days and every third origin, no days left out in turn; boosting at 30 and 60 minutes only.
"""

import datetime as dt
import gzip
from collections.abc import Iterable, Iterator

import numpy as np

from benchmarks import waits_left_out
from benchmarks.counter_recordings import recording
from benchmarks.figures import Figure
from benchmarks.peers import boosting
from hub.counter.displays import SLOT_MIN, Displays, read_displays
from hub.counter.forecast import Forecast
from hub.counter.forecast_score import Score, later_days, scored
from hub.counter.signs import BUSY_MIN

FILE = "mva_waits_train.csv.gz"
HELD_OUT_DAYS, HELD_OUT_DAYS_LONG = 5, 10
FIRST_ORIGIN, ORIGINS_APART_QUICK = 4, 3
"""Days of the recording learnt from by the first rolling origin: five, of which one is closed."""
AIMED_MIN = (30, 60)
PERSISTENCE = "persistence"


def run(quick: bool) -> Iterator[Figure]:
    """The figures of each split by day."""
    with gzip.open(recording(FILE), "rt", encoding="utf-8", newline="") as file:
        displays = read_displays(file)
    for held_out in (HELD_OUT_DAYS,) if quick else (HELD_OUT_DAYS, HELD_OUT_DAYS_LONG):
        yield from _split(displays, held_out, quick)
    origins = range(FIRST_ORIGIN, len(displays.days) - 1, ORIGINS_APART_QUICK if quick else 1)
    yield from _rolling(displays, [displays.days[day] for day in origins])
    if not quick:
        scores = waits_left_out.left_out(displays)
        for minutes in AIMED_MIN:
            yield from waits_left_out.figures(scores[minutes], aimed_level=minutes == AIMED_MIN[0])


def _rolling(displays: Displays, origins: list[dt.date]) -> Iterator[Figure]:
    """The spread of the figures over all origins, each scored on the next five days."""
    scores: dict[int, list[Score]] = {}
    for origin in origins:
        for score in scored(*_next_days(displays, origin)):
            if score.minutes in AIMED_MIN:
                scores.setdefault(score.minutes, []).append(score)
    said = f"{len(origins)} origins from {origins[0]} to {origins[-1]}, each scored on the next {HELD_OUT_DAYS} days"
    for minutes, found in scores.items():
        yield from _spread(found, minutes, said)


def _next_days(displays: Displays, origin: dt.date) -> tuple[Displays, Iterable[Forecast]]:
    known = displays.until(displays.days[min(displays.days.index(origin) + HELD_OUT_DAYS, len(displays.days) - 1)])
    return known, later_days(known, origin)


def _spread(found: list[Score], minutes: int, said: str) -> Iterator[Figure]:
    level = minutes == AIMED_MIN[0]
    rows = (
        ("error_of_persistence", [one.error_min / one.persistence_error_min for one in found], "<= 1", max),
        (
            "busy_error_of_persistence", [one.busy_error_min / one.busy_persistence_error_min for one in found],
            "<= 0.8", max,
        ),
        ("busy_recall", [one.recall for one in found], ">= 0.7" if level else None, min),
        ("busy_precision", [one.precision for one in found], ">= 0.6" if level else None, min),
        ("coverage_80", [one.coverage for one in found], ">= 0.75 and <= 0.85", max),
    )  # fmt: skip
    for name, values, aim, worst in rows:
        best = min if worst is max else max
        yield Figure(f"rolling_{name}_{minutes}min_best", best(values), "share", said)
        yield Figure(f"rolling_{name}_{minutes}min_median", float(np.median(values)), "share", said, aim=aim)
        yield Figure(f"rolling_{name}_{minutes}min_worst", worst(values), "share", said, aim=aim)


def _split(displays: Displays, held_out: int, quick: bool) -> Iterator[Figure]:
    until = displays.days[-held_out - 1]
    for score in scored(displays, later_days(displays, until)):
        said = (
            f"{score.slots} slots, {score.busy_slots} busy, of the last {held_out} days, {score.minutes} min ahead, "
            f"learnt up to {until}"
        )
        yield from _ours(score, f"_{score.minutes}min_{held_out}d", said)
        if not quick or score.minutes in AIMED_MIN:
            yield from _beside_boosting(displays, until, score, f"_{score.minutes}min_{held_out}d", said)


def _ours(score: Score, suffix: str, said: str) -> Iterator[Figure]:
    aimed = score.minutes in AIMED_MIN
    level = score.minutes == AIMED_MIN[0]
    yield Figure(
        f"error{suffix}", score.error_min, "min", said, PERSISTENCE, score.persistence_error_min, "<= 1 x peer"
    )
    yield Figure(
        f"busy_error{suffix}", score.busy_error_min, "min", said, PERSISTENCE, score.busy_persistence_error_min,
        "<= 0.8 x peer" if aimed else None,
    )  # fmt: skip
    yield Figure(f"bias{suffix}", score.bias_min, "min", said)
    yield Figure(
        f"busy_recall{suffix}", score.recall, "share", said, PERSISTENCE, score.persistence_recall,
        ">= 0.7" if level else None,
    )  # fmt: skip
    yield Figure(
        f"busy_precision{suffix}", score.precision, "share", said, PERSISTENCE, score.persistence_precision,
        ">= 0.6" if level else None,
    )  # fmt: skip
    yield Figure(f"false_busy{suffix}", score.false_busy, "share", said)
    yield Figure(f"coverage_80{suffix}", score.coverage, "share", said, aim=">= 0.75 and <= 0.85")
    yield Figure(f"coverage_80_where_a_wait_is_possible{suffix}", score.coverage_uncertain, "share", said)


def _beside_boosting(displays: Displays, until: dt.date, score: Score, suffix: str, said: str) -> Iterator[Figure]:
    trained = len(displays.until(until).days)
    peer = boosting.forecast(displays, trained, score.minutes // SLOT_MIN)
    error = busy_error = None
    if peer is not None:
        outcome, forecast = peer
        missed = np.abs(outcome - forecast)
        error, busy_error = float(missed.mean()), float(missed[outcome >= BUSY_MIN].mean())
    yield Figure(f"error_beside_boosting{suffix}", score.error_min, "min", said, boosting.NAME, error)
    yield Figure(f"busy_error_beside_boosting{suffix}", score.busy_error_min, "min", said, boosting.NAME, busy_error)
