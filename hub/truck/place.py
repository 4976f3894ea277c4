"""How far a place is from a way, for trucks that leave their round."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

EARTH_RADIUS_M = 6_371_008.8


def from_way_m(lat_deg: float, lon_deg: float, way: Sequence[tuple[float, float]]) -> float:
    """Distance of a place from the nearest straight piece between the places of ``way`` [(° latitude, ° longitude)].

    On the plane that touches the Earth at the place: good to 1 % within 50 km. A way of one place is that place.

    Raises:
        ValueError: the way is empty.
    """
    if not way:
        raise ValueError("way: no place in it")
    shrink = math.cos(math.radians(lat_deg))
    plane = [
        (math.radians(lon - lon_deg) * EARTH_RADIUS_M * shrink, math.radians(lat - lat_deg) * EARTH_RADIUS_M)
        for lat, lon in way
    ]
    if len(plane) == 1:
        return math.hypot(*plane[0])
    return min(_from_piece_m(one, other) for one, other in pairwise(plane))


def _from_piece_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Distance of the origin from the segment between two places [m]."""
    east, north = other[0] - one[0], other[1] - one[1]
    length = east**2 + north**2
    along = 0.0 if length == 0 else max(0.0, min(1.0, -(one[0] * east + one[1] * north) / length))
    return math.hypot(one[0] + along * east, one[1] + along * north)
