"""Does learning foretell a bridge's deterioration: detection delay at equal run length, and forecasts 1, 7 and 30 days on.

Detection: the product's chart of the law of temperature, the shipped ONNX novelty score of spectra, the shipped forecast
network's residual and persistence's (`learning_scores.py`), each a score of every hour by the same chart, its alarm
limit then set on healthy series so that first false alarms come equally seldom: `drift` on Z24-like years as in
`bridge-drift`, one alarm in a year; `campaign` on the plan's event 5, the chart learnt from the 53 quiet days before
it, healthy being the same days with the steps taken out, one alarm in 90 days. The spectra are of raw accelerations of
short stretches through the device's pipeline, from which hours are drawn (`learning_spectra.py`), damaged as much in
the first mode. `with-all` alarms when any of chart, novelty and network does, limits raised alike to the same run
length: what they would add to the chart.

Forecast: rms of the error of a level (median of a day) against persistence and the law (`learning_forecast.py`).

No leakage: the networks were trained on bridges, weather and spectra of other seeds (models/*/card.md); limits are set
on other bridges than are judged. `adds` is 0 where the best without learning is not beaten by one part in twenty, and,
of forecasts, where the 95 % interval of the gain over series holds nought; the line then says `adds nothing`. The last
line counts the questions to which learning adds. Quick: 8 healthy years, 5 bridges, 4 campaigns. Long: 40, 30 and 12.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from benchmarks import learning_forecast, learning_spectra
from benchmarks.bridge_drift import CONTROL, SEED, YEAR
from benchmarks.figures import Figure
from benchmarks.learning_scores import (
    Foretell,
    Hourly,
    Stretch,
    by_chart,
    by_forecast,
    by_residuals,
    delay_h,
    limit_for,
    network,
    persistence,
)
from hub.bridge import campaign_hours, campaign_steps, felt_temperature, temperature_law
from hub.bridge.control_chart import Judged
from hub.bridge.felt_temperature import Floats
from models.forecast_history import DAY_H, DAYS, HORIZONS_D, levels
from simulators.bridge import campaign, year


class Sizes(NamedTuple):
    """How much is simulated: healthy years, bridges, campaigns, and stretches of so many minutes."""

    years: int
    bridges: int
    campaigns: int
    stretches: int
    minutes: int


QUICK: Final = Sizes(8, 5, 4, 6, 3)
LONG: Final = Sizes(40, 30, 12, 14, 5)
STREAM: Final = 3_000_000
RUN_LENGTH_DAYS: Final = {"drift": 365.0, "campaign": 90.0}
NEVER_H: Final = {"drift": 480.0, "campaign": 648.0}
REFERENCE_DAYS, END_DAY = (31.0, 84.0), 112.0
LAW_DAYS, REFIT_DAYS = 42, 7
STEPS_ASKED_H: Final = (42.0, 48.0, 72.0, 120.0, 240.0)
NEAR_H: Final = 24.0
STEPS_OF: Final = 2
"""Campaigns whose steps are looked for: each takes some seconds."""

WORTH: Final = 0.05
METHODS: Final = ("chart", "novelty", "learned", "persistence")
JOINED: Final = ("chart", "novelty", "learned")
SAID: Final = {
    "novelty": "ONNX score of spectra, flattered (independent hours of the girder it was trained on)",
    "learned": "residual of the forecast network",
    "persistence": "residual of persistence", "with-all": "chart, ONNX score and network together",
}  # fmt: skip


@dataclass
class Tally:
    """Scores by method: of healthy stretches, and of damaged ones with their onsets; delays of a campaign's steps."""

    healthy: dict[str, list[Stretch]] = field(default_factory=lambda: {name: [] for name in METHODS})
    damaged: dict[str, list[Stretch]] = field(default_factory=lambda: {name: [] for name in METHODS})
    onsets_s: list[float] = field(default_factory=list)
    steps_h: list[float] = field(default_factory=list)


def run(quick: bool) -> Iterator[Figure]:
    """Detection and forecast on both kinds of series, then in how many questions learning adds anything."""
    verdicts: list[Figure] = []
    for figure in _figures(quick):
        verdicts += [figure] * figure.figure.endswith("-adds")
        yield figure
    adds = [one.figure.removeprefix("bridge-learning-").removesuffix("-adds") for one in verdicts if one.value]
    yield Figure(
        "bridge-learning-questions-it-adds-to", len(adds), "questions",
        f"of {len(verdicts)} verdicts: {', '.join(adds) if adds else 'learning adds nothing to any'}",
    )  # fmt: skip


