"""Left-out days: which day is kept apart, and that days are pooled by their slots, not by their figures."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from benchmarks.waits_left_out import figures, moved_last
from hub.counter.displays import Displays
from hub.counter.forecast_score import Score

# A busy day of 100 slots, half of them busy, and a quiet one of 300 with none.
BUSY_DAY = Score(
    minutes=30, slots=100, busy_slots=50, error_min=4.0, persistence_error_min=5.0, busy_error_min=6.0,
    busy_persistence_error_min=8.0, bias_min=0.0, recall=0.8, precision=40 / 50, false_busy=0.2, persistence_recall=0.5,
    persistence_precision=0.5, coverage=0.7, coverage_uncertain=0.7, width_min=9.0,
)  # fmt: skip
QUIET_DAY = BUSY_DAY._replace(
    slots=300, busy_slots=0, error_min=1.0, persistence_error_min=1.0, busy_error_min=np.nan,
    busy_persistence_error_min=np.nan, recall=np.nan, precision=0.0, false_busy=0.1, coverage=0.9,
)  # fmt: skip


def test_a_left_out_day_comes_last_under_another_date_and_the_others_stay_in_order() -> None:
    wait = np.arange(4, dtype=np.float32).reshape(4, 1, 1, 1)
    days = [dt.date(2026, 4, 6) + dt.timedelta(days=2 * day) for day in range(4)]

    moved = moved_last(Displays(days, ["A"], ["x"], wait, 10 * wait, 0), 1)

    assert moved.wait_min.ravel().tolist() == [0.0, 2.0, 3.0, 1.0]
    assert moved.waiting.ravel().tolist() == [0.0, 20.0, 30.0, 10.0]
    assert moved.days == sorted(set(moved.days))


def test_days_are_pooled_by_their_slots() -> None:
    found = {figure.figure: figure.value for figure in figures([BUSY_DAY, QUIET_DAY], aimed_level=True)}

    assert found["left_out_error_of_persistence_30min"] == pytest.approx((400 + 300) / (500 + 300))
    assert found["left_out_busy_error_of_persistence_30min"] == pytest.approx(6 / 8)
    assert found["left_out_busy_recall_30min"] == pytest.approx(40 / 50)
    assert found["left_out_busy_precision_30min"] == pytest.approx(40 / (40 + 10 + 30))
    assert found["left_out_coverage_80_30min"] == pytest.approx((70 + 270) / 400)


def test_draws_that_meet_both_aims_are_those_with_at_least_four_busy_days_in_five() -> None:
    figure = list(figures([BUSY_DAY, QUIET_DAY], aimed_level=True))[-1]

    # With k busy days precision is 40k / (50k + 30(5 - k)): 0.57 for three, 0.70 for four; the chance of four or five is 6/32.
    assert figure.figure == "left_out_level_met_30min"
    assert figure.value == pytest.approx(6 / 32, abs=0.03)
