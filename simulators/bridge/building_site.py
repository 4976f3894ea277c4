"""A girder while it is being finished: what each event of its construction adds, and where its modes go.

It is deliberately not what an engineer's model has: stiffness and mass vary along it at random, its bearings give way,
and its stiffness is not the one designed. Euler–Bernoulli elements; see ``girder``.
"""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np

from simulators.bridge.girder import ELEMENTS_A_SPAN, GirderModes, Real, beam_modes

Kind = Literal["structure", "mass", "nothing"]


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """Mass that comes (or goes, where negative) on a stretch of the girder.

    Attributes:
        kg_m: mass a metre.
        from_share, to_share: where, as shares of the girder's length.
    """

    kg_m: float
    from_share: float = 0.0
    to_share: float = 1.0


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the owner's log with its truth.

    Attributes:
        number: as the owner counts, from 1.
        name: what the owner's log says.
        day: days from the first midnight to the day of the event.
        loads: mass that comes or goes.
        left, right: rotational restraint that the abutments gain, in 4·EI/L of the end span.
        cures_h: time constant with which the restraint comes.
    """

    number: int
    name: str
    day: int
    loads: tuple[Load, ...] = ()
    left: float = 0.0
    right: float = 0.0
    cures_h: float = 0.0

    @property
    def kind(self) -> Kind:
        """What it changes."""
        return "structure" if self.left or self.right else "mass" if self.loads else "nothing"


class Built(msgspec.Struct, frozen=True):
    """One girder as built.

    Attributes:
        spans_m: its spans.
        element_m, stiffness_nm2, mass_kg_m: (elements,).
        bearing_n_m: vertical stiffness of each bearing.
    """

    spans_m: tuple[float, ...]
    element_m: Real
    stiffness_nm2: Real
    mass_kg_m: Real
    bearing_n_m: float


DESIGN_STIFFNESS, DESIGN_MASS = 8.0e10, 9000.0
DESIGN_SPANS_M = (30.0, 42.0, 34.0)
BEARING_N_M = 6e9
FIELD_M = 12.0


def build(generator: np.random.Generator, bearing_n_m: float = BEARING_N_M) -> Built:
    """A girder drawn: stiffness off by some percent as a whole and by 3 % along it, mass by 1.5 %."""
    element = np.repeat(np.array(DESIGN_SPANS_M) / ELEMENTS_A_SPAN, ELEMENTS_A_SPAN)
    middle = np.cumsum(element) - 0.5 * element
    stiffness = DESIGN_STIFFNESS * np.exp(generator.normal(0.0, 0.05) + 0.03 * _field(middle, generator))
    mass = DESIGN_MASS * np.exp(generator.normal(0.0, 0.02) + 0.015 * _field(middle, generator))
    return Built(DESIGN_SPANS_M, element, stiffness, mass, bearing_n_m)


def _field(place_m: Real, generator: np.random.Generator) -> Real:
    """A smooth unit-variance random field along the girder."""
    covariance = np.exp(-0.5 * np.square((place_m[:, None] - place_m) / FIELD_M)) + 1e-9 * np.eye(len(place_m))
    return np.asarray(np.linalg.cholesky(covariance) @ generator.normal(size=len(place_m)))


def modes_of(built: Built, events: tuple[Event, ...], count: int, extra: Real | None = None) -> GirderModes:
    """The girder's modes after some events, cured.

    Args:
        extra: (elements,) logarithm of a further factor on its stiffness, for patterns that no event has.
    """
    nodes = np.concatenate(([0.0], np.cumsum(built.element_m)))
    middle = 0.5 * (nodes[1:] + nodes[:-1]) / nodes[-1]
    mass = built.mass_kg_m.copy()
    springs = {2 * ELEMENTS_A_SPAN * n: built.bearing_n_m for n in range(len(built.spans_m) + 1)}
    left = right = 0.0
    for event in events:
        for load in event.loads:
            mass = mass + load.kg_m * ((middle >= load.from_share) & (middle < load.to_share))
        left, right = left + event.left, right + event.right
    springs[1] = 4.0 * DESIGN_STIFFNESS / built.spans_m[0] * left
    springs[2 * len(nodes) - 1] = 4.0 * DESIGN_STIFFNESS / built.spans_m[-1] * right
    stiffness = built.stiffness_nm2 if extra is None else built.stiffness_nm2 * np.exp(extra)
    return beam_modes(built.element_m, stiffness, mass, np.array([], dtype=np.int64), springs, count)
