"""A measuring campaign on a girder that is being finished: 137 days of ten-minute features, eight events, and the truth.

The days and events are those of the city's plan: 2023-11-16 to 2024-03-31. Frequencies follow temperature (bilinear at
freezing, lagged), the level of vibration, a slow wander that nothing explains, and the construction; identification
scatters by the bound of a ten-minute window times a measured excess. Windows drop out, the logger stops for some
hours, and one sensor fails: for a while its windows are bad, then there is one sensor less.
"""

from __future__ import annotations

from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from simulators.bridge.building_site import DESIGN_SPANS_M, Built, Event, Load, build, modes_of
from simulators.bridge.girder import Real

START_S = 1_700_060_400
"""2023-11-16T00:00:00+09:00."""

DAYS = 137
ROWS_A_DAY = 144
STEP_S = 600.0
DAY_S = 86_400.0
PIERS = (DESIGN_SPANS_M[0] / sum(DESIGN_SPANS_M), 1.0 - DESIGN_SPANS_M[-1] / sum(DESIGN_SPANS_M))
STRETCHES = ((0.0, 1.0), (0.0, PIERS[1]), (PIERS[0], 1.0), PIERS, (PIERS[1], 1.0))
"""Where a load may lie: the whole girder, two spans, one span."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a campaign is like; relative changes in percent.

    Attributes:
        error_excess: error of identification over the bound of its window.
        warm_loss, cold_loss: loss a degree above freezing and below.
        wander, wander_h: standard deviation of what nothing explains, and the memories of its equal parts.
        amplitude_loss: loss a decade of the level of vibration.
        dropouts: share of windows that are missing.
        outages: how often the logger stops, for up to ``longest_outage_h``.
        wrong: share of windows whose mode is quite wrong.
        stopped_days: from when to when the logger also stops [days from the first midnight].
    """

    days: int = DAYS
    modes: int = 6
    error_excess: float = 1.1
    damping: tuple[float, ...] = (0.011, 0.012, 0.010, 0.012, 0.014, 0.013)
    warm_loss: tuple[float, ...] = (0.05, 0.06, 0.055, 0.07, 0.06, 0.065)
    cold_loss: tuple[float, ...] = (0.25, 0.20, 0.22, 0.30, 0.26, 0.28)
    lag_h: float = 5.0
    frozen_lag_h: float = 20.0
    wander: float = 0.10
    wander_h: tuple[float, ...] = (72.0,)
    amplitude_loss: float = 0.15
    dropouts: float = 0.03
    outages: int = 3
    longest_outage_h: float = 10.0
    wrong: float = 0.005
    stopped_days: tuple[float, float] | None = None
    mean_degc: float = 9.5
    season_degc: float = 8.5


class Truth(msgspec.Struct, frozen=True):
    """One event's truth: when it happened [s UTC], and what it does to each mode's frequency, relative, (modes,)."""

    event: Event
    at_s: float
    effect: Real


class Campaign(msgspec.Struct, frozen=True):
    """What was measured, and the truth apart.

    Attributes:
        times_s: (rows,), ends of windows, UTC.
        frequencies_hz, std_hz: (rows, modes), NaN where not identified; stated standard uncertainty.
        temperatures_degc: (rows, 2): deck and air.
        level_m_s2: (rows,), root mean square of the window.
        truth: of each event in order; true_hz: (rows, modes) without scatter.
        sensor_fails_s: when the failing sensor began to fail.
    """

    times_s: Real
    frequencies_hz: Real
    std_hz: Real
    temperatures_degc: Real
    level_m_s2: Real
    truth: tuple[Truth, ...]
    true_hz: Real
    built: Built
    sensor_fails_s: float


