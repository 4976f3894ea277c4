"""Velocities among accelerations, told by their phase: at a resonance one stands a quarter turn behind the other.

Channels of one quantity move in phase or in opposition in a natural mode; a velocity is then ±90° off an acceleration.
Over many coherent frequencies this sorts the channels into two groups without knowing a single unit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.spectra.welch import cross_spectral_density

Real = NDArray[np.float64]
Flags = NDArray[np.bool_]

SEGMENT_S = 20.0
LEAST_AVERAGES = 12
COHERENT = 0.7
LEAST_BINS = 8
CERTAIN = 0.7
"""Least mean of cos 2φ over the coherent bins of a pair, φ being the phase between its channels."""
APART = np.log(4.0)
SCALE_APART = 50.0


class Mix(NamedTuple):
    """Two groups of channels in quadrature.

    Attributes:
        first: (channels,) which are of the group of the first channel; the others stand ±90° off.
        velocity: (channels,) which are velocities, told by the level over angular frequency, lengths being in one unit;
            None where the levels do not tell.
    """

    first: Flags
    velocity: Flags | None


class Coherence(NamedTuple):
    """Frequencies (bins,) [Hz]; power (bins, channels); cos 2φ and whether coherent (bins, channels, channels)."""

    frequency_hz: Real
    power: Real
    turned: Real
    coherent: Flags

    @property
    def together(self) -> Flags:
        """(channels, channels) which pairs move together at enough frequencies to say so."""
        pairs = np.asarray(self.coherent.sum(axis=0) >= LEAST_BINS)
        np.fill_diagonal(pairs, False)
        return pairs


def coherence(samples: Real, rate_hz: float, band_hz: tuple[float, float]) -> Coherence | None:
    """What the channels have in common in a band; None where the samples (n, channels) are too few to tell."""
    length = int(min(SEGMENT_S * rate_hz, 2 * len(samples) / (LEAST_AVERAGES + 1)))
    if length < 32 or samples.shape[1] < 2:
        return None
    frequency_hz, density, _ = cross_spectral_density(samples, rate_hz, length)
    inside = (frequency_hz >= band_hz[0]) & (frequency_hz <= band_hz[1])
    frequency_hz, density = frequency_hz[inside], density[inside]
    power = np.einsum("kii->ki", density).real
    square = density.real**2 + density.imag**2
    among = power[:, :, None] * power[:, None, :]
    turned = (density.real**2 - density.imag**2) / np.maximum(square, np.finfo(np.float64).tiny)
    return Coherence(frequency_hz, power, turned, square > COHERENT * among)


def mixed_quantities(seen: Coherence) -> Mix | None:
    """The two groups; None where the channels are of one quantity, or it cannot be told.

    Every pair that moves together must agree with the grouping, as an earthquake's wave through the bridge would not.
    """
    counts = seen.coherent.sum(axis=0)
    mean = (seen.turned * seen.coherent).sum(axis=0) / np.maximum(counts, 1)
    known = seen.together
    side = np.sign(np.linalg.eigh(np.where(known, mean, 0.0))[1][:, -1])
    agree = mean * np.outer(side, side)
    across = known & (np.outer(side, side) < 0.0)
    if not across.any() or not known.any(axis=0).all() or (agree[known] < CERTAIN).any():
        return None
    first = side == side[0]
    return Mix(first, _velocities(seen, first))


def unlike_scales(seen: Coherence) -> tuple[float, Flags] | None:
    """(ratio, which are high) where channels that move together fall into two classes of level; None where not."""
    levels = np.sqrt(np.median(seen.power, axis=0))
    order = np.argsort(levels, kind="stable")
    if not levels[order[0]] > 0.0:
        return None
    steps = levels[order[1:]] / levels[order[:-1]]
    at = int(steps.argmax())
    high = np.zeros(len(levels), dtype=np.bool_)
    high[order[at + 1 :]] = True
    together = seen.together[high][:, ~high]
    if steps[at] < SCALE_APART or not together.any(axis=1).all():
        return None
    return float(np.median(levels[high]) / np.median(levels[~high])), high


def _velocities(seen: Coherence, first: Flags) -> Flags | None:
    """An acceleration is ω times its velocity: the group whose level over the other's is nearer to ω is the faster one."""
    both = seen.coherent & first[None, :, None] & ~first[None, None, :]
    k, a, b = np.nonzero(both)
    ratio = 0.5 * np.log(seen.power[k, a] / seen.power[k, b])
    turn = np.log(2.0 * np.pi * seen.frequency_hz[k])
    first_is_slope, other_is_slope = abs(float(np.median(ratio - turn))), abs(float(np.median(-ratio - turn)))
    if abs(first_is_slope - other_is_slope) < APART:
        return None
    return ~first if first_is_slope < other_is_slope else first
