"""A gain of a forecast is told with an interval over series, and of the better of the two without learning."""

import numpy as np
import pytest

from benchmarks.learning_forecast import Errors

EVERY = np.ones((50, 3), dtype=np.bool_)


def errors(learned: list[float]) -> Errors:
    """Fifty moments of one mode a series: the law off by 1, persistence by 2, the network by so much in each."""
    kept = Errors()
    for off in learned:
        kept.begin()
        for name, size in (("law", 1.0), ("persistence", 2.0), ("learned", off)):
            kept.add(name, np.full((50, 1, 3), size), EVERY)
    return kept


def test_a_gain_that_every_series_shows_is_sure() -> None:
    gain, low = errors([0.9] * 8).gain(1)

    assert gain == pytest.approx(0.1)
    assert low == pytest.approx(0.1)


def test_a_gain_that_hangs_on_one_series_is_not_sure() -> None:
    gain, low = errors([0.1, *[1.02] * 4]).gain(1)

    assert gain > 0.05
    assert low < 0.0


def test_hours_that_do_not_count_and_errors_that_are_not_known_are_left_out() -> None:
    kept = errors([0.9])
    counted = EVERY.copy()
    counted[:, 2] = False

    kept.add("law", np.full((50, 1, 3), 7.0), ~EVERY)
    kept.add("law", np.full((50, 1, 3), np.nan), EVERY)
    kept.add("learned", np.full((50, 1, 3), 3.0), counted)

    assert kept.rms("law", 0) == pytest.approx(1.0)
    assert kept.rms("learned", 2) == pytest.approx(0.9)
    assert kept.rms("learned", 0) == pytest.approx(np.sqrt((0.81 + 9.0) / 2.0))
