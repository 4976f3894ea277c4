"""Regression in noise that has a slow part: what a bridge does beside every law lasts for days, and must not be taken for news.

Noise is white, of stated size times one factor, plus a stationary first-order Markov process (Ornstein and Uhlenbeck). Its
precision is tridiagonal at any times, so that generalised least squares costs as much as plain ones. Factor, size and
memory are those of the highest restricted likelihood (Patterson and Thompson, Biometrika 1971), with a prior on the
memory: a few months tell little of it, and a memory without end would take every step for noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg.lapack import dpttrf, dpttrs
from scipy.optimize import minimize

from hub.bridge.felt_temperature import Floats

EVALUATIONS = 40
JITTER = 1e-12
USUAL_MEMORY_H, MEMORY_SPREAD = 60.0, 0.6
"""Of the memory: its median, and the standard deviation of its logarithm."""

REACH = np.log([[0.5, 30.0], [1e-6, 0.01], [3.0, 1000.0]])
"""Bounds of the factor, of the slow part's standard deviation (relative), and of its memory [h], as logarithms."""


@dataclass(frozen=True)
class Noise:
    """What noise is like: factor of the stated standard deviations, the slow part's own, and its memory [h]."""

    factor: float
    slow: float
    memory_h: float


class Whitener:
    """The inverse of the noise's covariance at some times, as an operator.

    Args:
        hours: (rows,), strictly rising.
        stated: (rows,), standard deviation of each row's white part before the factor.
    """

    def __init__(self, noise: Noise, hours: Floats, stated: Floats) -> None:
        memory = np.exp(-np.diff(hours) / noise.memory_h)
        fresh = np.maximum(noise.slow**2 * -np.expm1(-2.0 * np.diff(hours) / noise.memory_h), 1e-300)
        diagonal = np.concatenate(([noise.slow**-2], 1.0 / fresh))
        diagonal[:-1] += memory**2 / fresh
        log_prior = -2.0 * np.log(noise.slow) - float(np.log(fresh).sum())
        self._weight = 1.0 / np.square(noise.factor * stated)
        self._diagonal, self._beside, _ = dpttrf(diagonal + self._weight, -memory / fresh)
        joint = float(np.log(self._diagonal).sum())
        self.log_determinant = joint - log_prior - float(np.log(self._weight).sum())

    def __call__(self, columns: Floats) -> Floats:
        """The inverse covariance times columns (rows, …)."""
        weight = self._weight if columns.ndim == 1 else self._weight[:, None]
        weighted = weight * columns
        return np.asarray(weighted - weight * dpttrs(self._diagonal, self._beside, weighted)[0])

    def slow_part(self, residuals: Floats) -> Floats:
        """What of residuals (rows,) is the slow part, in the mean."""
        return np.asarray(dpttrs(self._diagonal, self._beside, self._weight * residuals)[0])


@dataclass(frozen=True)
class Estimate:
    """Generalised least squares: coefficients (features,) with their covariance, and the restricted log-likelihood."""

    coefficients: Floats
    covariance: Floats
    log_likelihood: float


def estimate(whitener: Whitener, x: Floats, y: Floats) -> Estimate:
    """Coefficients of ``y`` (rows,) on ``x`` (rows, features)."""
    white = whitener(np.column_stack([x, y]))
    return from_products(whitener.log_determinant, x.T @ white, float(y @ white[:, -1]))


def from_products(log_determinant: float, products: Floats, square: float) -> Estimate:
    """The same from xᵀ·Σ⁻¹·(x, y), (features, features + 1), and yᵀ·Σ⁻¹·y.

    Of a feature that is zero in every row nothing can be told: its coefficient is 0 with a variance of 1 / ``JITTER``.
    """
    normal, right = products[:, :-1], products[:, -1]
    size = np.diag(normal)
    scale = 1.0 / np.sqrt(np.where(size > 0.0, size, 1.0))
    scaled = normal * scale * scale[:, None]
    scaled = scaled + JITTER * np.eye(len(scale))
    inverse = np.asarray(np.linalg.inv(scaled) * scale * scale[:, None])
    coefficients = inverse @ right
    left = square - float(right @ coefficients)
    log_normal = float(np.linalg.slogdet(scaled)[1]) - 2.0 * float(np.log(scale).sum())
    return Estimate(coefficients, inverse, -0.5 * (log_determinant + log_normal + left))


def learn(hours: Floats, stated: Floats, x: Floats, y: Floats, start: Noise) -> Noise:
    """The likeliest noise of ``y`` (rows,) on ``x`` (rows, features)."""

    def cost(logs: Floats) -> float:
        clipped = np.clip(logs, REACH[:, 0], REACH[:, 1])
        noise = Noise(*np.exp(clipped).tolist())
        away = 100.0 * float(np.square(logs - clipped).sum())
        away += 0.5 * (np.log(noise.memory_h / USUAL_MEMORY_H) / MEMORY_SPREAD) ** 2
        return float(away - estimate(Whitener(noise, hours, stated), x, y).log_likelihood)

    first = np.log([start.factor, start.slow, start.memory_h])
    simplex = np.vstack([first, first + np.diag([0.2, 0.5, 0.7])])
    options = {"maxfev": EVALUATIONS, "initial_simplex": simplex, "xatol": 0.02, "fatol": 0.02}
    found = minimize(cost, first, method="Nelder-Mead", options=options)
    return Noise(*np.exp(np.clip(found.x, REACH[:, 0], REACH[:, 1])).tolist())
