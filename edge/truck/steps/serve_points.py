"""Serve points: a collection point is served when the truck has stood within its reach.

Rules it keeps:
- A point counts once a round, and a stand serves at most one point: the nearest within reach.
- A round begins anew when all its points are served, or nothing was served for ``pause_s``.
- A truck without a round reports its stops, with the point 'none', and no collections.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

import msgspec

from edge.contract.quantity import Code
from edge.contract.records import Record
from edge.contract.records.truck import TruckCollection, TruckStop
from edge.truck.fix import distance_m
from edge.truck.motion import Stand, StandEnded
from edge.truck.steps.find_stops import Seen


class Point(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A collection point of the round, WGS 84."""

    name: Code
    lat_deg: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    lon_deg: Annotated[float, msgspec.Meta(ge=-180, le=180)]


class ServePoints:
    """``StandEnded`` becomes ``TruckStop``; a ``TruckCollection`` is added when a point has been served."""

    def __init__(
        self, round: str | None, points: Sequence[Point], reach_m: float, serve_s: float, pause_s: float
    ) -> None:
        self._round = round
        self._points = tuple(points)
        self._reach_m = reach_m
        self._serve_us = _us(serve_s)
        self._pause_us = _us(pause_s)
        self._served: set[str] = set()
        self._last_served: int | None = None
        self._stand_served: int | None = None

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        """What the stand serves, before the item itself."""
        if isinstance(item, StandEnded):
            return [self._stop(item)]
        if isinstance(item, Seen) and item.stand is not None:
            return [*self._serve(item.fix.mono, item.stand), item]
        return [item]

    def _stop(self, ended: StandEnded) -> Record:
        point = self._nearest(ended.stand)
        return TruckStop(
            t=ended.ended,
            lat_deg=round(ended.stand.lat_deg, 7),
            lon_deg=round(ended.stand.lon_deg, 7),
            dwell_s=(ended.ended - ended.stand.began) / 1e6,
            point=point.name if point else "none",
        )

    def _serve(self, mono: int, stand: Stand) -> list[Record]:
        if self._round is None or mono - stand.began < self._serve_us or self._stand_served == stand.began:
            return []
        point = self._nearest(stand)
        if point is None:
            return []
        rested = self._last_served is not None and mono - self._last_served >= self._pause_us
        if rested or len(self._served) == len(self._points):
            self._served.clear()
        if point.name in self._served:
            return []
        self._served.add(point.name)
        self._last_served, self._stand_served = mono, stand.began
        return [TruckCollection(t=mono, point=point.name, round=self._round, sequence=len(self._served))]

    def _nearest(self, stand: Stand) -> Point | None:
        reach, nearest = self._reach_m, None
        for point in self._points:
            away = distance_m(stand.lat_deg, stand.lon_deg, point.lat_deg, point.lon_deg)
            if away <= reach:
                reach, nearest = away, point
        return nearest


def _us(seconds: float) -> int:
    """Seconds as whole µs."""
    return round(seconds * 1e6)
