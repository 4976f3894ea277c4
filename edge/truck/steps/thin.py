"""Thin: of a fix a second, reports those from which the way can be drawn again.

Rules it keeps (of the fixes that reach it):
- The last position reported is never further than ``moved_m`` from the last fix, nor older than ``at_least_every_s``.
- Every fix not reported lies within ``off_line_m`` of the straight line between the reported ones around it.
- It holds at most the fixes of ``at_least_every_s`` at ten a second.

The second rule is an opening window: the line from the last reported fix to the newest must pass all fixes between;
when it does not, the truck has turned, and the fix before the newest is reported, with its own time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from edge.contract.records.truck import TruckPosition
from edge.truck.fix import Fix, distance_m, local_m

FIXES_A_SECOND = 10


class Thin:
    """Passes every fix on, with a ``TruckPosition`` before it where one is due."""

    def __init__(self, moved_m: float, off_line_m: float, at_least_every_s: float) -> None:
        self._moved_m = moved_m
        self._off_line_m = off_line_m
        self._every_us = round(at_least_every_s * 1e6)
        self._most = max(1, round(at_least_every_s * FIXES_A_SECOND))
        self._reported: Fix | None = None
        self._between: list[Fix] = []

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        """The item, and the position to report."""
        if not isinstance(item, Fix):
            return [item]
        return [*self._due(item), item]

    def _due(self, fix: Fix) -> list[TruckPosition]:
        positions: list[TruckPosition] = []
        if self._reported is None:
            return [self._report(fix)]
        if fix.mono <= self._newest.mono:
            return []
        if self._between and self._off_line(self._reported, fix):
            positions.append(self._report(self._between[-1]))
        if self._must(self._reported, fix):
            positions.append(self._report(fix))
        else:
            self._between.append(fix)
        return positions

    @property
    def _newest(self) -> Fix:
        if self._between:
            return self._between[-1]
        assert self._reported is not None
        return self._reported

    def _must(self, reported: Fix, fix: Fix) -> bool:
        return (
            distance_m(reported.lat_deg, reported.lon_deg, fix.lat_deg, fix.lon_deg) > self._moved_m
            or fix.mono - reported.mono >= self._every_us
            or len(self._between) >= self._most
        )

    def _off_line(self, reported: Fix, fix: Fix) -> bool:
        end = local_m(reported.lat_deg, reported.lon_deg, fix.lat_deg, fix.lon_deg)
        return any(
            _from_segment_m(end, local_m(reported.lat_deg, reported.lon_deg, one.lat_deg, one.lon_deg))
            > self._off_line_m
            for one in self._between
        )

    def _report(self, fix: Fix) -> TruckPosition:
        self._reported, self._between = fix, []
        return TruckPosition(
            t=fix.mono,
            lat_deg=round(fix.lat_deg, 7),
            lon_deg=round(fix.lon_deg, 7),
            speed_m_s=_within(fix.speed_m_s, 100.0),
            course_deg=_within(fix.course_deg, 360.0),
            accuracy_m=_within(fix.accuracy_m, 1e5),
            satellites=fix.satellites,
        )


def _within(value: float | None, most: float) -> float | None:
    """The value, or None where the contract would refuse it: an incredible speed is not known rather than capped."""
    return round(value, 3) if value is not None and 0.0 <= value <= most else None


def _from_segment_m(end: tuple[float, float], point: tuple[float, float]) -> float:
    """Distance of a point from the segment between the origin and ``end`` [m]."""
    length = end[0] ** 2 + end[1] ** 2
    along = 0.0 if length == 0 else max(0.0, min(1.0, (point[0] * end[0] + point[1] * end[1]) / length))
    return math.hypot(point[0] - along * end[0], point[1] - along * end[1])
