"""The simulated campaign is what it says: events on the plan's days, effects of the girder's modes, errors of the bound."""

import numpy as np
import pytest

from simulators.bridge.building_site import Event, Load, build, modes_of
from simulators.bridge.campaign import DAY_S, START_S, STEP_S, Campaign, Settings, simulate

CALM = Settings(
    wander=0.0, warm_loss=(0.0,) * 6, cold_loss=(0.0,) * 6, amplitude_loss=0.0, dropouts=0.0, outages=0, wrong=0.0
)


@pytest.fixture(scope="module")
def calm() -> Campaign:
    return simulate(CALM, np.random.default_rng(3))


def test_the_eight_events_are_on_the_days_of_the_plan(calm: Campaign) -> None:
    dates = [str(np.datetime64(int(START_S + 9 * 3600 + DAY_S * one.event.day), "s"))[:10] for one in calm.truth]

    assert dates == [
        "2023-11-16", "2023-11-27", "2023-12-01", "2023-12-11", "2023-12-13", "2024-02-09", "2024-03-08", "2024-03-11",
        "2024-03-25",
    ]  # fmt: skip
    assert [one.event.number for one in calm.truth] == [1, 2, 3, 4, 4, 5, 6, 7, 8]


def test_with_neither_weather_nor_wander_a_frequency_moves_by_the_events_alone(calm: Campaign) -> None:
    whole = np.prod([1.0 + one.effect for one in calm.truth], axis=0)

    np.testing.assert_allclose(calm.true_hz[-1] / calm.true_hz[0], whole, rtol=1e-9)


def test_errors_are_those_of_the_bound_times_the_excess(calm: Campaign) -> None:
    bound = np.sqrt(np.array(CALM.damping) / (2.0 * np.pi * calm.true_hz * STEP_S))
    sound = calm.times_s < calm.sensor_fails_s

    errors = ((calm.frequencies_hz / calm.true_hz - 1.0) / bound)[sound]

    assert np.nanstd(errors) == pytest.approx(CALM.error_excess, rel=0.03)


def test_dropouts_take_their_share_of_windows() -> None:
    series = simulate(Settings(outages=0), np.random.default_rng(5))

    assert 1.0 - len(series.times_s) / (137 * 144) == pytest.approx(0.03, abs=0.005)


def test_restraint_raises_and_mass_lowers_every_mode() -> None:
    built = build(np.random.default_rng(1))
    base = modes_of(built, (), 6).frequency_hz

    held = modes_of(built, (Event(number=2, name="", day=0, left=0.1),), 6).frequency_hz
    heavy = modes_of(built, (Event(number=6, name="", day=0, loads=(Load(kg_m=900.0),)),), 6).frequency_hz

    assert (held > base).all()
    np.testing.assert_allclose(heavy / base, (1.0 + 900.0 / 9000.0) ** -0.5, rtol=0.004)
