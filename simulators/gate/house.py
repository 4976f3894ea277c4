"""The inside of the library: who is there, which seats are taken, and what its slow sensors read."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from firmware_bridge.messages import MAX_LEVELS, Levels
from simulators.simulator import Truth


class House:
    """People and seats; seat channels follow one another from 0 over the areas, in order."""

    TAKEN_MILLI, FREE_MILLI, NOISE_MILLI = 850, 120, 60

    def __init__(self, areas: dict[str, int], silent: int, inside: int, rng: np.random.Generator) -> None:
        self.people = inside
        self._rng = rng
        self._area_of = [area for area, seats in areas.items() for _ in range(seats)]
        self._taken = [False] * len(self._area_of)
        self._silent = set(rng.permutation(len(self._area_of))[:silent].tolist())
        self._areas = list(areas)

    def take_seat(self) -> int | None:
        """A free seat with a sensor that speaks, now taken; None when there is none."""
        free = [seat for seat, taken in enumerate(self._taken) if not taken and seat not in self._silent]
        if not free:
            return None
        seat = int(self._rng.choice(free))
        self._taken[seat] = True
        return seat

    def leave_seat(self, seat: int) -> None:
        """The seat is free again."""
        self._taken[seat] = False

    def seat_levels(self) -> Iterator[Levels]:
        """One reading of every seat that speaks, in messages as large as the line carries."""
        levels = [
            (seat, int((self.TAKEN_MILLI if taken else self.FREE_MILLI) + self._rng.normal(0, self.NOISE_MILLI)))
            for seat, taken in enumerate(self._taken)
            if seat not in self._silent
        ]
        for first in range(0, len(levels), MAX_LEVELS):
            yield Levels(tuple(levels[first : first + MAX_LEVELS]))

    def antenna_levels(self, antennas: int, noisy: bool) -> Levels:
        """Noise and return loss of every antenna; ``noisy`` raises the first one's noise."""
        levels = []
        for antenna in range(antennas):
            noise_dbm = (-48.0 if noisy and antenna == 0 else -78.0) + self._rng.normal(0, 0.8)
            levels += [(240 + antenna, round(noise_dbm * 1000)), (224 + antenna, 16_000)]
        return Levels(tuple(levels))

    def facts(self, now: int) -> list[Truth]:
        """How many are inside, and the seats of each area."""
        facts: list[Truth] = [{"t": now, "what": "inside", "people": self.people}]
        for area in self._areas:
            mine = [seat for seat, its_area in enumerate(self._area_of) if its_area == area]
            silent = sum(seat in self._silent for seat in mine)
            taken = sum(self._taken[seat] for seat in mine)
            facts.append(
                {
                    "t": now,
                    "what": "seats",
                    "area": area,
                    "occupied": taken,
                    "seats": len(mine) - silent,
                    "silent": silent,
                }
            )
        return facts
