"""Errors of three forecasts of a bridge's frequencies, 1, 7 and 30 days on: as today, by the law of temperature, learned.

A temperature to come is not known. It is taken from the normals of the season, and today's departure from them fades as
weather does, with a memory of three days, and as much slower as the part lags; law and network are given the same. What
the bridge does beside the law fades as it did in the reference, and stays where an alarm stands: then the level has
changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from benchmarks.learning_scores import Foretell
from hub.bridge import temperature_law
from hub.bridge.felt_temperature import LAGS_H, Flags, Floats, Ints
from models.forecast_history import DAY_H, HORIZONS_D, YEAR_S, Levels, changes, levels, measured_ahead

WEATHER_D: Final = 3.0
BOOTSTRAPS: Final = 2000
BOOTSTRAP_SEED: Final = 95
NAMES: Final = ("persistence", "law", "law-known", "learned", "learned-known")

Normals = Callable[[Floats], Floats]
"""Seconds UTC (any shape) → the season's temperature of each felt column, (…, columns)."""


@dataclass
class Errors:
    """Squared errors [%²] by forecast and horizon, of one series after another.

    Attributes:
        sums, counts: (horizons,) of each series, by forecast.
    """

    sums: dict[str, list[Floats]] = field(default_factory=lambda: {name: [] for name in NAMES})
    counts: dict[str, list[Floats]] = field(default_factory=lambda: {name: [] for name in NAMES})

    def begin(self) -> None:
        """What is added from now on is of another series."""
        for name in NAMES:
            self.sums[name].append(np.zeros(len(HORIZONS_D)))
            self.counts[name].append(np.zeros(len(HORIZONS_D)))

    def add(self, name: str, error: Floats, counted: Flags) -> None:
        """Errors (moments, modes, horizons) of the moments that count for each horizon, (moments, horizons)."""
        for number in range(len(HORIZONS_D)):
            one = error[counted[:, number], :, number].ravel()
            one = one[np.isfinite(one)]
            self.sums[name][-1][number] += float(np.square(one).sum())
            self.counts[name][-1][number] += len(one)

    def rms(self, name: str, number: int) -> float:
        """Root mean square at a horizon; NaN without any."""
        return float(self._rms(name, number, np.arange(len(self.sums[name]))))

    def gain(self, number: int) -> tuple[float, float]:
        """By what share the network's error is below the better of law and persistence, and the same at the lower end of
        its 95 % interval (bootstrap over series: hours of one series know each other)."""
        best = min(("law", "persistence"), key=lambda name: self.rms(name, number))
        series = len(self.sums[best])
        drawn = np.random.default_rng(BOOTSTRAP_SEED).integers(series, size=(BOOTSTRAPS, series))
        ratio = self._rms("learned", number, drawn) / self._rms(best, number, drawn)
        low = 1.0 - float(np.nanquantile(ratio, 0.975))
        return 1.0 - self.rms("learned", number) / self.rms(best, number), low

    def _rms(self, name: str, number: int, series: Ints) -> Floats:
        """Over series (…, series), the last axis pooled."""
        squares, counts = (
            np.array(values)[:, number][series].sum(axis=-1) for values in (self.sums[name], self.counts[name])
        )
        return np.asarray(np.sqrt(np.divide(squares, counts, out=np.full_like(squares, np.nan), where=counts > 0.0)))


class Felt(NamedTuple):
    """Trailing days of what the law is linear in, on the grid of ``Levels``.

    Attributes:
        columns: (hours, sensors · lags), shape: (sensors, lags).
    """

    columns: Floats
    shape: tuple[int, int]

    @classmethod
    def of(cls, times_s: Floats, felt_degc: Floats) -> Felt:
        """From ``felt_temperature.lagged``."""
        flat = felt_degc.reshape(len(felt_degc), -1)
        held = levels(times_s, np.exp(flat / 100.0), flat[:, 0]).percent
        return cls(held, (felt_degc.shape[1], felt_degc.shape[2]))

    def law_percent(self, fit: temperature_law.Fit, columns: Floats) -> Floats:
        """Level by the law at felt temperatures (…, columns): (…, modes)."""
        rows = columns.reshape(-1, *self.shape)
        return 100.0 * temperature_law.predict(fit, rows)[0].reshape(*columns.shape[:-1], -1)


