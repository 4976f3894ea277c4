"""Tickets an hour, of all windows and of each: hand cases, and intervals against simulated windows whose pace is known."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from hub.counter.waits import WaitEstimator
from hub.counter.windows import CHANGEOVER_MIN, MINUTE_US

START = 1_790_000_000_000_000


class Ending(NamedTuple):
    """A ticket served at a window, from call to end [min]."""

    ends: float
    begins: float
    window: int


def told(endings: list[Ending], waiting: int = 5) -> WaitEstimator:
    estimator = WaitEstimator()
    for ticket, each in enumerate(endings):
        begins, ends = (START + round(at * MINUTE_US) for at in (each.begins, each.ends))
        estimator.called(begins, ticket, each.window)
        estimator.queued(begins, waiting)
        estimator.freed(ends, ticket, each.window)
        estimator.queued(ends, waiting)
    return estimator


def even(window: int, minutes: float, tickets: int) -> list[Ending]:
    """Tickets one after another, each with its changeover taking ``minutes``."""
    return [Ending((nth + 1) * minutes - CHANGEOVER_MIN, nth * minutes, window) for nth in range(tickets)]


def test_windows_of_different_pace_are_told_apart_and_together() -> None:
    estimator = told([*even(1, 4.0, 15), *even(2, 6.0, 10)])
    now = START + 60 * MINUTE_US

    rate, rates = estimator.rate(now), estimator.rates(now)

    assert rate is not None
    assert rate.value == pytest.approx(15.0 + 10.0, abs=0.1)
    assert rate.low < rate.value < rate.high
    assert {window: one.value for window, one in rates.items()} == pytest.approx({1: 15.0, 2: 10.0}, abs=0.1)


def test_a_window_that_closed_or_stands_still_is_not_counted() -> None:
    closed = told([*even(1, 4.0, 15), *even(2, 4.0, 6)])
    standing = told([*even(1, 4.0, 15), *even(2, 4.0, 6)])
    standing.called(START + 24 * MINUTE_US, 99, 2)
    now = START + 60 * MINUTE_US

    for estimator in (closed, standing):
        rate = estimator.rate(now)
        assert rate is not None
        assert rate.value == pytest.approx(15.0, abs=0.1)
        assert list(estimator.rates(now)) == [1]


def test_nothing_is_told_of_too_few_tickets() -> None:
    estimator = told(even(1, 4.0, 2))

    assert estimator.rate(START + 8 * MINUTE_US) is None
    assert estimator.rates(START + 8 * MINUTE_US) == {}


def test_a_machine_that_tells_no_windows_has_a_rate_of_all_alone() -> None:
    estimator = WaitEstimator()
    for ticket in range(12):
        estimator.called(START + 3 * ticket * MINUTE_US, ticket, 0)
        estimator.queued(START + 3 * ticket * MINUTE_US, 4)
    now = START + 34 * MINUTE_US

    rate = estimator.rate(now)

    assert rate is not None
    assert rate.value == pytest.approx(20.0, abs=0.1)
    assert estimator.rates(now) == {}


def test_the_interval_holds_the_true_pace_four_times_in_five() -> None:
    rng = np.random.default_rng(7)
    means = {1: 5.0, 2: 8.0}
    held, held_together = [], []
    for _ in range(400):
        endings: list[Ending] = []
        for window, mean in means.items():
            lasts = np.maximum(2 * CHANGEOVER_MIN, rng.gamma(2.5, mean / 2.5, 60))
            begins = np.cumsum(lasts) - lasts
            endings += map(Ending, begins + lasts - CHANGEOVER_MIN, begins, [window] * len(lasts))
        now = START + 120 * MINUTE_US
        estimator = told([each for each in sorted(endings) if each.ends < 120])
        for window in means:
            at = next(each.begins for each in endings if each.window == window and each.ends >= 120)
            if at < 120:
                estimator.called(START + round(at * MINUTE_US), 1000 + window, window)
        rates, together = estimator.rates(now), estimator.rate(now)
        held += [rates[window].low <= 60 / means[window] <= rates[window].high for window in rates]
        if together is not None and len(rates) == 2:
            held_together.append(together.low <= 60 / 5.0 + 60 / 8.0 <= together.high)

    assert len(held_together) > 300
    assert 0.72 <= np.mean(held) <= 0.88
    assert 0.72 <= np.mean(held_together) <= 0.88
