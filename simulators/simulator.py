"""What a simulator is: a physical model that speaks a sensor's true bytes and tells the truth beside them.

``simulators/<family>/simulator.py`` has ``Settings`` (a msgspec struct) and ``simulator(settings, rng, start_us)``.

Rules every simulator keeps:
- It is pure and seeded: the same settings, generator and start give the same bytes and the same truth.
- Time is simulated time [µs UTC], advanced by whoever runs it: in real time, faster, or as fast as the machine allows.
- Local time of day, where arrivals depend on it, is ``hour_of_day`` of its settings advanced from the start, so that
  a demonstration at night still shows a working day.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol, cast

import numpy as np

from edge.contract.families import Family


class Emission(NamedTuple):
    """Bytes that appear on one of the simulated sensor's lines."""

    line: str
    data: bytes


Truth = dict[str, object]
"""One true fact, with its time ``t`` [µs UTC] and ``what``; written as a line of JSON beside the output."""


class Simulator(Protocol):
    """A sensor and the piece of the city it looks at."""

    @property
    def lines(self) -> tuple[str, ...]:
        """Names of its lines, e.g. ``("mcu", "tickets")``."""
        ...

    def advance(self, until_us: int) -> Iterable[Emission]:
        """Everything that appears on the lines up to ``until_us``, in order."""
        ...

    def truth(self) -> list[Truth]:
        """The true facts since the last call."""
        ...


class Parts(NamedTuple):
    """What the runner needs of a family's simulator."""

    settings: Any
    simulator: Callable[[object, np.random.Generator, int], Simulator]


def parts_of(family: Family) -> Parts:
    """Import a family's simulator."""
    module = importlib.import_module(f"simulators.{family}.simulator")
    return Parts(module.Settings, cast(Callable[[object, np.random.Generator, int], Simulator], module.simulator))
