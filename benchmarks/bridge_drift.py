"""Has a bridge changed: flagged hours, delay and false alarms on a simulated Z24-like year, beside the usual T² and PCA.

Simulated bridges (`simulators/bridge/year.py`): hourly frequencies of four modes with a law of temperature that bends at
freezing and lags, autocorrelated scatter, slow wander, missing hours, outliers; then damage in four stages. Designs:
`year`, a whole healthy year as reference and half a year held out; `season`, reference from November to mid-June and
held-out weeks hotter than any of it; `frost`, a season whose frozen months wander several times more than its warm ones,
as they do on the real bridge. The first two once more as `harsh`, reported without aim: half the first damage, twice the
wander, and a yearly moisture that no temperature explains. Peers, in the same call on the same rows: linear regression
on the temperatures with Hotelling's T², and principal components with T² on the minor ones, both with the 95 % quantile
of their training rows as limit. Missed are damaged hours not flagged; detected is the third of three flagged hours in
succession, counted in hours in which the bridge was measured; by the clock it is told beside it (a logger that stands
still for two days when damage begins delays everyone).

In-control run length: one year of reference, one healthy year judged, each a new bridge and new weather; time to the
first alarm over alarms (censored at the year's end), with the exact interval of a Poisson count. Quick: 6 bridges a
design and 30 healthy years. Long: 40 and 200.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec
import numpy as np

from benchmarks.drift_peers import Flags, linear_t2, principal_t2
from benchmarks.figures import Figure
from hub.bridge.drift import Drift, Series, analyse
from simulators.bridge.year import HOUR_S, Year, simulate
from simulators.bridge.year import Series as Simulated

SEED = 24
QUICK, LONG = (6, 30), (40, 200)
DAY_H = 24
HOURS_A_YEAR = 8766.0
SUCCESSION = 3
NEVER_H = 480.0
HARSH = {"wander": 0.24, "moisture": 0.3, "stages": (0.6, 1.2, 2.4, 4.0)}


@dataclass(frozen=True)
class Design:
    """A year, and how many of its hours are the reference."""

    name: str
    year: Year
    reference_h: int


YEAR = Design("year", Year(healthy_h=365 * DAY_H + 182 * DAY_H), 365 * DAY_H)
SEASON = Design("season", Year(healthy_h=266 * DAY_H), 215 * DAY_H)
DESIGNS = (
    YEAR, SEASON, Design("frost", msgspec.structs.replace(SEASON.year, frost_wander=1.0), SEASON.reference_h),
    Design("year-harsh", msgspec.structs.replace(YEAR.year, **HARSH), YEAR.reference_h),
    Design("season-harsh", msgspec.structs.replace(SEASON.year, **HARSH), SEASON.reference_h),
)  # fmt: skip
CONTROL = Design("control", Year(healthy_h=730 * DAY_H, damaged_h=0), 365 * DAY_H)


@dataclass
class Tally:
    """What one method did over the bridges of a design."""

    healthy: int = 0
    flagged: int = 0
    damaged: int = 0
    missed: int = 0
    delays_h: list[float] = field(default_factory=list)
    clock_h: list[float] = field(default_factory=list)

    def add(self, flags: Flags, judged: Flags, series: Simulated, rows: int) -> None:
        """One bridge's flags for the rows after the reference's ``rows``."""
        after = series.healthy_rows - rows
        self.healthy += int(judged[:after].sum())
        self.flagged += int(flags[:after].sum())
        self.damaged += len(flags) - after
        self.missed += int((~flags[after:]).sum())
        third = np.convolve(flags[after:], np.ones(SUCCESSION), "valid") == SUCCESSION
        onset = series.times_s[series.healthy_rows]
        times = series.times_s[series.healthy_rows + SUCCESSION - 1 :]
        self.clock_h.append(float(times[np.argmax(third)] - onset) / HOUR_S if third.any() else NEVER_H)
        self.delays_h.append(float(np.argmax(third)) + SUCCESSION - 1.0 if third.any() else NEVER_H)

    @property
    def flagged_percent(self) -> float:
        """Share of healthy judged hours that were flagged."""
        return 100.0 * self.flagged / self.healthy

    @property
    def missed_percent(self) -> float:
        """Share of damaged hours that were not flagged."""
        return 100.0 * self.missed / self.damaged


@dataclass
class Told:
    """What alarms and changes were told over the bridges of a design."""

    alarm_delays_h: list[float] = field(default_factory=list)
    false_alarms: int = 0
    dates_off_h: list[float] = field(default_factory=list)
    inside: int = 0
    sized: int = 0

    def add(self, drift: Drift, series: Simulated, year: Year) -> None:
        """One bridge's answer against its truth."""
        after = series.healthy_rows - drift.first_row
        onset = series.times_s[series.healthy_rows]
        begins = np.flatnonzero(np.diff(drift.judged.alarm.astype(np.int8), prepend=0) == 1)
        self.false_alarms += int((begins < after).sum())
        late = np.flatnonzero(drift.judged.alarm[after:])
        moments = series.times_s[series.healthy_rows :]
        self.alarm_delays_h.append(float(moments[late[0]] - onset) / HOUR_S if len(late) else NEVER_H)
        stage_h = year.damaged_h / len(year.stages)
        for one in drift.changes:
            hours = (series.times_s[one.row] - onset) / HOUR_S
            stage = round(hours / stage_h)
            if not (0 <= stage < len(year.stages) and abs(hours - stage * stage_h) <= DAY_H):
                continue
            self.dates_off_h.append(abs(hours - stage * stage_h))
            factors = np.log1p(-np.outer(series.loss, year.pattern) / 100.0)
            begin, row, end = one.change.begin, one.change.row, one.change.end
            step = np.expm1(factors[row:end].mean(axis=0) - factors[begin:row].mean(axis=0))
            self.inside += int((np.abs(one.change.effect - step) <= 1.96 * one.change.std).sum())
            self.sized += len(step)