def _figures(quick: bool) -> Iterator[Figure]:
    sizes, learned = QUICK if quick else LONG, network()
    spectra = learning_spectra.bank(sizes.stretches, sizes.minutes)
    tally = Tally()
    healthy, damaged = learning_forecast.Errors(), learning_forecast.Errors()
    for number in range(sizes.years):
        _control(tally, number, spectra, learned)
    for number in range(sizes.bridges):
        _bridge(tally, healthy, damaged, number, spectra, learned)
    yield from _detection("drift", tally, f"{sizes.bridges} bridges, first damage {YEAR.year.stages[0]:g} %")
    yield from _forecast("drift", healthy, f"{sizes.bridges} bridges, healthy half-years after the reference year")
    yield from _forecast("drift-damaged", damaged, f"{sizes.bridges} bridges, foretold days after damage began")
    tally, errors = Tally(), learning_forecast.Errors()
    for number in range(sizes.campaigns):
        _campaign(tally, errors, number, spectra, learned)
    yield from _detection("campaign", tally, f"{sizes.campaigns} campaigns, event 5")
    yield from _forecast("campaign", errors, f"{sizes.campaigns} campaigns, days 31 to 137, events 4 to 8 among them")


def _scores(
    series: Hourly, loss: Floats, spectra: learning_spectra.Bank, learned: Foretell, generator: np.random.Generator
) -> tuple[dict[str, Stretch], Judged]:
    """Every method's score of the rows after the reference, and the chart's judgement."""
    drawn = learning_spectra.hourly(spectra, series.times_s, series.temperatures_degc[:, 0], loss, generator)
    judged = by_chart(series)
    reach = {
        "chart": judged.reach, "novelty": by_residuals(series, drawn - np.nanmedian(drawn[: series.reference])),
        "learned": by_forecast(series, learned), "persistence": by_forecast(series, persistence),
    }  # fmt: skip
    return {name: Stretch(series.times_s[series.reference :], one) for name, one in reach.items()}, judged


def _control(tally: Tally, number: int, spectra: learning_spectra.Bank, learned: Foretell) -> None:
    generator = np.random.default_rng([SEED, STREAM, number])
    series = _hourly_of(year.simulate(CONTROL.year, generator), CONTROL.reference_h)
    scores, _ = _scores(series, np.zeros(len(series.times_s)), spectra, learned, generator)
    for name, one in scores.items():
        tally.healthy[name].append(one)


def _hourly_of(series: year.Series, reference_h: int) -> Hourly:
    rows = int((series.times_s < series.times_s[0] + reference_h * 3600.0).sum())
    return Hourly(series.times_s, series.frequencies_hz, series.temperatures_degc, rows)


def _bridge(
    tally: Tally, healthy: learning_forecast.Errors, damaged: learning_forecast.Errors, number: int,
    spectra: learning_spectra.Bank, learned: Foretell,
) -> None:  # fmt: skip
    generator = np.random.default_rng([SEED, STREAM + 1, number])
    simulated = year.simulate(YEAR.year, generator)
    series, onset_s = _hourly_of(simulated, YEAR.reference_h), float(simulated.times_s[simulated.healthy_rows])
    scores, judged = _scores(series, simulated.loss, spectra, learned, generator)
    for name, one in scores.items():
        tally.damaged[name].append(one)
    tally.onsets_s.append(onset_s)
    n = series.reference
    degc = felt_temperature.filled(series.times_s, series.temperatures_degc, n)
    felt_degc = felt_temperature.lagged(series.times_s, degc)
    fit = temperature_law.learn(series.times_s[:n], np.log(series.frequencies_hz[:n]), felt_degc[:n]).fit
    known = levels(series.times_s, series.frequencies_hz, series.temperatures_degc[:, 0])
    felt = learning_forecast.Felt.of(series.times_s, felt_degc)
    first = int(known.hour(series.times_s[n]))
    normals = learning_forecast.normals_of(known.start_s, felt.columns[:first])
    hours = np.arange(first, len(known.percent) - DAY_H, 12)
    fades = learning_forecast.fading((known.percent - felt.law_percent(fit, felt.columns))[:first])
    row = np.searchsorted(series.times_s[n:], known.start_s + 3600.0 * hours, side="right") - 1
    kept = np.where(judged.alarm[row][:, None], 1.0, fades)
    foretold_s = known.start_s + 3600.0 * (hours[:, None] + DAY_H * np.array(HORIZONS_D))
    for errors, counted in ((healthy, foretold_s < onset_s), (damaged, foretold_s >= onset_s + DAY_H * 3600.0)):
        at = learning_forecast.Moments(hours, kept, counted)
        errors.begin()
        learning_forecast.add_errors(errors, known, felt, fit, normals, at, learned)


