"""What a library gate and its seats say: counts, alarms, occupancy. Never which item, never which card."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from edge.contract.quantity import Code, Count, meaning, quantity, tag
from edge.contract.records.base import Priority, Record


class GatePassages(Record, tag="gate_passages", frozen=True, kw_only=True):
    """People through one lane over one window; ``t`` is the window's end."""

    lane: Annotated[Code, tag("which lane")]
    entered: Annotated[Count, quantity("1", "people in")]
    left: Annotated[Count, quantity("1", "people out")]
    window_s: Annotated[float, quantity("s", "length of the window", 0, 86_400)]


class GateInside(Record, tag="gate_inside", frozen=True, kw_only=True):
    """People estimated inside, drift of the counters corrected."""

    people: Annotated[float, quantity("1", "estimate", 0, 100_000)]
    low: Annotated[float, quantity("1", "lower end of the 80 % interval", 0, 100_000)]
    high: Annotated[float, quantity("1", "upper end of the 80 % interval", 0, 100_000)]


class GateDetection(Record, tag="gate_detection", frozen=True, kw_only=True):
    """An article that was not checked out passed between the antennas (electronic article surveillance)."""

    priority: ClassVar[Priority] = Priority.ALARM

    lane: Annotated[Code, tag("which lane")]
    direction: Annotated[Literal["in", "out", "unknown"], meaning("which way it went")]
    articles: Annotated[int, quantity("1", "armed articles seen together", 1, 1000)]


class GateSeats(Record, tag="gate_seats", frozen=True, kw_only=True):
    """Seats of one area now; said when it changes and once a minute."""

    area: Annotated[Code, tag("which reading area")]
    seats: Annotated[Count, quantity("1", "seats that report")]
    occupied: Annotated[Count, quantity("1", "of them occupied")]
    silent: Annotated[Count, quantity("1", "seats whose sensor is silent")] = 0


class GateAntenna(Record, tag="gate_antenna", frozen=True, kw_only=True):
    """State of one antenna; said when it changes and once an hour."""

    priority: ClassVar[Priority] = Priority.STATE

    antenna: Annotated[Code, tag("which antenna")]
    state: Annotated[Literal["ok", "noisy", "detuned", "off"], meaning("state of the antenna")]
    noise_dbm: Annotated[float, quantity("dBm", "noise at the antenna", -150, 50)] | None = None


RECORDS = (GatePassages, GateInside, GateDetection, GateSeats, GateAntenna)
