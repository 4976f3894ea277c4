"""Decode: what a receiver or gpsd says becomes one fix a moment."""

from __future__ import annotations

import math
from collections.abc import Iterable

from edge.pipeline import Tick
from edge.truck.epoch import Epoch
from edge.truck.errors import NmeaError
from edge.truck.fix import Fix
from edge.truck.items import GpsdPosition, GpsdSky, NmeaSentence
from edge.truck.nmea import decode


class Decode:
    """Sentences and reports to fixes; what is damaged is counted in ``bad`` and goes no further."""

    def __init__(self) -> None:
        self.bad = 0
        self._epoch = Epoch()
        self._satellites: int | None = None
        self._last: tuple[str, bool] | None = None

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        """Fixes for sentences and reports; a tick after the fix that it closes."""
        if isinstance(item, NmeaSentence):
            return self._sentence(mono, item)
        if isinstance(item, GpsdPosition):
            return self._report(mono, item)
        if isinstance(item, GpsdSky):
            self._satellites = item.used
            return []
        if isinstance(item, Tick):
            return [*self._epoch.tick(mono), item]
        return [item]

    def _sentence(self, mono: int, item: NmeaSentence) -> list[Fix]:
        try:
            meaning = decode(item.data)
        except NmeaError:
            self.bad += 1
            return []
        return self._epoch.take(mono, meaning)

    def _report(self, mono: int, tpv: GpsdPosition) -> list[Fix]:
        """gpsd may report one moment several times, as more of it becomes known: the first is taken."""
        fixed = tpv.mode >= 2
        if tpv.time is not None:
            if self._last == (tpv.time, fixed):
                return []
            self._last = (tpv.time, fixed)
        if not fixed:
            return [Fix(mono, "none", satellites=self._satellites)]
        lat, lon = tpv.lat, tpv.lon
        if lat is None or lon is None:
            return []
        if not (-90 <= lat <= 90 and -180 <= lon <= 180):
            self.bad += 1
            return []
        return [
            Fix(
                mono=mono,
                kind="3d" if tpv.mode == 3 else "2d",
                lat_deg=lat,
                lon_deg=lon,
                speed_m_s=tpv.speed,
                course_deg=tpv.track,
                accuracy_m=_horizontal_error_m(tpv),
                satellites=self._satellites,
            )
        ]


def _horizontal_error_m(tpv: GpsdPosition) -> float | None:
    if tpv.eph is not None:
        return tpv.eph
    if tpv.epx is not None and tpv.epy is not None:
        return math.hypot(tpv.epx, tpv.epy)
    return None