def _campaign(
    tally: Tally, errors: learning_forecast.Errors, number: int, spectra: learning_spectra.Bank, learned: Foretell
) -> None:
    generator = np.random.default_rng([SEED, STREAM + 2, number])
    drawn = campaign.simulate(campaign.Settings(), generator)
    hours = campaign_hours.gather(
        drawn.times_s, drawn.frequencies_hz, drawn.std_hz, drawn.temperatures_degc, drawn.level_m_s2
    )
    day = (hours.times_s - campaign.START_S) / campaign.DAY_S
    within = (day >= REFERENCE_DAYS[0]) & (day < END_DAY)
    event = next(one for one in drawn.truth if one.event.number == 5)
    after = hours.times_s >= event.at_s
    reference = int((day[within] < REFERENCE_DAYS[1]).sum())
    for name, effect in (("damaged", event.effect), ("healthy", np.zeros_like(event.effect))):
        stepless = hours.logs - np.outer(after, np.log1p(event.effect) - np.log1p(effect))
        series = Hourly(hours.times_s[within], np.exp(stepless)[within], hours.felt_degc[within, :, 0], reference)
        loss = np.where(after, -100.0 * effect[0], 0.0)[within]
        for method, one in _scores(series, loss, spectra, learned, generator)[0].items():
            getattr(tally, name)[method].append(one)
    tally.onsets_s.append(event.at_s)
    if number < STEPS_OF:
        tally.steps_h.append(_step_after_h(drawn, event.at_s))
    errors.begin()
    _campaign_forecast(errors, hours, learned)


def _step_after_h(drawn: campaign.Campaign, at_s: float) -> float:
    """Hours after which the product's judgement of the campaign so far finds the step, asked at some hours."""
    for asked_h in STEPS_ASKED_H:
        until = int(np.searchsorted(drawn.times_s, at_s + 3600.0 * asked_h))
        hours = campaign_hours.gather(
            drawn.times_s[:until], drawn.frequencies_hz[:until], drawn.std_hz[:until],
            drawn.temperatures_degc[:until], drawn.level_m_s2[:until],
        )  # fmt: skip
        found_s = hours.times_s[0] + 3600.0 * np.array(campaign_steps.find(hours).fitted.steps_h)
        if (np.abs(found_s - at_s) < 3600.0 * NEAR_H).any():
            return asked_h
    return NEVER_H["campaign"]


def _campaign_forecast(errors: learning_forecast.Errors, hours: campaign_hours.Hours, learned: Foretell) -> None:
    """A law learnt anew each week from the six weeks before; normals of the place, as a weather service has them."""
    known = levels(hours.times_s, np.exp(hours.logs), hours.felt_degc[:, 0, 0])
    felt = learning_forecast.Felt.of(hours.times_s, hours.felt_degc)
    place = campaign.Settings()

    def normals(seconds: Floats) -> Floats:
        days = (seconds - campaign.START_S) / campaign.DAY_S
        degc = place.mean_degc - place.season_degc * np.cos(2.0 * np.pi * (days - 70.0) / 365.25)
        return np.repeat(degc[..., None], felt.columns.shape[1], axis=-1)

    for first in range(DAY_H * DAYS, len(known.percent) - DAY_H, DAY_H * REFIT_DAYS):
        now_s = known.start_s + 3600.0 * first
        taken = (hours.times_s <= now_s) & (hours.times_s > now_s - 86_400.0 * LAW_DAYS)
        fit = temperature_law.learn(hours.times_s[taken], hours.logs[taken], hours.felt_degc[taken]).fit
        origins = np.arange(first, min(first + DAY_H * REFIT_DAYS, len(known.percent) - DAY_H), 12)
        always = np.ones((len(origins), len(HORIZONS_D)))
        at = learning_forecast.Moments(origins, always, always > 0.0)
        learning_forecast.add_errors(errors, known, felt, fit, normals, at, learned)


