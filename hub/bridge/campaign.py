"""A measuring campaign judged: steps found, the owner's log laid over them, each event sized, explained by the twin.

The same steps for a file of an engineer and for a benchmark; arrays in, results out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from hub.bridge import campaign_hours, campaign_law, campaign_steps, event_log
from hub.bridge.change_class import Verdict
from hub.bridge.event_log import Entry
from hub.bridge.felt_temperature import HOUR_S, Floats
from hub.bridge.twin import Twin
from hub.bridge.twin_change import causes, explain
from hub.bridge.twin_update import Measured, Updated, update
from hub.errors import SeriesRefused

BY_CHANCE = 0.001
"""An effect that chance makes more often than this is none that can be detected."""

FEWEST_DAYS = 7.0
REFERENCE_DEGC = 10.0


@dataclass(frozen=True)
class Windows:
    """What a campaign measured, by the window; as of ``campaign_hours.gather``."""

    times_s: Floats
    frequencies_hz: Floats
    std_hz: Floats | None
    temperatures_degc: Floats
    level: Floats | None


@dataclass(frozen=True)
class Sized:
    """One step: its entries (several where they cannot be told apart, none where the log has none) and its size.

    Attributes:
        at_s: when [s UTC].
        found: whether the measurements alone show it; else it was looked for because the log names it.
        effect, covariance: (modes,), (modes, modes), relative change of frequency.
        chi_square: of the effect over all modes; detectable: chance does not make it.
        verdict: the class by the twin.
    """

    entries: tuple[Entry, ...]
    at_s: float
    found: bool
    effect: Floats
    covariance: Floats
    chi_square: float
    detectable: bool
    verdict: Verdict

    @property
    def std(self) -> Floats:
        """(modes,), standard uncertainty of the effect."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))


@dataclass(frozen=True)
class Judged:
    """A campaign's answer.

    Attributes:
        times_s: (hours,); logs, law, trend: (hours, modes), measured logarithm of frequency, what temperature and level
            make of it, and what is left when these are taken out, steps included.
        start_hz: (modes,), frequencies of the first segment at the reference temperature.
        changes: in order of time.
        outside: entries without a before or an after.
        calibration: the twin brought to the first segment; None without a twin. Where it does not fit, no class is claimed.
    """

    times_s: Floats
    logs: Floats
    law: Floats
    start_hz: Floats
    changes: tuple[Sized, ...]
    outside: tuple[Entry, ...]
    fitted: campaign_law.Fitted
    calibration: Updated | None


def judge(windows: Windows, log: Sequence[Entry] = (), twin: Twin | None = None) -> Judged:
    """A campaign's steps, events and classes.

    Args:
        log: from ``event_log.entries``.
        twin: model of the girder, whose first modes are those measured; None: classes stay undetermined.

    Raises SeriesRefused when there is too little.
    """
    hours = _hours(windows)
    found = campaign_steps.find(hours)
    base = float(hours.times_s[0])
    laid = event_log.lay([base + HOUR_S * step for step in found.fitted.steps_h], log, hours.times_s)
    steps_h = [(step.at_s - base) / HOUR_S for step in laid.steps]
    left_out = ~campaign_law.settled(hours.hours, steps_h)
    fitted = campaign_law.fit(hours, found.fitted.terms, steps_h, found.fitted.noises, found.used, left_out)
    start = np.exp(_at_reference(hours, fitted))
    calibration = None if twin is None else update(twin, Measured(start, 1e-3 * start))
    state = calibration.values if calibration is not None and calibration.fits else None
    limit = float(chi2.isf(BY_CHANCE, hours.logs.shape[1]))
    changes = []
    for number, step in enumerate(laid.steps):
        effect = np.expm1(fitted.effect[number])
        covariance = fitted.covariance[number, :, number, :] * np.outer(1.0 + effect, 1.0 + effect)
        size = float(effect @ np.linalg.solve(covariance, effect))
        verdict = Verdict("undetermined")
        if twin is not None and state is not None and size > limit:
            verdict = explain(twin, state, effect, covariance)
            state = _moved(twin, state, verdict)
        changes.append(
            Sized(tuple(step.entries), step.at_s, step.found, effect, covariance, size, size > limit, verdict)
        )
    return Judged(
        hours.times_s, hours.logs, fitted.law, start, tuple(changes), tuple(laid.outside), fitted, calibration
    )


def _hours(windows: Windows) -> campaign_hours.Hours:
    known = np.isfinite(windows.frequencies_hz).any(axis=1)
    span = (windows.times_s[-1] - windows.times_s[0]) / HOUR_S / 24.0 if len(windows.times_s) > 1 else 0.0
    if span < FEWEST_DAYS or not known.any():
        raise SeriesRefused(f"campaign: it spans {span:.1f} days; wanted {FEWEST_DAYS:.0f} at least")
    hours = campaign_hours.gather(
        windows.times_s, windows.frequencies_hz, windows.std_hz, windows.temperatures_degc, windows.level
    )
    fewest = int(np.isfinite(hours.logs).sum(axis=0).min())
    if len(hours.times_s) < 24.0 * FEWEST_DAYS / 2.0 or fewest < 24.0 * FEWEST_DAYS / 4.0:
        raise SeriesRefused(
            f"campaign: a mode has {fewest} hours with a temperature; wanted {24.0 * FEWEST_DAYS / 4.0:.0f} at least"
        )
    return hours


def _at_reference(hours: campaign_hours.Hours, fitted: campaign_law.Fitted) -> Floats:
    """(modes,), logarithm of frequency before the first step, the law taken to the reference temperature."""
    before = hours.hours < (fitted.steps_h[0] if fitted.steps_h else np.inf)
    degc = np.abs(hours.felt_degc[:, 0, 0] - REFERENCE_DEGC)
    like = before & (degc <= np.quantile(degc[before], 0.25))
    return np.asarray(np.nanmedian(hours.logs[like], axis=0))


def _moved(twin: Twin, state: Floats, verdict: Verdict) -> Floats:
    """The twin's state after a change: its likeliest cause, of its size."""
    if not verdict.explained:
        return state
    best = verdict.explained[0]
    direction = next(cause.direction for cause in causes(twin) if cause.name == best.pattern.what)
    turning = np.array([parameter.what == "restraint" for parameter in twin.parameters])
    moved = state + best.size * direction
    return np.where(turning, np.maximum(moved, 0.0), moved)
