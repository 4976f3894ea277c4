"""The bound is the published one, and what is drawn has the spectrum that it is said to have."""

import numpy as np
import pytest

from benchmarks.bridge_modes import SYSTEMS, Estimate, Tally
from benchmarks.modal_bound import System, TrueMode, bounds, drawn, response_curve
from edge.spectra.welch import power_spectral_density


@pytest.mark.parametrize(
    ("frequency_hz", "damping", "percent_frequency", "percent_damping"),
    [(2.0, 0.01, 0.115, 11.5), (2.0, 0.05, 0.26, 5.2), (10.0, 0.005, 0.036, 7.3)],
)
def test_the_bound_of_a_lonely_strong_mode_is_the_known_one(
    frequency_hz: float, damping: float, percent_frequency: float, percent_damping: float
) -> None:
    system = System("one", (TrueMode(frequency_hz, damping, 50.0, (1.0, 0.5, 0.3)),))

    [bound] = bounds(system, 600.0, (0.3, 25.0))

    assert 100.0 * bound.frequency == pytest.approx(percent_frequency, rel=0.03)
    assert 100.0 * bound.damping == pytest.approx(percent_damping, rel=0.03)


def test_a_drawn_window_has_the_spectrum_of_its_system() -> None:
    mode = TrueMode(6.0, 0.05, 20.0, (1.0, 0.5))
    windows = [drawn(System("one", (mode,)), 50.0, 600.0, np.random.default_rng(seed)) for seed in range(4)]

    spectra = [power_spectral_density(window, 50.0, 1024) for window in windows]

    at_hz, measured = spectra[0][0][10:500], np.mean([density for _, density, _ in spectra], axis=0)[10:500]
    expected = 1.0 + 100.0 * np.outer(response_curve(6.0, 0.05, at_hz), [1.0, 0.25])
    assert (measured / expected).mean(axis=0) == pytest.approx([1.0, 1.0], abs=0.02)


def test_a_tally_tells_found_from_missed_from_invented() -> None:
    system = SYSTEMS[0]
    least = bounds(system, 600.0, (0.3, 25.0))
    tally = Tally()

    tally.take(system, least, [Estimate(2.0, 0.01, 0.001, 0.1), Estimate(5.3, 0.02, 0.001, 0.1), Estimate(9.0, 0.01)])

    assert (tally.wanted, tally.found, tally.spurious) == (3, 2, 1)
    assert tally.frequency_inside == [True, True]
    assert tally.damping_inside == [True, False]
    assert tally.damping[1] == pytest.approx(np.log(2.0) / least[1].damping)
