"""How long somebody who takes a ticket now waits: the tickets before them, and the windows that take them.

Each open window finishes what it serves after a time that depends on how long it has been at it, and takes another
ticket about every ``m`` minutes. By the time ``t`` a window is expected to have taken ``(t − r)/m + (1 + c²)/2`` tickets,
where ``r`` is what is left of the present one and ``c`` the coefficient of variation (the renewal function's asymptote,
Cox 1962, eq. 4.2.5). The wait is the ``t`` at which all windows together have taken those before and oneself. It is
taken as gamma distributed (Wilson and Hilferty's quantiles, 1931) with the variance of the tickets' own times, of what
is known of ``m``, and of what is not foreseen: always (``UNFORESEEN``), when a window that rests comes back
(``RESTS_UNFORESEEN``), and how long it goes on when all windows stand still.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from hub.counter.windows import CHANGEOVER_MIN, MINUTE_US, NO_WINDOW, Event, Served, Window, WindowLog

FEWEST_SERVED: Final = 3
SERVED_WEIGH: Final = 40
"""How many of the last served tickets tell the time that one takes."""
USUAL_SPREAD: Final = 0.8
"""Standard deviation of a ticket's time over its mean, until enough tickets tell it."""
SPREAD_SERVED: Final = 8
LEAST_SPREAD: Final = 0.4
SHORTEST_MIN: Final = 1 / 60
RESTS_MIN: Final = 40.0
"""After so long a window that rests is expected to take tickets again."""
LEFT_LEAST: Final = 0.45
STUCK_LEFT: Final = 0.75
"""Of the time by which a ticket exceeds twice the usual, so much again is expected."""
UNFORESEEN: Final = 0.11
"""Of the wait, as a standard deviation: windows that close, tickets that take long together."""
RESTS_UNFORESEEN: Final = 0.4
"""The same times the share of windows that rest."""
STANDS_AFTER: Final = 4.0
"""A window whose ticket takes this many times the usual serves nobody at the usual rate."""
STUCK_UNFORESEEN: Final = 0.5
"""At most this of the wait is unforeseen because all windows stand still: with more the median falls while nothing moves."""
OWN_VARIANCE: Final = 0.7
"""Of the tickets' own variance, what remains: the ones that are served have partly shown theirs."""
LATELY_US: Final = 15 * MINUTE_US
Z_80: Final = 1.2816


class Wait(NamedTuple):
    """Minutes from now until the call: the ends of the 80 % interval and the median."""

    low_min: float
    median_min: float
    high_min: float


class Rate(NamedTuple):
    """Tickets an hour: the ends of the 80 % interval of what is served in the long run, and the estimate."""

    low: float
    value: float
    high: float


class Pace(NamedTuple):
    """Minutes between two calls of all windows together, and the standard deviation of a ticket's time over its mean."""

    gap_min: float
    spread: float

    def behind(self, waiting: float) -> float:
        """The expected wait [min] behind so many; a fraction is the chance of one."""
        return self.gap_min * (waiting + min(1.0, waiting) * (1 + self.spread**2) / 2)


class _Ticket(NamedTuple):
    """Minutes that one ticket takes at a window until the next is called: mean, variation, and from how many."""

    minutes: float
    spread: float
    known: int


class WaitEstimator:
    """The recent events of one service, in whatever order their records arrive."""

    def __init__(self) -> None:
        self._log = WindowLog()

    def called(self, t: int, ticket: int, window: int) -> None:
        """A ticket was called at ``t`` [µs UTC]; called again within a quarter of an hour it is the same call."""
        self._log.take(Event(t, False, ticket, window))

    def freed(self, t: int, ticket: int, window: int) -> None:
        """A window finished with its ticket at ``t`` [µs UTC]."""
        self._log.take(Event(t, True, ticket, window))

    def queued(self, t: int, waiting: int) -> None:
        """So many were waiting at ``t`` [µs UTC]."""
        self._log.queued(t, waiting)

    @property
    def waiting(self) -> int | None:
        """Tickets waiting by the newest record."""
        return self._log.waiting

    def lately(self, now: int) -> float | None:
        """How many waited on average over the last quarter of an hour; None before the first record."""
        return self._log.lately(now, LATELY_US)

    def estimate(self, now: int) -> Wait | None:
        """The wait of somebody who takes a ticket at ``now`` [µs UTC], None when too little is known."""
        waiting = self.waiting
        if waiting is None:
            return None
        windows = self._log.windows(now)
        ticket = _ticket(self._log.served())
        if waiting == 0 and any(window.serves_since is None and not window.rests for window in windows):
            usual = 2.0 if ticket is None else ticket.minutes / max(1, len(windows))
            return Wait(0.0, 0.0, round(usual / 2, 1))
        if ticket is None:
            return None
        return _wait(ticket, windows, now, waiting)

    def pace(self, now: int) -> Pace | None:
        """The pace of calls with the windows that are open; None when too few tickets were served."""
        ticket = _ticket(self._log.served())
        if ticket is None:
            return None
        return Pace(ticket.minutes / max(1, sum(not window.rests for window in self._log.windows(now))), ticket.spread)

    def rate(self, now: int) -> Rate | None:
        """Tickets that the windows serving at ``now`` [µs UTC] take together; None when too few were served or none is known.

        The mean time of ``n`` tickets is known to their standard deviation over √n.
        """
        ticket, windows = _ticket(self._log.served()), self._log.windows(now)
        if ticket is None or not windows:
            return None
        return _rate(ticket, sum(_serves(ticket, window, now) for window in windows))

    def rates(self, now: int) -> dict[int, Rate]:
        """The same of each window that serves now and has served enough by itself; empty where the machine tells no windows."""
        served, found = self._log.served(), {}
        for window in sorted(self._log.windows(now)):
            ticket = _ticket([each for each in served if each.window == window.number])
            if window.number != NO_WINDOW and ticket is not None and _serves(ticket, window, now):
                found[window.number] = _rate(ticket, 1)
        return found


