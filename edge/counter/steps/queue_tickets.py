"""Turns ticket events into their records and, for each service, the queue that they add up to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from edge.contract.records.counter import CounterQueue, CounterTicket
from edge.counter.items import TicketEvent
from edge.counter.service_queue import ServiceQueue
from edge.counter.steps.mark_alive import TICKET_MACHINE, Alive
from edge.pipeline import Tick

SERVICES_MAX: Final = 64
LAST_WAIT_MAX_S: Final = 86_400.0


class QueueTickets:
    """Ticket events in; for each its record and the service's queue; and every queue again each ``repeat_s``.

    A queue is repeated only while the ticket machine is alive: what nobody can know any more is not said.
    """

    def __init__(self, services: Sequence[str], lifetime_s: float, window_open_s: float, repeat_s: float) -> None:
        self._lifetime_us = round(lifetime_s * 1e6)
        self._window_open_us = round(window_open_s * 1e6)
        self._repeat_us = round(repeat_s * 1e6)
        self._queues = {service: self._new_queue() for service in services}
        self._alive_at: int | None = None
        self._repeated_at: int | None = None

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if isinstance(item, Alive) and item.source == TICKET_MACHINE:
            self._alive_at = mono
        if isinstance(item, TicketEvent):
            return self._take(mono, item)
        if isinstance(item, Tick | Alive):
            return (*self._repeat(mono), item)
        return (item,)

    def _take(self, mono: int, event: TicketEvent) -> Iterable[object]:
        record = CounterTicket(
            t=mono, service=event.service, event=event.event, ticket=event.ticket, window=event.window
        )
        if event.service not in self._queues:
            if len(self._queues) >= SERVICES_MAX:
                return (record,)
            self._queues[event.service] = self._new_queue()
        queue = self._queues[event.service]
        queue.take(mono, event)
        return (record, _record(mono, event.service, queue))

    def _repeat(self, mono: int) -> list[CounterQueue]:
        if self._alive_at is None or mono - self._alive_at > self._repeat_us:
            return []
        if self._repeated_at is not None and mono - self._repeated_at < self._repeat_us:
            return []
        self._repeated_at = mono
        for queue in self._queues.values():
            queue.expire(mono)
        return [_record(mono, service, queue) for service, queue in self._queues.items()]

    def _new_queue(self) -> ServiceQueue:
        return ServiceQueue(self._lifetime_us, self._window_open_us)


def _record(mono: int, service: str, queue: ServiceQueue) -> CounterQueue:
    wait_us = queue.last_wait_us
    return CounterQueue(
        t=mono,
        service=service,
        waiting=queue.waiting,
        windows_open=queue.windows_open(mono),
        last_called=queue.last_called,
        last_wait_s=None if wait_us is None else min(wait_us / 1e6, LAST_WAIT_MAX_S),
    )
