"""Structures of masses and springs whose modes follow from an eigenvalue problem, and what sensors on them record."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, signal

Real = NDArray[np.float64]

FINER = 8
"""Steps of the simulation a sample: forces are held within a step, so their spectrum is level far beyond the band."""


class Structure(NamedTuple):
    """Modes of ``M·ẍ + C·ẋ + K·x = f`` with C diagonal in them.

    Attributes:
        frequencies_hz, dampings: (modes,), rising frequencies; fractions of critical damping.
        shapes: (dofs, modes), normalised to modal mass 1 kg.
        force: (dofs,) one-sided spectral density of the independent white forces [N²/Hz].
    """

    frequencies_hz: Real
    dampings: Real
    shapes: Real
    force: Real

    def peaks(self, sensors: list[int]) -> Real:
        """(sensors, modes) one-sided density of each mode's acceleration at its own resonance [(m/s²)²/Hz]."""
        modal = self.shapes.T**2 @ self.force
        return np.asarray(self.shapes[sensors] ** 2 * modal / (4.0 * self.dampings**2))

    def skirts(self, sensors: list[int]) -> Real:
        """(sensors, modes) what all the other modes leave at each mode's frequency, likewise."""
        ratio = self.frequencies_hz[None, :] / self.frequencies_hz[:, None]
        damping = self.dampings[:, None]
        curve = 4.0 * damping**2 * ratio**4 / ((1.0 - ratio**2) ** 2 + (2.0 * damping * ratio) ** 2)
        np.fill_diagonal(curve, 0.0)
        return np.asarray(self.peaks(sensors) @ curve)


def chain(masses: Real, springs: Real, lowest_hz: float, dampings: Real, force: Real) -> Structure:
    """Masses in a row, the first one tied to the ground: ``springs[n]`` holds mass n to the one before.

    The springs are scaled until the first mode lies at ``lowest_hz``.
    """
    stiffness = np.diag(springs + np.append(springs[1:], 0.0)) - np.diag(springs[1:], 1) - np.diag(springs[1:], -1)
    squares, shapes = linalg.eigh(stiffness, np.diag(masses))
    frequencies = np.sqrt(squares / squares[0]) * lowest_hz
    return Structure(frequencies, dampings, shapes, force)


def recorded(
    structure: Structure, sensors: list[int], rate_hz: float, seconds: float, noise: float, rng: np.random.Generator
) -> Real:
    """Accelerations at some masses, (samples, sensors) [m/s²], and white noise of one-sided density ``noise`` in each.

    Every mode is stepped by its own transition matrix, exact for forces that are held (zero-order hold; Van Loan, IEEE
    Trans. Autom. Control 23 (1978) 395); the record begins when the structure is in swing.
    """
    fine_hz = FINER * rate_hz
    swing_s = 4.0 / float((structure.dampings * structure.frequencies_hz).min() * 2.0 * np.pi)
    warm = round(swing_s * rate_hz)
    count = (round(seconds * rate_hz) + warm) * FINER
    forces = rng.normal(size=(count, len(structure.force))) * np.sqrt(structure.force * 0.5 * fine_hz)
    modal = np.empty((count, len(structure.dampings)))
    for at, (frequency_hz, damping) in enumerate(zip(structure.frequencies_hz, structure.dampings, strict=True)):
        omega = 2.0 * np.pi * frequency_hz
        spring, friction = omega**2, 2.0 * damping * omega
        swings = np.array([[0.0, 1.0], [-spring, -friction]])
        held = signal.cont2discrete(
            (swings, np.array([[0.0], [1.0]]), np.array([[-spring, -friction]]), np.ones((1, 1))), 1.0 / fine_hz
        )
        over, under = signal.ss2tf(*held[:4])
        modal[:, at] = signal.lfilter(over.ravel(), under, forces @ structure.shapes[:, at])
    seen = signal.resample_poly(modal, 1, FINER, axis=0)[warm:] @ structure.shapes[sensors].T
    return np.asarray(seen + rng.normal(size=seen.shape) * np.sqrt(noise * 0.5 * rate_hz))
