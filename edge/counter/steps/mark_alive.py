"""Marks that a source delivered something, so that the last step can tell a quiet source from a dead one."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from edge.counter.items import AirReading, BoardAlive, LinePulse, ThermalFrame, TicketAlive, TicketEvent


class Alive(msgspec.Struct, frozen=True):
    """``source`` delivered an item just now."""

    source: str


class MarkAlive:
    """Sends an ``Alive`` ahead of every raw item."""

    def __init__(self, board: str, ticket_machine: str) -> None:
        self._board = Alive(board)
        self._ticket_machine = Alive(ticket_machine)

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if isinstance(item, ThermalFrame | LinePulse | AirReading | BoardAlive):
            return (self._board, item)
        if isinstance(item, TicketEvent | TicketAlive):
            return (self._ticket_machine, item)
        return (item,)
