"""The largest and strangest passages of a day are worth their waveform, so many a day, and no more in the first hour."""

import numpy as np
import pytest

from edge.bridge.event_choice import EventChoice, Window

T0 = 1_795_000_000_000_000
SECOND = 1_000_000
DAY = 86_400 * SECOND


def test_a_window_is_given_once_its_last_sample_is_past() -> None:
    choice = EventChoice(10, 30.0, 60.0)
    choice.passed(T0, 0.5)

    before, after = choice.ended_by(T0 + 60 * SECOND - 1), choice.ended_by(T0 + 60 * SECOND)

    assert before == []
    assert after == [Window(T0 - 30 * SECOND, T0 + 60 * SECOND, 0.5)]


def test_windows_that_overlap_are_one() -> None:
    choice = EventChoice(10, 30.0, 60.0)
    choice.passed(T0, 0.5)
    choice.passed(T0 + 50 * SECOND, 0.7)

    assert choice.ended_by(T0 + 200 * SECOND) == [Window(T0 - 30 * SECOND, T0 + 110 * SECOND, 0.7)]


def test_a_strange_passage_is_worth_more_while_the_score_is_fresh() -> None:
    choice = EventChoice(1000, 30.0, 60.0)
    choice.scored(T0, 4.0)
    choice.passed(T0 + SECOND, 0.5)
    [strange] = choice.ended_by(T0 + DAY)

    choice.passed(T0 + DAY, 0.5)
    [ordinary] = choice.ended_by(T0 + 2 * DAY)

    assert (strange.worth, ordinary.worth) == (2.0, 0.5)


@pytest.mark.parametrize("seed", range(5))
def test_about_as_many_as_allowed_are_chosen_in_a_day_and_the_largest_are_among_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    times = np.sort(rng.uniform(0, 3 * DAY, 9000)).astype(int)
    peaks = rng.lognormal(-2.0, 0.8, len(times))
    choice = EventChoice(12, 30.0, 60.0)
    windows: list[Window] = []

    for t, peak in zip(times.tolist(), peaks.tolist(), strict=True):
        windows += choice.ended_by(T0 + t) + choice.passed(T0 + t, peak)

    last_day = [one for one in windows if one.t_to > T0 + 2 * DAY]
    largest = np.sort(peaks[times > 2 * DAY])[-3:]
    assert 4 <= len(last_day) <= 24
    assert set(largest.tolist()) <= {one.worth for one in last_day} | {max(one.worth for one in last_day)}
    assert len([one for one in windows if one.t_to < T0 + 3600 * SECOND]) <= 10


def test_none_a_day_is_none() -> None:
    choice = EventChoice(0, 30.0, 60.0)
    choice.passed(T0, 9.0)

    assert choice.ended_by(T0 + DAY) == []