def _serves(ticket: _Ticket, window: Window, now: int) -> bool:
    since = now if window.serves_since is None else window.serves_since
    return not window.rests and (now - since) / MINUTE_US <= STANDS_AFTER * ticket.minutes


def _rate(ticket: _Ticket, windows: int) -> Rate:
    hourly, apart = windows * 60 / ticket.minutes, Z_80 * ticket.spread / math.sqrt(ticket.known)
    return Rate(round(hourly / (1 + apart), 1), round(hourly, 1), round(hourly / max(1 - apart, 0.1), 1))


def _ticket(served: list[Served]) -> _Ticket | None:
    minutes = [each.minutes for each in served[-SERVED_WEIGH:]]
    known = len(minutes)
    if known < FEWEST_SERVED:
        return None
    mean = max(SHORTEST_MIN, sum(minutes) / known)
    spread = USUAL_SPREAD
    if known >= SPREAD_SERVED:
        spread = max(LEAST_SPREAD, math.sqrt(sum((each - mean) ** 2 for each in minutes) / (known - 1)) / mean)
    return _Ticket(mean, spread, known)


def _lefts(ticket: _Ticket, windows: list[Window], now: int) -> list[float]:
    """What is left of the ticket at each window [min]; without any window one is expected soon."""
    if not windows:
        return [ticket.minutes / 2]
    return [_left(ticket, window, now) for window in windows]


def _beyond(ticket: _Ticket, window: Window, now: int) -> float:
    """By how much the ticket at a window exceeds twice the usual time [min]."""
    since = now if window.serves_since is None else window.serves_since
    return max(0.0, (now - since) / MINUTE_US - 2 * ticket.minutes)


def _left(ticket: _Ticket, window: Window, now: int) -> float:
    if window.rests:
        return RESTS_MIN
    if window.serves_since is None:
        return CHANGEOVER_MIN
    since = (now - window.serves_since) / MINUTE_US
    stuck = STUCK_LEFT * _beyond(ticket, window, now)
    return max(ticket.minutes - 0.6 * since, LEFT_LEAST * ticket.minutes, stuck)


def _unforeseen(ticket: _Ticket, windows: list[Window], now: int, expected: float) -> float:
    """The variance of what cannot be foreseen [min²].

    Windows that all stand still do so for one reason, which may last as long again.
    """
    beyond = min((_beyond(ticket, window, now) for window in windows if not window.rests), default=0.0)
    resting = sum(window.rests for window in windows) / max(1, len(windows))
    return min(beyond, STUCK_UNFORESEEN * expected) ** 2 + expected**2 * (
        UNFORESEEN**2 + (RESTS_UNFORESEEN * resting) ** 2
    )


def _wait(ticket: _Ticket, windows: list[Window], now: int, waiting: int) -> Wait:
    lefts = _lefts(ticket, windows, now)
    first = (1 + ticket.spread**2) / 2
    begins = sorted(left - ticket.minutes * first for left in lefts)
    wanted = waiting + first
    expected, at = 0.0, 1
    for at in range(1, len(begins) + 1):
        expected = (wanted * ticket.minutes + sum(begins[:at])) / at
        if at == len(begins) or expected <= begins[at]:
            break
    expected = max(expected, 0.05)
    per_call = ticket.minutes / at
    variance = OWN_VARIANCE * (waiting + 1) * (ticket.spread * per_call) ** 2
    variance += expected**2 * ticket.spread**2 / ticket.known + _unforeseen(ticket, windows, now, expected)
    shape = expected**2 / variance
    low, median, high = (
        expected * max(0.0, 1 - 1 / (9 * shape) + z / (3 * math.sqrt(shape))) ** 3 for z in (-Z_80, 0.0, Z_80)
    )
    return Wait(round(low, 1), round(median, 1), round(high, 1))