def _detection(kind: str, tally: Tally, said: str) -> Iterator[Figure]:
    """Each method's median delay beside the chart's, at the same run length."""
    length = RUN_LENGTH_DAYS[kind]
    limits = {name: limit_for(tally.healthy[name], length) for name in METHODS}
    for scores in (tally.healthy, tally.damaged):
        together = zip(*(scores[name] for name in JOINED), strict=True)
        scores["with-all"] = [_farthest(several, [limits[name] for name in JOINED]) for several in together]
    limits["with-all"] = limit_for(tally.healthy["with-all"], length)
    delays = {
        name: [
            delay_h(one.times_s, one.reach, onset, limit, NEVER_H[kind])
            for one, onset in zip(tally.damaged[name], tally.onsets_s, strict=True)
        ]
        for name, limit in limits.items()
    }
    median = {name: float(np.median(each)) for name, each in delays.items()}
    told = f"{said}; limits at one false alarm in {length:.0f} days on {len(tally.healthy['chart'])} healthy series"
    name = f"bridge-learning-{kind}"
    for method, what in SAID.items():
        never = sum(each >= NEVER_H[kind] for each in delays[method])
        yield Figure(
            f"{name}-delay-{method}", median[method], "h", f"{told}; {what}; {never} never found", "physical chart",
            median["chart"],
        )  # fmt: skip
    physical = min(median["chart"], median["persistence"])
    if tally.steps_h:
        steps, never = float(np.median(tally.steps_h)), sum(each >= NEVER_H[kind] for each in tally.steps_h)
        physical = min(physical, steps)
        yield Figure(
            f"{name}-delay-steps", steps, "h",
            f"{len(tally.steps_h)} of {said}; the product's own judgement of a campaign, which waits for a step to settle; "
            f"fewer false alarms than the others (bridge-campaign); {never} never found", "physical chart", median["chart"],
        )  # fmt: skip
    gain = physical - min(median["novelty"], median["learned"], median["with-all"])
    yield _verdict(
        f"{name}-detection-adds", gain if gain > WORTH * physical else 0.0, "h earlier",
        f"{told}; beside the best without learning ({physical:.3g} h), the ONNX score flattered",
    )  # fmt: skip


def _farthest(several: Sequence[Stretch], limits: Sequence[float]) -> Stretch:
    """The score that is the farthest over its own limit, hour by hour."""
    over = [one.reach / limit for one, limit in zip(several, limits, strict=True)]
    return Stretch(several[0].times_s, np.asarray(np.fmax.reduce(over)))


def _forecast(kind: str, errors: learning_forecast.Errors, said: str) -> Iterator[Figure]:
    """The network's error beside the law's and persistence's, and what it is worth."""
    for number, days in enumerate(HORIZONS_D):
        rms = {name: errors.rms(name, number) for name in learning_forecast.NAMES}
        if np.isnan(rms["learned"]):
            continue
        name = f"bridge-learning-{kind}-{days}d"
        told = f"{said}; temperature foretold by normals"
        for beside, peer in (("", "law"), ("-beside-persistence", "persistence")):
            yield Figure(f"{name}-error{beside}", rms["learned"], "% of frequency, rms", told, peer, rms[peer])
        yield Figure(
            f"{name}-error-temperature-known", rms["learned-known"], "% of frequency, rms",
            f"{said}; as if the temperature to come were known", "law", rms["law-known"],
        )  # fmt: skip
        gain, low = errors.gain(number)
        yield Figure(
            f"{name}-forecast-gain", 100.0 * gain, "% less error", f"{told}; than the better of law and persistence"
        )
        yield Figure(f"{name}-forecast-gain-ci95-low", 100.0 * low, "% less error", f"{told}; bootstrap over series")
        sure = gain > WORTH and low > 0.0
        yield _verdict(f"{name}-forecast-adds", 100.0 * gain if sure else 0.0, "% less error", told)


def _verdict(name: str, gain: float, unit: str, said: str) -> Figure:
    return Figure(name, gain, unit, f"{said}; learning {'adds this' if gain else 'adds nothing'}")