def run(quick: bool) -> Iterable[Figure]:
    """Each design's figures, then the run length."""
    bridges, years = QUICK if quick else LONG
    for design in DESIGNS:
        yield from _design_figures(design, bridges)
    yield from _run_length(years)


def _rows(design: Design, series: Simulated) -> int:
    return int((series.times_s < series.times_s[0] + design.reference_h * HOUR_S).sum())


def _judged(series: Simulated, rows: int) -> Drift:
    modes = tuple(f"f{mode + 1}" for mode in range(series.frequencies_hz.shape[1]))
    table = Series(series.times_s, series.frequencies_hz, series.temperatures_degc, modes, ("deck", "air"))
    return analyse(table, 0, rows)


def _design_figures(design: Design, bridges: int) -> Iterable[Figure]:
    ours, linear, principal, told = Tally(), Tally(), Tally(), Told()
    for number in range(bridges):
        series = simulate(design.year, np.random.default_rng([SEED, number]))
        rows = _rows(design, series)
        drift = _judged(series, rows)
        ours.add(drift.judged.flagged, ~np.isnan(drift.judged.score), series, rows)
        told.add(drift, series, design.year)
        for tally, method in ((linear, linear_t2), (principal, principal_t2)):
            tally.add(*method(series.frequencies_hz, series.temperatures_degc, rows), series, rows)
    stages = ", ".join(f"{stage:g}" for stage in design.year.stages)
    said = (
        f"{design.name}: {bridges} bridges, {ours.healthy} healthy hours held out, {ours.damaged} damaged ({stages} %)"
    )
    name, harsh = f"bridge-drift-{design.name}", design.name.endswith("harsh")
    for beside, peer, other in (("", "linear regression + T2", linear), ("-beside-pca", "PCA + T2", principal)):
        yield Figure(
            f"{name}-healthy-flagged{beside}", ours.flagged_percent, "%", said, peer, other.flagged_percent,
            None if harsh else "<= 5",
        )  # fmt: skip
        yield Figure(
            f"{name}-damaged-missed{beside}", ours.missed_percent, "%", said, peer, other.missed_percent,
            None if harsh else "<= 2.6",
        )  # fmt: skip
    delay, worst = float(np.median(ours.delays_h)), max(ours.delays_h)
    peer, slow = "linear regression + T2", linear.delays_h
    said_hours = f"{said}; measured hours"
    yield Figure(
        f"{name}-detected-after", delay, "h", said_hours, peer, float(np.median(slow)), None if harsh else "<= 8"
    )
    yield Figure(f"{name}-detected-after-worst", worst, "h", said_hours, peer, max(slow), None if harsh else "<= 16")
    yield Figure(f"{name}-detected-by-the-clock-worst", max(ours.clock_h), "h", f"{said}; outages of the logger count")
    yield Figure(f"{name}-alarm-after", float(np.median(told.alarm_delays_h)), "h", said)
    yield Figure(f"{name}-alarm-after-worst", max(told.alarm_delays_h), "h", said)
    yield Figure(f"{name}-false-alarms", told.false_alarms, "alarms", said)
    if told.sized:
        yield Figure(f"{name}-stages-dated", len(told.dates_off_h), "stages", f"{said}, {4 * bridges} stages")
        yield Figure(f"{name}-date-off", float(np.median(told.dates_off_h)), "h", said)
        yield Figure(f"{name}-size-intervals-hold", 100.0 * told.inside / told.sized, "%", said)


def _run_length(years: int) -> Iterable[Figure]:
    """In-control average run length of the alarm, its interval, and that of the peer's flags."""
    from scipy.stats import chi2

    exposure_h, alarms, flagged, peer_exposure_h, peer_alarms = 0.0, 0, 0.0, 0.0, 0
    for number in range(years):
        series = simulate(CONTROL.year, np.random.default_rng([SEED, 1_000_000 + number]))
        rows = _rows(CONTROL, series)
        judged = _judged(series, rows).judged
        hours = (series.times_s[rows:] - series.times_s[rows]) / HOUR_S
        flagged += 100.0 * float(judged.flagged.mean()) / years
        alarms += int(judged.alarm.any())
        exposure_h += float(hours[np.argmax(judged.alarm)] if judged.alarm.any() else hours[-1])
        flags, _ = linear_t2(series.frequencies_hz, series.temperatures_degc, rows)
        peer_alarms += int(flags.any())
        peer_exposure_h += float(hours[np.argmax(flags)] if flags.any() else hours[-1])
    exposure = exposure_h / HOURS_A_YEAR
    said = f"{years} healthy years, each a new bridge after its own year of reference; {alarms} had an alarm"
    low = 2.0 * exposure / float(chi2.ppf(0.975, 2 * alarms + 2))
    peer, theirs = "linear regression + T2", peer_exposure_h / HOURS_A_YEAR / max(peer_alarms, 1)
    yield Figure("bridge-drift-run-length", exposure / max(alarms, 1), "years", said, peer, theirs, ">= 1")
    yield Figure("bridge-drift-run-length-ci95-low", low, "years", said, aim=">= 1")
    if alarms:
        high = 2.0 * exposure / float(chi2.ppf(0.025, 2 * alarms))
        yield Figure("bridge-drift-run-length-ci95-high", high, "years", said)
    yield Figure("bridge-drift-control-flagged", flagged, "%", said, aim="<= 5")
