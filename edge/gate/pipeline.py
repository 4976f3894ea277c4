"""A library gate's pipeline: beams, tags and levels in, counts, alarms and occupancy out."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from edge.contract.quantity import Code
from edge.errors import ConfigError
from edge.gate.antenna_state import antenna_state
from edge.gate.beam_pairs import BeamTimes, beam_pairs
from edge.gate.people_inside import people_inside
from edge.gate.seat_occupancy import SeatTimes, seat_occupancy
from edge.gate.tag_alarm import tag_alarm
from edge.gate.tag_direction import tag_direction
from edge.gate.tag_tracks import tag_tracks
from edge.gate.windows import windows
from edge.pipeline import Pipeline

Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every table of the settings: frozen, by keyword, unknown keys refused."""


class Antenna(Table, frozen=True, kw_only=True):
    """One antenna: its number on the line, its name, and on which side of which lane it stands."""

    number: Annotated[int, msgspec.Meta(ge=0, le=15)]
    name: Code
    lane: Code
    side: Literal["outer", "inner"]


DEFAULT_ANTENNAS: Final = (
    Antenna(number=0, name="main-outer", lane="main", side="outer"),
    Antenna(number=1, name="main-inner", lane="main", side="inner"),
)


class Area(Table, frozen=True, kw_only=True):
    """A reading area: its seats' sensors are the LEVELS channels ``first_channel`` … ``first_channel + seats − 1``."""

    name: Code
    first_channel: Annotated[int, msgspec.Meta(ge=0, le=223)]
    seats: Annotated[int, msgspec.Meta(ge=1, le=224)]


class Config(Table, frozen=True, kw_only=True):
    """The ``[pipeline]`` table.

    Attributes:
        lanes: names by lane number.
        antennas: of all lanes.
        areas: reading areas with seat sensors.
        window_s: length of the windows in which passages are counted.
        beam_stuck_s: a beam that is interrupted for so long is stuck.
        handover_ms: both beams interrupted for less while the order turns back: a second person close behind.
        inside_at_start: people inside when the agent starts, if that is known.
        capacity: people that fit inside; the upper end while nothing better is known.
        quiet_night_s: without a passage for so long the house is empty.
        miss_share: share of passages that beams miss or double, for the interval.
        tag_silent_ms: a tag not heard for so long has gone.
        tag_parked_ms: a tag heard for longer lies near the gate and is not carried through it.
        tag_readings: fewer readings are a ghost.
        tag_near_dbm: an article that is never heard this strongly stayed away from the gate.
        alarm_gather_s: armed articles of one lane within this time are one event.
        alarm_again_s: the same article is not told again within this time.
        seat_threshold: level above which a seat is taken (1 = pressed or covered fully).
        seat_taken_s, seat_freed_s: how long a seat's level must stay before it counts.
        seat_silent_s: a seat not heard for so long is silent.
        antenna_noisy_dbm: noise above which an antenna is noisy.
        antenna_return_loss_db: below this return loss an antenna is detuned.
        antenna_off_s: an antenna not heard for so long is off.
    """

    lanes: Annotated[list[Code], msgspec.Meta(min_length=1, max_length=16)] = msgspec.field(
        default_factory=lambda: ["main"]
    )
    antennas: Annotated[list[Antenna], msgspec.Meta(max_length=16)] = msgspec.field(
        default_factory=lambda: list(DEFAULT_ANTENNAS)
    )
    areas: Annotated[list[Area], msgspec.Meta(max_length=32)] = []
    window_s: Seconds = 60.0
    beam_stuck_s: Seconds = 30.0
    handover_ms: Annotated[int, msgspec.Meta(ge=0, le=2000)] = 180
    inside_at_start: Annotated[int, msgspec.Meta(ge=0, le=100_000)] | None = None
    capacity: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 500
    quiet_night_s: Seconds = 4 * 3600.0
    miss_share: Annotated[float, msgspec.Meta(ge=0, le=0.5)] = 0.03
    tag_silent_ms: Annotated[int, msgspec.Meta(ge=100, le=60_000)] = 1500
    tag_parked_ms: Annotated[int, msgspec.Meta(ge=1000, le=600_000)] = 15_000
    tag_readings: Annotated[int, msgspec.Meta(ge=1, le=100)] = 3
    tag_near_dbm: Annotated[float, msgspec.Meta(ge=-150, le=50)] = -55.0
    alarm_gather_s: Seconds = 2.0
    alarm_again_s: Seconds = 30.0
    seat_threshold: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.5
    seat_taken_s: Seconds = 5.0
    seat_freed_s: Seconds = 60.0
    seat_silent_s: Seconds = 180.0
    antenna_noisy_dbm: Annotated[float, msgspec.Meta(ge=-150, le=50)] = -60.0
    antenna_return_loss_db: Annotated[float, msgspec.Meta(ge=0, le=60)] = 8.0
    antenna_off_s: Seconds = 60.0


def pipeline(config: object) -> Pipeline:
    """Beam edges, tags and levels to gate records, in order.

    Raises:
        ConfigError: ``config`` is not a gate's, an antenna stands at a lane that is not listed, or two areas share a
            channel.
    """
    if not isinstance(config, Config):
        raise ConfigError(f"pipeline settings are {type(config).__name__}, wanted a gate's; check the device's family")
    _check(config)
    places: dict[int, tuple[str, str]] = {each.number: (each.lane, each.side) for each in config.antennas}
    return Pipeline(
        beam_pairs(config.lanes, BeamTimes(stuck_s=config.beam_stuck_s, handover_ms=config.handover_ms)),
        tag_tracks(places, config.tag_silent_ms, config.tag_readings, config.tag_near_dbm),
        tag_direction(config.tag_parked_ms, config.alarm_gather_s),
        tag_alarm(config.alarm_gather_s, config.alarm_again_s),
        windows(config.lanes, config.window_s),
        people_inside(config.inside_at_start, config.capacity, config.quiet_night_s, config.miss_share),
        seat_occupancy(
            {each.name: range(each.first_channel, each.first_channel + each.seats) for each in config.areas},
            config.seat_threshold,
            SeatTimes(taken_s=config.seat_taken_s, freed_s=config.seat_freed_s, silent_s=config.seat_silent_s),
        ),
        antenna_state(
            {each.number: each.name for each in config.antennas},
            config.antenna_noisy_dbm,
            config.antenna_return_loss_db,
            config.antenna_off_s,
        ),
    )


def _check(config: Config) -> None:
    for antenna in config.antennas:
        if antenna.lane not in config.lanes:
            raise ConfigError(
                f"antenna {antenna.name}: lane {antenna.lane!r} is not listed; lanes are {', '.join(config.lanes)}"
            )
    numbers = [each.number for each in config.antennas]
    if len(set(numbers)) < len(numbers):
        raise ConfigError(f"antennas have numbers {numbers}; give each its own")
    taken: dict[int, str] = {}
    for area in config.areas:
        for channel in range(area.first_channel, area.first_channel + area.seats):
            if channel > 223:
                raise ConfigError(f"area {area.name}: channel {channel} is above 223; seats have channels 0 to 223")
            if channel in taken:
                raise ConfigError(f"areas {taken[channel]} and {area.name} share channel {channel}; move one of them")
            taken[channel] = area.name
