"""Says a heartbeat for a source that is alive while none of its records left."""

from __future__ import annotations

from collections.abc import Iterable

from edge.contract.records import Record
from edge.contract.records.counter import (
    CounterAir,
    CounterHeartbeat,
    CounterOccupancy,
    CounterPassages,
    CounterPeople,
    CounterQueue,
    CounterTicket,
)
from edge.counter.steps.mark_alive import BOARD, TICKET_MACHINE, Alive


class SayAlive:
    """A heartbeat at most every ``interval_s`` a source, and only in the wake of something that it delivered."""

    def __init__(self, interval_s: float) -> None:
        self._interval_us = round(interval_s * 1e6)
        self._said: dict[str, int] = {}

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if isinstance(item, Record):
            self._note(mono, item)
            return (item,)
        if not isinstance(item, Alive):
            return (item,)
        if mono - self._said.setdefault(item.source, mono - self._interval_us) < self._interval_us:
            return ()
        self._said[item.source] = mono
        return (CounterHeartbeat(t=mono, source=item.source),)

    def _note(self, mono: int, record: Record) -> None:
        if isinstance(record, CounterTicket | CounterQueue):
            self._said[TICKET_MACHINE] = mono
        elif isinstance(record, CounterPeople | CounterPassages | CounterAir | CounterOccupancy):
            self._said[BOARD] = mono
