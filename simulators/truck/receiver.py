"""A satellite receiver on the truck's roof: correlated error, high houses, and NMEA 0183 sentences as it would send.

The error is a first-order Gauss-Markov process a direction (Brown & Hwang, Introduction to Random Signals, §3.6): it
wanders over a minute, as real positions do, instead of jumping each second.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np

from edge.truck.nmea import KNOT_M_S, encode
from simulators.truck.roads import Spot

CORRELATION_S = 60.0
SPEED_ERROR_M_S = 0.08
CANYON_TIMES = 4.0
EASE = 0.2
"""Share of the way from open sky to canyon, or back, that the error goes in a second."""


class Canyon(NamedTuple):
    """High houses around a spot: a large error within ``radius_m``, no fix within half of it."""

    spot: Spot
    radius_m: float


class Observation(NamedTuple):
    """What the receiver believes; no position when ``fixed`` is false."""

    fixed: bool
    lat_deg: float
    lon_deg: float
    speed_m_s: float
    course_deg: float
    satellites: int
    hdop: float


class Receiver:
    """Error and visibility of one receiver, second by second."""

    def __init__(self, error_m: float, canyons: Sequence[Canyon], rng: np.random.Generator) -> None:
        self._error_m = error_m
        self._canyons = canyons
        self._rng = rng
        self._wander = rng.normal(0.0, 1.0, 2)
        self._times = 1.0
        self.satellites = sorted(int(prn) for prn in rng.choice(np.arange(1, 33), size=12, replace=False))
        self.elevations = [int(one) for one in rng.integers(10, 85, size=12)]
        self.azimuths = [int(one) for one in rng.integers(0, 360, size=12)]

    def error(self, spot: Spot) -> tuple[Spot, bool]:
        """Error of the position at ``spot`` a second after the last [m], and whether there is a fix at all."""
        kept = math.exp(-1.0 / CORRELATION_S)
        self._wander = kept * self._wander + math.sqrt(1 - kept**2) * self._rng.normal(0.0, 1.0, 2)
        aim, fixed = 1.0, True
        for canyon in self._canyons:
            away = math.dist(spot, canyon.spot)
            if away < canyon.radius_m:
                aim = CANYON_TIMES
                fixed = fixed and away > canyon.radius_m / 2
        self._times += EASE * (aim - self._times)
        scale = self._error_m * self._times
        return Spot(float(self._wander[0]) * scale, float(self._wander[1]) * scale), fixed

    def observe(self, lat_deg: float, lon_deg: float, speed_m_s: float, course_deg: float, fixed: bool) -> Observation:
        """The place (error included) with speed and course as measured by Doppler shift."""
        noise = self._rng.normal(0.0, SPEED_ERROR_M_S, 2)
        measured = math.hypot(speed_m_s + noise[0], noise[1])
        turn = math.degrees(math.atan2(noise[1], max(speed_m_s, 0.3)))
        in_canyon = (self._times - 1.0) / (CANYON_TIMES - 1.0)
        return Observation(
            fixed,
            lat_deg,
            lon_deg,
            measured,
            (course_deg + turn) % 360.0,
            round(10 - 5 * in_canyon) if fixed else 2,
            round(0.9 + 1.8 * in_canyon, 2) if fixed else 99.99,
        )


def sentences(t_us: int, seen: Observation, receiver: Receiver, with_view: bool) -> bytes:
    """GGA, GSA and RMC of one second, and every satellite in view when ``with_view``."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=t_us)
    clock = at.strftime("%H%M%S") + f".{at.microsecond // 10_000:02d}"
    place = _place(seen)
    used = receiver.satellites[: seen.satellites]
    dilution = f"{seen.hdop * 1.6:.2f},{seen.hdop:.2f},{seen.hdop * 1.3:.2f}"
    listed = ",".join(f"{prn:02d}" for prn in used) + "," * (12 - len(used))
    height = "12.0,M,36.7,M,," if seen.fixed else ",M,,M,,"
    said = [
        f"GPGGA,{clock},{place},{int(seen.fixed)},{seen.satellites:02d},{seen.hdop:.2f},{height}",
        f"GPGSA,A,{3 if seen.fixed else 1},{listed.rstrip(',') + ',' * (11 - max(0, len(used) - 1))},{dilution}",
        f"GPRMC,{clock},{_rmc_body(seen, place)},{at:%d%m%y},,,{'A' if seen.fixed else 'N'}",
    ]
    if with_view:
        said += _view(receiver)
    return b"".join(encode(one) for one in said)


def _rmc_body(seen: Observation, place: str) -> str:
    if not seen.fixed:
        return "V,,,,,,"
    return f"A,{place},{seen.speed_m_s / KNOT_M_S:.2f},{seen.course_deg:.2f}"


def _place(seen: Observation) -> str:
    if not seen.fixed:
        return ",,,"
    north, east = "NS"[seen.lat_deg < 0], "EW"[seen.lon_deg < 0]
    return f"{_angle(seen.lat_deg, 2)},{north},{_angle(seen.lon_deg, 3)},{east}"


def _angle(degrees: float, digits: int) -> str:
    """Degrees and minutes as ``dddmm.mmmmm``; rounded as one whole number so that minutes never reach 60."""
    units = round(abs(degrees) * 60 * 100_000)
    whole, rest = divmod(units, 60 * 100_000)
    return f"{whole:0{digits}d}{rest / 100_000:08.5f}"


def _view(receiver: Receiver) -> list[str]:
    view = list(zip(receiver.satellites, receiver.elevations, receiver.azimuths, strict=True))
    pages = [view[at : at + 4] for at in range(0, len(view), 4)]
    return [
        f"GPGSV,{len(pages)},{number},{len(view):02d},"
        + ",".join(f"{prn:02d},{up:02d},{around:03d},{20 + up // 3:02d}" for prn, up, around in page)
        for number, page in enumerate(pages, 1)
    ]
