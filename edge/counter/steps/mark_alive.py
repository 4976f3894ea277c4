"""Marks that a source delivered something, so that the last step can tell a quiet source from a dead one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from edge.counter.items import AirReading, BoardAlive, LinePulse, ThermalFrame, TicketAlive, TicketEvent

BOARD: Final = "mcu"
TICKET_MACHINE: Final = "tickets"
"""The two things that a counter listens to, as a heartbeat names them, whatever their sources are called."""


class Alive(msgspec.Struct, frozen=True):
    """``source`` delivered an item just now."""

    source: str


class MarkAlive:
    """Sends an ``Alive`` ahead of every raw item."""

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if isinstance(item, ThermalFrame | LinePulse | AirReading | BoardAlive):
            return (Alive(BOARD), item)
        if isinstance(item, TicketEvent | TicketAlive):
            return (Alive(TICKET_MACHINE), item)
        return (item,)
