"""NMEA 0183 sentences of satellite receivers, from bytes to what they mean.

Rules it keeps:
- A sentence whose checksum is missing or wrong, or one of whose fields cannot be, is refused whole (``NmeaError``).
- An empty field is None, never 0.
- Any talker (GP, GL, GA, GB, GQ, GN …) may say any sentence; a kind that is not needed here is ``Other``.
- Dates are given as the receiver says them; ``receiver_time`` alone knows about their ambiguity, and says so.

Source: NMEA 0183 version 4.11 as described in receiver manuals (u-blox M8 protocol description, UBX-13003221, §31).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from edge.truck.errors import NmeaError

SENTENCE_BYTES = 120
"""Longest sentence taken [bytes]: the standard says 82, receivers with seven decimals exceed it."""

KNOT_M_S = 1852.0 / 3600.0
WEEKS_OF_A_ROLL_OVER = 1024
_DIGITS = frozenset("0123456789.+-")


class Gga(NamedTuple):
    """Global positioning system fix data; ``quality`` 0 is no fix, 6 dead reckoning, 7 manual, 8 simulation."""

    time_s: float | None
    lat_deg: float | None
    lon_deg: float | None
    quality: int
    satellites: int | None
    hdop: float | None
    altitude_m: float | None


class Rmc(NamedTuple):
    """Recommended minimum data; ``mode`` is A, D, E, F, M, N, P, R, S or empty before NMEA 2.3."""

    time_s: float | None
    valid: bool
    lat_deg: float | None
    lon_deg: float | None
    speed_m_s: float | None
    course_deg: float | None
    date: str
    mode: str


class Gll(NamedTuple):
    """Geographic position."""

    time_s: float | None
    valid: bool
    lat_deg: float | None
    lon_deg: float | None
    mode: str


class Gsa(NamedTuple):
    """Kind of fix: ``dimensions`` is 1 (none), 2 or 3."""

    dimensions: int
    hdop: float | None


class Vtg(NamedTuple):
    """Course and speed over ground."""

    course_deg: float | None
    speed_m_s: float | None


class Gsv(NamedTuple):
    """Satellites in view of one talker's constellation."""

    talker: str
    in_view: int | None


class Other(NamedTuple):
    """A sound sentence of a kind that is not needed here."""

    address: str


Meaning = Gga | Rmc | Gll | Gsa | Vtg | Gsv | Other


class ReceiverTime(NamedTuple):
    """When the receiver says it is, and how far that may be believed.

    Attributes:
        utc_us: [µs UTC].
        weeks_added: 0, or a multiple of 1024 added because the date lay before ``not_before_us``: a guess.
    """

    utc_us: int
    weeks_added: int


def checksum(body: bytes) -> int:
    """XOR of all bytes between ``$`` and ``*``."""
    value = 0
    for byte in body:
        value ^= byte
    return value


def encode(body: str) -> bytes:
    """The whole sentence of ``body`` (``GPGGA,…``): dollar sign, checksum and line end added."""
    raw = body.encode("ascii")
    return b"$%b*%02X\r\n" % (raw, checksum(raw))


def is_intact(line: bytes) -> bool:
    """Whether a line is a sentence whose checksum is there and right."""
    try:
        _split(line)
    except NmeaError:
        return False
    return True


def decode(line: bytes) -> Meaning:
    """What one line (with or without its end) says.

    Raises:
        NmeaError: it is not a whole sentence, its checksum is missing or wrong, or a field cannot be.
    """
    address, fields = _split(line)
    decoder = _DECODERS.get(address[2:]) if len(address) == 5 and address[0] != "P" else None
    if decoder is None:
        return Other(address)
    fewest, meaning = decoder
    if len(fields) < fewest:
        raise NmeaError(f"sentence {address}: {len(fields)} fields, wanted at least {fewest}")
    return meaning(address, fields)


