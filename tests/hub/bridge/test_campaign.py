"""A campaign's noise, steps and log: against dense algebra, against simulated truth, and at their edges."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from hub.bridge import event_log
from hub.bridge.campaign import Judged, Windows, judge
from hub.bridge.campaign_hours import gather
from hub.bridge.slow_noise import Noise, Whitener, estimate, learn
from hub.bridge.twin import Twin
from hub.bridge.twin_file import Event, Girder
from hub.errors import ConfigError, SeriesRefused
from simulators.bridge.building_site import DESIGN_MASS, DESIGN_SPANS_M, DESIGN_STIFFNESS
from simulators.bridge.campaign import DAY_S, START_S, Campaign, Settings, simulate

HOUR_S = 3600.0
NOISE = Noise(factor=1.2, slow=1e-3, memory_h=48.0)
TWIN = Twin(Girder(spans_m=list(DESIGN_SPANS_M), bending_stiffness_nm2=DESIGN_STIFFNESS, mass_kg_m=DESIGN_MASS))

pytestmark = pytest.mark.xdist_group("campaign")


def test_the_inverse_covariance_of_slow_noise_is_that_of_dense_algebra() -> None:
    generator = np.random.default_rng(5)
    hours = np.sort(generator.choice(500, 120, replace=False)).astype(np.float64)
    stated, columns = generator.uniform(3e-4, 6e-4, 120), generator.normal(size=(120, 3))

    whitener = Whitener(NOISE, hours, stated)

    slow = NOISE.slow**2 * np.exp(-np.abs(hours[:, None] - hours) / NOISE.memory_h)
    covariance = slow + np.diag(np.square(NOISE.factor * stated))
    np.testing.assert_allclose(whitener(columns), np.linalg.solve(covariance, columns), rtol=1e-9, atol=1e-3)
    assert whitener.log_determinant == pytest.approx(np.linalg.slogdet(covariance)[1], abs=1e-8)
    expected = slow @ np.linalg.solve(covariance, columns[:, 0])
    np.testing.assert_allclose(whitener.slow_part(columns[:, 0]), expected, atol=1e-9)


def test_the_noise_of_a_long_series_is_learnt_and_a_steps_interval_holds() -> None:
    generator, rows = np.random.default_rng(8), 2000
    hours, stated = np.arange(float(rows)), np.full(rows, 4e-4)
    x = np.column_stack([np.ones(rows), hours >= 900.0])
    inside = []
    for _ in range(60):
        state, memory = np.zeros(rows), np.exp(-1.0 / NOISE.memory_h)
        fresh = NOISE.slow * np.sqrt(1.0 - memory**2) * generator.normal(size=rows)
        state[0] = NOISE.slow * generator.normal()
        for row in range(1, rows):
            state[row] = memory * state[row - 1] + fresh[row]
        y = state + NOISE.factor * stated * generator.normal(size=rows)
        found = estimate(Whitener(NOISE, hours, stated), x, y)
        inside.append(abs(found.coefficients[1]) <= 1.96 * np.sqrt(found.covariance[1, 1]))

    noise = learn(hours, stated, x, y, Noise(1.0, 3e-3, 100.0))

    assert noise.factor == pytest.approx(NOISE.factor, rel=0.1)
    assert noise.slow == pytest.approx(NOISE.slow, rel=0.35)
    assert 0.88 <= np.mean(inside) <= 1.0


def windows_of(campaign: Campaign) -> Windows:
    return Windows(
        campaign.times_s, campaign.frequencies_hz, campaign.std_hz, campaign.temperatures_degc, campaign.level_m_s2
    )


def log_of(campaign: Campaign, last_day: int) -> list[event_log.Entry]:
    days = [(one.event, one.event.day) for one in campaign.truth if one.event.day < last_day]
    dates = [str(np.datetime64(int(START_S + 9 * HOUR_S + DAY_S * day), "s"))[:10] for _, day in days]
    events = [Event(date=date, number=one.number, name=one.name) for date, (one, _) in zip(dates, days, strict=True)]
    return event_log.entries(events, "Asia/Tokyo")


def until(campaign: Campaign, day: float) -> Campaign:
    """The campaign's first days."""
    kept = campaign.times_s < START_S + DAY_S * day
    fields = ("times_s", "frequencies_hz", "std_hz", "temperatures_degc", "level_m_s2", "true_hz")
    return msgspec.structs.replace(campaign, **{name: getattr(campaign, name)[kept] for name in fields})


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    return until(simulate(Settings(outages=1), np.random.default_rng(11)), 45.0)


@pytest.fixture(scope="module")
def judged(campaign: Campaign) -> Judged:
    return judge(windows_of(campaign), log_of(campaign, 45), TWIN)


def test_every_event_is_found_dated_and_sized_and_nothing_else(campaign: Campaign, judged: Judged) -> None:
    real = [one for one in campaign.truth if one.event.kind != "nothing" and one.event.day < 45]

    assert [one.found for one in judged.changes] == [True] * len(real)
    for change, truth in zip(judged.changes, real, strict=True):
        assert [entry.event.name for entry in change.entries] == [truth.event.name]
        assert abs(change.at_s - truth.at_s) < 24.0 * HOUR_S
        assert (np.abs(change.effect - truth.effect) < 4.0 * change.std).all()
        assert (change.std < 0.0015).all()
    assert [entry.event.name for entry in judged.outside] == ["計測開始"]


