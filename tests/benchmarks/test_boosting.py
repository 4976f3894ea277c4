"""The plain boosting that forecasts of waits are compared with."""

import datetime as dt

import numpy as np

from benchmarks.peers import boosting
from hub.counter.displays import Displays


def test_boosting_learns_a_wait_that_persists_and_is_judged_on_later_days_only() -> None:
    rng = np.random.default_rng(2)
    wait = np.repeat(rng.integers(0, 30, (4, 1, 3, 2)), 60, axis=1).astype(np.float32)
    days = [dt.date(2026, 4, 6 + day) for day in range(4)]

    told = boosting.forecast(Displays(days, list("ABC"), list("xy"), wait, wait, 0), 3, 6)

    assert told is not None
    outcome, forecast = told
    assert len(outcome) == 54 * 3 * 2
    assert np.mean(np.abs(outcome - forecast)) < np.mean(np.abs(outcome - outcome.mean()))
