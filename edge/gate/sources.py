"""Where a gate's items come from: a microcontroller on a serial line.

How the board uses ``firmware_bridge``'s messages:

- PULSE, events BLOCKED and CLEARED: a beam's edge. The lane byte is 2 × lane + beam, beam 0 outer, 1 inner.
- RADIO_TAG: a tagged article heard by an antenna.
- LEVELS: seats on the channels that the pipeline's areas name; antenna *n* gives its noise [mdBm] on channel 240 + *n*
  and its return loss [mdB] on channel 224 + *n*.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final

import msgspec

from edge.board import BoardSource
from edge.contract.quantity import Code
from edge.errors import SourceError
from edge.gate.items import BeamEdge, BoardAlive, Item, LevelsRead, TagHeard
from edge.source import Source
from firmware_bridge.messages import Hello, Levels, Message, Pulse, PulseEvent, RadioTag
from firmware_bridge.serial_line import Arrival

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
        return BoardSource(settings.name, settings.path, settings.baud, lambda: _items_of)
    raise SourceError(f'source settings are {type(settings).__name__}; give kind = "mcu"')


def _items_of(arrival: Arrival) -> Iterable[Item]:
    item = item_of(arrival.message, arrival.restarted)
    return () if item is None else (item,)


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
