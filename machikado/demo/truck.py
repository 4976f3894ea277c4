"""The demonstration's collection trucks: NMEA on a line, read through a real gpsd where there is one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hub.city import DeviceContext
from machikado.demo.setup import Setup


def setup(context: DeviceContext, folder: Path, free_port: Callable[[], int]) -> Setup:
    """A truck on the first of its rounds."""
    line = folder / "gps"
    drive = context.rounds[0]
    points = [{"name": point.code, "lat_deg": point.lat_deg, "lon_deg": point.lon_deg} for point in drive.points]
    return Setup(
        lines={"gps": f"pty:{line}"},
        simulator={
            "points": points,
            "depot": {"name": "depot", "lat_deg": context.lat_deg, "lon_deg": context.lon_deg},
            "unload_s": 20.0,
        },
        sources=[{"kind": "nmea", "name": "gps", "path": str(line)}],
        pipeline={"round": drive.code, "points": points, "at_least_every_s": 5.0, "moved_m": 20.0},
        gpsd_line=line,
    )
