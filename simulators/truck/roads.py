"""Streets on a turned grid: the way from one place to another as a truck would drive it, in metres east and north."""

from __future__ import annotations

import math
from typing import NamedTuple

EARTH_RADIUS_M = 6_371_008.8


class Spot(NamedTuple):
    """A place on the plane [m east, m north]."""

    east: float
    north: float


class Plane(NamedTuple):
    """The plane that touches the Earth at a place [° WGS 84]."""

    lat_deg: float
    lon_deg: float

    def spot(self, lat_deg: float, lon_deg: float) -> Spot:
        """A near place on the plane."""
        return Spot(
            math.radians(lon_deg - self.lon_deg) * EARTH_RADIUS_M * math.cos(math.radians(self.lat_deg)),
            math.radians(lat_deg - self.lat_deg) * EARTH_RADIUS_M,
        )

    def degrees(self, spot: Spot) -> tuple[float, float]:
        """Latitude and longitude of a spot."""
        return (
            self.lat_deg + math.degrees(spot.north / EARTH_RADIUS_M),
            self.lon_deg + math.degrees(spot.east / (EARTH_RADIUS_M * math.cos(math.radians(self.lat_deg)))),
        )


def way(start: Spot, end: Spot, turned_deg: float, block_m: float) -> list[Spot]:
    """Corners of the way from ``start`` to ``end``, the latter included.

    Streets run in two directions, turned by ``turned_deg`` from east; the cross street taken is the one of every
    ``block_m`` that lies nearest to half way.
    """
    along, across = _turn(start, -turned_deg), _turn(end, -turned_deg)
    middle = round((along.east + across.east) / 2 / block_m) * block_m
    corners = [Spot(middle, along.north), Spot(middle, across.north), across]
    turned = [_turn(corner, turned_deg) for corner in corners]
    kept: list[Spot] = []
    before = start
    for corner in turned:
        if math.dist(before, corner) > 1.0:
            kept.append(corner)
            before = corner
    return kept or [end]


def _turn(spot: Spot, degrees: float) -> Spot:
    turn = math.radians(degrees)
    return Spot(
        spot.east * math.cos(turn) - spot.north * math.sin(turn),
        spot.east * math.sin(turn) + spot.north * math.cos(turn),
    )
