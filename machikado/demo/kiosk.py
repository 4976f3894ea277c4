"""The demonstration's certificate kiosk, or the guidance robot where the city file has one: both speak XFS4IoT."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hub.city import DeviceContext
from machikado.demo.setup import HOUR_OF_DAY, Setup


def setup(context: DeviceContext, folder: Path, free_port: Callable[[], int]) -> Setup:
    """A busy one of its kind."""
    port = free_port()
    simulated = {"cabinet": context.cabinet} if context.cabinet == "guide_robot" else {}
    return Setup(
        lines={"xfs": f"ws:{port}"},
        simulator={"hour_of_day": HOUR_OF_DAY, "sessions_an_hour": 40.0, "faults_a_day": 40.0, **simulated},
        sources=[{"kind": "xfs4iot", "name": "xfs", "url": f"ws://127.0.0.1:{port}"}],
        pipeline={"cabinet": context.cabinet},
    )
