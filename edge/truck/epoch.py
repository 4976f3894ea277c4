"""Sentences of one moment put together into one fix.

Rules it keeps:
- A position is given only when every sentence of the moment that judges it (GGA, RMC, GLL) calls it valid.
- What the receiver only estimates, was told or simulates (dead reckoning, manual, simulator) is no fix.
- A moment is given once, at the latest when the next one begins or at the first tick 1.5 s after it began.
- The exact position 0° N 0° E is a receiver's way to say nothing.

A moment is complete when GGA and RMC have come; a receiver that sends only one of them is waited for.
"""

from __future__ import annotations

from edge.truck.fix import Fix, Kind
from edge.truck.nmea import Gga, Gll, Gsa, Meaning, Rmc, Vtg

RANGE_ERROR_M = 7.8
"""Error of one satellite's range, 95 %; times HDOP it is the position's (GPS SPS Performance Standard 2008, table 3.4-1)."""

PATIENCE_US = 1_500_000
GSA_KEPT_US = 10_000_000
_NOT_OBSERVED = frozenset("ENMS")
_QUALITIES_OBSERVED = frozenset((1, 2, 3, 4, 5))


class Epoch:
    """Puts a receiver's sentences together, moment by moment."""

    def __init__(self) -> None:
        self._time_s: float | None = None
        self._given_time_s: float | None = None
        self._mono = 0
        self._waiting = False
        self._gga: Gga | None = None
        self._rmc: Rmc | None = None
        self._gll: Gll | None = None
        self._vtg: Vtg | None = None
        self._gsa: tuple[int, Gsa] | None = None

    def take(self, mono: int, meaning: Meaning) -> list[Fix]:
        """The fixes that are complete with this sentence, delivered at ``mono`` [µs]: none, one, or seldom two."""
        if isinstance(meaning, Gsa):
            self._gsa = (mono, meaning)
            return []
        if isinstance(meaning, Vtg):
            self._vtg = meaning if self._open else None
            return []
        if not isinstance(meaning, Gga | Rmc | Gll):
            return []
        fixes = self._turn_to(mono, meaning.time_s)
        if not self._open:
            return fixes
        if isinstance(meaning, Gga):
            self._gga = meaning
        elif isinstance(meaning, Rmc):
            self._rmc = meaning
        else:
            self._gll = meaning
        if self._gga and self._rmc:
            fixes.append(self._give())
        return fixes

    def tick(self, mono: int) -> list[Fix]:
        """The fix of a moment that nothing more is heard of."""
        if self._open and mono - self._mono > PATIENCE_US:
            return [self._give()]
        return []

    @property
    def _open(self) -> bool:
        return self._waiting

    def _turn_to(self, mono: int, time_s: float | None) -> list[Fix]:
        """Close the open moment when another one begins; a sentence of a moment already given is ignored."""
        if self._open and time_s == self._time_s:
            return []
        fixes = [self._give()] if self._open else []
        if time_s is not None and time_s == self._given_time_s:
            return fixes
        self._time_s, self._mono, self._waiting = time_s, mono, True
        return fixes

    def _give(self) -> Fix:
        fix = self._fix()
        self._given_time_s = self._time_s
        self._gga = self._rmc = self._gll = self._vtg = None
        self._waiting = False
        return fix

    def _fix(self) -> Fix:
        position = self._position()
        if position is None:
            return Fix(self._mono, "none", satellites=self._gga.satellites if self._gga else None)
        speed, course = (self._rmc.speed_m_s, self._rmc.course_deg) if self._rmc else (None, None)
        if speed is None and self._vtg:
            speed, course = self._vtg.speed_m_s, self._vtg.course_deg
        hdop = self._gga.hdop if self._gga else None
        return Fix(
            mono=self._mono,
            kind=self._kind(),
            lat_deg=position[0],
            lon_deg=position[1],
            speed_m_s=speed,
            course_deg=course,
            accuracy_m=None if not hdop else hdop * RANGE_ERROR_M,
            satellites=self._gga.satellites if self._gga else None,
        )

    def _position(self) -> tuple[float, float] | None:
        gga, rmc, gll = self._gga, self._rmc, self._gll
        if gga and gga.quality not in _QUALITIES_OBSERVED:
            return None
        for judged in (rmc, gll):
            if judged and (not judged.valid or judged.mode in _NOT_OBSERVED):
                return None
        for said in (gga, rmc, gll):
            if said and said.lat_deg is not None and said.lon_deg is not None:
                return None if said.lat_deg == said.lon_deg == 0.0 else (said.lat_deg, said.lon_deg)
        return None

    def _kind(self) -> Kind:
        if self._gsa and self._mono - self._gsa[0] <= GSA_KEPT_US:
            return "3d" if self._gsa[1].dimensions == 3 else "2d"
        return "3d" if self._gga and self._gga.altitude_m is not None else "2d"
