"""What the simulated library and its visitors are like."""

from __future__ import annotations

from typing import Annotated

import msgspec

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Number = Annotated[int, msgspec.Meta(ge=0, le=100)]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A library and its visitors.

    Attributes:
        hour_of_day: local time at the start [h].
        opens_h, closes_h: hours in which visitors come; at closing everybody leaves.
        visitors_an_hour: at the busiest time.
        lanes: names of the gate's lanes, by number.
        inside_at_start: people already inside.
        stay_min: mean length of a visit [min].
        areas: seats of each reading area; their channels follow one another from 0.
        wants_seat: share of visitors who sit down.
        turn_back: share of walks that turn back at the gate.
        follows: share of walks with a second person close behind.
        beside: share of walks with a second person beside, whom beams cannot see.
        armed: share of leaving visitors who carry articles that were not checked out.
        shelved_near: armed articles on a shelf near the gate, heard now and then.
        silent_seats: seats whose sensor says nothing.
        stuck_at_s, stuck_for_s: when the first lane's inner beam gets stuck after the start, and for how long.
        noisy_at_s, noisy_for_s: when antenna 0 gets noisy after the start, and for how long.
    """

    hour_of_day: Annotated[float, msgspec.Meta(ge=0, lt=24)] = 10.0
    opens_h: Annotated[float, msgspec.Meta(ge=0, lt=24)] = 9.0
    closes_h: Annotated[float, msgspec.Meta(gt=0, le=24)] = 20.0
    visitors_an_hour: Annotated[float, msgspec.Meta(ge=0, le=3000)] = 120.0
    lanes: Annotated[list[str], msgspec.Meta(min_length=1, max_length=8)] = msgspec.field(
        default_factory=lambda: ["main"]
    )
    inside_at_start: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 40
    stay_min: Annotated[float, msgspec.Meta(gt=0, le=600)] = 50.0
    areas: dict[str, Number] = msgspec.field(default_factory=lambda: {"reading": 24, "study": 16})
    wants_seat: Share = 0.5
    turn_back: Share = 0.02
    follows: Share = 0.06
    beside: Share = 0.01
    armed: Share = 0.01
    shelved_near: Number = 1
    silent_seats: Number = 1
    stuck_at_s: Annotated[float, msgspec.Meta(ge=0)] | None = None
    stuck_for_s: Annotated[float, msgspec.Meta(gt=0)] = 300.0
    noisy_at_s: Annotated[float, msgspec.Meta(ge=0)] | None = None
    noisy_for_s: Annotated[float, msgspec.Meta(gt=0)] = 600.0
