"""The twin brought to what was measured: which stiffness or mass moved, by how much, and how sure that is.

Maximum a posteriori by Gauss and Newton with steps that are halved until they pay, the posterior by Laplace's method
(Beck and Katafygiotis, Journal of Engineering Mechanics 1998): normal priors about the values before, normal errors of
measured logarithms of frequency and of shapes at the sensors, and an error of the model itself, since no model is
the bridge. What the measurements do not tell keeps its prior, and ``learnt`` says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hub.bridge.change_class import largest_likely
from hub.bridge.twin import Parameter, Twin
from hub.bridge.twin_beam import Floats

COMMON = {"stiffness": 0.10, "mass": 0.05, "restraint": 0.0}
OWN = {"stiffness": 0.06, "mass": 0.03, "restraint": 0.30}
"""Standard deviation of what was built about what was designed: of the whole girder, and of a section or support beside
it; of restraints in 4·EI/L. However finely a girder is cut, as a whole it may be as far from its design."""

MODEL_ERROR = 0.002
"""Relative error of the model's frequencies that no parameter mends."""

SHAPE_ERROR = 0.02
"""Error of a shape's component, its largest being 1; of the model and the measurement together."""

LEAST_RESTRAINT = 0.0
ITERATIONS, HALVINGS = 30, 8
CONVERGED = 1e-7
STEP = 1e-4


@dataclass(frozen=True)
class Measured:
    """What the twin is brought to.

    Attributes:
        frequency_hz, std_hz: (modes,), NaN where not measured.
        shapes: (modes, sensors), of any scale and sign, NaN where not measured; None without shapes.
    """

    frequency_hz: Floats
    std_hz: Floats
    shapes: Floats | None = None


@dataclass(frozen=True)
class Updated:
    """The posterior.

    Attributes:
        values, std: (parameters,), logarithms of factors, restraints in 4·EI/L.
        prior_std: (parameters,).
        covariance: (parameters, parameters).
        before_hz, after_hz: (modes,), predicted with the values before and after.
        after_std_hz: (modes,), what the parameters' uncertainty leaves of the prediction.
        misfit: chi-square of measurements and priors together, of ``freedom`` measured numbers.
    """

    parameters: tuple[Parameter, ...]
    values: Floats
    covariance: Floats
    prior_std: Floats
    before_hz: Floats
    after_hz: Floats
    after_std_hz: Floats
    misfit: float
    freedom: int

    @property
    def fits(self) -> bool:
        """Whether this can be the bridge: a model of other spans must go far from its design to explain it."""
        return self.misfit <= largest_likely(max(1, self.freedom))

    @property
    def std(self) -> Floats:
        """Standard uncertainty of each parameter."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def learnt(self) -> Floats:
        """Share of each parameter's prior variance that the measurements took away, 0 to 1."""
        return np.asarray(1.0 - np.square(self.std / self.prior_std))


def prior(twin: Twin) -> Floats:
    """(parameters, parameters), the usual covariance."""
    kinds = [parameter.what for parameter in twin.parameters]
    alike = np.array([[a == b for a in kinds] for b in kinds])
    return np.asarray(alike * np.square([COMMON[kind] for kind in kinds]) + np.diag(np.square([OWN[k] for k in kinds])))


def update(
    twin: Twin, measured: Measured, before: Floats | None = None, covariance: Floats | None = None,
    model_error: float = MODEL_ERROR,
) -> Updated:  # fmt: skip
    """The twin's parameters after the measurements.

    Args:
        before: (parameters,), what was believed; the bridge as designed unless told.
        covariance: (parameters, parameters), how far from that they may be; ``prior`` unless told.
    """
    start = twin.designed() if before is None else before
    believed = prior(twin) if covariance is None else covariance
    problem = _Problem(twin, measured, start, believed, model_error)
    values = start.copy()
    residuals, jacobian = problem.residuals(values), problem.jacobian(values)
    for _ in range(ITERATIONS):
        step = problem.step(values, residuals, jacobian)
        values, residuals, gain = _best_step(problem, values, step, residuals)
        jacobian = problem.jacobian(values)
        if gain < CONVERGED:
            break
    posterior = np.asarray(np.linalg.inv(jacobian.T @ jacobian), dtype=np.float64)
    count = len(measured.frequency_hz)
    slopes = twin.sensitivities(values, count)
    after = twin.modes(values, count).frequency_hz
    left = after * np.sqrt(np.einsum("mp,pq,mq->m", slopes, posterior, slopes))
    return Updated(
        twin.parameters, values, posterior, np.sqrt(np.diag(believed)), twin.modes(start, count).frequency_hz, after,
        np.asarray(left), float(residuals @ residuals), len(residuals) - len(values),
    )  # fmt: skip


