"""The demonstration's certificate kiosk, or another cabinet where the city file has one: all speak XFS4IoT."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from hub.city import DeviceContext
from machikado.demo.setup import HOUR_OF_DAY, Setup

FAULTS_A_DAY: Final = 40.0
LOST_A_DAY: Final = 3.0
"""A robot's faults: who is lost waits long for somebody."""


def setup(context: DeviceContext, folder: Path, free_port: Callable[[], int]) -> Setup:
    """A busy one of its kind; a copy terminal's printer is asked by itself."""
    port = free_port()
    faults_a_day = LOST_A_DAY if context.cabinet == "guide_robot" else FAULTS_A_DAY
    lines = {"xfs": f"ws:{port}"}
    sources = [{"kind": "xfs4iot", "name": "xfs", "url": f"ws://127.0.0.1:{port}"}]
    pipeline: dict[str, object] = {"cabinet": context.cabinet}
    if context.cabinet == "copy_terminal":
        printer = free_port()
        lines["ipp"] = f"ipp:{printer}"
        sources.append({"kind": "ipp", "name": "printer", "url": f"ipp://127.0.0.1:{printer}/ipp/print"})
        pipeline["supplies"] = {"main": "tray1", "tray-2": "tray2", "black": "toner"}
    return Setup(
        lines=lines,
        simulator={
            "cabinet": context.cabinet, "hour_of_day": HOUR_OF_DAY, "sessions_an_hour": 40.0, "faults_a_day": faults_a_day,
        },
        sources=sources,
        pipeline=pipeline,
    )  # fmt: skip
