"""Natural modes of a continuous girder on rigid supports: Euler–Bernoulli beam elements, mass-normalised shapes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]

ELEMENTS_A_SPAN = 16


class GirderModes(NamedTuple):
    """Modes of a girder.

    Attributes:
        frequency_hz: (modes,).
        shape: (modes, nodes) deflection at ``position_m``, mass-normalised [1/√kg].
        position_m: (nodes,) from the left abutment.
    """

    frequency_hz: Real
    shape: Real
    position_m: Real

    def at(self, position_m: Real) -> Real:
        """Shapes at other places, (modes, places); 0 off the girder."""
        return np.array([np.interp(position_m, self.position_m, row, left=0.0, right=0.0) for row in self.shape])


def girder_modes(spans_m: list[float], bending_stiffness: Real, mass_kg_m: float, count: int) -> GirderModes:
    """The lowest ``count`` modes.

    Args:
        bending_stiffness: (spans,) EI of each span [N·m²].

    Example: one span of 20 m, EI 1e9, 5,000 kg/m has its first at π/2·√(EI/m)/L² = 1.756 Hz.
    """
    lengths = np.repeat(np.array(spans_m) / ELEMENTS_A_SPAN, ELEMENTS_A_SPAN)
    stiffnesses = np.repeat(bending_stiffness, ELEMENTS_A_SPAN)
    supports = 2 * ELEMENTS_A_SPAN * np.arange(len(spans_m) + 1)
    return beam_modes(lengths, stiffnesses, np.full(len(lengths), mass_kg_m), supports, {}, count)


def beam_modes(
    lengths: Real,
    bending_stiffness: Real,
    mass_kg_m: Real,
    held: NDArray[np.int64],
    springs: dict[int, float],
    count: int,
) -> GirderModes:
    """The lowest ``count`` modes of elements end to end.

    Args:
        lengths, bending_stiffness, mass_kg_m: (elements,), [m], [N·m²], [kg/m].
        held: unknowns that are held; node n has deflection 2·n and rotation 2·n + 1.
        springs: stiffness at unknowns [N/m, N·m].
    """
    nodes = len(lengths) + 1
    stiffness, mass = np.zeros((2 * nodes, 2 * nodes)), np.zeros((2 * nodes, 2 * nodes))
    for index, (length, ei, heavy) in enumerate(zip(lengths, bending_stiffness, mass_kg_m, strict=True)):
        place = slice(2 * index, 2 * index + 4)
        stiffness[place, place] += ei / length**3 * _element_stiffness(length)
        mass[place, place] += heavy * length / 420.0 * _element_mass(length)
    for unknown, spring in springs.items():
        stiffness[unknown, unknown] += spring
    free = np.setdiff1d(np.arange(2 * nodes), held)
    lower = np.linalg.cholesky(mass[np.ix_(free, free)])
    inverse = np.linalg.inv(lower)
    values, vectors = np.linalg.eigh(inverse @ stiffness[np.ix_(free, free)] @ inverse.T)
    full = np.zeros((2 * nodes, count))
    full[free] = (inverse.T @ vectors)[:, :count]
    position = np.concatenate(([0.0], np.cumsum(lengths)))
    return GirderModes(np.sqrt(values[:count]) / (2.0 * np.pi), full[::2].T.copy(), position)


def _element_stiffness(length: float) -> Real:
    a, b = 6.0 * length, length**2
    return np.array([[12.0, a, -12.0, a], [a, 4 * b, -a, 2 * b], [-12.0, -a, 12.0, -a], [a, 2 * b, -a, 4 * b]])


def _element_mass(length: float) -> Real:
    a, b = length, length**2
    return np.array(
        [
            [156.0, 22 * a, 54.0, -13 * a],
            [22 * a, 4 * b, 13 * a, -3 * b],
            [54.0, 13 * a, 156.0, -22 * a],
            [-13 * a, -3 * b, -22 * a, 4 * b],
        ]
    )
