"""What a truck's sources deliver: a receiver's sentences, or what gpsd makes of them."""

from __future__ import annotations

import msgspec


class NmeaSentence(msgspec.Struct, frozen=True, tag="nmea"):
    """One sentence as the receiver sent it, without its line end, checksum found right."""

    data: bytes


class GpsdPosition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="gpsd_tpv"):
    """What gpsd's TPV report says of one epoch; names and units are gpsd's (m, m/s, degrees).

    ``mode`` is 0 or 1 (no fix), 2 or 3; ``eph``, ``epx``, ``epy`` are 95 % errors [m].
    """

    mode: int
    time: str | None = None
    lat: float | None = None
    lon: float | None = None
    speed: float | None = None
    track: float | None = None
    eph: float | None = None
    epx: float | None = None
    epy: float | None = None


class GpsdSky(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="gpsd_sky"):
    """How many satellites gpsd's SKY report says are used."""

    used: int


Item = NmeaSentence | GpsdPosition | GpsdSky
