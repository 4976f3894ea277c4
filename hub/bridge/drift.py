"""A series of natural frequencies and temperatures judged against its healthy reference: law, chart, changes, in order.

The same steps for a file of an engineer and for a benchmark; arrays in, arrays out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hub.bridge import change, control_chart, felt_temperature, temperature_law
from hub.bridge.change_class import ChangeClass
from hub.bridge.felt_temperature import HOUR_S, Flags, Floats
from hub.errors import SeriesRefused

FEWEST_DAYS = 60.0
LEAST_KNOWN = 0.5
"""Share of the reference in which a column is known, at least."""


@dataclass(frozen=True)
class Series:
    """Rows in order of time.

    Attributes:
        times_s: (rows,), strictly rising.
        frequencies_hz: (rows, modes), NaN where not measured.
        temperatures_degc: (rows, sensors), NaN where not measured.
        modes, sensors: names of the columns.
    """

    times_s: Floats
    frequencies_hz: Floats
    temperatures_degc: Floats
    modes: tuple[str, ...]
    sensors: tuple[str, ...]


@dataclass(frozen=True)
class DatedChange:
    """A change at a row of the series, with its class."""

    row: int
    change: change.Change
    kind: ChangeClass


@dataclass(frozen=True)
class Drift:
    """What the rows after the reference say.

    Attributes:
        first_row: the row of the series that the arrays begin with.
        modes: names of the modes that were judged.
        residuals: (rows, modes), relative departure from the law; NaN where not measured.
        uncertainty: (rows, modes), standard uncertainty of one row's residual, scatter and law together.
        judged: flags and alarms.
        changes: in order of time, their rows counted in the series.
        findings: what was left out and why, sentences.
    """

    first_row: int
    modes: tuple[str, ...]
    residuals: Floats
    uncertainty: Floats
    judged: control_chart.Judged
    changes: list[DatedChange]
    findings: list[str]


Classify = Callable[[tuple[str, ...], Floats, Floats, Floats], ChangeClass]
"""The class of a change: names of its modes, their usual frequencies [Hz], effect and covariance, relative."""


def undetermined(modes: tuple[str, ...], usual_hz: Floats, effect: Floats, covariance: Floats) -> ChangeClass:
    """Without a model of the bridge nothing can be told from frequencies alone: mass and stiffness move them alike."""
    return "undetermined"


def analyse(series: Series, first: int, after: int, classify: Classify = undetermined) -> Drift:
    """Learn rows ``first`` to ``after`` (not included) as healthy, judge the rows from ``after`` on.

    Args:
        classify: tells the class of a change; ``twin_change.classifier`` makes one of a bridge's model.

    Raises SeriesRefused when the reference is too short or has no usable frequency or temperature.
    """
    series, findings = _usable(series, first, after)
    times = series.times_s[first:]
    degc = felt_temperature.filled(times, series.temperatures_degc[first:], after - first)
    logs = np.log(series.frequencies_hz[first:])
    felt = felt_temperature.lagged(times, degc)
    rows = after - first
    learnt = temperature_law.learn(times[:rows], logs[:rows], felt[:rows])
    expected, unsure = temperature_law.predict(learnt.fit, felt)
    step_h = float(np.median(np.diff(times[:rows]))) / HOUR_S
    frozen = felt_temperature.frost(felt, step_h)
    chart = control_chart.learn(learnt.residuals, frozen[:rows], learnt.blocks, unsure[:rows] ** 2, step_h)
    days = float(times[rows - 1] - times[0]) / 24.0 / HOUR_S
    if days < FEWEST_DAYS:
        findings.append(
            f"the reference spans {days:.0f} days: what a bridge does in a month and a season is not in the limits; "
            f"false flags are likely below {FEWEST_DAYS:.0f} days"
        )
    later = logs[rows:] - expected[rows:]
    judged = control_chart.judge(chart, later, frozen[rows:], unsure[rows:] ** 2)
    blind = int((np.isnan(later).all(axis=1) & ~np.isnan(logs[rows:]).all(axis=1)).sum())
    if blind:
        findings.append(f"{blind} later rows have no temperature within 6 h and are not judged")
    spread = chart.spread(frozen)
    everything = control_chart.clipped_to_levels(np.concatenate([learnt.residuals, later]), spread, rows)
    episodes = [(begin + rows, end + rows) for begin, end in control_chart.runs(judged.alarm)]
    usual = np.exp(np.nanmedian(logs[:rows], axis=0))
    changes = [
        DatedChange(first + one.row, one, classify(series.modes, usual, one.effect, one.covariance))
        for one in _changes(everything, frozen, rows, spread, episodes, step_h)
    ]
    uncertainty = np.hypot(spread[rows:], unsure[rows:])
    return Drift(after, series.modes, np.expm1(later), uncertainty, judged, changes, findings)


def _changes(
    residuals: Floats, frozen: Flags, rows: int, spread: Floats, episodes: list[tuple[int, int]], step_h: float
) -> list[change.Change]:
    """The changes behind episodes, each held against the reference's rows of the same regime."""
    found: list[change.Change] = []
    earliest = 0
    for begin, end in episodes:
        alike = frozen[:rows] == frozen[begin]
        healthy = residuals[:rows][alike] if alike.sum() >= control_chart.REGIME_ROWS else residuals[:rows]
        found += change.find(
            residuals, healthy, spread[begin], (max(earliest, begin - change.BEFORE_ROWS), begin, end), step_h
        )
        earliest = end
    return found


def _usable(series: Series, first: int, after: int) -> tuple[Series, list[str]]:
    """Without the columns that the reference hardly knows, and what was left out."""
    findings: list[str] = []
    kept: list[list[int]] = []
    for names, values in ((series.modes, series.frequencies_hz), (series.sensors, series.temperatures_degc)):
        kept.append([])
        for column, name in enumerate(names):
            there = values[first:after, column]
            there = there[felt_temperature.known(there)]
            share = len(there) / (after - first)
            if share < LEAST_KNOWN:
                findings.append(f"column {name} is left out: known in {100.0 * share:.0f} % of the reference")
            elif np.ptp(there) == 0.0:
                findings.append(f"column {name} is left out: it never changes in the reference")
            else:
                kept[-1].append(column)
    modes, sensors = kept
    for what, columns in (("frequency", modes), ("temperature", sensors)):
        if not columns:
            raise SeriesRefused(
                f"reference: no {what} column is known in half of its rows and alive; name another reference"
            )
    return (
        Series(
            series.times_s,
            series.frequencies_hz[:, modes],
            series.temperatures_degc[:, sensors],
            tuple(series.modes[column] for column in modes),
            tuple(series.sensors[column] for column in sensors),
        ),
        findings,
    )
