"""The sampling clock is measured from deliveries that come late by chance, and followed through jumps."""

import numpy as np
import pytest

from edge.bridge.sample_clock import SampleClock

RATE_HZ, SIZE = 200.0, 25
START_US = 5_000_000


def delivered(
    clock: SampleClock,
    seconds: float,
    ratio: float,
    rng: np.random.Generator,
    first: int = 0,
    start_us: float = START_US,
) -> float:
    """Chunks of ``SIZE`` samples, each late by up to 8 ms; when the last sample was taken [µs]."""
    at = start_us
    for number in range(1, round(seconds * RATE_HZ / SIZE) + 1):
        at = start_us + number * SIZE * 1e6 / (RATE_HZ * ratio)
        clock.saw(first + number * SIZE, round(at + rng.gamma(2.0, 1500.0)))
    return at


@pytest.mark.parametrize("ratio", [1.0, 1.0033, 0.9967])
def test_the_rate_is_known_to_twenty_ppm_within_two_minutes(ratio: float) -> None:
    clock = SampleClock(RATE_HZ)

    delivered(clock, 120.0, ratio, np.random.default_rng(1))

    assert clock.rate is not None
    assert clock.ratio == pytest.approx(ratio, abs=20e-6)
    assert abs(clock.ratio - ratio) * 1e6 < 4.0 * clock.rate.std_ppm


def test_nothing_is_said_of_the_rate_before_it_is_known() -> None:
    clock = SampleClock(RATE_HZ)

    delivered(clock, 19.0, 1.0033, np.random.default_rng(1))

    assert clock.rate is None
    assert clock.ratio == 1.0


def test_a_sample_is_placed_to_a_few_milliseconds() -> None:
    clock = SampleClock(RATE_HZ)

    end_us = delivered(clock, 600.0, 1.0033, np.random.default_rng(2))

    assert clock.time_of(round(600.0 * RATE_HZ)) == pytest.approx(end_us, abs=3000)


def test_a_jump_is_counted_once_and_the_rate_stays_known() -> None:
    clock = SampleClock(RATE_HZ)
    rng = np.random.default_rng(3)
    end_us = delivered(clock, 300.0, 1.0033, rng)

    end_us = delivered(clock, 60.0, 1.0033, rng, round(300.0 * RATE_HZ), end_us + 400_000)

    assert clock.jumps == 1
    assert clock.ratio == pytest.approx(1.0033, abs=20e-6)
    assert clock.time_of(round(360.0 * RATE_HZ)) == pytest.approx(end_us, abs=6000)


def test_a_minute_in_which_everything_comes_late_is_no_jump_of_its_own() -> None:
    clock = SampleClock(RATE_HZ)
    rng = np.random.default_rng(4)
    end_us = delivered(clock, 300.0, 1.0, rng)
    clock.saw(round(301.0 * RATE_HZ), round(end_us + 12_000_000))

    delivered(clock, 60.0, 1.0, rng, round(301.0 * RATE_HZ), end_us + 1_000_000)

    assert clock.jumps == 0
    assert clock.ratio == pytest.approx(1.0, abs=20e-6)


def test_a_rate_that_follows_the_temperature_is_followed() -> None:
    clock = SampleClock(RATE_HZ)
    rng = np.random.default_rng(5)
    at: float = START_US
    first = 0

    for minute in range(120):
        at = delivered(clock, 60.0, 1.0033 + minute * 1e-6, rng, first, at)
        first += round(60.0 * RATE_HZ)

    assert clock.ratio == pytest.approx(1.0033 + 119e-6, abs=20e-6)


def test_a_recording_that_is_played_faster_is_no_clock_that_runs_fast() -> None:
    clock = SampleClock(RATE_HZ)

    delivered(clock, 300.0, 20.0, np.random.default_rng(6))

    assert clock.rate is None
    assert clock.ratio == 1.0
