"""Where a counter's items come from: a microcontroller's serial line and the ticket machine's."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Event
from typing import Annotated, Final

import msgspec

from edge.board import BoardSource
from edge.contract.quantity import Code
from edge.counter.items import AirReading, BoardAlive, LinePulse, ThermalFrame
from edge.counter.ticket_line import TicketLineDecoder
from edge.errors import SourceError
from edge.source import Emit, Source
from firmware_bridge.messages import Hello, Levels, Message, Pulse, PulseEvent, Thermal
from firmware_bridge.serial_line import Arrival

CO2_CHANNEL: Final = 1
TEMPERATURE_CHANNEL: Final = 2
HUMIDITY_CHANNEL: Final = 3
ILLUMINANCE_CHANNEL: Final = 4

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


Settings = McuSettings | TicketLineSettings


def open_source(settings: object) -> Source:
    """The source that a ``[[source]]`` table asks for; nothing is opened before it runs.

    Raises:
        SourceError: the settings are not a counter's.
    """
    if isinstance(settings, McuSettings):
        return BoardSource(settings.name, settings.path, settings.baud, lambda: _items_of)
    if isinstance(settings, TicketLineSettings):
        return TicketLineSource(settings)
    raise SourceError(f'source settings are {type(settings).__name__}; give kind = "mcu" or "ticket_line"')


def _items_of(arrival: Arrival) -> Iterable[object]:
    item = item_of(arrival.message, arrival.restarted)
    return () if item is None else (item,)


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
            raise SourceError(f"source {self.name}: {path}: {problem}; check the ticket machine's cable") from problem


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
        case Hello():
            return BoardAlive(restarted)
        case _:
            return None
