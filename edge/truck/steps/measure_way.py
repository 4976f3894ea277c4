"""Measure way: how far and how long the truck has driven since the process began.

Rules it keeps:
- Way is added in straight pieces of at least ``piece_m``, so that the noise of a standing receiver adds nothing; what
  is driven around a corner within one piece is cut.
- While the truck stands no way is added.
- Time counts between two fixes of which the later is in motion, unless they are further apart than ``no_data_s``.
- It is said at most every ``every_s``, and only when it has grown.
"""

from __future__ import annotations

from collections.abc import Iterable

from edge.contract.records import Record
from edge.contract.records.truck import TruckOdometer
from edge.truck.fix import Fix, distance_m
from edge.truck.steps.find_stops import Seen


class MeasureWay:
    """``Seen`` in, ``TruckOdometer`` out."""

    def __init__(self, piece_m: float, every_s: float, no_data_s: float) -> None:
        self._piece_m = piece_m
        self._every_us = round(every_s * 1e6)
        self._no_data_us = round(no_data_s * 1e6)
        self._from: Fix | None = None
        self._last: Fix | None = None
        self._said = (0, 0.0, 0)
        self._distance_m = 0.0
        self._moving_us = 0

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        """The item, and the odometer when it is due."""
        if not isinstance(item, Seen):
            return [item]
        self._measure(item)
        return [*self._due(item.fix.mono), item]

    def _measure(self, seen: Seen) -> None:
        fix, last = seen.fix, self._last
        if last is None or self._from is None:
            self._from = self._last = fix
            self._said = (fix.mono, 0.0, 0)
            return
        self._last = fix
        if seen.moving and 0 < fix.mono - last.mono <= self._no_data_us:
            self._moving_us += fix.mono - last.mono
        if seen.stand is not None:
            return
        way = distance_m(self._from.lat_deg, self._from.lon_deg, fix.lat_deg, fix.lon_deg)
        if way >= self._piece_m:
            self._distance_m += way
            self._from = fix

    def _due(self, mono: int) -> list[Record]:
        at, distance, moving = self._said
        if mono - at < self._every_us or (distance, moving) == (self._distance_m, self._moving_us):
            return []
        self._said = (mono, self._distance_m, self._moving_us)
        return [TruckOdometer(t=mono, distance_m=round(self._distance_m, 1), moving_s=self._moving_us / 1e6)]