def _best_step(problem: _Problem, values: Floats, step: Floats, residuals: Floats) -> tuple[Floats, Floats, float]:
    """The step, halved until the sum of squares falls; none where it never does."""
    cost = float(residuals @ residuals)
    for _ in range(HALVINGS):
        tried = problem.allowed(values + step)
        found = problem.residuals(tried)
        if (less := float(found @ found)) < cost:
            return tried, found, cost - less
        step = 0.5 * step
    return values, residuals, 0.0


class _Problem:
    """Residuals in their standard deviations: frequencies, shapes, priors; and their derivative."""

    def __init__(self, twin: Twin, measured: Measured, start: Floats, believed: Floats, model_error: float) -> None:
        self._twin, self._start = twin, start
        self._whiten = np.linalg.inv(np.linalg.cholesky(believed))
        self._count = len(measured.frequency_hz)
        self._known = np.flatnonzero(~np.isnan(measured.frequency_hz))
        self._log = np.log(measured.frequency_hz[self._known])
        relative = measured.std_hz[self._known] / measured.frequency_hz[self._known]
        self._sigma = np.hypot(relative, model_error)
        self._shapes = [] if measured.shapes is None else _scaled(measured.shapes)
        self._turns = np.array([parameter.what == "restraint" for parameter in twin.parameters])

    def allowed(self, values: Floats) -> Floats:
        """Restraints not below ``LEAST_RESTRAINT``."""
        return np.where(self._turns, np.maximum(values, LEAST_RESTRAINT), values)

    def step(self, values: Floats, residuals: Floats, jacobian: Floats) -> Floats:
        """Gauss and Newton's step; a restraint that stands at its least and would go below stays there."""
        moving = np.ones(len(values), dtype=np.bool_)
        step = np.zeros(len(values))
        while True:
            step[:] = 0.0
            step[moving] = -np.linalg.lstsq(jacobian[:, moving], residuals, rcond=None)[0]
            held = moving & self._turns & (values <= LEAST_RESTRAINT) & (step < 0.0)
            if not held.any():
                return step
            moving &= ~held

    def residuals(self, values: Floats) -> Floats:
        found = self._twin.modes(values, self._count)
        parts = [
            (np.log(found.frequency_hz[self._known]) - self._log) / self._sigma,
            *self._shape_residuals(found.shapes(self._twin.sensors_m)),
            self._whiten @ (values - self._start),
        ]
        return np.concatenate(parts)

    def jacobian(self, values: Floats) -> Floats:
        """Analytic for frequencies and priors, by differences for shapes."""
        slopes = self._twin.sensitivities(values, self._count)[self._known] / self._sigma[:, None]
        parts = [slopes, self._whiten]
        if self._shapes:
            centre = self._joined(values)
            moved = [self._joined(values + STEP * row) for row in np.eye(len(values))]
            parts.insert(1, np.column_stack([(each - centre) / STEP for each in moved]))
        return np.concatenate(parts)

    def _joined(self, values: Floats) -> Floats:
        return np.concatenate(self._shape_residuals(self._twin.modes(values, self._count).shapes(self._twin.sensors_m)))

    def _shape_residuals(self, predicted: Floats) -> list[Floats]:
        """Each measured shape less the predicted one times its best factor."""
        out = []
        for mode, sensors, shape in self._shapes:
            own = predicted[mode, sensors]
            out.append((shape - own * float(own @ shape) / max(float(own @ own), 1e-300)) / SHAPE_ERROR)
        return out


def _scaled(shapes: Floats) -> list[tuple[int, np.ndarray, Floats]]:
    """Mode, sensors and shape, its largest component 1, of each mode with two sensors at least."""
    out = []
    for mode, shape in enumerate(shapes):
        there = np.flatnonzero(~np.isnan(shape))
        if len(there) >= 2:
            out.append((mode, there, shape[there] / np.abs(shape[there]).max()))
    return out
