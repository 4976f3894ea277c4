"""What the simulated kiosk and its users are like; a guidance robot has some settings of its own."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

SHEETS_A_TONER = 4000
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kiosk and its users.

    Attributes:
        hour_of_day: local time at the start [h].
        opens_h, closes_h: hours in which people come.
        sessions_an_hour: at the busiest time.
        capacity: sheets a tray holds.
        paper: sheets in the trays at the start.
        toner_sheets: sheets that the toner still prints at the start.
        paper_unknown: the printer cannot count its sheets (it says −1).
        abandons: share of sessions that people give up.
        faults_a_day: of all kinds together.
        mended_after_min: mean time until somebody mends a fault or refills a tray [min].
        faults: faults at given seconds after the start, by name, beside the random ones.
        mute_at_s, mute_for_s: when the provider falls silent, and for how long.
        tells_jobs: whether the application says when a job begins.
        forgets: share of issued certificates that their owner forgets, so that the printer draws them back.
        cabinet: the kiosk, or a guidance robot with the settings below.
        robot_charge_percent, robot_battery_h: its charge at the start, and how long a full one lasts [h].
        lost_a_day: how often it loses its way.
    """

    cabinet: Literal["kiosk", "guide_robot"] = "kiosk"
    tells_jobs: bool = True
    forgets: Share = 0.002
    robot_charge_percent: Annotated[float, msgspec.Meta(ge=0, le=100)] = 80.0
    robot_battery_h: Annotated[float, msgspec.Meta(gt=0, le=100)] = 4.0
    lost_a_day: Annotated[float, msgspec.Meta(ge=0, le=1000)] = 3.0

    hour_of_day: Annotated[float, msgspec.Meta(ge=0, lt=24)] = 10.0
    opens_h: Annotated[float, msgspec.Meta(ge=0, lt=24)] = 6.5
    closes_h: Annotated[float, msgspec.Meta(gt=0, le=24)] = 23.0
    sessions_an_hour: Annotated[float, msgspec.Meta(ge=0, le=60)] = 14.0
    capacity: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 500
    paper: dict[str, int] = msgspec.field(default_factory=lambda: {"upper": 320, "lower": 140})
    toner_sheets: Annotated[int, msgspec.Meta(ge=0, le=SHEETS_A_TONER)] = 2600
    paper_unknown: bool = False
    abandons: Share = 0.06
    faults_a_day: Annotated[float, msgspec.Meta(ge=0, le=1000)] = 2.0
    mended_after_min: Annotated[float, msgspec.Meta(gt=0, le=1440)] = 20.0
    faults: dict[str, float] = {}
    mute_at_s: Annotated[float, msgspec.Meta(ge=0)] | None = None
    mute_for_s: Annotated[float, msgspec.Meta(gt=0)] = 120.0
