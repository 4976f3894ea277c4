"""What a counter's sources deliver: thermal frames, line pulses, air readings and ticket events, as they came."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from edge.contract.quantity import Code

TicketWord = Literal["issued", "called", "no_show", "finished"]


class ThermalFrame(msgspec.Struct, frozen=True, tag="thermal_frame"):
    """One 8×8 frame: 64 registers of an AMG8833, 128 bytes, low byte first, row by row, a quarter degree a count."""

    registers: Annotated[bytes, msgspec.Meta(min_length=128, max_length=128)]


class LinePulse(msgspec.Struct, frozen=True, tag="line_pulse"):
    """Somebody crossed the line of ``lane``; ``counter`` counts that lane's events since the microcontroller's boot."""

    lane: Annotated[int, msgspec.Meta(ge=0, le=255)]
    direction: Literal["in", "out"]
    counter: Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]


class AirReading(msgspec.Struct, frozen=True, tag="air_reading"):
    """Levels read together; None where the module has no such sensor."""

    co2_ppm: float | None = None
    temperature_degc: float | None = None
    humidity_percent: float | None = None
    illuminance_lux: float | None = None


class RadarFrame(msgspec.Struct, frozen=True, tag="radar_frame"):
    """So many moving people does a radar follow; where they are is not kept."""

    people: Annotated[int, msgspec.Meta(ge=0, le=3)]


class Co2Reading(msgspec.Struct, frozen=True, tag="co2_reading"):
    """Carbon dioxide by a module on a line of its own."""

    co2_ppm: Annotated[float, msgspec.Meta(ge=0, le=65_535)]


class BoardAlive(msgspec.Struct, frozen=True, tag="board_alive"):
    """The microcontroller said who it is; ``restarted`` when it booted, which makes its counters begin anew."""

    restarted: bool


class TicketEvent(msgspec.Struct, frozen=True, tag="ticket_event"):
    """One line of the ticket machine; ``window`` is 0 where none serves."""

    service: Code
    event: TicketWord
    ticket: Annotated[int, msgspec.Meta(ge=0, le=99_999)]
    window: Annotated[int, msgspec.Meta(ge=0, le=999)] = 0


class TicketAlive(msgspec.Struct, frozen=True, tag="ticket_alive"):
    """The ticket machine's heartbeat."""


Item = ThermalFrame | LinePulse | AirReading | RadarFrame | Co2Reading | BoardAlive | TicketEvent | TicketAlive
