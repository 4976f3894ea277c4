"""What goes wrong at a counter on some days: a system that fails, a window that closes, a burst of people.

Times are local hours of the day (0-24), half-open. The ticket machine goes on through all of them: only the truth names
them, nothing on the wire does.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from edge.contract.quantity import Code

Hour = Annotated[float, msgspec.Meta(ge=0, le=24)]


class _During(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    from_hour: Hour
    to_hour: Hour

    def lasts(self, hour: float) -> bool:
        """Whether it goes on at local ``hour``."""
        return self.from_hour <= hour < self.to_hour


class SystemFailure(_During, frozen=True, kw_only=True, tag="system_failure"):
    """The register is down: nobody is called or finished; ``services`` names which, none means all."""

    services: tuple[Code, ...] = ()


class ClosedWindow(_During, frozen=True, kw_only=True, tag="closed_window"):
    """A window serves to the end who is there and calls nobody."""

    window: Annotated[int, msgspec.Meta(ge=1, le=999)]


class Burst(_During, frozen=True, kw_only=True, tag="burst"):
    """So many times as many people come; ``services`` names for what, none means for all."""

    times: Annotated[float, msgspec.Meta(gt=0, le=20)]
    services: tuple[Code, ...] = ()


Disturbance = SystemFailure | ClosedWindow | Burst


def is_down(disturbances: tuple[Disturbance, ...], hour: float, service: str) -> bool:
    """Whether the service's register fails."""
    return any(
        isinstance(each, SystemFailure) and each.lasts(hour) and (not each.services or service in each.services)
        for each in disturbances
    )


def is_closed(disturbances: tuple[Disturbance, ...], hour: float, window: int) -> bool:
    """Whether the window calls nobody."""
    return any(isinstance(each, ClosedWindow) and each.lasts(hour) and each.window == window for each in disturbances)


def arrivals_factor(disturbances: tuple[Disturbance, ...], hour: float, service: str) -> float:
    """How many times as many people come for the service."""
    factor = 1.0
    for each in disturbances:
        if isinstance(each, Burst) and each.lasts(hour) and (not each.services or service in each.services):
            factor *= each.times
    return factor
