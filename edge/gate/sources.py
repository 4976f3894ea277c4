"""Where a gate's items come from: a microcontroller on a serial line.

How the board uses ``firmware_bridge``'s messages:

- PULSE, events BLOCKED and CLEARED: a beam's edge. The lane byte is 2 × lane + beam, beam 0 outer, 1 inner.
- RADIO_TAG: a tagged article heard by an antenna.
- LEVELS: seats on the channels that the pipeline's areas name; antenna *n* gives its noise [mdBm] on channel 240 + *n*
  and its return loss [mdB] on channel 224 + *n*.
"""

from __future__ import annotations

from threading import Event
from typing import Annotated, Final

import msgspec

from edge.contract.quantity import Code
from edge.errors import SourceError
from edge.gate.items import BeamEdge, BoardAlive, Item, LevelsRead, TagHeard
from edge.source import Emit, Source
from firmware_bridge.errors import LineMisconfigured
from firmware_bridge.messages import Hello, Levels, Message, Pulse, PulseEvent, RadioTag
from firmware_bridge.serial_line import LineSettings, SerialLine

_READ_TIMEOUT_S: Final = 0.5
_BLOCKED_OF_EVENT: Final = {int(PulseEvent.BLOCKED): True, int(PulseEvent.CLEARED): False}


class McuSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="mcu"):
    """A microcontroller that speaks ``firmware_bridge`` frames: beams, antennas and seats."""

    path: str
    name: Code = "mcu"
    baud: Annotated[int, msgspec.Meta(ge=1200, le=4_000_000)] = 921_600


Settings = McuSettings


def open_source(settings: object) -> Source:
    """The source that a ``[[source]]`` table asks for; nothing is opened before it runs.

    Raises:
        SourceError: the settings are not a gate's.
    """
    if isinstance(settings, McuSettings):
        return McuSource(settings)
    raise SourceError(f'source settings are {type(settings).__name__}; give kind = "mcu"')


class McuSource:
    """A microcontroller's messages as items; what a gate has no use for is left out."""

    def __init__(self, settings: McuSettings) -> None:
        self._settings = settings
        self._firmware: str | None = None

    @property
    def name(self) -> str:
        return self._settings.name

    @property
    def firmware(self) -> str | None:
        """The board's firmware, as its HELLO said."""
        return self._firmware

    def run(self, emit: Emit, stop: Event) -> None:
        """See ``Source.run``; the runtime times the items and makes the pauses, so the line needs neither here."""
        settings = self._settings
        line = SerialLine(
            LineSettings(settings.path, settings.baud, read_timeout_s=_READ_TIMEOUT_S),
            mono_us=lambda: 0,
            wait=stop.wait,
            backoff_s=lambda failures: 0.0,
        )
        with line:
            while not stop.is_set():
                try:
                    arrivals = line.read()
                except LineMisconfigured as problem:
                    raise SourceError(str(problem)) from problem
                for arrival in arrivals:
                    if isinstance(arrival.message, Hello):
                        self._firmware = ".".join(map(str, arrival.message.firmware_version))
                    item = item_of(arrival.message, arrival.restarted)
                    if item is not None:
                        emit(item)
                if not line.is_open:
                    raise SourceError(f"source {self.name}: {settings.path} is gone; plug the board in")


def item_of(message: Message, restarted: bool) -> Item | None:
    """The item that a microcontroller's message is, or None where a gate has no use for it."""
    match message:
        case Pulse(lane=place, event=event, counter=counter, clock_ms=clock_ms) if event in _BLOCKED_OF_EVENT:
            return BeamEdge(place // 2, place % 2, _BLOCKED_OF_EVENT[event], counter, clock_ms)
        case RadioTag(antenna, armed, signal_decidbm, clock_ms, item_hash):
            return TagHeard(antenna, armed, signal_decidbm / 10, clock_ms, item_hash)
        case Levels(levels_milli=levels):
            return LevelsRead(list(levels))
        case Hello():
            return BoardAlive(restarted)
        case _:
            return None
