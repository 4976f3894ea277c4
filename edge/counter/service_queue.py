"""One service's queue as its ticket events tell it, kept right when events are missing, repeated or out of place.

Rules it keeps:
- A ticket waits from its issue until it is called, finished, reported as not come, overtaken or too old.
- A number says which ticket, never how many wait: numbers may wrap at 999, restart at noon, or have holes.
- A number issued again is a new ticket; the old one under that number no longer waits.
- A ticket called that was never seen issued changes no count; its wait is not known.
- A ticket called again, by the same window or another, is one call: the queue and its last wait stay.
- A ticket that ``OVERTAKEN_BY`` later ones were called before has lost its call on the way and no longer waits.
- It holds at most ``WAITING_MAX`` tickets; then the oldest goes.
"""

from __future__ import annotations

from typing import Final

from edge.counter.items import TicketEvent

WAITING_MAX: Final = 2000
OVERTAKEN_BY: Final = 8
CALL_REPEATED_US: Final = 900_000_000
"""A number called again within a quarter of an hour, without having been issued anew, is the same ticket."""
CALLS_REMEMBERED: Final = 50
WINDOWS_MAX: Final = 200


class ServiceQueue:
    """Waiting tickets of one service; times are monotonic µs."""

    def __init__(self, lifetime_us: int, window_open_us: int) -> None:
        self.last_called: int | None = None
        self.last_wait_us: int | None = None
        self._lifetime_us = lifetime_us
        self._window_open_us = window_open_us
        self._issued: dict[int, int] = {}
        self._overtaken: dict[int, int] = {}
        self._called: dict[int, int] = {}
        self._windows: dict[int, int] = {}

    @property
    def waiting(self) -> int:
        """Tickets issued and not yet called."""
        return len(self._issued)

    def windows_open(self, mono: int) -> int:
        """Windows that did something lately."""
        return sum(mono - seen <= self._window_open_us for seen in self._windows.values())

    def take(self, mono: int, event: TicketEvent) -> None:
        """Take one event of this service."""
        self.expire(mono)
        if event.event == "issued":
            self._issue(mono, event.ticket)
            return
        if event.window and (event.window in self._windows or len(self._windows) < WINDOWS_MAX):
            self._windows[event.window] = mono
        if event.event == "called":
            self._call(mono, event.ticket)
        else:
            self._forget(event.ticket)

    def expire(self, mono: int) -> None:
        """Let go of tickets that are older than anybody waits."""
        while self._issued:
            ticket, issued = next(iter(self._issued.items()))
            if mono - issued <= self._lifetime_us and len(self._issued) <= WAITING_MAX:
                return
            self._forget(ticket)

    def _issue(self, mono: int, ticket: int) -> None:
        self._forget(ticket)
        self._called.pop(ticket, None)
        self._issued[ticket] = mono

    def _call(self, mono: int, ticket: int) -> None:
        issued = self._issued.get(ticket)
        if issued is None:
            repeated = mono - self._called.get(ticket, -CALL_REPEATED_US) < CALL_REPEATED_US
            if not repeated:
                self.last_called, self.last_wait_us = ticket, None
        else:
            self._overtake(ticket)
            self._forget(ticket)
            self.last_called, self.last_wait_us = ticket, mono - issued
        self._called.pop(ticket, None)
        self._called[ticket] = mono
        if len(self._called) > CALLS_REMEMBERED:
            del self._called[next(iter(self._called))]

    def _overtake(self, called: int) -> None:
        """Every ticket issued before ``called`` was overtaken once more."""
        for ticket in list(self._issued):
            if ticket == called:
                return
            self._overtaken[ticket] = self._overtaken.get(ticket, 0) + 1
            if self._overtaken[ticket] >= OVERTAKEN_BY:
                self._forget(ticket)

    def _forget(self, ticket: int) -> None:
        self._issued.pop(ticket, None)
        self._overtaken.pop(ticket, None)
