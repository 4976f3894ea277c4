"""The demonstration's counters: thermal array, line counter and air on one line, the ticket machine on another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hub.city import DeviceContext
from machikado.demo.setup import HOUR_OF_DAY, Setup

SERVICE_S = 240.0


def setup(context: DeviceContext, folder: Path, free_port: Callable[[], int]) -> Setup:
    """A counter with all its services, busy to about nine tenths of what its windows can serve."""
    mcu, tickets = folder / "mcu", folder / "tickets"
    services: list[dict[str, Any]] = []
    window = 1
    for number, service in enumerate(context.services):
        windows = tuple(range(window, window + service.windows))
        window += service.windows
        services.append(
            {
                "code": service.code,
                "arrivals_per_hour": 0.9 * len(windows) * 3600.0 / SERVICE_S,
                "service_s": SERVICE_S,
                "windows": windows,
                "first_ticket": 1 + 100 * number,
            }
        )
    return Setup(
        lines={"mcu": f"pty:{mcu}", "tickets": f"pty:{tickets}"},
        simulator={"hour_of_day": HOUR_OF_DAY, "services": services},
        sources=[
            {"kind": "mcu", "name": "mcu", "path": str(mcu)},
            {"kind": "ticket_line", "name": "tickets", "path": str(tickets)},
        ],
        pipeline={
            "services": [service.code for service in context.services],
            "people_window_s": 5.0,
            "passages_window_s": 10.0,
            "air_interval_s": 10.0,
        },
    )
