"""One natural mode fitted to the Fourier transforms around its peak, by maximum likelihood, with its uncertainty.

In a band about the peak the transform of white-driven response is complex Gaussian with covariance
``S·h(f)·φφᴴ + Sₑ·I``; frequency, damping, S, Sₑ by Fisher scoring, φ as the leading eigenvector in turn
(Au, Mech. Syst. Signal Process. 25 (2011) 2431 and 26 (2012) 15). ``h`` carries the leakage of a finite record (Fejér's
kernel; Sykulski et al., Biometrika 106 (2019) 251), without which light damping in a short record is overestimated.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

ITERATIONS = 40
CLIMBS = 3
"""Starts, from the likeliest on, from which a fit is tried: a light mode's peak is narrower than a bin of the average."""
LOWEST_DAMPING, HIGHEST_DAMPING = 2e-5, 0.3
USUAL_DAMPING, DAMPING_SPREAD = 0.01, 1.5
"""What is known of structures beforehand: 95 % of dampings within a factor 19. It decides only where a record cannot."""
FORGOTTEN = 36.0
"""Decay exponent after which nothing is left of a vibration, to the last bit of a float."""


class Band(NamedTuple):
    """Transforms in one band: frequencies (k,) [Hz]; X (k, channels) with |X|² a density; record lengths (k,) [s]."""

    frequency_hz: Real
    transform: Complex
    record_s: Real


class Skirts(NamedTuple):
    """Densities that other modes leave in a band, (k,): along this mode's shape, and the mean of the other directions."""

    along: Real
    beside: Real


class Fit(NamedTuple):
    """A fitted mode.

    Attributes:
        frequency_std: relative standard uncertainty of the frequency (of its logarithm).
        damping_std: likewise of the damping ratio.
        peak, noise: densities of the modal response at its peak along ``shape``, and of the noise in one channel.
        gain: log-likelihood above that of noise alone.
        shape: (channels,), unit norm, in the units of the transforms.
    """

    frequency_hz: float
    damping: float
    frequency_std: float
    damping_std: float
    peak: float
    noise: float
    gain: float
    shape: Complex
    converged: bool


def resonance(frequency_hz: float, damping: float, at_hz: Real, record_s: Real) -> Real:
    """Expected periodogram of a white-driven mode's acceleration over its peak density for an endless record, (k,)."""
    omega0 = 2.0 * np.pi * frequency_hz
    decay = damping * omega0
    off = 2.0 * np.pi * at_hz - omega0 * np.sqrt(1.0 - damping**2)
    square = off**2
    size = square + decay**2
    if decay * float(record_s.min()) > FORGOTTEN:
        # With a = decay + i·off and z = a·T, this is Re[decay/a·(1 − 1/z)] over the Lorentzian decay²/|a|².
        leakage = 1.0 + (square - decay**2) / (decay * record_s * size)
    else:
        a = decay + 1j * off
        z = a * record_s
        leakage = (decay / a * (1.0 + np.expm1(-z) / z)).real * size / decay**2
    ratio = (frequency_hz / at_hz) ** 2
    return np.asarray(leakage * (4.0 * damping**2) / ((ratio - 1.0) ** 2 + 4.0 * damping**2 * ratio))


