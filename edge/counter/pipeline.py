"""The counter's pipeline: thermal frames, pulses, air and ticket events to records, in order."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from edge.contract.quantity import Code
from edge.counter.steps.average_air import AverageAir
from edge.counter.steps.average_frames import AverageFrames
from edge.counter.steps.count_passages import CountPassages
from edge.counter.steps.count_people import CountPeople
from edge.counter.steps.count_radar import CountRadar
from edge.counter.steps.fuse_people import FusePeople
from edge.counter.steps.judge_occupancy import JudgeOccupancy
from edge.counter.steps.mark_alive import MarkAlive
from edge.counter.steps.people_windows import PeopleWindows
from edge.counter.steps.queue_tickets import QueueTickets
from edge.counter.steps.say_alive import SayAlive
from edge.counter.steps.subtract_background import SubtractBackground
from edge.counter.steps.track_passages import TrackPassages
from edge.errors import ConfigError
from edge.pipeline import Pipeline, Step

Interval = Annotated[float, msgspec.Meta(ge=1.0, le=3600.0)]
Lasting = Annotated[float, msgspec.Meta(ge=60.0, le=86_400.0)]


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ``[pipeline]`` table of a counter.

    Attributes:
        thermal_view: what the thermal sensor looks at: a waiting area, whose people are counted, or a doorway, where
            who walks through is.
        zone: name of that waiting area.
        radar_zone: name of what a radar looks at, where there is one.
        doorway_line: name of that doorway, as a line beside ``lines``.
        lines: names of the counted lines, by lane from 0; pulses of other lanes are not counted.
        people_line: the one of these lines that everybody crosses who comes into or leaves the waiting area; with it the
            people are those of line, thermal array and air together. None where there is no such line.
        services: the ticket machine's services, so that an empty queue is reported before its first ticket.
        people_model, occupancy_model: names in the models' manifest, or "none" for the plain rule.
        people_window_s, passages_window_s, air_interval_s: how often each is reported.
        background_halflife_s: how slowly somebody who sits still would become background.
        queue_repeat_s: how often a queue is reported when nothing changes.
        heartbeat_s: how often a source that is alive but quiet is reported.
        window_open_s: a window that did nothing for so long counts as closed.
        ticket_lifetime_s: a ticket older than this no longer waits.
    """

    thermal_view: Literal["room", "doorway"] = "room"
    zone: Code = "waiting"
    radar_zone: Code = "radar"
    doorway_line: Code = "doorway"
    lines: Annotated[tuple[Code, ...], msgspec.Meta(max_length=16)] = ("entrance",)
    people_line: Code | None = None
    services: Annotated[tuple[Code, ...], msgspec.Meta(max_length=64)] = ()
    people_model: Code = "counter-people"
    occupancy_model: Code = "counter-occupancy"
    people_window_s: Interval = 10.0
    passages_window_s: Interval = 60.0
    air_interval_s: Interval = 30.0
    background_halflife_s: Lasting = 1800.0
    queue_repeat_s: Interval = 30.0
    heartbeat_s: Interval = 5.0
    window_open_s: Lasting = 1200.0
    ticket_lifetime_s: Lasting = 14_400.0


def pipeline(config: object) -> Pipeline:
    """Items of one counter to its records; models are loaded when they are first needed.

    Raises:
        ConfigError: ``config`` is not a counter's.
    """
    if not isinstance(config, Config):
        raise ConfigError(f"pipeline configuration is {type(config).__name__}; give the counter's [pipeline] table")
    in_doorway = config.thermal_view == "doorway"
    lines = (*config.lines, config.doorway_line) if in_doorway else config.lines
    if config.people_line is not None and config.people_line not in lines:
        raise ConfigError(
            f"people_line {config.people_line!r}: not one of the lines {', '.join(lines)}; name one of them"
        )
    return Pipeline(
        MarkAlive(),
        *(_doorway(lane=len(config.lines)) if in_doorway else _waiting_area(config)),
        CountRadar(config.people_window_s, config.radar_zone),
        CountPassages(config.passages_window_s, lines),
        AverageAir(config.air_interval_s),
        JudgeOccupancy(config.occupancy_model),
        *(() if config.people_line is None else (FusePeople(config.zone, config.people_line),)),
        QueueTickets(
            config.services,
            config.ticket_lifetime_s,
            config.window_open_s,
            config.queue_repeat_s,
        ),
        SayAlive(config.heartbeat_s),
    )


def _waiting_area(config: Config) -> tuple[Step, ...]:
    """Thermal frames of a waiting area to its people."""
    return (
        AverageFrames(),
        SubtractBackground(config.background_halflife_s),
        CountPeople(config.people_model),
        PeopleWindows(config.people_window_s, config.zone),
    )


def _doorway(lane: int) -> tuple[Step, ...]:
    """Thermal frames of a doorway to line pulses."""
    return (TrackPassages(lane),)
