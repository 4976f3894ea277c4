"""Plain gradient boosting of waits, as one would try first: scikit-learn's own settings on the counter's own figures.

It sees the wait and the people now and 5, 15 and 30 minutes before, the slot, the weekday, the office and the service.
"""

import numpy as np
from numpy.typing import NDArray

from hub.counter.displays import Displays

NAME = "scikit-learn gradient boosting"
LAGS = (1, 3, 6)
SEED = 1

Waits = NDArray[np.float64]


def forecast(displays: Displays, trained_days: int, slots: int) -> tuple[Waits, Waits] | None:
    """Outcome and forecast [min] so many slots ahead on all days after the first `trained_days`; None without it."""
    try:
        from sklearn.ensemble import HistGradientBoostingRegressor
    except ImportError:
        return None
    train, held_out = (_rows(displays, days, slots) for days in _split(displays, trained_days))
    model = HistGradientBoostingRegressor(random_state=SEED).fit(*train)
    return held_out[1], model.predict(held_out[0])


def _split(displays: Displays, trained_days: int) -> tuple[range, range]:
    return range(trained_days), range(trained_days, len(displays.days))


def _rows(displays: Displays, days: range, slots: int) -> tuple[Waits, Waits]:
    """Features and outcome of every row of these days whose outcome is told."""
    found = []
    for day in days:
        wait, people = displays.wait_min[day], displays.waiting[day]
        both = ~np.isnan(wait[:-slots]) & ~np.isnan(wait[slots:])
        slot, office, service = np.nonzero(both)
        signs = [slot, office, service, np.full(len(slot), displays.days[day].weekday())]
        for grid in (wait, people):
            signs += [grid[slot, office, service]]
            signs += [grid[np.maximum(slot - lag, 0), office, service] for lag in LAGS]
        found.append((np.stack(signs, axis=1), wait[slots:][both].astype(np.float64)))
    features, outcome = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return features, outcome
