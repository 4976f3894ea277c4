"""Hourly scores of a series by four means, made into alarms by one and the same chart.

`chart` is the product's: the law of temperature's residuals. `learned` and `persistence` are residuals of a day's level
against what the network, or nothing but the day before, made of the history that ended a day ago; the network is given
the temperature measured since. `novelty` is the ONNX score of the spectrum's rows. Their chart learns on the same
reference rows, in the same blocks, with the same regimes of frost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import onnxruntime

from hub.bridge import control_chart, drift, felt_temperature, temperature_law
from hub.bridge.felt_temperature import Floats, Ints
from models import manifest
from models.forecast_history import DAY_H, HORIZONS_D, Levels, changes, inputs, levels, measured_ahead
from simulators.bridge.campaign import DAY_S

Foretell = Callable[[Levels, Ints, Floats], Floats]
"""Levels, hours at which history ends, the deck's temperature to come → (moments, modes, horizons), change in percent."""

STEP_H: Final = 1.0


class Hourly(NamedTuple):
    """A series: (rows,), (rows, modes), (rows, sensors), and how many rows are the reference."""

    times_s: Floats
    frequencies_hz: Floats
    temperatures_degc: Floats
    reference: int


def network() -> Foretell:
    """The shipped model, by onnxruntime on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(manifest.load("bridge-forecast").path), options, providers=["CPUExecutionProvider"]
    )

    def foretell(known: Levels, hours: Ints, coming_degc: Floats) -> Floats:
        (change,) = session.run(["change"], {"history": inputs(known, hours, coming_degc)})
        return np.asarray(change, dtype=np.float64).reshape(len(hours), -1, len(HORIZONS_D))

    return foretell


def persistence(known: Levels, hours: Ints, coming_degc: Floats) -> Floats:
    """As today."""
    return np.zeros((len(hours), known.percent.shape[1], len(HORIZONS_D)))


def by_chart(series: Hourly) -> control_chart.Judged:
    """The product's chart on the rows after the reference."""
    names = tuple(f"f{mode + 1}" for mode in range(series.frequencies_hz.shape[1]))
    sensors = tuple(f"t{sensor + 1}" for sensor in range(series.temperatures_degc.shape[1]))
    table = drift.Series(series.times_s, series.frequencies_hz, series.temperatures_degc, names, sensors)
    return drift.analyse(table, 0, series.reference).judged


def by_forecast(series: Hourly, foretell: Foretell) -> Floats:
    """How near to an alarm each row after the reference is, by what a day's level departs from its forecast."""
    known = levels(series.times_s, series.frequencies_hz, series.temperatures_degc[:, 0])
    hours = known.hour(series.times_s)
    before = np.maximum(hours - DAY_H * HORIZONS_D[0], 0)
    modes = series.frequencies_hz.shape[1]
    came = changes(known, before).reshape(len(hours), modes, -1)[..., 0]
    foretold = foretell(known, before, measured_ahead(known, before))[..., 0]
    residuals = np.where((hours >= DAY_H * HORIZONS_D[0])[:, None], came - foretold, np.nan) / 100.0
    return by_residuals(series, residuals)


def by_residuals(series: Hourly, residuals: Floats) -> Floats:
    """The same of any residuals (rows, columns)."""
    degc = felt_temperature.filled(series.times_s, series.temperatures_degc, series.reference)
    frozen = felt_temperature.frost(felt_temperature.lagged(series.times_s, degc), STEP_H)
    n, sure = series.reference, np.zeros_like(residuals)
    blocks = temperature_law.blocks_of(series.times_s[:n])
    chart = control_chart.learn(residuals[:n], frozen[:n], blocks, sure[:n], STEP_H)
    return control_chart.judge(chart, residuals[n:], frozen[n:], sure[n:]).reach


class Stretch(NamedTuple):
    """A stretch's scores and when they were, [s]."""

    times_s: Floats
    reach: Floats


def run_length_days(stretches: list[Stretch], limit: float) -> float:
    """Mean time to the first score above a limit: all the time watched over how often it came."""
    watched, came = 0.0, 0
    for one in stretches:
        above = np.flatnonzero(np.nan_to_num(one.reach) > limit)
        came += len(above) > 0
        watched += float(one.times_s[above[0] if len(above) else -1] - one.times_s[0]) / DAY_S
    return watched / came if came else float("inf")


def limit_for(stretches: list[Stretch], days: float) -> float:
    """The lowest limit with which the run length is at least so many days."""
    tops = np.sort(np.concatenate([_records(one.reach) for one in stretches]))
    low, high = -1, len(tops) - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if run_length_days(stretches, float(tops[middle])) >= days else (middle, high)
    return float(tops[high])


def _records(reach: Floats) -> Floats:
    """Each value that is above all before it: where the first passage of some limit may be."""
    return np.unique(np.maximum.accumulate(np.nan_to_num(reach)))


def delay_h(times_s: Floats, reach: Floats, onset_s: float, limit: float, never_h: float) -> float:
    """Hours by the clock from the onset to the first score above the limit."""
    above = np.flatnonzero((np.nan_to_num(reach) > limit) & (times_s >= onset_s))
    return min(float(times_s[above[0]] - onset_s) / 3600.0, never_h) if len(above) else never_h
