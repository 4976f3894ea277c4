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
LOWEST_DAMPING, HIGHEST_DAMPING = 2e-5, 0.3


class Band(NamedTuple):
    """Transforms in one band: frequencies (k,) [Hz]; X (k, channels) with |X|² a density; record lengths (k,) [s]."""

    frequency_hz: Real
    transform: Complex
    record_s: Real


class Fit(NamedTuple):
    """A fitted mode.

    Attributes:
        frequency_std: relative standard uncertainty of the frequency (of its logarithm).
        damping_std: likewise of the damping ratio.
        snr: modal peak over noise in the channel that shows it best, as a ratio of densities.
        gain: log-likelihood above that of noise alone.
        shape: (channels,), unit norm, in the units of the transforms.
    """

    frequency_hz: float
    damping: float
    frequency_std: float
    damping_std: float
    snr: float
    gain: float
    shape: Complex
    converged: bool


def resonance(frequency_hz: float, damping: float, at_hz: Real, record_s: Real) -> Real:
    """Expected periodogram of a white-driven mode's acceleration over its peak density for an endless record, (k,)."""
    omega0 = 2.0 * np.pi * frequency_hz
    decay = damping * omega0
    damped = omega0 * np.sqrt(1.0 - damping**2)
    a = decay + 1j * (2.0 * np.pi * at_hz - damped)
    z = a * record_s
    leaky = (decay / a * (1.0 + np.expm1(-z) / z)).real
    ratio = frequency_hz / at_hz
    exact = 4.0 * damping**2 / ((ratio**2 - 1.0) ** 2 + (2.0 * damping * ratio) ** 2)
    lorentz = decay**2 / (a.real**2 + a.imag**2)
    return np.asarray(leaky * exact / lorentz)


def fit_mode(band: Band, frequency_hz: float, dampings: tuple[float, ...] = (0.002, 0.01, 0.04)) -> Fit | None:
    """The likeliest mode near ``frequency_hz``, from the best of several starts; None where none converges.

    Raises:
        ValueError: fewer than 8 frequencies in the band.
    """
    if len(band.frequency_hz) < 8:
        raise ValueError(f"{len(band.frequency_hz)} frequencies in the band, wanted at least 8; use a longer record")
    fits = [fit for damping in dampings if (fit := _fit_from(band, frequency_hz, damping)) is not None]
    settled = [fit for fit in fits if fit.converged]
    return max(settled, key=lambda fit: fit.gain) if settled else None


def _fit_from(band: Band, frequency_hz: float, damping: float) -> Fit | None:
    power = (band.transform.real**2 + band.transform.imag**2).sum(axis=1)
    count, channels = band.transform.shape
    noise = float(np.quantile(power, 0.3)) / max(0.35, channels - 0.65)
    near = np.argsort(abs(band.frequency_hz - frequency_hz))[: max(3, count // 10)]
    shape = _leading(band.transform[near], np.ones(len(near)))
    peak = max(float(abs(band.transform[near] @ shape.conj()).max() ** 2), 2.0 * noise)
    theta = np.log([frequency_hz, damping, peak, noise])
    scoring = _Scoring(band, power)
    value = scoring.value(theta, shape)
    trust, converged = 1e-3, False
    for _ in range(ITERATIONS):
        gradient, information = scoring.slope(theta, shape)
        step = np.linalg.solve(information + trust * np.diag(np.diag(information)), gradient)
        step = np.clip(step, (-0.05, -1.0, -2.0, -2.0), (0.05, 1.0, 2.0, 2.0))
        tried = theta + step
        tried[1] = np.clip(tried[1], np.log(LOWEST_DAMPING), np.log(HIGHEST_DAMPING))
        turned = scoring.shape(tried)
        tried_value = scoring.value(tried, turned)
        if not np.isfinite(tried_value) or tried_value > value + 1e-9 * abs(value):
            trust = trust * 10.0
            if trust > 1e6:
                break
            continue
        moved, value = value - tried_value, tried_value
        theta, shape, trust = tried, turned, max(trust * 0.2, 1e-9)
        if moved < 1e-5 and abs(step[0]) < 1e-6 + 0.02 * np.exp(theta[1]):
            converged = True
            break
    return _described(scoring, theta, shape, value, converged)


def _described(scoring: _Scoring, theta: Real, shape: Complex, value: float, converged: bool) -> Fit | None:
    _, information = scoring.slope(theta, shape)
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
        snr=peak * float((abs(shape) ** 2).max()) / noise,
        gain=scoring.noise_alone() - value,
        shape=shape,
        converged=converged and inside,
    )


def _leading(transform: Complex, weights: Real) -> Complex:
    weighted = np.einsum("k,ki,kj->ij", weights, transform, transform.conj())
    return np.asarray(np.linalg.eigh(weighted)[1][:, -1])


class _Scoring:
    """Negative log-likelihood of (ln f, ln ζ, ln S, ln Sₑ) and φ, its gradient and Fisher information."""

    def __init__(self, band: Band, power: Real) -> None:
        self.band = band
        self._power = power
        self._others = band.transform.shape[1] - 1

    def noise_alone(self) -> float:
        channels = self._others + 1
        count = len(self._power)
        noise = float(self._power.sum()) / (count * channels)
        return float(count * channels * (np.log(noise) + 1.0))

    def value(self, theta: Real, shape: Complex) -> float:
        along, mode, noise = self._parts(theta, shape)
        total = mode + noise
        return float(
            (np.log(total) + along / total + (self._power - along) / noise).sum()
            + len(along) * self._others * np.log(noise)
        )

    def shape(self, theta: Real) -> Complex:
        frequency, damping, peak, noise = np.exp(theta)
        mode = peak * resonance(frequency, damping, self.band.frequency_hz, self.band.record_s)
        return _leading(self.band.transform, 1.0 / noise - 1.0 / (mode + noise))

    def slope(self, theta: Real, shape: Complex) -> tuple[Real, Real]:
        """Downhill direction (4,) and Fisher information (4, 4)."""
        along, mode, noise = self._parts(theta, shape)
        total = mode + noise
        by = np.empty((4, len(along)))
        for index, step in ((0, 1e-3 * np.exp(theta[1])), (1, 1e-4)):
            up, down = theta.copy(), theta.copy()
            up[index] += step
            down[index] -= step
            by[index] = (self._parts(up, shape)[1] - self._parts(down, shape)[1]) / (2.0 * step)
        by[2], by[3] = mode, noise
        gradient = -(by * ((1.0 - along / total) / total)).sum(axis=1)
        gradient[3] -= len(along) * self._others - float((self._power - along).sum()) / noise
        scaled = by / total
        information = scaled @ scaled.T
        information[3, 3] += len(along) * self._others
        return gradient, information

    def _parts(self, theta: Real, shape: Complex) -> tuple[Real, Real, float]:
        frequency, damping, peak, noise = (float(one) for one in np.exp(theta))
        projected = self.band.transform @ shape.conj()
        along = projected.real**2 + projected.imag**2
        mode = peak * resonance(frequency, damping, self.band.frequency_hz, self.band.record_s)
        return along, mode, noise