def normals_of(start_s: float, columns: Floats) -> Normals:
    """The season's course of a reference year: two harmonics a column (hours, columns)."""
    known = np.isfinite(columns).all(axis=1)
    times = np.asarray(start_s + 3600.0 * np.flatnonzero(known), dtype=np.float64)
    course = np.asarray(np.linalg.lstsq(_harmonics(times), columns[known], rcond=None)[0], dtype=np.float64)
    return lambda seconds: np.asarray(_harmonics(seconds) @ course)


def _harmonics(seconds: Floats) -> Floats:
    turn = 2.0 * np.pi * seconds[..., None] / YEAR_S
    terms = [np.ones_like(turn), np.sin(turn), np.cos(turn), np.sin(2.0 * turn), np.cos(2.0 * turn)]
    return np.asarray(np.concatenate(terms, axis=-1), dtype=np.float64)


def coming(start_s: float, columns: Floats, hours: Ints, normals: Normals) -> Floats:
    """(moments, horizons, columns): normals, and of today's departure what weather keeps."""
    days = np.array(HORIZONS_D, dtype=np.float64)
    now = start_s + 3600.0 * hours.astype(np.float64)
    away = columns[hours] - normals(now)
    lags_d = np.resize(np.array(LAGS_H) / DAY_H, columns.shape[1])
    kept = np.exp(-days[:, None] / (WEATHER_D + lags_d))
    return np.asarray(normals(now[:, None] + 86_400.0 * days) + kept * away[:, None, :])


def fading(residuals: Floats) -> Floats:
    """(horizons,): what is left of a level's departure from the law, (hours, modes) of the reference."""
    kept = []
    for days in HORIZONS_D:
        early, late = residuals[: -DAY_H * days], residuals[DAY_H * days :]
        both = np.isfinite(early) & np.isfinite(late)
        kept.append(float((early[both] * late[both]).sum() / np.square(early[both]).sum()))
    return np.asarray(np.clip(kept, 0.0, 1.0), dtype=np.float64)


class Moments(NamedTuple):
    """Where forecasts are made.

    Attributes:
        hours: (moments,), hours of the grid; kept: (moments, horizons), share of the departure that is taken to stay.
        counted: (moments, horizons), which count.
    """

    hours: Ints
    kept: Floats
    counted: Flags


def add_errors(
    errors: Errors,
    known: Levels,
    felt: Felt,
    fit: temperature_law.Fit,
    normals: Normals,
    at: Moments,
    learned: Foretell,
) -> None:
    """Every forecast's errors at some moments."""
    modes = known.percent.shape[1]
    came = changes(known, at.hours).reshape(len(at.hours), modes, -1)
    foretold = coming(known.start_s, felt.columns, at.hours, normals)
    ahead = at.hours[:, None] + DAY_H * np.array(HORIZONS_D)
    measured = felt.columns[np.minimum(ahead, len(felt.columns) - 1)]
    now = felt.law_percent(fit, felt.columns[at.hours])
    fades = (at.kept - 1.0)[:, None, :] * (known.percent[at.hours] - now)[..., None]

    def law(columns: Floats) -> Floats:
        return np.moveaxis(felt.law_percent(fit, columns) - now[:, None, :], 1, 2) + fades

    told = {
        "persistence": np.zeros_like(came),
        "law": law(foretold), "law-known": law(measured),
        "learned": learned(known, at.hours, foretold[..., 0]),
        "learned-known": learned(known, at.hours, measured_ahead(known, at.hours)),
    }  # fmt: skip
    for name, change in told.items():
        errors.add(name, came - change, at.counted)
