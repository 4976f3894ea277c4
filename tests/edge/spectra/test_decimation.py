"""Decimation passes the band, keeps aliases out, invents nothing at its ends, and does not care how input is cut."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.spectra.decimation import Decimator

RATE_HZ = 200.0
TIME_S = np.arange(4000) / RATE_HZ


def sine(frequency_hz: float) -> np.ndarray:
    return np.sin(2.0 * np.pi * frequency_hz * TIME_S)[:, None]


@pytest.mark.parametrize("frequency_hz", [0.5, 5.0, 19.9])
def test_the_band_to_two_fifths_of_the_output_rate_passes(frequency_hz: float) -> None:
    first, out = Decimator(4, RATE_HZ, (False,)).push(sine(frequency_hz))

    np.testing.assert_allclose(out, sine(frequency_hz)[first::4][: len(out)], atol=2e-3)


@pytest.mark.parametrize("frequency_hz", [30.1, 45.0, 99.0])
def test_what_would_alias_into_the_band_is_eighty_decibels_down(frequency_hz: float) -> None:
    _, out = Decimator(4, RATE_HZ, (False,)).push(sine(frequency_hz))

    assert abs(out).max() < 2e-4


@pytest.mark.parametrize(("factor", "frequency_hz"), [(4, 5.0), (4, 18.0), (1, 20.0)])
def test_a_velocity_is_differentiated(factor: int, frequency_hz: float) -> None:
    first, out = Decimator(factor, RATE_HZ, (True,)).push(sine(frequency_hz))

    omega = 2.0 * np.pi * frequency_hz
    np.testing.assert_allclose(out[:, 0], omega * np.cos(omega * TIME_S)[first::factor][: len(out)], atol=3e-3 * omega)


def test_velocity_and_acceleration_come_out_in_step() -> None:
    omega = 2.0 * np.pi * 3.0
    both = np.stack((np.sin(omega * TIME_S), omega * np.cos(omega * TIME_S)), axis=1)

    _, out = Decimator(5, RATE_HZ, (True, False)).push(both)

    np.testing.assert_allclose(out[:, 0], out[:, 1], atol=3e-3 * omega)


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(1, 400), min_size=1, max_size=12), factor=st.integers(1, 6))
def test_output_does_not_depend_on_how_the_input_was_cut(cuts: list[int], factor: int) -> None:
    samples = np.random.default_rng(5).normal(size=(sum(cuts), 2))
    first_whole, whole = Decimator(factor, RATE_HZ, (False, True)).push(samples)
    pieces, decimator = [], Decimator(factor, RATE_HZ, (False, True))

    for part in np.split(samples, np.cumsum(cuts)[:-1]):
        pieces.append(decimator.push(part))

    joined = np.concatenate([out for _, out in pieces])
    np.testing.assert_allclose(joined, whole, rtol=1e-12, atol=1e-10)
    assert not len(whole) or next(first for first, out in pieces if len(out)) == first_whole


def test_after_a_gap_outputs_stand_at_multiples_of_the_factor_again() -> None:
    decimator = Decimator(4, RATE_HZ, (False,))
    decimator.push(np.ones((1000, 1)))

    decimator.reset(1303)
    first, out = decimator.push(np.full((400, 1), 7.0))

    assert first % 4 == 0
    assert first >= 1303 + decimator.delay
    np.testing.assert_allclose(out, 7.0, rtol=1e-12)
