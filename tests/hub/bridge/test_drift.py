"""The bridge's law of temperature, its chart and its changes, against simulated truth and analytic answers."""

from __future__ import annotations

import numpy as np
import pytest

from hub.bridge import change, control_chart, felt_temperature, temperature_law
from hub.bridge.change_class import Pattern, judge
from hub.bridge.drift import Drift, Series, analyse
from hub.bridge.felt_temperature import filled
from hub.errors import SeriesRefused
from simulators.bridge.year import HOUR_S, Year, simulate
from simulators.bridge.year import Series as Simulated

REFERENCE_H = 150 * 24
SHORT = Year(healthy_h=180 * 24, damaged_h=240, stages=(1.2, 2.4))


def judged(series: Simulated, rows: int | None = None) -> tuple[Drift, int]:
    """The drift after the reference, and how many of its rows are healthy."""
    if rows is None:
        rows = int((series.times_s < series.times_s[0] + REFERENCE_H * HOUR_S).sum())
    modes = tuple(f"f{mode + 1}" for mode in range(series.frequencies_hz.shape[1]))
    table = Series(series.times_s, series.frequencies_hz, series.temperatures_degc, modes, ("deck", "air"))
    return analyse(table, 0, rows), series.healthy_rows - rows


@pytest.fixture(scope="module")
def damaged() -> Simulated:
    return simulate(SHORT, np.random.default_rng(7))


def test_a_law_that_bends_at_freezing_is_found_again() -> None:
    times = np.arange(4000.0) * HOUR_S
    degc = (12.0 * np.sin(np.arange(4000.0) / 300.0) + 4.0 * np.sin(np.arange(4000.0) / 3.8))[:, None]
    log_frequency = np.log(4.0) - 0.0006 * np.maximum(degc, 0.0) - 0.004 * np.minimum(degc, 0.0)
    noise = np.random.default_rng(1).normal(0.0, 1e-4, degc.shape)

    fit = temperature_law.learn(times, log_frequency + noise, felt_temperature.lagged(times, degc)).fit

    assert fit.knee_degc == 0.0
    assert fit.terms[0] == (0, 0)
    probe = np.array([[-8.0], [-2.0], [3.0], [10.0]])
    expected, _ = temperature_law.predict(fit, np.repeat(probe[:, :, None], len(felt_temperature.LAGS_H), axis=2))
    wanted = np.log(4.0) - 0.0006 * np.maximum(probe, 0.0) - 0.004 * np.minimum(probe, 0.0)
    np.testing.assert_allclose(expected, wanted, atol=1e-4)


def test_a_lagged_temperature_follows_a_step_as_a_first_order_system_does() -> None:
    times = np.arange(20.0) * HOUR_S
    degc = np.where(np.arange(20) < 1, 0.0, 10.0)[:, None]

    felt = felt_temperature.lagged(times, degc)

    number = felt_temperature.LAGS_H.index(6.0)
    np.testing.assert_allclose(felt[1:, 0, number], 10.0 * (1.0 - np.exp(-np.arange(1, 20) / 6.0)), rtol=1e-12)
    np.testing.assert_array_equal(felt[:, 0, 0], degc[:, 0])


def test_the_law_is_less_sure_at_temperatures_that_it_never_saw(damaged: Simulated) -> None:
    degc = filled(damaged.times_s, damaged.temperatures_degc, REFERENCE_H)
    felt = felt_temperature.lagged(damaged.times_s, degc)[:3000]
    fit = temperature_law.learn(damaged.times_s[:3000], np.log(damaged.frequencies_hz[:3000]), felt).fit

    _, inside = temperature_law.predict(fit, np.full((1, 2, len(felt_temperature.LAGS_H)), 5.0))
    _, outside = temperature_law.predict(fit, np.full((1, 2, len(felt_temperature.LAGS_H)), 45.0))

    assert (outside > 3.0 * inside).all()


