"""The girder's modes are those of beam theory."""

import numpy as np
import pytest

from simulators.bridge.girder import girder_modes


def test_one_span_has_the_frequencies_of_a_simply_supported_beam() -> None:
    modes = girder_modes([20.0], np.array([1e9]), 5000.0, 3)

    exact = np.pi / 2.0 * np.arange(1, 4) ** 2 * np.sqrt(1e9 / 5000.0) / 20.0**2
    np.testing.assert_allclose(modes.frequency_hz, exact, rtol=1e-4)
    assert modes.frequency_hz[0] == pytest.approx(1.756, abs=5e-4)


def test_shapes_of_one_span_are_sines_of_unit_modal_mass() -> None:
    modes = girder_modes([20.0], np.array([1e9]), 5000.0, 1)

    expected = np.sqrt(2.0 / (5000.0 * 20.0)) * np.sin(np.pi * modes.position_m / 20.0)
    np.testing.assert_allclose(abs(modes.shape[0]), expected, atol=1e-4 * expected.max())


def test_two_equal_spans_have_first_the_frequency_of_one() -> None:
    one = girder_modes([20.0], np.array([1e9]), 5000.0, 1)
    two = girder_modes([20.0, 20.0], np.array([1e9, 1e9]), 5000.0, 2)

    assert two.frequency_hz[0] == pytest.approx(one.frequency_hz[0], rel=1e-5)
    assert two.frequency_hz[1] == pytest.approx(one.frequency_hz[0] * 1.5622, rel=1e-3)


def test_less_stiffness_lowers_every_frequency() -> None:
    sound = girder_modes([32.0, 40.0, 32.0], np.ones(3), 1.0, 6)
    weak = girder_modes([32.0, 40.0, 32.0], np.array([1.0, 0.9, 1.0]), 1.0, 6)

    assert (weak.frequency_hz < sound.frequency_hz).all()
