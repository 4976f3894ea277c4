"""Structures whose modes are known exactly: their response drawn at random, and the least error that anyone can have.

The spectrum is ``Σ Sₘ·hₘ(f)·φₘφₘᵀ + I``, white forces independent between modes; the bound is the inverse of Whittle's
Fisher information of all its parameters at truth (Whittle, J. R. Stat. Soc. B 15 (1953) 125).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]

LONGER = 4
"""A window is cut out of a circular record this many times as long, so that its ends have nothing to do with each other."""


class TrueMode(NamedTuple):
    """One mode: ``peak_db`` is its peak over the noise in the channel that shows it best."""

    frequency_hz: float
    damping: float
    peak_db: float
    shape: tuple[float, ...]


class System(NamedTuple):
    """A structure with a name, seen by as many channels as its shapes have components."""

    name: str
    modes: tuple[TrueMode, ...]


class Bound(NamedTuple):
    """Least relative standard errors of one mode's frequency and damping."""

    frequency: float
    damping: float


def response_curve(frequency_hz: float, damping: float, at_hz: Real) -> Real:
    """|H|² of acceleration under a white force, times (2ζ)² so that its value at resonance is 1."""
    ratio = at_hz / frequency_hz
    return np.asarray((2.0 * damping) ** 2 * ratio**4 / ((1.0 - ratio**2) ** 2 + (2.0 * damping * ratio) ** 2))


def _weighted(mode: TrueMode) -> Real:
    """The shape, scaled so that its outer product is the density at the peak, noise being 1."""
    shape = np.array(mode.shape)
    return np.asarray(shape / abs(shape).max() * 10.0 ** (mode.peak_db / 20.0))


def drawn(system: System, rate_hz: float, seconds: float, rng: np.random.Generator) -> Real:
    """One window of the system's response with noise of density 1, (n, channels)."""
    count = round(seconds * rate_hz)
    whole = LONGER * count
    at_hz = np.arange(whole // 2 + 1, dtype=np.float64) * (rate_hz / whole)
    channels = len(system.modes[0].shape)
    spectrum = _white(rng, len(at_hz), channels)
    for mode in system.modes:
        amplitude = np.sqrt(response_curve(mode.frequency_hz, mode.damping, at_hz))
        spectrum += (_white(rng, len(at_hz), 1) * amplitude[:, None]) * _weighted(mode)
    samples = np.fft.irfft(spectrum * np.sqrt(0.5 * rate_hz * whole), whole, axis=0)
    return np.asarray(samples[:count])


def _white(rng: np.random.Generator, bins: int, columns: int) -> NDArray[np.complex128]:
    return np.asarray((rng.normal(size=(bins, columns)) + 1j * rng.normal(size=(bins, columns))) * np.sqrt(0.5))


def bounds(system: System, seconds: float, band_hz: tuple[float, float]) -> list[Bound]:
    """The least errors of each mode from a window of that length, everything else being unknown too."""
    at_hz = band_hz[0] + np.arange(round((band_hz[1] - band_hz[0]) * 2.0 * seconds), dtype=np.float64) / (2.0 * seconds)
    channels = len(system.modes[0].shape)
    density = np.tile(np.eye(channels), (len(at_hz), 1, 1))
    slopes = [density.copy()]
    for mode in system.modes:
        shape, curve = _weighted(mode), response_curve(mode.frequency_hz, mode.damping, at_hz)
        outer = np.outer(shape, shape)
        density = density + curve[:, None, None] * outer
        step = 1e-4 * mode.damping
        nearby = (response_curve(mode.frequency_hz * (1.0 + step * sign), mode.damping, at_hz) for sign in (1.0, -1.0))
        by_frequency = np.subtract(*nearby) / (2.0 * step)
        # With the force, not the height of the peak, held: the height is the force over (2ζ)².
        by_damping = curve * (-2.0 * (2.0 * mode.damping) ** 2 * _inverse_denominator(mode, at_hz))
        slopes += [by_frequency[:, None, None] * outer, by_damping[:, None, None] * outer]
        for at in range(channels):
            unit = np.outer(np.eye(channels)[at], shape)
            slopes.append(curve[:, None, None] * (unit + unit.T))
    inverse = np.linalg.inv(density)
    turned = [inverse @ slope for slope in slopes]
    step_hz = at_hz[1] - at_hz[0]
    information = np.array([[np.einsum("kab,kba->", one, other) for other in turned] for one in turned])
    covariance = np.linalg.inv(information * seconds * step_hz)
    size = 2 + channels
    return [
        Bound(
            float(np.sqrt(covariance[1 + m * size, 1 + m * size])),
            float(np.sqrt(covariance[2 + m * size, 2 + m * size])),
        )
        for m in range(len(system.modes))
    ]


def _inverse_denominator(mode: TrueMode, at_hz: Real) -> Real:
    ratio = at_hz / mode.frequency_hz
    return np.asarray(ratio**2 / ((1.0 - ratio**2) ** 2 + (2.0 * mode.damping * ratio) ** 2))