def test_a_first_frost_that_the_reference_never_saw_raises_no_alarm() -> None:
    year = Year(healthy_h=420 * 24, damaged_h=0, gaps=0)
    series = simulate(year, np.random.default_rng(4))
    warm = np.flatnonzero(series.temperatures_degc[:, 0] > 5.0)
    start = int(warm[np.searchsorted(warm, 3500)])
    after = start + int(np.argmax(series.temperatures_degc[start + 1000 :, 0] < 0.5)) + 900

    table = Series(
        series.times_s, series.frequencies_hz, series.temperatures_degc, ("f1", "f2", "f3", "f4"), ("d", "a")
    )
    drift = analyse(table, start, after)

    assert (series.temperatures_degc[after:, 0] < -2.0).sum() > 24
    assert drift.judged.flagged.mean() <= 0.05
    assert not drift.judged.alarm.any()


def test_a_restless_winter_does_not_hide_what_happens_in_summer() -> None:
    """With one set of limits for all seasons a fifth to a half of these hours were missed."""
    year = Year(healthy_h=266 * 24, damaged_h=240, stages=(1.2, 2.4), frost_wander=1.0)
    series = simulate(year, np.random.default_rng(6))

    drift, healthy = judged(series, int(0.8 * series.healthy_rows))

    assert drift.judged.flagged[:healthy].mean() <= 0.05
    assert drift.judged.flagged[healthy:].mean() >= 0.95


def test_the_regime_of_frost_outlasts_the_frost_by_three_days() -> None:
    times = np.arange(400.0) * HOUR_S
    degc = np.where(np.arange(400) < 100, -5.0, 30.0)[:, None]

    frozen = felt_temperature.frost(felt_temperature.lagged(times, degc), 1.0)

    thawed = int(np.argmin(frozen))
    assert frozen[:thawed].all()
    assert not frozen[thawed:].any()
    assert 100 + felt_temperature.THAW_H < thawed < 112 + felt_temperature.THAW_H


def test_of_forty_temperatures_the_telling_ones_are_taken(damaged: Simulated) -> None:
    noise = np.random.default_rng(8).normal(10.0, 5.0, (len(damaged.times_s), 40))
    degc = np.column_stack([noise, damaged.temperatures_degc])
    felt = felt_temperature.lagged(damaged.times_s, degc)[:2500]

    fit = temperature_law.learn(damaged.times_s[:2500], np.log(damaged.frequencies_hz[:2500]), felt).fit

    assert {sensor for sensor, _ in fit.terms} <= {40, 41}


def test_a_healthy_bridge_is_hardly_flagged_and_damage_is_seen_within_hours(damaged: Simulated) -> None:
    drift, healthy = judged(damaged)

    onset = damaged.times_s[damaged.healthy_rows]
    first = damaged.times_s[damaged.healthy_rows + int(np.argmax(drift.judged.flagged[healthy:]))]
    assert drift.judged.flagged[:healthy].mean() <= 0.05
    assert drift.judged.flagged[healthy:].mean() >= 0.974
    assert (first - onset) / HOUR_S <= 16.0
    assert not drift.judged.alarm[:healthy].any()
    assert drift.judged.alarm[-1]


def test_a_change_is_dated_and_sized_with_intervals_that_hold_the_truth(damaged: Simulated) -> None:
    drift, _ = judged(damaged)

    onset = damaged.times_s[damaged.healthy_rows]
    hours = [(damaged.times_s[one.row] - onset) / HOUR_S for one in drift.changes]
    assert np.abs(np.array(hours) - [0.0, 120.0]).max() <= 6.0
    truth = -0.012 * np.array(SHORT.pattern)
    assert (np.abs(drift.changes[0].change.effect - truth) <= 3.0 * drift.changes[0].change.std).all()
    assert {0, 1} <= set(drift.changes[0].change.modes)
    assert {one.kind for one in drift.changes} == {"undetermined"}


