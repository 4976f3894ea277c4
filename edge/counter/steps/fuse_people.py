"""Fuses the people that a thermal array sees with who crossed the only line into the area, and with what the air says.

A Kalman filter of two states: the people there, and by what share the line counts too many in one direction. The line
moves the people, the thermal array corrects both, so that a line that drifts is found out; where the array is saturated
the line alone tells. Air and light that say for sure that nobody is there bring the people to nought.

Rules it keeps:
- People are never negative.
- A thermal window's error is that of its interval, ``SAME_ERROR_WINDOWS`` windows counting as one: the same seats and
  the same sun err the same way for five minutes.
- A saturated window only ever raises the people.
- Without thermal people the fused ones are told with each window of the line, and their interval grows with crossings.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from edge.contract.records.counter import CounterOccupancy, CounterPassages, CounterPeople

Z_80: Final = 1.2816
SAME_ERROR_WINDOWS: Final = 30.0
HIDDEN_SHARE: Final = 0.2
"""Of the people seen, so many may be hidden behind others: the array errs to one side where many sit."""
TELLING_PEOPLE: Final = 5.0
"""Up to here the array errs to no side, and what is left over tells how the line drifts."""
CROSSING_VARIANCE: Final = 0.1
"""Of one crossing: it is missed or doubled about once in ten times."""
MINUTE_VARIANCE: Final = 0.01
"""Of a minute in which the line says that nobody crossed."""
SHARE_SPREAD: Final = 0.04
SHARE_WALK: Final = 0.0002
"""The line's share of false counts: standard deviation at the start, and how much it wanders with a crossing."""
SHARE_MOST: Final = 0.5
UNKNOWN_VARIANCE: Final = 100.0
"""Of the people there, before anything tells."""
LEAST_ERROR: Final = 0.3
EMPTY_PROBABILITY: Final = 0.05
EMPTY_ERROR: Final = 0.35
THERMAL_SILENT_US: Final = 60_000_000
SATURATED_WIDTH: Final = 4.0
PEOPLE_MOST: Final = 1000.0


class FusePeople:
    """Thermal people of ``zone`` in, fused ones out; passages of ``line`` and the occupancy pass through."""

    def __init__(self, zone: str, line: str) -> None:
        self._zone = zone
        self._line = line
        self._people = 0.0
        self._share = 0.0
        self._variance = UNKNOWN_VARIANCE
        self._covariance = 0.0
        self._share_variance = SHARE_SPREAD**2
        self._thermal_t: int | None = None

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if isinstance(item, CounterPeople) and item.zone == self._zone:
            return (self._thermal(item),)
        if isinstance(item, CounterPassages) and item.line == self._line:
            return self._passed(item)
        if isinstance(item, CounterOccupancy) and item.probability <= EMPTY_PROBABILITY:
            self._correct(0.0, EMPTY_ERROR**2)
        return (item,)

    def _thermal(self, seen: CounterPeople) -> CounterPeople:
        self._thermal_t = seen.t
        error = max(LEAST_ERROR, (seen.high - seen.low) / (2 * Z_80))
        if not seen.saturated or seen.people > self._people:
            self._correct(seen.people, SAME_ERROR_WINDOWS * (error**2 + (HIDDEN_SHARE * seen.people) ** 2))
        return self._record(seen.t, seen.saturated)

    def _passed(self, passages: CounterPassages) -> Iterable[object]:
        entered, left = passages.entered, passages.left
        self._people += entered * (1 - self._share) - left
        # The share's error enters with everybody who is said to have come.
        self._variance += (
            entered**2 * self._share_variance
            - 2 * entered * self._covariance
            + CROSSING_VARIANCE * (entered + left)
            + MINUTE_VARIANCE * passages.window_s / 60
        )
        self._covariance -= entered * self._share_variance
        self._share_variance += SHARE_WALK**2 * (entered + left)
        self._bound()
        t = passages.t
        silent = self._thermal_t is None or (t is not None and t - self._thermal_t > THERMAL_SILENT_US)
        return (passages, self._record(t, saturated=False)) if silent else (passages,)

    def _correct(self, people: float, variance: float) -> None:
        innovation = people - self._people
        total = self._variance + variance
        gain, share_gain = self._variance / total, self._covariance / total
        self._people += gain * innovation
        if people <= TELLING_PEOPLE:
            self._share += share_gain * innovation
            self._share_variance -= share_gain * self._covariance
        self._covariance *= 1 - gain
        self._variance *= 1 - gain
        self._bound()

    def _bound(self) -> None:
        self._people = min(PEOPLE_MOST, max(0.0, self._people))
        self._share = min(SHARE_MOST, max(-SHARE_MOST, self._share))

    def _record(self, t: int | None, saturated: bool) -> CounterPeople:
        half = Z_80 * math.sqrt(self._variance)
        return CounterPeople(
            t=t,
            zone=self._zone,
            people=round(self._people, 2),
            low=round(max(0.0, self._people - half), 2),
            high=round(min(PEOPLE_MOST, self._people + half), 2),
            method="fused",
            saturated=saturated and 2 * half > SATURATED_WIDTH,
        )
