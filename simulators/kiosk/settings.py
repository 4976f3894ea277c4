"""What a simulated cabinet and its users are like, beside what its row says (``simulators/kiosk/cabinets.py``)."""

from __future__ import annotations

from typing import Annotated

import msgspec

from edge.contract.records.kiosk import Cabinet

SHEETS_A_TONER = 4000
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A cabinet and its users; what is None is as its row says.

    Attributes:
        cabinet: which machine it is.
        tells_jobs: whether the application says when a job begins.
        forgets: share of issued papers that their owner forgets, so that an XFS4IoT printer draws them back.
        battery_percent, battery_h: a robot's charge at the start, and how long a full one lasts [h].
        lets_slip: texts about people that its devices put wherever a text may stand on the wire, one a session in turn.
        publishes: addresses of its services, as it tells who asks for them.
        hour_of_day: local time at the start [h].
        opens_h, closes_h: hours in which people come.
        sessions_an_hour: at the busiest time.
        capacity: sheets a tray holds.
        paper: sheets in the trays at the start.
        toner_sheets: sheets that the toner still prints at the start.
        paper_unknown: the printer cannot count its sheets.
        abandons: share of sessions that people give up.
        faults_a_day: of all kinds together.
        mended_after_min: mean time until somebody mends a fault or refills a tray [min].
        faults: faults at given seconds after the start, by name, beside the random ones.
        mute_at_s, mute_for_s: when its devices fall silent, and for how long.
    """

    cabinet: Cabinet = "kiosk"
    tells_jobs: bool = True
    forgets: Share = 0.002
    battery_percent: Annotated[float, msgspec.Meta(ge=0, le=100)] = 80.0
    battery_h: Annotated[float, msgspec.Meta(gt=0, le=100)] = 4.0
    lets_slip: Annotated[list[str], msgspec.Meta(max_length=10_000)] = []
    publishes: Annotated[list[str], msgspec.Meta(max_length=64)] = []

    hour_of_day: Annotated[float, msgspec.Meta(ge=0, lt=24)] = 10.0
    opens_h: Annotated[float, msgspec.Meta(ge=0, lt=24)] = 6.5
    closes_h: Annotated[float, msgspec.Meta(gt=0, le=24)] = 23.0
    sessions_an_hour: Annotated[float, msgspec.Meta(ge=0, le=60)] | None = None
    capacity: Annotated[int, msgspec.Meta(ge=1, le=10_000)] | None = None
    paper: dict[str, int] | None = None
    toner_sheets: Annotated[int, msgspec.Meta(ge=0, le=SHEETS_A_TONER)] = 2600
    paper_unknown: bool = False
    abandons: Share | None = None
    faults_a_day: Annotated[float, msgspec.Meta(ge=0, le=1000)] = 2.0
    mended_after_min: Annotated[float, msgspec.Meta(gt=0, le=1440)] = 20.0
    faults: dict[str, float] = {}
    mute_at_s: Annotated[float, msgspec.Meta(ge=0)] | None = None
    mute_for_s: Annotated[float, msgspec.Meta(gt=0)] = 120.0
