"""Natural modes of a continuous girder by finite elements: shear-flexible beam elements, sections, springs at supports.

Timoshenko elements with the exact static shape functions (Przemieniecki, Theory of Matrix Structural Analysis, 1968)
and consistent mass of the deflection; without a shear stiffness they are Euler–Bernoulli's. Rotary inertia is left out:
for a girder's lowest modes it is a hundredth of what shear does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.sparse import coo_array, csr_array

Floats = NDArray[np.float64]

SHIFT = 1e-9
"""Of the stiffest unknown's own λ, added to every λ while solving."""


@dataclass(frozen=True)
class Mesh:
    """Straight elements end to end from the left abutment.

    Attributes:
        node_m: (nodes,), rising.
        bending: (elements,) EI [N·m²]; shear: (elements,) κGA [N], infinite where shear is left out.
        mass: (elements,) [kg/m].
        held: nodes whose deflection is held.
    """

    node_m: Floats
    bending: Floats
    shear: Floats
    mass: Floats
    held: tuple[int, ...]

    @property
    def free(self) -> NDArray[np.int64]:
        """Unknowns that are not held: deflection 2·node, rotation 2·node + 1."""
        every = np.arange(2 * len(self.node_m), dtype=np.int64)
        return np.setdiff1d(every, 2 * np.array(self.held, dtype=np.int64))


@dataclass(frozen=True)
class BeamModes:
    """Modes in order of frequency.

    Attributes:
        frequency_hz: (modes,).
        vector: (unknowns, modes), mass-normalised, nought where held.
        node_m: (nodes,).
    """

    frequency_hz: Floats
    vector: Floats
    node_m: Floats

    def shapes(self, position_m: Floats) -> Floats:
        """Deflection at places, (modes, places), between nodes along the cubic of their deflections and rotations."""
        element = np.clip(np.searchsorted(self.node_m, position_m, side="right") - 1, 0, len(self.node_m) - 2)
        length = self.node_m[element + 1] - self.node_m[element]
        s = (position_m - self.node_m[element]) / length
        weights = (
            1.0 - 3.0 * s**2 + 2.0 * s**3, length * s * (1.0 - s) ** 2, 3.0 * s**2 - 2.0 * s**3, length * s**2 * (s - 1.0)
        )  # fmt: skip
        parts = (w[:, None] * self.vector[2 * element + k] for w, k in zip(weights, (0, 1, 2, 3), strict=True))
        return np.asarray(sum(parts)).T


def stiffness(mesh: Mesh, elements: NDArray[np.bool_] | None = None) -> csr_array:
    """Stiffness of all elements, or of the chosen ones, (unknowns, unknowns) [N, m]."""
    return _assembled(mesh, _element_stiffnesses(mesh), elements)


def masses(mesh: Mesh, elements: NDArray[np.bool_] | None = None) -> csr_array:
    """Consistent mass of all elements, or of the chosen ones, (unknowns, unknowns) [kg, m]."""
    return _assembled(mesh, _element_masses(mesh), elements)


def modes(mesh: Mesh, k: Floats, m: Floats, count: int) -> BeamModes:
    """The lowest ``count`` modes of stiffness ``k`` and mass ``m``, (unknowns, unknowns), on the mesh's supports.

    A girder has some hundred unknowns; at that size the dense solver is the quicker one.
    """
    free = mesh.free
    stiff, inert = (each[np.ix_(free, free)] for each in (k, m))
    # The lowest modes as the largest of the inverse problem: solved directly they would drown in the rounding of the highest,
    # which are a thousand million times as stiff. The shift lets a beam move that nothing holds.
    shift = SHIFT * float((stiff.diagonal() / inert.diagonal()).max())
    inverse, vectors = eigh(inert, stiff + shift * inert, subset_by_index=(len(stiff) - count, len(stiff) - 1))
    inverse, vectors = inverse[::-1], vectors[:, ::-1]
    full = np.zeros((2 * len(mesh.node_m), count))
    full[free] = vectors / np.sqrt(inverse)
    return BeamModes(np.sqrt(np.maximum(1.0 / inverse - shift, 0.0)) / (2.0 * np.pi), full, mesh.node_m)


def _assembled(mesh: Mesh, parts: Floats, elements: NDArray[np.bool_] | None) -> csr_array:
    chosen = np.arange(len(parts)) if elements is None else np.flatnonzero(elements)
    unknown = 2 * chosen[:, None] + np.arange(4)
    rows, columns = np.repeat(unknown, 4, axis=1).ravel(), np.tile(unknown, (1, 4)).ravel()
    size = 2 * len(mesh.node_m)
    return coo_array((parts[chosen].ravel(), (rows, columns)), shape=(size, size)).tocsr()


def _shear_parameter(mesh: Mesh) -> tuple[Floats, Floats]:
    length = np.diff(mesh.node_m)
    return length, 12.0 * mesh.bending / (mesh.shear * length**2)


def _element_stiffnesses(mesh: Mesh) -> Floats:
    """(elements, 4, 4)."""
    length, phi = _shear_parameter(mesh)
    a, near, far, one = 6.0 * length, (4.0 + phi) * length**2, (2.0 - phi) * length**2, np.full_like(length, 12.0)
    table = np.array([[one, a, -one, a], [a, near, -a, far], [-one, -a, one, -a], [a, far, -a, near]])
    return np.asarray(np.moveaxis(table * mesh.bending / ((1.0 + phi) * length**3), -1, 0))


def _element_masses(mesh: Mesh) -> Floats:
    """(elements, 4, 4), of the deflection (Friedman and Kosmatka, Computers and Structures 1993)."""
    length, phi = _shear_parameter(mesh)
    own, other = 70.0 * phi**2 + 147.0 * phi + 78.0, 35.0 * phi**2 + 63.0 * phi + 27.0
    turn, cross = (35.0 * phi**2 + 77.0 * phi + 44.0) * length / 4.0, (35.0 * phi**2 + 63.0 * phi + 26.0) * length / 4.0
    near, far = (7.0 * phi**2 + 14.0 * phi + 8.0) * length**2 / 4.0, (7.0 * phi**2 + 14.0 * phi + 6.0) * length**2 / 4.0
    table = np.array(
        [[own, turn, other, -cross], [turn, near, cross, -far], [other, cross, own, -turn], [-cross, -far, -turn, near]]
    )
    return np.asarray(np.moveaxis(table * mesh.mass * length / (210.0 * (1.0 + phi) ** 2), -1, 0))