def plan(generator: np.random.Generator) -> tuple[Event, ...]:
    """The eight events of the plan, their sizes and places drawn."""

    def load(low: float, high: float, stretches: tuple[tuple[float, float], ...]) -> tuple[Load, ...]:
        place = stretches[int(generator.integers(len(stretches)))]
        return (Load(kg_m=float(generator.uniform(low, high)), from_share=place[0], to_share=place[1]),)

    def restraint(low: float, high: float) -> float:
        return float(generator.uniform(low, high))

    return (
        Event(number=1, name="計測開始", day=0),
        Event(number=2, name="左橋台コンクリート打設", day=11, left=restraint(0.06, 0.16), cures_h=8.0),
        Event(number=3, name="右橋台コンクリート打設", day=15, right=restraint(0.06, 0.16), cures_h=8.0),
        Event(number=4, name="吊足場撤去", day=25, loads=load(-450.0, -200.0, ((0.0, 1.0), PIERS))),
        Event(number=4, name="橋台背面埋戻し", day=27, left=restraint(0.06, 0.10), right=restraint(0.06, 0.10)),
        Event(number=5, name="地覆コンクリート打設", day=85, loads=load(300.0, 600.0, STRETCHES)),
        Event(number=6, name="車道アスファルト舗装", day=113, loads=load(700.0, 1200.0, STRETCHES)),
        Event(number=7, name="防護柵・高欄設置", day=116, loads=load(80.0, 200.0, ((0.0, 1.0),))),
        Event(number=8, name="暫定供用", day=130),
    )  # fmt: skip


def simulate(settings: Settings, generator: np.random.Generator) -> Campaign:
    """One bridge's campaign."""
    built, events = build(generator), plan(generator)
    rows = settings.days * ROWS_A_DAY
    times = START_S + STEP_S * np.arange(1.0, rows + 1.0)
    at = np.array([START_S + DAY_S * event.day + 3600.0 * generator.uniform(8.0, 16.0) for event in events])
    states = [np.log(modes_of(built, events[:n], settings.modes).frequency_hz) for n in range(len(events) + 1)]
    effects = [after - before for before, after in pairwise(states)]
    log_true = np.tile(states[0], (rows, 1))
    for event, moment, effect in zip(events, at, effects, strict=True):
        log_true += _came(event, times - moment)[:, None] * effect
    air, deck, frozen = _temperatures(settings, rows, generator)
    level = _level(times, float(at[-1]), rows, generator)
    weather = np.outer(np.maximum(deck, 0.0), settings.warm_loss) + np.outer(frozen, settings.cold_loss)
    common, *own = (_wander(settings, rows, generator) for _ in range(settings.modes + 1))
    strength = settings.amplitude_loss * generator.uniform(0.5, 1.5, settings.modes)
    loud = np.outer(np.log10(level / np.median(level)), strength)
    log_true += (settings.wander * (0.8 * common[:, None] + 0.6 * np.array(own).T) - weather - loud) / 100.0
    true = np.exp(log_true)
    fails = float(START_S + DAY_S * generator.uniform(40.0, 75.0))
    frequencies, std = _identified(settings, times, true, fails, generator)
    frequencies[generator.random(frequencies.shape) < 0.01] = np.nan
    kept = _kept(settings, rows, generator)
    degc = np.column_stack([deck, air]) + generator.normal(0.0, 0.1, (rows, 2))
    truth = tuple(
        Truth(event, float(moment), np.expm1(effect)) for event, moment, effect in zip(events, at, effects, strict=True)
    )
    return Campaign(
        times[kept], frequencies[kept], std[kept], degc[kept], level[kept], truth, true[kept], built, fails
    )  # fmt: skip


def _came(event: Event, since_s: Real) -> Real:
    """Share of an event's effect that has come."""
    after = np.maximum(since_s, 0.0)
    return np.asarray(-np.expm1(-after / (3600.0 * event.cures_h)) if event.cures_h else (since_s >= 0.0).astype(float))


