"""Forecasts of waits from displays: what they may read, what they must tell, and how good they are on real days."""

from __future__ import annotations

import datetime as dt
import gzip
from dataclasses import replace

import numpy as np
import pytest

from hub.counter.displays import Displays, read_displays
from hub.counter.forecast import Forecaster, learn
from hub.counter.forecast_score import Score, later_days, scored
from hub.counter.signs import BUSY_MIN
from hub.errors import RecordingRefused
from tests.data_folder import real

FIRST_DAY = dt.date(2026, 4, 6)
UNTIL = FIRST_DAY + dt.timedelta(days=5)
DAYS, SLOTS, OFFICES, SERVICES = 8, 60, 3, 3


@pytest.fixture(scope="module")
def displays() -> Displays:
    """Eight days of three offices: waits that rise to noon, a level of the day, and a slow wander of each counter."""
    rng = np.random.default_rng(11)
    shape = (DAYS, SLOTS, OFFICES, SERVICES)
    noon = np.sin(np.linspace(0, np.pi, SLOTS))[None, :, None, None]
    wander = np.cumsum(rng.normal(0, 1.2, shape), axis=1)
    wait = 12 * noon * rng.uniform(0.6, 1.4, (DAYS, 1, 1, 1)) + wander - 4
    wait = np.maximum(0, np.rint(wait)).astype(np.float32)
    wait[rng.random(shape) < 0.02] = np.nan
    days = [FIRST_DAY + dt.timedelta(days=day) for day in range(DAYS)]
    return Displays(days, list("ABC"), list("xyz"), wait, np.rint(wait / 3).astype(np.float32), 0)


@pytest.fixture(scope="module")
def forecaster(displays: Displays) -> Forecaster:
    return learn(displays, UNTIL)


def test_no_row_after_the_training_days_is_learnt_from(displays: Displays, forecaster: Forecaster) -> None:
    changed = displays.wait_min.copy()
    changed[7] = 90.0

    other = learn(replace(displays, wait_min=changed), UNTIL)

    assert list(other.day(displays, 6)) == list(forecaster.day(displays, 6))


def test_a_forecast_does_not_change_with_what_is_told_later(displays: Displays, forecaster: Forecaster) -> None:
    wait, people = displays.wait_min.copy(), displays.waiting.copy()
    wait[6, 31:], people[6, 31:] = 77.0, 40.0

    other = [
        each for each in forecaster.day(replace(displays, wait_min=wait, waiting=people), 6) if each.cell.slot <= 30
    ]

    assert other == [each for each in forecaster.day(displays, 6) if each.cell.slot <= 30]


def test_a_day_to_come_that_is_longer_changes_no_forecast(displays: Displays, forecaster: Forecaster) -> None:
    hours = ((0, 0), (0, 40), (0, 0), (0, 0))
    wait, people = (np.pad(grid, hours, constant_values=np.nan) for grid in (displays.wait_min, displays.waiting))
    wait[7, -1], people[7, -1] = 90.0, 30.0
    longer = replace(displays, wait_min=wait, waiting=people)

    assert list(learn(longer, UNTIL).day(longer, 6)) == list(forecaster.day(displays, 6))


def test_a_forecast_does_change_with_what_is_told_at_its_slot(displays: Displays, forecaster: Forecaster) -> None:
    wait = displays.wait_min.copy()
    wait[6, 30] = 60.0

    other = {each.cell: each for each in forecaster.day(replace(displays, wait_min=wait), 6)}

    raised = [other[each.cell].ahead[0].wait_min > each.ahead[0].wait_min
              for each in forecaster.day(displays, 6) if each.cell.slot == 30]  # fmt: skip
    assert raised
    assert all(raised)


def test_every_row_has_its_forecasts_and_no_other(displays: Displays, forecaster: Forecaster) -> None:
    made = list(forecaster.day(displays, 7))

    assert [each.cell for each in made] == list(displays.told(7))
    assert {tuple(ahead.minutes for ahead in each.ahead) for each in made} == {(15, 30, 60)}


def test_intervals_are_whole_minutes_in_order_and_chances_are_chances(
    displays: Displays, forecaster: Forecaster
) -> None:
    made = [ahead for each in forecaster.day(displays, 7) for ahead in each.ahead]

    assert all(0 <= ahead.low_min <= ahead.high_min and ahead.low_min == int(ahead.low_min) for ahead in made)
    assert all(0 <= ahead.busy_probability <= 1 and ahead.wait_min >= 0 for ahead in made)


