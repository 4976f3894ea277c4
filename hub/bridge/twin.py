"""The digital twin of a girder: its finite-element model as a function of what may have moved, and how modes follow.

What may move are natural logarithms of a section's stiffness and mass over those designed, and the rotational restraint
of each support in units of 4·EI/L of the girder beside it. Nought everywhere is the bridge as designed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from scipy.sparse import csr_array, diags_array, sparray, vstack

from hub.bridge import twin_beam
from hub.bridge.twin_beam import BeamModes, Floats, Mesh
from hub.bridge.twin_file import Girder, Section, Support

ELEMENTS_A_SPAN = 10
SECTIONS_A_SPAN = 5

Kind = Literal["structure", "mass"]
What = Literal["stiffness", "mass", "restraint"]


@dataclass(frozen=True)
class Parameter:
    """One thing that may move: stiffness or mass of a section, restraint of a support; and where it is.

    Attributes:
        size: of a section, its mass or stiffness as designed [kg/m, N·m²]; of a support, what 1 is worth [N·m].
    """

    what: What
    name: str
    from_m: float
    to_m: float
    size: float

    @property
    def kind(self) -> Kind:
        """The class of change that it is."""
        return "mass" if self.what == "mass" else "structure"


class Twin:
    """The model of one girder; it does not change, ``modes`` and ``sensitivities`` are functions of parameters' values."""

    def __init__(self, girder: Girder) -> None:
        sections, supports = _sections(girder), girder.supports or [Support() for _ in range(len(girder.spans_m) + 1)]
        supports_m = np.concatenate(([0.0], np.cumsum(girder.spans_m)))
        edges = np.array([0.0, *(section.until_m for section in sections)])
        nodes = _nodes(np.concatenate([edges, supports_m]), min(girder.spans_m) / ELEMENTS_A_SPAN)
        of_section = np.searchsorted(edges, 0.5 * (nodes[1:] + nodes[:-1])) - 1
        at = [int(np.argmin(np.abs(nodes - place))) for place in supports_m]
        bending = np.array([section.bending_stiffness_nm2 or girder.bending_stiffness_nm2 for section in sections])
        shear = np.array([section.shear_stiffness_n or girder.shear_stiffness_n or np.inf for section in sections])
        mass = np.array([section.mass_kg_m or girder.mass_kg_m for section in sections])
        held = tuple(node for node, support in zip(at, supports, strict=True) if support.vertical_n_m is None)
        self._mesh = Mesh(nodes, bending[of_section], shear[of_section], mass[of_section], held)
        springs = np.zeros(2 * len(nodes))
        for node, support in zip(at, supports, strict=True):
            springs[2 * node : 2 * node + 2] = support.vertical_n_m or 0.0, support.rotational_nm
        units = [4.0 * girder.bending_stiffness_nm2 / length for length in _beside(girder.spans_m)]
        chosen = [of_section == number for number in range(len(sections))]
        self._inert = [twin_beam.masses(self._mesh, each) for each in chosen]
        self._stiff = [twin_beam.stiffness(self._mesh, each) for each in chosen]
        self._turning = [_spring(len(nodes), node, unit) for node, unit in zip(at, units, strict=True)]
        self._all_stiff = _stacked([diags_array(springs), *self._stiff, *self._turning])
        self._all_inert = _stacked(self._inert)
        names = [section.name or f"{a:g}–{b:g} m" for section, a, b in zip(sections, edges, edges[1:], strict=False)]
        places = list(zip(names, edges[:-1].tolist(), edges[1:].tolist(), strict=True))
        self.parameters = (
            *(Parameter("stiffness", *place, size) for place, size in zip(places, bending.tolist(), strict=True)),
            *(Parameter("mass", *place, size) for place, size in zip(places, mass.tolist(), strict=True)),
            *(
                Parameter("restraint", support.name or f"support {n + 1}", x, x, unit)
                for n, (support, x, unit) in enumerate(zip(supports, supports_m.tolist(), units, strict=True))
            ),
        )
        self.sensors_m = np.array(girder.sensors_m)
        self.numbers = np.array(girder.modes, dtype=np.int64)

    @property
    def sections(self) -> int:
        """How many sections there are: the first so many parameters are stiffness, as many then mass."""
        return len(self._stiff)

    def designed(self) -> Floats:
        """(parameters,) of the bridge as designed."""
        return np.zeros(len(self.parameters))

    def modes(self, values: Floats, count: int) -> BeamModes:
        """The first ``count`` measured modes, in the order of the file's ``modes``.

        Args:
            values: (parameters,).
        """
        numbers = self.measured(count)
        found = twin_beam.modes(self._mesh, *self._matrices(values), int(numbers.max()))
        return BeamModes(found.frequency_hz[numbers - 1], found.vector[:, numbers - 1], found.node_m)

    def measured(self, count: int) -> np.ndarray:
        """Which of the girder's modes, from 1, the first ``count`` measured ones are."""
        return self.numbers[:count] if len(self.numbers) >= count else np.arange(1, count + 1)

    def sensitivities(self, values: Floats, count: int) -> Floats:
        """Derivative of the logarithm of each frequency by each parameter, (modes, parameters) (Fox and Kapoor 1968)."""
        found = self.modes(values, count)
        eigen = np.square(2.0 * np.pi * found.frequency_hz)
        section = np.exp(values)
        columns = [
            *(_form(part, found.vector) * section[n] / eigen for n, part in enumerate(self._stiff)),
            *(-_form(part, found.vector) * section[self.sections + n] for n, part in enumerate(self._inert)),
            *(_form(part, found.vector) / eigen for part in self._turning),
        ]
        return 0.5 * np.column_stack(columns)

    def _matrices(self, values: Floats) -> tuple[Floats, Floats]:
        """Stiffness and mass, (unknowns, unknowns)."""
        count, size = self.sections, 2 * len(self._mesh.node_m)
        stiff = np.concatenate([[1.0], np.exp(values[:count]), values[2 * count :]])
        inert = np.exp(values[count : 2 * count])
        k, m = self._all_stiff.T @ stiff, self._all_inert.T @ inert
        return np.asarray(k).reshape(size, size), np.asarray(m).reshape(size, size)