def _temperatures(settings: Settings, rows: int, generator: np.random.Generator) -> tuple[Real, Real, Real]:
    """Air, deck, and what the frozen part feels below nought [°C], (rows,) each."""
    hour = np.arange(rows) / 6.0
    season = -settings.season_degc * np.cos(2.0 * np.pi * (hour / 24.0 - 70.0) / 365.25)
    clear = np.repeat(generator.uniform(1.0, 6.0, rows // ROWS_A_DAY + 1), ROWS_A_DAY)[:rows]
    air = settings.mean_degc + season + 3.0 * _remembering(rows, 72.0, generator)
    air = air + clear * np.sin(2.0 * np.pi * (hour - 10.0) / 24.0)
    deck = _followed(air, settings.lag_h)
    return air, deck, _followed(np.minimum(deck, 0.0), settings.frozen_lag_h)


def _level(times: Real, opened_s: float, rows: int, generator: np.random.Generator) -> Real:
    """Root mean square of each window [m/s²]: wind, work by day, and traffic once the bridge is open."""
    hour = (times - START_S) / 3600.0 % 24.0
    weekday = np.floor((times - START_S) / DAY_S + 3.0) % 7.0 < 6.0
    at_work = weekday & (hour > 8.0) & (hour < 17.0) & (times < opened_s)
    open_ = np.where(times >= opened_s, 0.35 + 0.35 * np.sin(2.0 * np.pi * (hour - 8.0) / 24.0), 0.0)
    decades = 0.45 * at_work + open_ + 0.2 * _remembering(rows, 12.0, generator) + generator.normal(0.0, 0.08, rows)
    return np.asarray(1.5e-3 * 10.0**decades)


def _identified(
    settings: Settings, times: Real, true: Real, fails_s: float, generator: np.random.Generator
) -> tuple[Real, Real]:
    """Frequencies with the errors of identification, and the uncertainty that is stated."""
    bound = true * np.sqrt(np.array(settings.damping) / (2.0 * np.pi * true * STEP_S))
    failing = (times >= fails_s) & (times < fails_s + 3.0 * 3600.0)
    grown = np.where(failing, 6.0, np.where(times >= fails_s, 1.15, 1.0))[:, None]
    error = settings.error_excess * bound * grown * generator.normal(size=true.shape)
    wrong = (generator.random(true.shape) < settings.wrong) * generator.normal(0.0, 0.03, true.shape) * true
    stated = bound * np.where(failing, 2.0, grown[:, 0])[:, None] * generator.lognormal(0.0, 0.1, true.shape)
    return true + error + wrong, stated


def _kept(settings: Settings, rows: int, generator: np.random.Generator) -> NDArray[np.bool_]:
    kept = generator.random(rows) >= settings.dropouts
    for _ in range(settings.outages):
        start = int(generator.integers(rows))
        kept[start : start + int(generator.integers(6, round(6.0 * settings.longest_outage_h)))] = False
    if settings.stopped_days is not None:
        first, after = (round(ROWS_A_DAY * day) for day in settings.stopped_days)
        kept[first:after] = False
    return np.asarray(kept)


def _followed(values: Real, lag_h: float) -> Real:
    share = -np.expm1(-STEP_S / 3600.0 / lag_h)
    return np.asarray(lfilter([share], [1.0, share - 1.0], values, zi=[(1.0 - share) * values[0]])[0])


def _wander(settings: Settings, rows: int, generator: np.random.Generator) -> Real:
    """Unit-variance wander, its parts of equal variance."""
    parts = [_remembering(rows, memory_h, generator) for memory_h in settings.wander_h]
    return np.asarray(np.sum(parts, axis=0) / np.sqrt(len(parts)))


def _remembering(rows: int, memory_h: float, generator: np.random.Generator) -> Real:
    """Unit-variance noise with an exponential memory."""
    memory = np.exp(-STEP_S / 3600.0 / memory_h)
    fresh = generator.normal(size=rows)
    fresh[1:] *= np.sqrt(1.0 - memory**2)
    return np.asarray(lfilter([1.0], [1.0, -memory], fresh))
