"""How a family's device is set up in the demonstration, found by the family's name: ``machikado/demo/<family>.py``."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, cast

from hub.city import DeviceContext


class Setup(NamedTuple):
    """A device, its simulator and the lines between them.

    Attributes:
        lines: where the simulator's lines are found, as ``simulators.run`` wants them.
        simulator: settings of the simulator.
        sources: ``[[source]]`` tables of the device.
        pipeline: its ``[pipeline]`` table.
        gpsd_line: the line that a gpsd reads where there is one; its socket then takes the place of ``sources``.
    """

    lines: dict[str, str]
    simulator: dict[str, Any]
    sources: list[dict[str, Any]]
    pipeline: dict[str, Any]
    gpsd_line: Path | None = None


HOUR_OF_DAY = 10.0
"""Local hour at which the simulated day begins: a demonstration at night shows a working day too."""


def setup_of(context: DeviceContext, folder: Path, free_port: Callable[[], int]) -> Setup:
    """The set-up of one device, its lines in ``folder``."""
    module = importlib.import_module(f"machikado.demo.{context.family}")
    return cast(Setup, module.setup(context, folder, free_port))
