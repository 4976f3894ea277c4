"""Averages the people estimates over a window and reports it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from edge.contract.records.counter import CounterPeople
from edge.counter.steps.count_people import PeopleEstimate
from edge.pipeline import Tick

SATURATED_PEOPLE: Final = 10.0
"""From here on 64 pixels do not tell people apart; the estimate is a lower bound rather than a count."""


class PeopleWindows:
    """Estimates in, one record a window out, timed at the window's end.

    The interval is the mean of its ends: errors of successive seconds come from the same seats and the same sun, so
    averaging does not narrow it.
    """

    def __init__(self, window_s: float, zone: str) -> None:
        self._window_us = round(window_s * 1e6)
        self._zone = zone
        self._window = 0
        self._estimates: list[PeopleEstimate] = []

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if not isinstance(item, PeopleEstimate | Tick):
            return (item,)
        window = mono // self._window_us
        ended = [self._record()] if self._estimates and window != self._window else []
        self._window = window
        if isinstance(item, Tick):
            return (*ended, item)
        self._estimates.append(item)
        return ended

    def _record(self) -> CounterPeople:
        estimates, self._estimates = self._estimates, []
        people = _mean([estimate.people for estimate in estimates])
        return CounterPeople(
            t=(self._window + 1) * self._window_us,
            zone=self._zone,
            people=people,
            low=_mean([estimate.low for estimate in estimates]),
            high=_mean([estimate.high for estimate in estimates]),
            method=estimates[-1].method,
            saturated=people >= SATURATED_PEOPLE,
        )


def _mean(values: list[float]) -> float:
    return round(sum(values) / len(values), 2)