def test_the_twin_says_which_events_were_of_structure(campaign: Campaign, judged: Judged) -> None:
    kinds = [one.event.kind for one in campaign.truth if one.event.kind != "nothing" and one.event.day < 45]

    told = [one.verdict.kind for one in judged.changes]

    assert all(told[number] in (kind, "undetermined") for number, kind in enumerate(kinds))
    assert told.count("structure") >= 2
    assert judged.calibration is not None
    assert np.abs(judged.calibration.after_hz / judged.start_hz - 1.0).max() < 0.03


def test_a_day_in_the_log_on_which_nothing_happened_has_no_detectable_effect(campaign: Campaign) -> None:
    quiet = event_log.entries([Event(date="2023-12-22", number=9, name="草刈り")], "Asia/Tokyo")

    found = judge(windows_of(campaign), quiet)

    mowing = next(one for one in found.changes if one.entries)
    assert not mowing.detectable
    assert not mowing.found
    assert (np.abs(mowing.effect) < 4.0 * mowing.std).all()
    assert all(one.verdict.kind == "undetermined" for one in found.changes)


def test_half_a_day_after_an_event_the_earlier_ones_stand(campaign: Campaign) -> None:
    short = until(campaign, 16.0)

    early = judge(windows_of(short), log_of(campaign, 45))

    first = next(one for one in campaign.truth if one.event.number == 2)
    assert [[entry.event.number for entry in one.entries] for one in early.changes] == [[2]]
    assert early.changes[0].found
    assert (np.abs(early.changes[0].effect - first.effect) < 4.0 * early.changes[0].std).all()
    assert [entry.event.number for entry in early.outside] == [1, 3, 4, 4]
    assert np.isfinite(early.law).all()


MEASURED_S = START_S + HOUR_S * np.arange(24.0 * 40.0)


def day(number: float) -> float:
    return START_S + DAY_S * number


def entry(number: int) -> event_log.Entry:
    return event_log.Entry(Event(date="-", name=f"day {number}", number=1), day(number), day(number + 1))


def test_a_step_goes_to_the_nearest_entry_and_an_entry_without_one_gets_its_own() -> None:
    laid = event_log.lay([day(10.6)], [entry(10), entry(20)], MEASURED_S)

    assert [(step.at_s, step.found, len(step.entries)) for step in laid.steps] == [
        (day(10.6), True, 1),
        (day(20.5), False, 1),
    ]


def test_entries_nearer_than_the_resolution_are_one_sum() -> None:
    laid = event_log.lay([day(10.6)], [entry(10), entry(11)], MEASURED_S)

    assert [[one.event.name for one in step.entries] for step in laid.steps] == [["day 10", "day 11"]]


def test_entries_between_which_nothing_was_measured_are_one_sum() -> None:
    silent = (day(10.2) < MEASURED_S) & (day(14.5) > MEASURED_S)

    apart = event_log.lay([day(14.6)], [entry(10), entry(14)], MEASURED_S)
    joint = event_log.lay([day(14.6)], [entry(10), entry(14)], MEASURED_S[~silent])

    assert [len(step.entries) for step in apart.steps] == [1, 1]
    assert [len(step.entries) for step in joint.steps] == [2]
    assert joint.steps[0].at_s == day(14.6)


def test_an_entry_before_anything_was_measured_is_outside() -> None:
    laid = event_log.lay([], [entry(0), entry(10)], MEASURED_S)

    assert [one.event.name for one in laid.outside] == ["day 0"]
    assert len(laid.steps) == 1


def test_wrong_dates_zones_and_too_short_a_campaign_are_refused() -> None:
    few = np.arange(50.0)

    with pytest.raises(ConfigError, match="wanted for example"):
        event_log.entries([Event(date="27.11.2023", name="x", number=1)], "Asia/Tokyo")
    with pytest.raises(ConfigError, match="Asia/Tokyo"):
        event_log.entries([Event(date="2023-11-27", name="x", number=1)], "Tokyo/Asia")
    with pytest.raises(SeriesRefused, match="7 at least"):
        judge(Windows(600.0 * few, np.ones((50, 2)), None, np.ones((50, 1)), None))


def test_a_window_far_from_its_neighbours_is_not_in_its_hour() -> None:
    generator = np.random.default_rng(2)
    times, rows = 600.0 * np.arange(600.0), 600
    frequencies = 3.0 * (1.0 + 1e-3 * generator.normal(size=(rows, 1)))
    frequencies[300] *= 1.2

    hours = gather(times, frequencies, np.full((rows, 1), 3e-3), np.full((rows, 1), 10.0), None)

    assert np.abs(hours.logs - np.log(3.0)).max() < 0.002
    assert hours.stated[10, 0] == pytest.approx(1e-3 / np.sqrt(6.0), rel=0.01)
