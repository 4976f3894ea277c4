"""People in a waiting area: they walk in, sit with small movements, and walk out.

Positions are in the thermal array's pixels, column and row from 0 to 8; the entrance is above row 0, the windows lie
below row 8. Times are seconds since the simulation's start.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulators.counter.thermal import PIXELS

ENTRANCE = (4.0, -0.8)
WINDOWS = (4.0, 8.8)
SEAT_MARGIN = 0.6
SEAT_CANDIDATES = 12


@dataclass(slots=True)
class Person:
    """One warm body: where it sits, how it walks, when it came and when it was called away."""

    column: float
    row: float
    radius: float
    warmth_degc: float
    speed: float
    phase: float
    came_s: float
    left_s: float = math.inf

    def place(self, t_s: float) -> tuple[float, float] | None:
        """Column and row at ``t_s``, None when out of the sensor's view."""
        if t_s >= self.left_s:
            place = _on_the_way((self.column, self.row), WINDOWS, self.speed * (t_s - self.left_s))
        else:
            place = _on_the_way(ENTRANCE, (self.column, self.row), self.speed * (t_s - self.came_s))
        sway = 0.10 * math.sin(2 * math.pi * t_s / 7.0 + self.phase) + 0.06 * math.sin(2 * math.pi * t_s / 2.3)
        column, row = place[0] + sway, place[1] + 0.5 * sway
        inside = 0.0 <= column <= PIXELS and 0.0 <= row <= PIXELS and t_s >= self.came_s
        return (column, row) if inside else None

    def gone(self, t_s: float) -> bool:
        """Whether the person has left the view for good."""
        return t_s > self.left_s + 2 * PIXELS / self.speed


def arrive(rng: np.random.Generator, t_s: float, others: Iterable[Person]) -> Person:
    """Somebody comes at ``t_s`` and takes, of a few seats, the one farthest from the others."""
    seats = rng.uniform(SEAT_MARGIN, PIXELS - SEAT_MARGIN, (SEAT_CANDIDATES, 2))
    taken = np.array([(other.column, other.row) for other in others if other.left_s > t_s])
    if len(taken):
        apart = np.linalg.norm(seats[:, None, :] - taken[None, :, :], axis=2).min(axis=1)
        comfortable = np.flatnonzero(apart > 1.0)
        chosen = int(comfortable[0]) if len(comfortable) else int(np.argmax(apart))
    else:
        chosen = 0
    return Person(
        column=float(seats[chosen, 0]),
        row=float(seats[chosen, 1]),
        radius=float(rng.uniform(0.5, 0.75)),
        warmth_degc=float(rng.uniform(2.5, 5.0)),
        speed=float(rng.uniform(0.8, 1.4)),
        phase=float(rng.uniform(0.0, 2 * math.pi)),
        came_s=t_s,
    )


def in_view(people: Iterable[Person], t_s: float) -> NDArray[np.float64]:
    """A row each of column, row, radius [pixels] and °C above the floor, of those in view; shape (people, 4)."""
    rows = [
        (*place, person.radius, person.warmth_degc) for person in people if (place := person.place(t_s)) is not None
    ]
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


def _on_the_way(begin: tuple[float, float], end: tuple[float, float], walked: float) -> tuple[float, float]:
    distance = math.hypot(end[0] - begin[0], end[1] - begin[1])
    share = min(1.0, max(0.0, walked / distance)) if distance > 0 else 1.0
    return begin[0] + share * (end[0] - begin[0]), begin[1] + share * (end[1] - begin[1])
