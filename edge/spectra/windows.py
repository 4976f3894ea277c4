"""Window functions of spectral estimation, as arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def hann(length: int) -> NDArray[np.float64]:
    """Periodic Hann window, shape (length,), the one for spectra (Harris 1978, eq. 27, DFT-even).

    Raises:
        ValueError: ``length`` is below 1.
    """
    if length < 1:
        raise ValueError(f"window length is {length}, wanted at least 1")
    if length == 1:
        return np.ones(1)
    return 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(length) / length)


def kaiser_beta(attenuation_db: float) -> float:
    """Kaiser's β for a stop band ``attenuation_db`` down (Kaiser 1974; for 50 dB and more)."""
    if attenuation_db < 50.0:
        raise ValueError(f"attenuation is {attenuation_db} dB, wanted at least 50")
    return 0.1102 * (attenuation_db - 8.7)


def effective_averages(window: NDArray[np.float64], hop: int, segments: int) -> float:
    """Independent averages that ``segments`` overlapping segments are worth (Welch 1967, eq. for the variance).

    Args:
        window: shape (n,).
        hop: samples from one segment's start to the next.
        segments: how many segments were averaged.
    """
    if segments < 1:
        return 0.0
    power = float(window @ window)
    spread = 1.0
    for lag in range(1, segments):
        shift = lag * hop
        if shift >= len(window):
            break
        correlation = float(window[:-shift] @ window[shift:]) / power
        spread += 2.0 * (1.0 - lag / segments) * correlation**2
    return segments / spread
