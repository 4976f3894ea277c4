"""The demonstration's library gate with its reading seats."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hub.city import DeviceContext
from machikado.demo.setup import HOUR_OF_DAY, Setup

INSIDE_AT_START = 46


def setup(context: DeviceContext, folder: Path, free_port: Callable[[], int]) -> Setup:
    """All lanes, antennas and seats on one microcontroller."""
    line = folder / "mcu"
    areas: list[dict[str, Any]] = []
    channel = 0
    for area in context.areas:
        areas.append({"name": area.code, "first_channel": channel, "seats": area.seats})
        channel += area.seats
    lanes = [lane.code for lane in context.lanes]
    return Setup(
        lines={"mcu": f"pty:{line}"},
        simulator={
            "hour_of_day": HOUR_OF_DAY,
            "lanes": lanes,
            "areas": {area.code: area.seats for area in context.areas},
            "inside_at_start": INSIDE_AT_START,
            "visitors_an_hour": 240.0,
        },
        sources=[{"kind": "mcu", "name": "mcu", "path": str(line)}],
        pipeline={
            "lanes": lanes,
            "areas": areas,
            "antennas": [
                {"number": 2 * lane + side, "name": f"{code}-{name}", "lane": code, "side": name}
                for lane, code in enumerate(lanes)
                for side, name in enumerate(("outer", "inner"))
            ],
            "window_s": 10.0,
            "inside_at_start": INSIDE_AT_START,
            "capacity": context.capacity or 500,
        },
    )
