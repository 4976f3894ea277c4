"""Modes are found where they are, with an uncertainty that holds, and not where they are not."""

import numpy as np
import pytest

from edge.bridge.identification import identify
from edge.bridge.modal_fit import resonance
from edge.spectra.assurance import modal_assurance_criterion
from tests.edge.bridge.oscillators import response

RATE_HZ = 50.0
BAND_HZ = (0.5, 20.0)
SHAPES = np.array([[1.0, 0.8, 0.3], [0.9, -0.4, -1.0], [0.5, -1.0, 0.8]])
FREQUENCIES_HZ = [2.0, 5.3, 11.0]


def test_three_modes_are_found_with_frequency_damping_and_shape() -> None:
    samples = response(FREQUENCIES_HZ, 0.01, SHAPES, RATE_HZ, 600.0, np.random.default_rng(1))

    modes = identify([samples], RATE_HZ, BAND_HZ)

    assert [mode.frequency_hz for mode in modes] == pytest.approx(FREQUENCIES_HZ, rel=0.004)
    assert [mode.damping for mode in modes] == pytest.approx([0.01] * 3, rel=0.4)
    assert all(
        modal_assurance_criterion(mode.shape, shape.astype(complex)) > 0.99
        for mode, shape in zip(modes, SHAPES, strict=True)
    )


def test_stated_uncertainty_holds_over_many_windows() -> None:
    errors = []
    for seed in range(40):
        samples = response(FREQUENCIES_HZ, 0.01, SHAPES, RATE_HZ, 300.0, np.random.default_rng(100 + seed))
        for mode, true_hz in zip(identify([samples], RATE_HZ, BAND_HZ), FREQUENCIES_HZ, strict=True):
            errors.append(
                (
                    (mode.frequency_hz - true_hz) / mode.frequency_std_hz,
                    np.log(mode.damping / 0.01) * mode.damping / mode.damping_std,
                )
            )

    scaled = np.array(errors)
    inside = (abs(scaled) < 1.96).mean(axis=0)

    assert len(scaled) == 120
    assert 0.88 <= inside[0] <= 0.99
    assert 0.85 <= inside[1] <= 0.99
    assert (scaled**2).mean(axis=0) == pytest.approx([1.0, 1.0], abs=0.45)


def test_noise_alone_has_no_mode() -> None:
    rng = np.random.default_rng(2)

    found = [identify([rng.normal(size=(15_000, 3))], RATE_HZ, BAND_HZ) for _ in range(30)]

    assert found == [[]] * 30


def test_coloured_noise_and_a_drift_have_no_mode() -> None:
    rng = np.random.default_rng(3)

    found = [identify([rng.normal(size=(15_000, 2)).cumsum(axis=0)], RATE_HZ, BAND_HZ) for _ in range(10)]

    assert found == [[]] * 10


def test_a_mode_below_the_gate_is_not_reported() -> None:
    samples = response([3.0], 0.02, np.array([[1.0, 0.5]]), RATE_HZ, 300.0, np.random.default_rng(4), noise=12.0)

    assert identify([samples], RATE_HZ, BAND_HZ) == []


def test_a_gap_does_not_move_a_frequency() -> None:
    samples = response(FREQUENCIES_HZ, 0.01, SHAPES, RATE_HZ, 600.0, np.random.default_rng(5))

    modes = identify([samples[:13_000], samples[15_017:]], RATE_HZ, BAND_HZ)

    assert [mode.frequency_hz for mode in modes] == pytest.approx(FREQUENCIES_HZ, rel=0.004)


def test_channels_of_very_different_level_take_part_alike() -> None:
    samples = response(FREQUENCIES_HZ, 0.01, SHAPES, RATE_HZ, 600.0, np.random.default_rng(6))

    modes = identify([samples * (1.0, 1e-4, 1e3)], RATE_HZ, BAND_HZ)

    assert [mode.frequency_hz for mode in modes] == pytest.approx(FREQUENCIES_HZ, rel=0.004)


@pytest.mark.parametrize(
    "samples",
    [np.zeros((15_000, 3)), np.ones((15_000, 2)), np.zeros((1, 3)), np.full((15_000, 1), np.nan), np.zeros((0, 3))],
    ids=["all zero", "constant", "one sample", "not a number", "nothing"],
)
def test_bad_input_has_no_mode_and_raises_nothing(samples: np.ndarray) -> None:
    assert identify([samples], RATE_HZ, BAND_HZ) == []


def test_leakage_of_a_short_record_is_that_of_the_mean_periodogram() -> None:
    frequency_hz, damping, seconds = 2.0, 0.002, 60.0
    at_hz = np.arange(1.8, 2.2, 1.0 / seconds)
    periodograms = []
    for seed in range(150):
        samples = response([frequency_hz], damping, np.ones((1, 1)), 20.0, 160.0, np.random.default_rng(seed), 0.0)
        steady = samples[-int(20 * seconds) :, 0]
        turns = np.exp(-2j * np.pi * at_hz[:, None] * np.arange(len(steady)) / 20.0)
        periodograms.append(abs(turns @ steady) ** 2)

    measured = np.mean(periodograms, axis=0)

    expected = resonance(frequency_hz, damping, at_hz, np.full(len(at_hz), seconds))
    np.testing.assert_allclose(measured / measured.sum(), expected / expected.sum(), atol=0.05)
