"""Welch's densities agree with scipy.signal, which a device does not import."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from edge.spectra.welch import cross_spectral_density, power_spectral_density
from edge.spectra.windows import effective_averages, hann


@pytest.mark.parametrize(("length", "hop"), [(256, 128), (255, 100), (1000, 250)])
def test_power_density_equals_scipy_signal(length: int, hop: int) -> None:
    samples = np.random.default_rng(1).normal(size=(5000, 3)) + 4.0

    frequencies, density, _ = power_spectral_density(samples, 200.0, length, hop)

    expected_f, expected = signal.welch(samples, 200.0, "hann", length, length - hop, axis=0, detrend="constant")
    np.testing.assert_allclose(frequencies, expected_f, rtol=1e-12)
    np.testing.assert_allclose(density, expected, rtol=1e-9)


def test_cross_density_equals_scipy_signal() -> None:
    samples = np.random.default_rng(2).normal(size=(4000, 2)).cumsum(axis=0)

    _, density, _ = cross_spectral_density(samples, 100.0, 400)

    _, expected = signal.csd(samples[:, 0], samples[:, 1], 100.0, "hann", 400, 200, detrend="constant")
    np.testing.assert_allclose(density[:, 0, 1], expected, rtol=1e-9, atol=1e-9 * abs(expected).max())
    np.testing.assert_allclose(density[:, 1, 0], expected.conj(), rtol=1e-9, atol=1e-9 * abs(expected).max())


@given(
    seed=st.integers(min_value=0, max_value=2**32 - 1),
    length=st.integers(min_value=8, max_value=600),
    overlap=st.floats(min_value=0.0, max_value=0.95),
    rate_hz=st.floats(min_value=0.1, max_value=5000.0),
    offset=st.floats(min_value=-1e3, max_value=1e3),
)
@settings(max_examples=60, deadline=None)
def test_any_segment_overlap_rate_and_offset_gives_scipys_density(
    seed: int, length: int, overlap: float, rate_hz: float, offset: float
) -> None:
    samples = np.random.default_rng(seed).normal(size=(1500, 2)) + offset
    hop = max(1, length - int(overlap * length))

    frequencies, density, _ = power_spectral_density(samples, rate_hz, length, hop)

    expected_f, expected = signal.welch(samples, rate_hz, "hann", length, length - hop, axis=0, detrend="constant")
    np.testing.assert_allclose(frequencies, expected_f, rtol=1e-12)
    np.testing.assert_allclose(density, expected, rtol=1e-9, atol=1e-9 * expected.max(axis=0).min())


def test_the_density_of_white_noise_is_its_variance_over_half_the_rate() -> None:
    samples = np.random.default_rng(3).normal(size=(200_000, 1))

    _, density, _ = power_spectral_density(samples, 100.0, 512)

    assert density[2:-2].mean() == pytest.approx(0.02, rel=0.01)


def test_effective_averages_tell_the_scatter_of_the_estimate() -> None:
    rng = np.random.default_rng(4)
    estimates = np.array([power_spectral_density(rng.normal(size=(1280, 1)), 1.0, 128)[1][20, 0] for _ in range(3000)])

    averages = effective_averages(hann(128), 64, 19)

    assert estimates.mean() ** 2 / estimates.var() == pytest.approx(averages, rel=0.1)


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="less than one segment"):
        power_spectral_density(np.zeros((10, 1)), 100.0, 16)


def test_the_pipeline_does_not_import_scipy_signal() -> None:
    code = "import sys, edge.bridge.pipeline, edge.bridge.sources; print('scipy.signal' in sys.modules)"

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert told.stdout.strip() == "False"
