"""Equal run lengths and delays, on scores whose answer is known."""

import numpy as np
import pytest

from benchmarks.learning_scores import Stretch, delay_h, limit_for, run_length_days

HOUR_S, DAY_S = 3600.0, 86_400.0


def stretch(reach: list[float]) -> Stretch:
    """A score a day."""
    return Stretch(DAY_S * np.arange(float(len(reach))), np.array(reach))


def test_run_length_is_the_time_watched_over_the_first_alarms() -> None:
    stretches = [stretch([0.0, 0.0, 2.0, 9.0]), stretch([0.0, 0.0, 0.0, 0.0, 0.0])]

    assert run_length_days(stretches, 1.0) == pytest.approx(2.0 + 4.0)
    assert run_length_days(stretches, 9.0) == float("inf")


def test_the_limit_is_the_lowest_that_keeps_the_run_length() -> None:
    rng = np.random.default_rng(6)
    stretches = [Stretch(HOUR_S * np.arange(2000.0), rng.normal(size=2000)) for _ in range(30)]

    limit = limit_for(stretches, 60.0)

    assert run_length_days(stretches, limit) >= 60.0
    assert run_length_days(stretches, limit - 0.05) < 60.0


def test_an_hour_without_a_score_alarms_never() -> None:
    times = HOUR_S * np.arange(6.0)

    assert delay_h(times, np.array([9.0, np.nan, np.nan, 0.5, 1.5, 1.5]), HOUR_S, 1.0, 480.0) == 3.0
    assert delay_h(times, np.full(6, np.nan), HOUR_S, 1.0, 480.0) == 480.0
