"""What the simulated bridge is like."""

from __future__ import annotations

import math
from typing import Annotated

import msgspec

Positive = Annotated[float, msgspec.Meta(gt=0.0)]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A girder, its traffic and weather, and three vertical accelerometers on one microcontroller.

    Attributes:
        spans_m: lengths of its spans.
        first_frequency_hz: first natural frequency at the reference temperature; sets the bending stiffness.
        stiffness_loss: share of the bending stiffness that each span has lost (0 for all where empty).
        sensors_m: where the three sensors are, from the left abutment.
        noise_density: white noise of the sensor [m/s² a √Hz].
        ambient: level of wind and ground, a white modal force [N a √(kg·Hz)].
        vehicles_an_hour: in the busiest hour.
        hour_of_day: local time at the start, which traffic and temperature follow.
        mean_degc, swing_degc: daily mean and half swing of the air.
        loss_a_degree: relative loss of frequency a degree above freezing; below, it changes ``frozen_factor`` as fast.
        thermal_lag_h: by how much the structure follows the air.
    """

    spans_m: Annotated[list[float], msgspec.Meta(min_length=1, max_length=10)] = msgspec.field(
        default_factory=lambda: [32.0, 40.0, 32.0]
    )
    first_frequency_hz: Positive = 2.6
    mass_kg_m: Positive = 9000.0
    damping_ratio: Annotated[float, msgspec.Meta(gt=0.0, lt=0.2)] = 0.011
    modes: Annotated[int, msgspec.Meta(ge=1, le=12)] = 6
    stiffness_loss: list[float] = []
    sensors_m: Annotated[list[float], msgspec.Meta(min_length=3, max_length=3)] = msgspec.field(
        default_factory=lambda: [14.0, 50.0, 83.0]
    )
    rate_hz: Annotated[float, msgspec.Meta(ge=50.0, le=1000.0)] = 200.0
    noise_density: Annotated[float, msgspec.Meta(ge=0.0)] = 5e-6
    ambient: Annotated[float, msgspec.Meta(ge=0.0)] = 0.35
    vehicles_an_hour: Annotated[float, msgspec.Meta(ge=0.0)] = 300.0
    hour_of_day: Annotated[float, msgspec.Meta(ge=0.0, lt=24.0)] = 10.0
    mean_degc: float = 12.0
    swing_degc: float = 6.0
    reference_degc: float = 12.0
    loss_a_degree: float = 0.0007
    frozen_factor: float = 4.0
    thermal_lag_h: Annotated[float, msgspec.Meta(ge=0.0)] = 2.0


TRAFFIC_BY_HOUR = (
    0.10, 0.06, 0.05, 0.05, 0.08, 0.20, 0.45, 0.85, 1.00, 0.85, 0.75, 0.75,
    0.75, 0.78, 0.80, 0.85, 0.95, 1.00, 0.85, 0.60, 0.45, 0.35, 0.25, 0.15,
)  # fmt: skip
"""Share of the busiest hour's vehicles, local hours 0–23."""


def air_degc(settings: Settings, hour: float) -> float:
    """Air temperature at a local hour: coldest at 4, warmest at 16 [°C]."""
    return settings.mean_degc + settings.swing_degc * math.sin(2.0 * math.pi * (hour - 10.0) / 24.0)


def structure_degc(settings: Settings, hour: float) -> float:
    """Temperature of the structure: the air's first harmonic through a first-order lag [°C]."""
    turn = 2.0 * math.pi * settings.thermal_lag_h / 24.0
    lagged = 2.0 * math.pi * (hour - 10.0) / 24.0 - math.atan(turn)
    return settings.mean_degc + settings.swing_degc / math.hypot(1.0, turn) * math.sin(lagged)


def frequency_factor(settings: Settings, degc: float) -> float:
    """Natural frequencies at a temperature over those at the reference: bilinear at freezing."""
    slope = settings.loss_a_degree
    above = max(degc, 0.0) - max(settings.reference_degc, 0.0)
    below = min(degc, 0.0) - min(settings.reference_degc, 0.0)
    return 1.0 - slope * (above + settings.frozen_factor * below)