def fit_mode(band: Band, frequency_hz: float, dampings: tuple[float, ...] = (0.002, 0.01, 0.04)) -> Fit | None:
    """The likeliest mode near ``frequency_hz``, from the likeliest of several starts; None where none converges.

    Raises:
        ValueError: fewer than 8 frequencies in the band.
    """
    if len(band.frequency_hz) < 8:
        raise ValueError(f"{len(band.frequency_hz)} frequencies in the band, wanted at least 8; use a longer record")
    power = (band.transform.real**2 + band.transform.imag**2).sum(axis=1)
    scoring = _Scoring(band, power)
    near = np.argsort(abs(band.frequency_hz - frequency_hz), kind="stable")[: max(3, len(power) // 10)]
    shape = _leading(band.transform[near], np.ones(len(near)))
    noise = float(np.quantile(power, 0.3)) / max(0.35, band.transform.shape[1] - 0.65)
    peak = max(float((abs(band.transform[near] @ shape.conj()) ** 2).max()), 2.0 * noise)
    highest = float(band.frequency_hz[near[power[near].argmax()]])
    starts = [
        np.log([begin_hz, damping, height * peak, noise])
        for begin_hz in (frequency_hz, highest) for damping in dampings for height in (0.3, 1.0)
    ]  # fmt: skip
    points = sorted((scoring.at(theta, shape) for theta in starts), key=lambda point: point.value)
    for point in points[:CLIMBS]:
        fit = _climb(scoring, point)
        if fit is not None and fit.converged:
            return fit
    return None


def refit_mode(band: Band, fit: Fit, skirts: Skirts) -> Fit | None:
    """The mode again, from where it was found, beside what other modes leave in its band; None where it gets lost.

    ``fit`` has its shape, peak and noise in the units of ``band``. Its likelihood gain is kept: it was judged by that.
    """
    power = (band.transform.real**2 + band.transform.imag**2).sum(axis=1)
    scoring = _Scoring(band, power, skirts)
    theta = np.log([fit.frequency_hz, fit.damping, fit.peak, fit.noise])
    again = _climb(scoring, scoring.at(theta, fit.shape))
    return again._replace(gain=fit.gain) if again is not None and again.converged else None


def _climb(scoring: _Scoring, point: _Point) -> Fit | None:
    """Fisher scoring with Levenberg's damping from one start."""
    trust, converged = 1e-3, False
    gradient, information = scoring.slope(point)
    for _ in range(ITERATIONS):
        step = np.linalg.solve(information + trust * np.diag(np.diag(information)), gradient)
        step = np.clip(step, (-0.05, -1.0, -2.0, -2.0), (0.05, 1.0, 2.0, 2.0))
        theta = point.theta + step
        theta[1] = np.clip(theta[1], np.log(LOWEST_DAMPING), np.log(HIGHEST_DAMPING))
        tried = scoring.at(theta, None)
        if not np.isfinite(tried.value) or tried.value > point.value + 1e-9 * abs(point.value):
            trust *= 10.0
            if trust > 1e6:
                break
            continue
        moved, point, trust = point.value - tried.value, tried, max(trust * 0.2, 1e-9)
        gradient, information = scoring.slope(point)
        if moved < 1e-4 and abs(step[0]) < 1e-6 + 0.02 * np.exp(point.theta[1]):
            converged = True
            break
    return _described(scoring, point, information, converged)


def _described(scoring: _Scoring, point: _Point, information: Real, converged: bool) -> Fit | None:
    theta, shape, value = point.theta, point.shape, point.value
    try:
        covariance = np.linalg.inv(information)
    except np.linalg.LinAlgError:
        return None
    if not np.isfinite(covariance).all() or (np.diag(covariance) <= 0).any():
        return None
    frequency, damping, peak, noise = (float(one) for one in np.exp(theta))
    inside = bool(scoring.band.frequency_hz[0] < frequency < scoring.band.frequency_hz[-1])
    return Fit(
        frequency_hz=frequency,
        damping=damping,
        frequency_std=float(np.sqrt(covariance[0, 0])),
        damping_std=float(np.sqrt(covariance[1, 1])),
        peak=peak,
        noise=noise,
        gain=scoring.noise_alone() - value,
        shape=shape,
        converged=converged and inside,
    )


def _leading(transform: Complex, weights: Real) -> Complex:
    return np.asarray(np.linalg.eigh((transform.T * weights) @ transform.conj())[1][:, -1])


class _Point(NamedTuple):
    """Parameters (ln f, ln ζ, ln S, ln Sₑ), φ, and what follows from them; ``value`` is the negative log-likelihood."""

    theta: Real
    shape: Complex
    resonance: Real
    along: Real
    value: float


def _unusual(theta: Real) -> float:
    """How many spreads the damping is from the usual one."""
    return float((theta[1] - np.log(USUAL_DAMPING)) / DAMPING_SPREAD)


class _Scoring:
    """Likelihood of one mode in one band, beside the skirts of others."""

    def __init__(self, band: Band, power: Real, skirts: Skirts | None = None) -> None:
        self.band = band
        self._power = power
        self._others = band.transform.shape[1] - 1
        none = np.zeros(1)
        self._skirts = skirts or Skirts(none, none)
        self._seen: dict[tuple[float, float], Real] = {}

    def noise_alone(self) -> float:
        """Negative log-likelihood without a mode."""
        channels = self._others + 1
        count = len(self._power)
        noise = float(self._power.sum()) / (count * channels)
        return float(count * channels * (np.log(noise) + 1.0))

    def at(self, theta: Real, shape: Complex | None) -> _Point:
        """The likelihood at ``theta``; the likeliest shape there, unless one is given."""
        peak, noise = float(np.exp(theta[2])), float(np.exp(theta[3]))
        curve = self._resonance(theta)
        total = peak * curve + noise + self._skirts.along
        beside = noise + self._skirts.beside
        turned = _leading(self.band.transform, 1.0 / beside - 1.0 / total) if shape is None else shape
        projected = self.band.transform @ turned.conj()
        along = projected.real**2 + projected.imag**2
        value = float(
            (np.log(total) + along / total + (self._power - along) / beside + self._others * np.log(beside)).sum()
        )
        return _Point(theta, turned, curve, along, value + 0.5 * _unusual(theta) ** 2)

    def slope(self, point: _Point) -> tuple[Real, Real]:
        """Downhill direction (4,) and Fisher information (4, 4)."""
        peak, noise = float(np.exp(point.theta[2])), float(np.exp(point.theta[3]))
        total = peak * point.resonance + noise + self._skirts.along
        share = np.broadcast_to(noise / (noise + self._skirts.beside), total.shape)
        by = np.empty((4, len(total)))
        for index, step in ((0, 1e-4 * float(np.exp(point.theta[1]))), (1, 1e-5)):
            moved = point.theta.copy()
            moved[index] += step
            by[index] = (self._resonance(moved) - point.resonance) * (peak / step)
        by[2], by[3] = peak * point.resonance, noise
        gradient = -(by * ((1.0 - point.along / total) / total)).sum(axis=1)
        gradient[3] -= float((share * (self._others - (self._power - point.along) * share / noise)).sum())
        gradient[1] -= _unusual(point.theta) / DAMPING_SPREAD
        scaled = by / total
        information = scaled @ scaled.T
        information[1, 1] += DAMPING_SPREAD**-2
        information[3, 3] += self._others * float(share @ share)
        return gradient, information

    def _resonance(self, theta: Real) -> Real:
        """The curve at (ln f, ln ζ); several starts differ in their heights only."""
        key = float(theta[0]), float(theta[1])
        if key not in self._seen:
            self._seen[key] = resonance(
                float(np.exp(theta[0])), float(np.exp(theta[1])), self.band.frequency_hz, self.band.record_s
            )
        return self._seen[key]
