"""gpsd's JSON protocol from a socket: its TPV and SKY reports as items.

Rules it keeps:
- A line is bounded; what is longer or is not JSON is counted in ``bad`` and gives nothing.
- A report of a class or with a field that is not needed is passed over.
- What gpsd calls an error is an error here, in its own words.

Why not gpsd-py3: docs/adr/0010-gpsd-by-its-socket.md. Source: gpsd_json(5), protocol 3.x.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from edge.errors import SourceError
from edge.truck.items import GpsdPosition, GpsdSky

WATCH = b'?WATCH={"enable":true,"json":true};\n'
LINE_BYTES = 64 * 1024
"""Longest report taken [bytes]; gpsd's own limit is 10,240 a report."""

PROTOCOL_MAJOR = 3


class _Version(msgspec.Struct, frozen=True, tag="VERSION", tag_field="class"):
    proto_major: int
    release: str = ""


class _Tpv(msgspec.Struct, frozen=True, tag="TPV", tag_field="class"):
    mode: Annotated[int, msgspec.Meta(ge=0, le=3)]
    time: str | None = None
    lat: float | None = None
    lon: float | None = None
    speed: float | None = None
    track: float | None = None
    eph: float | None = None
    epx: float | None = None
    epy: float | None = None


class _Satellite(msgspec.Struct, frozen=True):
    used: bool = False


class _Sky(msgspec.Struct, frozen=True, tag="SKY", tag_field="class"):
    uSat: int | None = None
    satellites: list[_Satellite] | None = None


class _Problem(msgspec.Struct, frozen=True, tag="ERROR", tag_field="class"):
    message: str = ""


class _Class(msgspec.Struct, frozen=True):
    name: str = msgspec.field(name="class", default="")


_decode_report = msgspec.json.Decoder(_Version | _Tpv | _Sky | _Problem).decode
_decode_class = msgspec.json.Decoder(_Class).decode
_NEEDED = frozenset(("VERSION", "TPV", "SKY", "ERROR"))


class GpsdReports:
    """gpsd's bytes to items."""

    def __init__(self) -> None:
        self.bad = 0
        self._rest = b""

    def feed(self, data: bytes) -> list[GpsdPosition | GpsdSky]:
        """The items that are complete with ``data``.

        Raises:
            SourceError: gpsd speaks another protocol, or reports an error.
        """
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LINE_BYTES:
            self._rest = b""
            self.bad += 1
        return [item for line in lines if (item := self._item(line.strip())) is not None]

    def _item(self, line: bytes) -> GpsdPosition | GpsdSky | None:
        if not line:
            return None
        try:
            if _decode_class(line).name not in _NEEDED:
                return None
            report = _decode_report(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self.bad += 1
            return None
        if isinstance(report, _Tpv):
            return GpsdPosition(**{name: getattr(report, name) for name in report.__struct_fields__})
        if isinstance(report, _Sky):
            return _used(report)
        if isinstance(report, _Version) and report.proto_major == PROTOCOL_MAJOR:
            return None
        if isinstance(report, _Version):
            raise SourceError(f"gpsd: protocol {report.proto_major}, wanted {PROTOCOL_MAJOR}; install gpsd 3.x")
        raise SourceError(f"gpsd: {report.message[:200]}; look at its log")


def _used(sky: _Sky) -> GpsdSky | None:
    """Satellites used; gpsd before 3.22 gives no count, and a SKY of only DOPs none at all."""
    if sky.uSat is not None:
        return GpsdSky(used=sky.uSat)
    if sky.satellites is not None:
        return GpsdSky(used=sum(one.used for one in sky.satellites))
    return None