def receiver_time(date: str, time_s: float, not_before_us: int = 0) -> ReceiverTime:
    """UTC of a date ``ddmmyy`` and a time of day [s].

    Two digits of a year are read as 1980–2079: the satellites' time begins in 1980. Receivers older than the last
    roll-over of the 10-bit week number give dates 1024 weeks (19.6 years) early; where the date lies before
    ``not_before_us`` (a day that is certainly past, such as the software's own), as many times 1024 weeks are added
    as are needed, and counted. With the default nothing is ever added.

    Raises:
        NmeaError: no such date or time.
    """
    try:
        if len(date) != 6 or not date.isdecimal():
            raise ValueError("wanted ddmmyy")
        year = int(date[4:])
        year += 1900 if year >= 80 else 2000
        midnight = datetime(year, int(date[2:4]), int(date[:2]), tzinfo=UTC)
    except ValueError as problem:
        raise NmeaError(f"date {date[:12]!r}: {problem}") from problem
    said = (midnight - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) + round(time_s * 1e6)
    roll_over_us = WEEKS_OF_A_ROLL_OVER * 7 * 86_400_000_000
    times = max(0, -((said - not_before_us) // roll_over_us))
    return ReceiverTime(said + times * roll_over_us, times * WEEKS_OF_A_ROLL_OVER)


def _split(line: bytes) -> tuple[str, list[str]]:
    """Address and fields of a sound sentence."""
    text = line.rstrip(b"\r\n")
    if len(text) > SENTENCE_BYTES:
        raise NmeaError(f"sentence of {len(text)} bytes: at most {SENTENCE_BYTES}")
    if not text.startswith(b"$"):
        raise NmeaError(f"line {text[:12]!r}: a sentence begins with '$'")
    body, star, digits = text[1:].rpartition(b"*")
    if not star or len(digits) != 2:
        raise NmeaError(f"sentence {text[:7]!r}: no checksum; it was cut, or the receiver sends none")
    try:
        said = int(digits, 16)
        fields = body.decode("ascii").split(",")
    except ValueError as problem:
        raise NmeaError(f"sentence {text[:7]!r}: {problem}") from problem
    if said != checksum(body):
        raise NmeaError(f"sentence {text[:7]!r}: checksum {checksum(body):02X}, it says {said:02X}; damaged on its way")
    return fields[0], fields[1:]


def _number(address: str, text: str, low: float, high: float) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = None
    if value is None or not _DIGITS.issuperset(text):
        raise NmeaError(f"sentence {address}: {text[:12]!r} is not a number")
    if not low <= value <= high:
        raise NmeaError(f"sentence {address}: {value:g} is outside {low:g}–{high:g}")
    return value


def _count(address: str, text: str, most: int) -> int | None:
    value = _number(address, text, 0, most)
    return None if value is None else int(value)


def _time_s(address: str, text: str) -> float | None:
    """Seconds since midnight of ``hhmmss.sss``; a leap second is 60."""
    if not text:
        return None
    if len(text) < 6 or not text[:6].isdecimal():
        raise NmeaError(f"sentence {address}: time {text[:12]!r}, wanted hhmmss.sss")
    hours, minutes = int(text[:2]), int(text[2:4])
    seconds = _number(address, text[4:], 0, 60.999_999)
    if hours > 23 or minutes > 59 or seconds is None:
        raise NmeaError(f"sentence {address}: no time of day {text[:12]!r}")
    return hours * 3600 + minutes * 60 + seconds


def _angle(address: str, text: str, side: str, sides: str, most: int) -> float | None:
    """Degrees of ``dddmm.mmmm`` on the ``side`` of the equator or meridian."""
    if not text or not side:
        return None
    if side not in sides:
        raise NmeaError(f"sentence {address}: side {side[:4]!r}, wanted {' or '.join(sides)}")
    whole = text.partition(".")[0]
    minutes = _number(address, text[max(0, len(whole) - 2) :], 0, 59.999_999_999)
    degrees = _number(address, whole[:-2], 0, most)
    if minutes is None or degrees is None or degrees != int(degrees) or degrees + minutes / 60 > most:
        raise NmeaError(f"sentence {address}: no angle {text[:16]!r}")
    angle = degrees + minutes / 60
    return -angle if side == sides[1] else angle


def _position(address: str, fields: list[str]) -> tuple[float | None, float | None]:
    """Both coordinates of four fields, or neither."""
    lat = _angle(address, fields[0], fields[1], "NS", 90)
    lon = _angle(address, fields[2], fields[3], "EW", 180)
    return (None, None) if lat is None or lon is None else (lat, lon)


def _speed(address: str, knots: str) -> float | None:
    value = _number(address, knots, 0, 2000)
    return None if value is None else value * KNOT_M_S


def _gga(address: str, fields: list[str]) -> Gga:
    lat, lon = _position(address, fields[1:5])
    return Gga(
        time_s=_time_s(address, fields[0]),
        lat_deg=lat,
        lon_deg=lon,
        quality=_count(address, fields[5], 9) or 0,
        satellites=_count(address, fields[6], 99),
        hdop=_number(address, fields[7], 0, 100),
        altitude_m=_number(address, fields[8], -1e4, 1e5),
    )


def _rmc(address: str, fields: list[str]) -> Rmc:
    lat, lon = _position(address, fields[2:6])
    return Rmc(
        time_s=_time_s(address, fields[0]),
        valid=fields[1] == "A",
        lat_deg=lat,
        lon_deg=lon,
        speed_m_s=_speed(address, fields[6]),
        course_deg=_number(address, fields[7], 0, 360),
        date=fields[8],
        mode=fields[11] if len(fields) > 11 else "",
    )


def _gll(address: str, fields: list[str]) -> Gll:
    lat, lon = _position(address, fields[0:4])
    mode = fields[6] if len(fields) > 6 else ""
    return Gll(_time_s(address, fields[4]), fields[5] == "A", lat, lon, mode)


def _gsa(address: str, fields: list[str]) -> Gsa:
    return Gsa(_count(address, fields[1], 3) or 1, _number(address, fields[15], 0, 100))


def _vtg(address: str, fields: list[str]) -> Vtg:
    return Vtg(_number(address, fields[0], 0, 360), _speed(address, fields[4]))


def _gsv(address: str, fields: list[str]) -> Gsv:
    return Gsv(address[:2], _count(address, fields[2], 99))


_DECODERS: dict[str, tuple[int, Callable[[str, list[str]], Meaning]]] = {
    "GGA": (9, _gga),
    "RMC": (9, _rmc),
    "GLL": (6, _gll),
    "GSA": (16, _gsa),
    "VTG": (5, _vtg),
    "GSV": (3, _gsv),
}