def test_the_level_is_busy_from_one_chance_on(displays: Displays, forecaster: Forecaster) -> None:
    half_hours = [each.ahead[1] for each in forecaster.day(displays, 7)]

    busy = [ahead.busy_probability for ahead in half_hours if ahead.level == "busy"]
    other = [ahead.busy_probability for ahead in half_hours if ahead.level != "busy"]
    assert min(busy) >= max(other)


def test_the_point_is_busy_exactly_where_the_level_is(displays: Displays, forecaster: Forecaster) -> None:
    made = [ahead for each in forecaster.day(displays, 7) for ahead in each.ahead]

    assert {ahead.level for ahead in made} == {"free", "moderate", "busy"}
    assert all((ahead.wait_min >= BUSY_MIN) == (ahead.level == "busy") for ahead in made)


def test_a_day_without_any_wait_is_not_learnt_from(displays: Displays, forecaster: Forecaster) -> None:
    closed = np.zeros_like(displays.wait_min[:1])
    longer = Displays(
        [FIRST_DAY - dt.timedelta(days=1), *displays.days], displays.offices, displays.services,
        np.concatenate([closed, displays.wait_min]), np.concatenate([closed, displays.waiting]), 0,
    )  # fmt: skip

    other = [each.ahead for each in learn(longer, UNTIL).day(longer, 7)]

    assert other == [each.ahead for each in forecaster.day(displays, 6)]


def test_a_file_of_a_few_slots_a_day_is_refused_with_how_many_are_wanted(displays: Displays) -> None:
    short = replace(displays, wait_min=displays.wait_min[:, 20:28], waiting=displays.waiting[:, 20:28])

    with pytest.raises(RecordingRefused, match=r"slots to learn from; wanted at least 500"):
        learn(short, UNTIL)


def test_too_few_days_are_refused_with_how_many_are_wanted(displays: Displays) -> None:
    with pytest.raises(RecordingRefused, match=r"2 days .* wanted at least 3"):
        learn(displays, FIRST_DAY + dt.timedelta(days=1))


def test_a_forecast_that_knows_the_future_scores_perfectly_and_one_that_is_busy_always_falsely(
    displays: Displays, forecaster: Forecaster
) -> None:
    made = [each for each in forecaster.day(displays, 6) if each.cell.slot < SLOTS - 12]
    knowing = []
    for each in made:
        later = [
            float(displays.wait_min[6, each.cell.slot + step, each.cell.office, each.cell.service])
            for step in (3, 6, 12)
        ]
        knowing.append(
            each._replace(
                ahead=tuple(
                    ahead._replace(
                        wait_min=wait, low_min=wait, high_min=wait, level="busy" if wait >= BUSY_MIN else "free"
                    )
                    for ahead, wait in zip(each.ahead, later, strict=True)
                )
            )
        )
    always = [each._replace(ahead=tuple(ahead._replace(level="busy") for ahead in each.ahead)) for each in made]

    perfect, crying = scored(displays, knowing)[1], scored(displays, always)[1]

    assert (perfect.error_min, perfect.recall, perfect.precision, perfect.coverage) == (0.0, 1.0, 1.0, 1.0)
    assert (crying.recall, crying.false_busy) == (1.0, 1.0)


@pytest.fixture(scope="module")
def real_scores() -> list[Score]:
    with gzip.open(real("counter/mva_waits_train.csv.gz"), "rt", encoding="utf-8", newline="") as file:
        displays = read_displays(file)
    return scored(displays, later_days(displays, dt.date(2017, 11, 16)))


@pytest.mark.parametrize("nth", [1, 2])
def test_on_real_days_busy_slots_are_a_fifth_better_than_persistence_and_nothing_is_worse(
    real_scores: list[Score], nth: int
) -> None:
    score = real_scores[nth]

    assert score.busy_error_min <= 0.8 * score.busy_persistence_error_min
    assert score.error_min <= score.persistence_error_min
    assert abs(score.bias_min) < 1.0


def test_on_real_days_persistence_is_not_better_a_quarter_of_an_hour_ahead(real_scores: list[Score]) -> None:
    assert real_scores[0].error_min <= real_scores[0].persistence_error_min
    assert real_scores[0].busy_error_min <= 0.85 * real_scores[0].busy_persistence_error_min


def test_on_real_days_intervals_hold_four_fifths(real_scores: list[Score]) -> None:
    assert all(0.75 <= score.coverage <= 0.86 for score in real_scores)
    assert all(0.75 <= score.coverage_uncertain <= 0.85 for score in real_scores)


def test_on_real_days_busy_is_called_better_than_by_persistence_in_both_ways(real_scores: list[Score]) -> None:
    assert all(score.recall > score.persistence_recall for score in real_scores)
    assert real_scores[1].precision >= real_scores[1].persistence_precision
