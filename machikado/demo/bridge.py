"""The demonstration's bridge: short windows, so that a visitor need not wait ten minutes for the first frequency."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hub.city import DeviceContext
from machikado.demo.setup import HOUR_OF_DAY, Setup


def setup(context: DeviceContext, folder: Path, free_port: Callable[[], int]) -> Setup:
    """Three accelerometers and two thermometers on one microcontroller."""
    line = folder / "mcu"
    return Setup(
        lines={"mcu": f"pty:{line}"},
        simulator={"hour_of_day": HOUR_OF_DAY},
        sources=[{"kind": "serial", "name": "mcu", "path": str(line)}],
        pipeline={
            "channels": [{"name": channel.code} for channel in context.channels[:3]],
            "level_window_s": 2.0,
            "temperature_every_s": 10.0,
            "spectrum": {"window_s": 15.0},
            "modes": {"window_s": 120.0, "step_s": 10.0, "first_s": 5.0, "confirm": 1},
        },
    )
