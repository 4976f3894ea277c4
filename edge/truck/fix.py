"""A fix: what the receiver knew about one moment, whichever way it told us."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

Kind = Literal["none", "2d", "3d"]

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius R₁ of WGS 84 (Moritz 2000)."""


class Fix(NamedTuple):
    """One moment's position.

    Attributes:
        mono: when its first word was delivered [µs since boot].
        kind: ``none`` means that no position may be believed; the coordinates are then 0 and have no meaning.
        accuracy_m: horizontal error, 95 %.
    """

    mono: int
    kind: Kind
    lat_deg: float = 0.0
    lon_deg: float = 0.0
    speed_m_s: float | None = None
    course_deg: float | None = None
    accuracy_m: float | None = None
    satellites: int | None = None


def distance_m(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Great-circle distance of two points [°] by the haversine formula [m]; within 0.6 % of the ellipsoid's."""
    half_lat = math.radians(lat_b - lat_a) / 2
    half_lon = math.radians(lon_b - lon_a) / 2
    chord = (
        math.sin(half_lat) ** 2
        + math.cos(math.radians(lat_a)) * math.cos(math.radians(lat_b)) * math.sin(half_lon) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, chord)))


def local_m(lat_0: float, lon_0: float, lat: float, lon: float) -> tuple[float, float]:
    """East and north of a point from a near one [m], on the plane that touches there; good to 0.1 % within 10 km."""
    turn = (lon - lon_0 + 180.0) % 360.0 - 180.0
    east = math.radians(turn) * EARTH_RADIUS_M * math.cos(math.radians((lat + lat_0) / 2))
    return east, math.radians(lat - lat_0) * EARTH_RADIUS_M