def test_training_residuals_would_give_a_tighter_limit_than_left_out_blocks(damaged: Simulated) -> None:
    times, logs = damaged.times_s[:3000], np.log(damaged.frequencies_hz[:3000])
    felt = felt_temperature.lagged(times, damaged.temperatures_degc[:3000])
    learnt = temperature_law.learn(times, logs, felt)

    expected, _ = temperature_law.predict(learnt.fit, felt)

    trained, left_out = (
        np.nanmean(np.square(control_chart.moving_average(residuals, control_chart.SLOW)))
        for residuals in (logs - expected, learnt.residuals)
    )
    assert trained < 0.9 * left_out


def test_one_wrong_hour_is_not_flagged_and_does_not_move_the_date(damaged: Simulated) -> None:
    drift, healthy = judged(damaged)
    quiet = int(np.flatnonzero(drift.judged.score[:healthy] < 0.4)[10])
    spoilt = damaged.frequencies_hz.copy()
    spoilt[len(spoilt) - len(drift.residuals) + quiet] *= 1.3

    again, _ = judged(Simulated(damaged.times_s, spoilt, damaged.temperatures_degc, damaged.loss))

    assert not again.judged.flagged[quiet]
    assert again.changes[0].row == drift.changes[0].row


def test_an_hour_without_any_frequency_is_not_judged(damaged: Simulated) -> None:
    holes = damaged.frequencies_hz.copy()
    holes[-5:] = np.nan

    drift, _ = judged(Simulated(damaged.times_s, holes, damaged.temperatures_degc, damaged.loss))

    assert np.isnan(drift.judged.score[-5:]).all()
    assert not drift.judged.flagged[-5:].any()
    assert drift.judged.alarm[-1]


@pytest.mark.parametrize("modes", [1, 2])
def test_fewer_modes_are_judged_as_well(damaged: Simulated, modes: int) -> None:
    few = Simulated(damaged.times_s, damaged.frequencies_hz[:, :modes], damaged.temperatures_degc, damaged.loss)

    drift, healthy = judged(few)

    assert drift.judged.flagged[:healthy].mean() <= 0.05
    assert drift.judged.flagged[healthy:].mean() >= 0.95


def test_a_column_hardly_known_in_the_reference_is_left_out_and_named(damaged: Simulated) -> None:
    spoilt = damaged.frequencies_hz.copy()
    spoilt[:3000, 2] = np.nan

    drift, _ = judged(Simulated(damaged.times_s, spoilt, damaged.temperatures_degc, damaged.loss))

    assert drift.modes == ("f1", "f2", "f4")
    assert "column f3 is left out" in drift.findings[0]


def test_a_temperature_sensor_that_dies_is_told_from_the_other(damaged: Simulated) -> None:
    degc = damaged.temperatures_degc.copy()
    degc[-300:, 0] = np.nan

    drift, _ = judged(Simulated(damaged.times_s, damaged.frequencies_hz, degc, damaged.loss))

    assert np.isfinite(drift.judged.score[-50:]).mean() > 0.9


def test_no_temperature_at_all_for_days_is_said_and_not_judged(damaged: Simulated) -> None:
    degc = damaged.temperatures_degc.copy()
    degc[-60:] = np.nan

    drift, _ = judged(Simulated(damaged.times_s, damaged.frequencies_hz, degc, damaged.loss))

    assert np.isnan(drift.judged.score[-40:]).all()
    assert any("no temperature" in finding for finding in drift.findings)


def test_a_reference_of_a_few_rows_is_refused(damaged: Simulated) -> None:
    with pytest.raises(SeriesRefused, match="at least 100"):
        judged(damaged, 60)


def test_a_column_that_never_changes_is_left_out_and_named(damaged: Simulated) -> None:
    stuck = damaged.frequencies_hz.copy()
    stuck[:, 1] = 5.0

    drift, _ = judged(Simulated(damaged.times_s, stuck, damaged.temperatures_degc, damaged.loss))

    assert drift.modes == ("f1", "f3", "f4")
    assert drift.findings == ["column f2 is left out: it never changes in the reference"]


