"""A bridge's year in hourly natural frequencies and temperatures, then progressive damage, with its truth.

Of the kind of the Z24 bridge's year (Peeters and De Roeck 2001): frequencies fall with temperature, fast below
freezing where the pavement stiffens; the structure follows the air with a lag, its frozen part with a longer one;
identification scatters, wanders slowly, fails for some hours and is at times quite wrong. Damage comes in stages.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

START_S = 1_762_819_200
"""2025-11-11T00:00:00Z: the first winter comes early in the series, as it did at the Z24 bridge."""

HOUR_S = 3600


class Year(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the series is like; relative changes are in percent, one value a mode where there is a list.

    Attributes:
        healthy_h, damaged_h: hours before and after damage begins.
        warm_loss, cold_loss: loss a degree above freezing and below.
        scatter: standard deviation of identification; neighbouring hours correlate by ``scatter_memory``.
        wander: standard deviation of the slow rest that no temperature explains, over ``wander_h``.
        moisture: half swing of a yearly change that lags the seasons and follows no temperature.
        frost_wander: standard deviation of what the frozen part does beside its law, at 3 °C of frost and more.
        stages: loss of the first mode at each of equally long stages of the damage.
        pattern: each mode's loss over the first mode's.
    """

    healthy_h: int = 8760
    damaged_h: int = 480
    frequencies_hz: tuple[float, ...] = (3.95, 5.10, 9.85, 10.40)
    warm_loss: tuple[float, ...] = (0.06, 0.09, 0.07, 0.08)
    cold_loss: tuple[float, ...] = (0.40, 0.25, 0.45, 0.40)
    scatter: tuple[float, ...] = (0.25, 0.45, 0.40, 0.60)
    scatter_memory: float = 0.3
    wander: float = 0.12
    wander_h: float = 72.0
    moisture: float = 0.0
    frost_wander: float = 0.0
    lag_h: float = 5.0
    frozen_lag_h: float = 30.0
    stages: tuple[float, ...] = (1.2, 2.4, 4.0, 6.0)
    pattern: tuple[float, ...] = (1.0, 0.8, 0.6, 0.9)
    missing: float = 0.05
    missing_mode: float = 0.02
    gaps: int = 4
    longest_gap_h: int = 72
    outliers: float = 0.01
    mean_degc: float = 9.0
    season_degc: float = 10.0


class Series(msgspec.Struct, frozen=True):
    """A simulated series and its truth.

    Attributes:
        times_s: (hours,), UTC; hours that are missing altogether are left out.
        frequencies_hz: (hours, modes), NaN where not identified.
        temperatures_degc: (hours, 2): deck and air.
        loss: (hours,), true loss of the first mode [%].
    """

    times_s: Floats
    frequencies_hz: Floats
    temperatures_degc: Floats
    loss: Floats

    @property
    def healthy_rows(self) -> int:
        """How many rows come before the damage."""
        return int((self.loss == 0.0).sum())


def simulate(year: Year, generator: np.random.Generator) -> Series:
    """One bridge's series."""
    hours = year.healthy_h + year.damaged_h
    air = _air(year, hours, generator)
    deck = _followed(air, year.lag_h)
    frozen = _followed(np.minimum(deck, 0.0), year.frozen_lag_h)
    loss = np.zeros(hours)
    if year.damaged_h:
        stage = np.arange(year.damaged_h) * len(year.stages) // year.damaged_h
        loss[year.healthy_h :] = np.asarray(year.stages)[stage]
    frequencies = np.empty((hours, len(year.frequencies_hz)))
    moist = year.moisture * np.sin(2.0 * np.pi * np.arange(hours) / (365.25 * 24.0))
    if year.frost_wander:
        frost = np.clip(-frozen / 3.0, 0.0, 1.0) * year.frost_wander
        moist = moist + frost * _remembering(hours, np.exp(-1.0 / year.wander_h), generator)
    common = _remembering(hours, np.exp(-1.0 / year.wander_h), generator)
    for mode, base in enumerate(year.frequencies_hz):
        own = _remembering(hours, np.exp(-1.0 / year.wander_h), generator)
        weather = year.warm_loss[mode] * np.maximum(deck, 0.0) + year.cold_loss[mode] * frozen
        noise = year.scatter[mode] * _remembering(hours, year.scatter_memory, generator)
        rest = noise + year.wander * (0.8 * common + 0.6 * own) + moist
        wrong = (generator.random(hours) < year.outliers) * generator.normal(0.0, 5.0, hours)
        percent = rest + wrong - weather - year.pattern[mode] * loss
        frequencies[:, mode] = base * (1.0 + percent / 100.0)
    frequencies[generator.random(frequencies.shape) < year.missing_mode] = np.nan
    temperatures = np.column_stack([deck, air]) + generator.normal(0.0, 0.2, (hours, 2))
    kept = _kept(year, hours, generator)
    times = START_S + HOUR_S * np.arange(hours, dtype=np.float64)
    return Series(times[kept], frequencies[kept], temperatures[kept], loss[kept])


def _air(year: Year, hours: int, generator: np.random.Generator) -> Floats:
    """Seasons, weather of some days, and days that are clear or dull."""
    hour = np.arange(hours, dtype=np.float64)
    day = 50.0 + hour / 24.0
    season = year.season_degc * np.cos(2.0 * np.pi * (day - 255.0) / 365.25)
    weather = 3.5 * _remembering(hours, np.exp(-1.0 / 72.0), generator)
    clear = np.repeat(generator.uniform(1.0, 6.0, hours // 24 + 1), 24)[:hours]
    return np.asarray(year.mean_degc + season + weather + clear * np.sin(2.0 * np.pi * (hour - 10.0) / 24.0))


def _followed(values: Floats, lag_h: float) -> Floats:
    share, state, out = -np.expm1(-1.0 / lag_h), float(values[0]), []
    for value in values.tolist():
        state += share * (value - state)
        out.append(state)
    return np.array(out)


def _remembering(hours: int, memory: float, generator: np.random.Generator) -> Floats:
    """Unit-variance noise whose neighbours correlate by ``memory``."""
    fresh = generator.normal(0.0, 1.0, hours)
    fresh[1:] *= np.sqrt(1.0 - memory**2)
    state, out = 0.0, []
    for value in fresh.tolist():
        state = memory * state + value
        out.append(state)
    return np.array(out)


def _kept(year: Year, hours: int, generator: np.random.Generator) -> NDArray[np.bool_]:
    kept = generator.random(hours) >= year.missing
    for _ in range(year.gaps):
        start = int(generator.integers(hours))
        kept[start : start + int(generator.integers(1, year.longest_gap_h + 1))] = False
    return np.asarray(kept)


def write_csv(series: Series, path: Path) -> None:
    """The series as ``t, f1 … fk, temperature_deck, temperature_air``; an empty field where not measured."""
    header = ["t", *(f"f{mode + 1}" for mode in range(series.frequencies_hz.shape[1]))]
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow([*header, "temperature_deck", "temperature_air"])
        writer.writerows(_lines(series))


def _lines(series: Series) -> Iterable[list[Any]]:
    for t, frequencies, degc in zip(
        series.times_s.tolist(), series.frequencies_hz.tolist(), series.temperatures_degc.tolist(), strict=True
    ):
        cells = ["" if value != value else f"{value:.5f}" for value in frequencies]
        yield [np.datetime_as_string(np.datetime64(int(t), "s")) + "Z", *cells, *(f"{value:.2f}" for value in degc)]
