"""Modes of structures that hypothesis draws, against their eigenvalue problem, by the code of ``analyse bridge-modes``.

Forces are drawn in proportion to the masses, so that modal forces are independent, as the identification takes them to be:
where they are not, a mode 20 dB over a neighbour's skirt is drawn to one side by a few stated deviations.
"""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from edge.bridge.analyse import Analysis, analyse
from edge.bridge.config import Channel
from edge.bridge.raw import Raw
from edge.spectra.assurance import modal_assurance_criterion
from tests.edge.bridge.structures import Real, Structure, chain, recorded

RATE_HZ, SECONDS = 50.0, 400.0
BAND_HZ = 0.7, 18.0
CLEAR_DB, STRONG_DB = 15.0, 22.0
DEVIATIONS = 5.0


def over_noise(structure: Structure, sensors: list[int], noise: float) -> Real:
    """(modes,) peak over noise and over the other modes' skirts in the sensor that shows it best [dB]."""
    ratio = structure.peaks(sensors) / (noise + structure.skirts(sensors))
    return np.asarray(10.0 * np.log10(ratio.max(axis=0)))


def separated(structure: Structure, at: int) -> bool:
    """Whether a mode stands a tenth, and four half-power bandwidths, from every other."""
    gaps = abs(np.log(np.delete(structure.frequencies_hz, at) / structure.frequencies_hz[at]))
    widths = 2.0 * np.maximum(np.delete(structure.dampings, at), structure.dampings[at])
    return bool((gaps > np.maximum(0.1, 4.0 * widths)).all())


def analysed(structure: Structure, sensors: list[int], noise: float, seed: int) -> Analysis:
    values = recorded(structure, sensors, RATE_HZ, SECONDS, noise, np.random.default_rng(seed))
    return analyse(Raw(values, RATE_HZ, tuple(Channel(name=f"mass{n}") for n in sensors), units_told=True))


@st.composite
def structures(draw: st.DrawFn) -> Structure:
    """Two to six masses in a row, dampings of 0.3 to 5 %."""
    count = draw(st.integers(min_value=2, max_value=6))

    def several(least: float, most: float) -> Real:
        return np.array(draw(st.lists(st.floats(least, most), min_size=count, max_size=count)), dtype=np.float64)

    masses, springs, dampings = several(0.3, 3.0), several(0.3, 3.0), several(0.003, 0.05)
    return chain(masses, springs, draw(st.floats(min_value=0.8, max_value=3.0)), dampings, masses)


@given(structure=structures(), seed=st.integers(min_value=0, max_value=2**32 - 1), noise_db=st.floats(15.0, 40.0))
@example(chain(np.array([1.1, 0.6]), np.array([0.4, 2.2]), 2.0, np.array([0.01, 0.04]), np.array([1.1, 0.6])), 7, 25.0)
@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_every_clear_mode_is_found_within_its_deviations_and_none_is_invented(
    structure: Structure, seed: int, noise_db: float
) -> None:
    sensors = sorted({0, len(structure.dampings) - 1, len(structure.dampings) // 2})
    noise = float(structure.peaks(sensors).max(axis=0).max() * 10.0 ** (-0.1 * noise_db))
    clear = over_noise(structure, sensors, noise)

    modes = analysed(structure, sensors, noise, seed).modes

    for mode in modes:
        near = abs(np.log(mode.frequency_hz / structure.frequencies_hz))
        assert (near < 0.01 + structure.dampings).any(), f"invented: {mode.frequency_hz} Hz"
    for at, (frequency_hz, damping) in enumerate(zip(structure.frequencies_hz, structure.dampings, strict=True)):
        if clear[at] < CLEAR_DB or not separated(structure, at) or not BAND_HZ[0] < frequency_hz < BAND_HZ[1]:
            continue
        [mode] = [one for one in modes if abs(np.log(one.frequency_hz / frequency_hz)) < 0.01 + damping]
        assert abs(mode.frequency_hz - frequency_hz) < DEVIATIONS * mode.frequency_std_hz
        assert abs(np.log(mode.damping / damping)) < DEVIATIONS * mode.damping_std / mode.damping
        if clear[at] >= STRONG_DB:
            assert modal_assurance_criterion(mode.shape, structure.shapes[sensors, at].astype(complex)) >= 0.99


def test_a_broad_mode_at_a_high_frequency_is_found() -> None:
    masses = np.array([0.8, 1.4, 0.5])
    structure = chain(masses, np.array([0.5, 1.0, 2.5]), 1.3, np.array([0.038, 0.01, 0.047]), masses)
    structure = structure._replace(frequencies_hz=np.array([1.31, 7.73, 14.92]))
    noise = float(structure.peaks([0, 1, 2])[:, 2].max() * 10.0**-2.5)

    modes = analysed(structure, [0, 1, 2], noise, 1).modes

    assert any(abs(mode.frequency_hz / 14.92 - 1.0) < 0.02 for mode in modes)
