"""A sick channel is known by its own samples; a lively bridge is not taken for one."""

import numpy as np
import pytest

from edge.bridge.channel_health import judge, out_of_family
from edge.bridge.config import Channel

RATE_HZ = 200.0
PLAIN = Channel(name="a")


def vibrating(seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    time_s = np.arange(2000) / RATE_HZ
    return 0.02 * np.sin(2 * np.pi * 2.6 * time_s) + 0.005 * rng.normal(size=2000) + 0.3


def found(samples: np.ndarray, channel: Channel = PLAIN) -> str:
    parts = samples.reshape(10, 200)
    return judge(samples, RATE_HZ, channel, np.stack((parts.mean(axis=1), parts.std(axis=1)), axis=1))


def test_a_vibrating_channel_is_well() -> None:
    assert [found(vibrating(seed)) for seed in range(50)] == ["ok"] * 50


def test_a_passing_truck_is_not_sick() -> None:
    time_s = np.arange(2000) / RATE_HZ
    burst = 2.0 * np.exp(-((time_s - 5.0) ** 2)) * np.sin(2 * np.pi * 9.0 * time_s)

    assert found(vibrating() + burst) == "ok"


def test_an_earthquake_is_not_sick() -> None:
    time_s = np.arange(2000) / RATE_HZ
    shaking = np.where(time_s > 4.0, 3.0 * np.exp(-0.3 * (time_s - 4.0)), 0.0) * np.random.default_rng(2).normal(
        size=2000
    )

    assert found(vibrating() + np.convolve(shaking, np.hanning(9) / 5.0, "same")) == "ok"


def test_values_that_are_not_numbers_are_a_dropout() -> None:
    samples = vibrating()
    samples[700:720] = np.nan

    assert found(samples) == "dropout"


def test_a_run_of_zeros_is_a_dropout() -> None:
    samples = vibrating()
    samples[700:800] = 0.0

    assert found(samples) == "dropout"


def test_a_value_that_stands_still_is_stuck() -> None:
    samples = vibrating()
    samples[500:] = samples[500]

    assert found(samples) == "stuck"


def test_flat_tops_are_clipping() -> None:
    assert found(np.minimum(vibrating(), 0.31)) == "clipping"


def test_reaching_the_full_scale_is_clipping() -> None:
    samples = vibrating()
    samples[[100, 101]] = 2.0

    assert found(samples, Channel(name="a", full_scale=2.0)) == "clipping"


def test_lonely_samples_are_spikes() -> None:
    samples = vibrating()
    samples[[300, 900, 1500]] += 5.0

    assert found(samples) == "spikes"


def test_a_step_of_the_mean_is_an_offset_jump() -> None:
    samples = vibrating()
    samples[1000:] += 1.0

    assert found(samples) == "offset_jump"


def test_noise_above_the_data_sheet_is_noisy() -> None:
    assert found(vibrating(), Channel(name="a", highest_noise=0.004)) == "noisy"


def test_coarse_steps_of_a_quiet_sensor_are_not_clipping_nor_stuck() -> None:
    assert found(np.round(0.01 * np.random.default_rng(3).normal(size=2000), 2)) == "ok"


def test_one_channel_a_hundred_times_its_neighbours_is_out_of_family() -> None:
    levels = np.array([0.01, 0.02, 1.4, 0.015])

    np.testing.assert_array_equal(out_of_family(levels, np.ones(4, dtype=bool), 30.0), [False, False, True, False])


def test_of_two_channels_nobody_can_say_which_is_wrong() -> None:
    assert not out_of_family(np.array([0.01, 5.0]), np.ones(2, dtype=bool), 30.0).any()


def test_a_constant_channel_is_stuck() -> None:
    assert found(np.full(2000, 0.7)) == "stuck"


@pytest.mark.parametrize("second", range(4, 10))
def test_a_vehicle_that_begins_within_the_window_is_no_offset_jump(second: int) -> None:
    t = np.arange(600) / 200.0
    passing = 0.5 * np.sin(2.0 * np.pi * 3.0 * t) * np.hanning(len(t))
    samples = np.random.default_rng(1).normal(0.0, 2e-3, 2000)
    samples[second * 200 : second * 200 + 600] += passing[: len(samples[second * 200 :])]

    assert found(samples) == "ok"
