"""Counts who crossed each line in and out, over a window."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from edge.contract.records.counter import CounterPassages
from edge.counter.items import BoardAlive, LinePulse
from edge.counter.steps.mark_alive import BOARD, Alive

COUNTER_RANGE: Final = 2**32
REPEATED_WITHIN: Final = 1000
"""A lane's counter that went back by less than this without a boot is an old pulse again."""


class CountPassages:
    """Line pulses in; a record for each line and window in which the board was alive, also when nobody passed.

    A pulse whose counter was already seen is not counted again; a pulse that was lost on the line is not guessed,
    because its direction is not known.
    """

    def __init__(self, window_s: float, lines: Sequence[str]) -> None:
        self._window_s = window_s
        self._window_us = round(window_s * 1e6)
        self._lines = lines
        self._window = 0
        self._alive = False
        self._passed: dict[int, list[int]] = {}
        self._last_counter: dict[int, int] = {}

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        window = mono // self._window_us
        ended = self._records() if window != self._window else []
        self._window = window
        if isinstance(item, LinePulse):
            self._count(item)
            return ended
        if isinstance(item, BoardAlive):
            if item.restarted:
                self._last_counter.clear()
            return ended
        if isinstance(item, Alive) and item.source == BOARD:
            self._alive = True
        return (*ended, item)

    def _count(self, pulse: LinePulse) -> None:
        if pulse.lane >= len(self._lines):
            return
        last = self._last_counter.get(pulse.lane)
        if last is not None and (last - pulse.counter) % COUNTER_RANGE < REPEATED_WITHIN:
            return
        self._last_counter[pulse.lane] = pulse.counter
        self._passed.setdefault(pulse.lane, [0, 0])[pulse.direction == "out"] += 1

    def _records(self) -> list[CounterPassages]:
        alive, self._alive = self._alive, False
        passed, self._passed = self._passed, {}
        if not alive:
            return []
        return [
            CounterPassages(
                t=(self._window + 1) * self._window_us,
                line=line,
                entered=passed.get(lane, [0, 0])[0],
                left=passed.get(lane, [0, 0])[1],
                window_s=self._window_s,
            )
            for lane, line in enumerate(self._lines)
        ]
