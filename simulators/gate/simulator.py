"""A library's day at its gate: visitors come, sit and leave, some turn back, some with armed articles.

It speaks a microcontroller's true frames on line ``mcu``, in the use of them that ``edge/gate/sources.py`` describes,
and answers a HELLO. Beside them it tells what is true: passages, turn-backs, articles, people inside, seats.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from firmware_bridge.messages import Levels
from simulators.gate.board import Board
from simulators.gate.house import House
from simulators.gate.settings import Settings
from simulators.gate.visitors import Visitors
from simulators.simulator import Emission, Truth


def simulator(settings: object, rng: np.random.Generator, start_us: int) -> GateSimulator:
    """A gate simulator from the moment ``start_us`` [µs UTC]."""
    assert isinstance(settings, Settings)
    return GateSimulator(settings, rng, start_us)


class GateSimulator:
    """See ``simulators.simulator.Simulator``."""

    LEVELS_EVERY_US = 2_000_000
    FACTS_EVERY_US = 60_000_000
    HELLO_EVERY_US = 10_000_000

    def __init__(self, settings: Settings, rng: np.random.Generator, start_us: int) -> None:
        self._settings = settings
        self._now = start_us
        self._start = start_us
        self._facts: list[Truth] = []
        self._house = House(settings.areas, settings.silent_seats, settings.inside_at_start, rng)
        self._board = Board(rng, start_us)
        self._visitors = Visitors(settings, rng, start_us, self._house, self._board, self._facts)
        self._next_levels = self._next_hello = self._next_facts = start_us

    @property
    def lines(self) -> tuple[str, ...]:
        return ("mcu",)

    def advance(self, until_us: int) -> Iterable[Emission]:
        """Everything that the board says up to ``until_us``, in order."""
        while True:
            moment = min(self._visitors.next_us, self._next_levels, self._next_hello, self._next_facts)
            if moment > until_us:
                break
            yield from self._step(moment)
        self._now = max(self._now, until_us)
        yield from self._emit(until_us)

    def heard(self, line: str, data: bytes) -> Iterable[bytes]:
        """What the board answers to bytes from the device: HELLO to HELLO."""
        return self._board.answer(data)

    def truth(self) -> list[Truth]:
        facts, self._facts[:] = sorted(self._facts, key=_time_of), []
        return facts

    def _step(self, moment: int) -> Iterator[Emission]:
        yield from self._emit(moment)
        if moment == self._visitors.next_us:
            self._visitors.step()
        if moment == self._next_hello:
            yield Emission("mcu", self._board.hello())
            self._next_hello += self.HELLO_EVERY_US
        if moment == self._next_levels:
            for levels in self._levels(moment):
                yield Emission("mcu", self._board.say(levels))
            self._next_levels += self.LEVELS_EVERY_US
        if moment == self._next_facts:
            self._facts += self._house.facts(moment)
            self._next_facts += self.FACTS_EVERY_US

    def _emit(self, moment: int) -> Iterator[Emission]:
        for data in self._board.due(moment):
            yield Emission("mcu", data)

    def _levels(self, moment: int) -> Iterator[Levels]:
        settings = self._settings
        after_s = (moment - self._start) / 1e6
        noisy = settings.noisy_at_s is not None and 0 <= after_s - settings.noisy_at_s < settings.noisy_for_s
        yield from self._house.seat_levels()
        yield self._house.antenna_levels(2 * len(settings.lanes), noisy)


def _time_of(fact: Truth) -> int:
    t = fact["t"]
    assert isinstance(t, int)
    return t
