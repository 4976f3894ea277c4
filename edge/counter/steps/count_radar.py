"""Counts the moving people that a radar follows, over a window."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from edge.contract.records.counter import CounterPeople
from edge.counter.items import RadarFrame
from edge.pipeline import Tick

TARGETS_MOST: Final = 3
SATURATED_SHARE: Final = 0.2
"""Of a window's frames: as many with all three targets say that there may be more."""


class CountRadar:
    """Radar frames in; a record a window: the frames' mean, between the fewest and the most seen in a tenth of them.

    A radar follows three at most and loses who sits still: the record says *at least*.
    """

    def __init__(self, window_s: float, zone: str) -> None:
        self._window_us = round(window_s * 1e6)
        self._zone = zone
        self._window = 0
        self._counts: list[int] = []

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if not isinstance(item, RadarFrame | Tick):
            return (item,)
        window = mono // self._window_us
        ended = [self._record()] if self._counts and window != self._window else []
        self._window = window
        if isinstance(item, Tick):
            return (*ended, item)
        self._counts.append(item.people)
        return ended

    def _record(self) -> CounterPeople:
        counts, self._counts = sorted(self._counts), []
        tenth = len(counts) // 10
        return CounterPeople(
            t=(self._window + 1) * self._window_us,
            zone=self._zone,
            people=round(sum(counts) / len(counts), 2),
            low=counts[tenth],
            high=counts[-1 - tenth],
            method="rule",
            saturated=counts.count(TARGETS_MOST) >= SATURATED_SHARE * len(counts),
        )
