"""What the windows of one service do, from the ticket machine's events in whatever order they arrive.

Rules it keeps:
- How long a ticket is served is measured from its call to its end at the same window; where the machine does not tell
  ends, or windows, from a call to the next one while somebody was waiting.
- A window that is free for ``TAKES_WITHIN_US`` though somebody waits rests.
- A ticket called again within ``SAME_CALL_US`` is the same call, whichever window calls.
- It holds at most ``EVENTS_KEPT`` events and as many queue lengths.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from typing import Final, NamedTuple

MINUTE_US: Final = 60_000_000
EVENTS_KEPT: Final = 240
QUEUES_KEPT: Final = 600
SAME_CALL_US: Final = 15 * MINUTE_US
TAKES_WITHIN_US: Final = 90_000_000
SEEN_WITHIN_US: Final = 120 * MINUTE_US
"""A window that did nothing for so long is closed for the day."""
LONGEST_MIN: Final = 90.0
CHANGEOVER_MIN: Final = 0.2
"""From the end of one ticket to the call of the next where somebody waits."""
NO_WINDOW: Final = 0


class Event(NamedTuple):
    """A ticket called at a window (``ends`` false) or finished there, at ``t`` [µs UTC]."""

    t: int
    ends: bool
    ticket: int
    window: int


class Served(NamedTuple):
    """One ticket's time at a window [min], until the window takes the next."""

    t: int
    minutes: float
    window: int


class Window(NamedTuple):
    """A window seen today: since when it serves a ticket [µs UTC], None while it is free; ``rests`` takes nobody."""

    number: int
    serves_since: int | None
    rests: bool = False


class WindowLog:
    """The recent events of one service."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._queue: list[tuple[int, int]] = []
        self._served: list[Served] | None = None

    def take(self, event: Event) -> None:
        """Take one event, late or not; a repeated call changes nothing."""
        if not event.ends and any(
            not other.ends and other.ticket == event.ticket and abs(other.t - event.t) < SAME_CALL_US
            for other in self._events
        ):
            return
        insort(self._events, event)
        del self._events[:-EVENTS_KEPT]
        self._served = None

    def queued(self, t: int, waiting: int) -> None:
        """So many were waiting at ``t`` [µs UTC]."""
        insort(self._queue, (t, waiting), key=lambda entry: entry[0])
        del self._queue[:-QUEUES_KEPT]

    @property
    def waiting(self) -> int | None:
        """Tickets waiting by the newest record."""
        return self._queue[-1][1] if self._queue else None

    def waiting_at(self, t: int) -> int | None:
        """Who was waiting once everything of the moment ``t`` had happened."""
        after = bisect_right(self._queue, t, key=lambda entry: entry[0])
        return self._queue[after - 1][1] if after else None

    def lately(self, now: int, span_us: int) -> float | None:
        """How many waited on average over the last ``span_us``; None before the first record."""
        since = now - span_us
        first = max(0, bisect_right(self._queue, since, key=lambda entry: entry[0]) - 1)
        known = [entry for entry in self._queue[first:] if entry[0] <= now]
        if not known:
            return None
        ends = [t for t, _ in known[1:]] + [now]
        total = sum(waiting * (end - max(t, since)) for (t, waiting), end in zip(known, ends, strict=True))
        span = now - max(known[0][0], since)
        return total / span if span else float(known[-1][1])

    def served(self) -> list[Served]:
        """How long tickets were served, oldest first."""
        if self._served is None:
            self._served = self._find_served()
        return self._served

    def windows(self, now: int) -> list[Window]:
        """The windows that take tickets at ``now`` [µs UTC], and those that rest."""
        newest: dict[int, Event] = {}
        for event in self._events[: bisect_left(self._events, now + 1, key=lambda one: one.t)]:
            newest[event.window] = event
        found = []
        for number, event in newest.items():
            if now - event.t > SEEN_WITHIN_US:
                continue
            rests = event.ends and self._leaves_waiting(event.t, now)
            found.append(Window(number, None if event.ends else event.t, rests))
        return found

    def _leaves_waiting(self, freed: int, now: int) -> bool:
        """Whether somebody has waited all the time since shortly after ``freed`` and was not taken."""
        since = now - TAKES_WITHIN_US
        if freed > since or not self.waiting_at(since):
            return False
        first = bisect_right(self._queue, since, key=lambda entry: entry[0])
        return all(waiting > 0 for _, waiting in self._queue[first:])

    def _find_served(self) -> list[Served]:
        began: dict[int, Event] = {}
        served: list[Served] = []
        for event in self._events:
            call = began.pop(event.window, None)
            whole = call is not None and (event.ends or bool(self.waiting_at(call.t)))
            if event.window == NO_WINDOW and event.ends:
                began |= {} if call is None else {NO_WINDOW: call}
                continue
            if call is not None and whole:
                minutes = (event.t - call.t) / MINUTE_US + (CHANGEOVER_MIN if event.ends else 0.0)
                if 0.0 < minutes <= LONGEST_MIN:
                    served.append(Served(event.t, minutes, event.window))
            if not event.ends:
                began[event.window] = event
        return served
