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
            "modes": {
                "window_s": 300.0,
                "step_s": 3.0,
                "first_s": 5.0,
                "confirm": 1,
                # Frequencies of the simulated girder at 12 °C, so that labels outlive a restart.
                "reference": [
                    {"mode": f"m{number}", "frequency_hz": frequency}
                    for number, frequency in enumerate((2.604, 3.974, 4.893, 9.965, 14.048, 15.320), 1)
                ],
            },
        },
    )