def _sections(girder: Girder) -> list[Section]:
    if girder.sections:
        return girder.sections
    ends = np.cumsum(np.repeat(girder.spans_m, SECTIONS_A_SPAN) / SECTIONS_A_SPAN)
    return [Section(until_m=round(float(end), 6)) for end in ends]


def _nodes(places: Floats, longest_m: float) -> Floats:
    """Nodes at all places and between, no element longer than ``longest_m``."""
    kept = np.unique(np.round(places, 6))
    parts = [np.linspace(a, b, max(1, int(np.ceil((b - a) / longest_m - 1e-9))) + 1)[:-1] for a, b in pairwise(kept)]
    return np.concatenate([*parts, kept[-1:]])


def _beside(spans_m: list[float]) -> list[float]:
    """The shorter of the spans at each support."""
    inner = [min(pair) for pair in pairwise(spans_m)]
    return [spans_m[0], *inner, spans_m[-1]]


def _spring(nodes: int, node: int, unit: float) -> csr_array:
    diagonal = np.zeros(2 * nodes)
    diagonal[2 * node + 1] = unit
    return diags_array(diagonal).tocsr()


def _stacked(parts: Sequence[sparray]) -> csr_array:
    """Square matrices as rows, so that a weighted sum of them is one product."""
    return csr_array(vstack([part.tocsr().reshape(1, -1) for part in parts]))


def _form(part: csr_array, vectors: Floats) -> Floats:
    """vᵀ·part·v of each column."""
    return np.asarray(np.einsum("um,um->m", vectors, part @ vectors))