def test_frequencies_rounded_to_a_tenth_are_judged(damaged: Simulated) -> None:
    rough = np.round(damaged.frequencies_hz, 1)

    drift, healthy = judged(Simulated(damaged.times_s, rough, damaged.temperatures_degc, damaged.loss))

    assert drift.judged.flagged[:healthy].mean() <= 0.05
    assert drift.judged.flagged[healthy:].mean() >= 0.9


def test_a_reference_of_a_week_is_judged_with_a_warning(damaged: Simulated) -> None:
    drift, _ = judged(damaged, 160)

    assert "spans 7 days" in drift.findings[0]


def test_an_episode_ends_after_a_day_without_flags() -> None:
    rows = 100
    begins, flagged, known = np.zeros(rows, bool), np.zeros(rows, bool), np.ones(rows, bool)
    begins[10], flagged[10:20] = True, True

    alarm = control_chart.episodes(begins, flagged, known)

    assert control_chart.runs(alarm) == [(10, 19 + control_chart.CLEAR_ROWS)]


def test_the_return_level_of_gumbel_maxima_is_the_analytic_one() -> None:
    run = round(control_chart.MAXIMA_H)
    maxima = np.random.default_rng(3).gumbel(3.0, 0.4, 4000)
    hourly = np.zeros((4000, run))
    hourly[:, 5] = maxima

    level = control_chart.return_level(hourly.ravel(), 1.0)

    periods = control_chart.RETURN_YEARS * control_chart.HOURS_A_YEAR / run
    assert level == pytest.approx(3.0 - 0.4 * np.log(-np.log1p(-1.0 / periods)), rel=0.03)


def test_intervals_of_a_step_hold_on_autocorrelated_residuals() -> None:
    """With hours taken as independent, intervals would be half as wide and hold about two thirds."""
    random, held = np.random.default_rng(5), []
    for _ in range(60):
        fresh = random.normal(0.0, 1.0, (3000, 2))
        residuals = 1e-3 * control_chart.moving_average(fresh, 0.2)
        residuals[2700:] -= 0.004
        healthy = residuals[:2400]
        [found] = change.find(residuals, healthy, healthy.std(axis=0), (2470, 2710, 3000), 1.0)[:1]
        held.append(np.abs(found.effect + 0.004) <= 1.96 * found.std)

    assert 0.88 <= np.mean(held) <= 0.99


def beam_patterns() -> tuple[Pattern, Pattern]:
    """A simple beam by Rayleigh: a mass at a third of the span, and bending stiffness lost at midspan."""
    order = np.arange(1, 5)
    mass = Pattern("mass", -0.01 * np.sin(order * np.pi / 3.0) ** 2)
    structure = Pattern("structure", -0.01 * np.sin(order * np.pi / 2.0) ** 2)
    return mass, structure


@pytest.mark.parametrize("number", [0, 1])
def test_with_a_models_patterns_a_clear_change_gets_its_class(number: int) -> None:
    patterns = beam_patterns()

    kind = judge(1.5 * patterns[number].change, np.eye(4) * 1e-3**2, patterns).kind

    assert kind == patterns[number].kind


def test_mass_and_stiffness_at_the_same_place_of_a_simple_beam_stay_undetermined() -> None:
    pattern = beam_patterns()[0]
    alike = Pattern("structure", pattern.change)

    assert judge(pattern.change, np.eye(4) * 1e-4**2, (pattern, alike)).kind == "undetermined"


def test_a_pattern_that_no_model_predicts_and_a_missing_model_claim_nothing() -> None:
    rising = np.array([0.01, -0.01, 0.01, -0.01])

    assert judge(rising, np.eye(4) * 1e-4**2, beam_patterns()).kind == "undetermined"
    assert judge(rising, np.eye(4) * 1e-4**2).kind == "undetermined"
