"""Where a counter's items come from: a microcontroller's serial line, modules on their own, and the ticket machine."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Event
from typing import Annotated, Final

import msgspec

from edge.board import BoardSource
from edge.contract.quantity import Code
from edge.counter.items import AirReading, BoardAlive, LinePulse, ThermalFrame
from edge.counter.module_sources import Co2Settings, Co2Source, RadarSettings, RadarSource
from edge.counter.ticket_feed import TicketFeedSettings, TicketFeedSource
from edge.counter.ticket_line import TicketLineDecoder
from edge.errors import SourceError, reason_of
from edge.source import Emit, Source
from firmware_bridge.messages import AirWords, Hello, Levels, Message, Pulse, PulseEvent, Thermal
from firmware_bridge.scd4x import humidity_percent, temperature_degc
from firmware_bridge.serial_line import Arrival
from firmware_bridge.vl53l1x import TwoZoneCounter

CO2_CHANNEL: Final = 1
TEMPERATURE_CHANNEL: Final = 2
HUMIDITY_CHANNEL: Final = 3
ILLUMINANCE_CHANNEL: Final = 4

ZONE_CHANNELS: Final = range(16, 32)
"""A two-zone sensor's zones (``firmware_bridge/vl53l1x.py``), lane by lane, sent whenever they change."""

_FIELD_OF_CHANNEL: Final = {
    CO2_CHANNEL: "co2_ppm",
    TEMPERATURE_CHANNEL: "temperature_degc",
    HUMIDITY_CHANNEL: "humidity_percent",
    ILLUMINANCE_CHANNEL: "illuminance_lux",
}
_READ_TIMEOUT_S: Final = 0.5
_READ_MAX_BYTES: Final = 4096

Baud = Annotated[int, msgspec.Meta(ge=1200, le=4_000_000)]


class McuSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="mcu"):
    """A microcontroller that speaks ``firmware_bridge`` frames: thermal frames, line pulses and levels of the air."""

    path: str
    name: Code = "mcu"
    baud: Baud = 921_600


class TicketLineSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="ticket_line"
):
    """The ticket machine's serial line, as ``ticket_line.py`` describes it."""

    path: str
    name: Code = "tickets"
    baud: Baud = 9600


Settings = McuSettings | TicketLineSettings | TicketFeedSettings | RadarSettings | Co2Settings


def open_source(settings: object) -> Source:
    """The source that a ``[[source]]`` table asks for; nothing is opened before it runs.

    Raises:
        SourceError: the settings are not a counter's.
    """
    if isinstance(settings, McuSettings):
        return BoardSource(settings.name, settings.path, settings.baud, BoardItems)
    if isinstance(settings, TicketLineSettings):
        return TicketLineSource(settings)
    if isinstance(settings, TicketFeedSettings):
        return TicketFeedSource(settings)
    if isinstance(settings, RadarSettings):
        return RadarSource(settings)
    if isinstance(settings, Co2Settings):
        return Co2Source(settings)
    kinds = '"mcu", "ticket_line", "ticket_feed", "ld2450" or "mhz19"'
    raise SourceError(f"source settings are {type(settings).__name__}; give kind = {kinds}")


class BoardItems:
    """What a microcontroller's messages mean to a counter; two-zone sensors are followed from message to message."""

    def __init__(self) -> None:
        self._zones: dict[int, TwoZoneCounter] = {}
        self._passed: dict[int, int] = {}

    def __call__(self, arrival: Arrival) -> Iterable[object]:
        if arrival.restarted:
            self._zones.clear()
            self._passed.clear()
        item = item_of(arrival.message, arrival.restarted)
        if isinstance(arrival.message, Levels):
            yield from self._through_zones(arrival.message)
        if item is not None:
            yield item

    def _through_zones(self, message: Levels) -> Iterable[LinePulse]:
        for channel, milli in message.levels_milli:
            if channel not in ZONE_CHANNELS or milli % 1000 or not 0 <= milli <= 3000:
                continue
            lane = channel - ZONE_CHANNELS.start
            direction = self._zones.setdefault(lane, TwoZoneCounter()).feed(milli // 1000)
            if direction is not None:
                self._passed[lane] = self._passed.get(lane, 0) + 1
                yield LinePulse(lane, direction, self._passed[lane])


class TicketLineSource:
    """The ticket machine's events and heartbeats as items."""

    def __init__(self, settings: TicketLineSettings) -> None:
        self._settings = settings

    @property
    def name(self) -> str:
        return self._settings.name

    def run(self, emit: Emit, stop: Event) -> None:
        """See ``Source.run``."""
        import termios

        from serial import Serial

        path = self._settings.path
        decoder = TicketLineDecoder()
        try:
            with Serial(path, self._settings.baud, timeout=_READ_TIMEOUT_S, exclusive=True) as port:
                while not stop.is_set():
                    received = port.read(1)
                    received += port.read(min(port.in_waiting, _READ_MAX_BYTES)) if received else b""
                    for item in decoder.feed(received):
                        emit(item)
        except (OSError, ValueError, termios.error) as problem:
            raise SourceError(
                f"source {self.name}: {path}: {reason_of(problem)}; check the ticket machine's cable"
            ) from problem


def item_of(message: Message, restarted: bool) -> object | None:
    """The item that a microcontroller's message is, or None where a counter has no use for it."""
    match message:
        case Thermal(pixel_registers=registers):
            return ThermalFrame(registers)
        case Pulse(lane=lane, event=PulseEvent.PASS_IN, counter=counter):
            return LinePulse(lane, "in", counter)
        case Pulse(lane=lane, event=PulseEvent.PASS_OUT, counter=counter):
            return LinePulse(lane, "out", counter)
        case Levels(levels_milli=levels):
            known = {
                _FIELD_OF_CHANNEL[channel]: milli / 1000 for channel, milli in levels if channel in _FIELD_OF_CHANNEL
            }
            return AirReading(**known) if known else None
        case AirWords(co2_ppm=ppm, temperature_word=warm, humidity_word=damp):
            return AirReading(float(ppm), temperature_degc(warm), humidity_percent(damp))
        case Hello():
            return BoardAlive(restarted)
        case _:
            return None
