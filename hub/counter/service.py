"""One service of a counter: its queue, pace and level, and what its figures say."""

from __future__ import annotations

from typing import Final

from edge.contract.records.counter import CounterQueue, CounterTicket
from hub.counter import words
from hub.counter.outlook import Outlook
from hub.counter.steady import Bounds, SteadyLevel
from hub.counter.waits import Rate, Wait, WaitEstimator
from hub.judgement import Expected, Figure, Level
from hub.words import Words

TICKETS_WAITING: Final = Bounds(4.0, 8.0, 16.0)
"""Used until the calls tell a pace."""


class ServiceQueue:
    """The queue of one service as its ticket machine tells it; ``bounds_min`` are the levels' waits."""

    def __init__(self, code: str, name: Words, bounds_min: Bounds, outlook: Outlook) -> None:
        self._code = code
        self._name = name
        self._bounds_min = bounds_min
        self._estimator = WaitEstimator()
        self._by_wait = SteadyLevel(bounds_min)
        self._by_tickets = SteadyLevel(TICKETS_WAITING)
        self._has_pace = False
        self._newest: CounterQueue | None = None
        self._newest_t = 0
        self.outlook = outlook

    @property
    def known(self) -> bool:
        """Whether the ticket machine ever told its queue."""
        return self._newest is not None

    def queued(self, t: int, queue: CounterQueue) -> None:
        """Take the queue as it was at ``t`` [µs UTC]."""
        self._estimator.queued(t, queue.waiting)
        if t < self._newest_t:
            return
        self._newest, self._newest_t = queue, t
        self._by_tickets.take(t, queue.waiting)
        wait = self._estimator.estimate(t)
        self._has_pace = wait is not None
        if wait is not None:
            self._by_wait.take(t, wait.median_min)

    def happened(self, t: int, ticket: CounterTicket) -> None:
        """Take one event of the ticket machine."""
        if ticket.event == "called":
            self._estimator.called(t, ticket.ticket, ticket.window)
        elif ticket.event != "issued":
            self._estimator.freed(t, ticket.ticket, ticket.window)

    def wait(self, now: int) -> Wait | None:
        """The wait of somebody who takes a ticket at ``now`` [µs UTC], None when too little is known."""
        return self._estimator.estimate(now)

    def level(self) -> Level:
        """The level by the wait; by the tickets that wait while no wait can be told."""
        return self._by_wait.level if self._has_pace else self._by_tickets.level

    def figures(self, now: int, t: int | None, fresh_for_s: float, told: bool, opens_for_min: float) -> list[Figure]:
        """The service's figures.

        Args:
            now: [µs UTC].
            t: when its ticket machine said anything last [µs UTC].
            fresh_for_s: how long that stays fresh.
            told: whether that is news; without, nothing is known.
            opens_for_min: minutes until the service closes; 0 while it is closed.
        """
        queue = self._newest if told else None
        t = None if self._newest is None else t
        is_open = opens_for_min > 0
        wait = None if queue is None or not is_open else self.wait(now)
        return [
            self._level_figure(t, fresh_for_s, queue is not None, is_open),
            self._wait_figure(now, t, fresh_for_s, wait, opens_for_min),
            Figure(
                key=f"waiting_{self._code}", label=words.waiting_label(self._name), t=t, fresh_for_s=fresh_for_s,
                value=None if queue is None else queue.waiting,
            ),
            Figure(
                key=f"called_{self._code}", label=words.called_label(self._name), t=t, fresh_for_s=fresh_for_s,
                value=None if queue is None else queue.last_called,
            ),
            *self._rate_figures(now, t, fresh_for_s, queue is not None and is_open),
        ]  # fmt: skip

    def _rate_figures(self, now: int, t: int | None, fresh_for_s: float, told: bool) -> list[Figure]:
        """Tickets an hour: of all windows, then of each where there are several."""
        total = self._estimator.rate(now) if told else None
        apart = {} if total is None else self._estimator.rates(now)
        rates: list[tuple[int | None, Rate | None]] = [(None, total), *(apart.items() if len(apart) > 1 else ())]
        return [
            Figure(
                key=f"rate_{self._code}" + ("" if window is None else f"_{window}"),
                label=words.rate_label(self._name, window), unit="/h", digits=1, t=t, fresh_for_s=fresh_for_s,
                value=None if rate is None else rate.value, low=None if rate is None else rate.low,
                high=None if rate is None else rate.high,
            )
            for window, rate in rates
        ]  # fmt: skip

    def _level_figure(self, t: int | None, fresh_for_s: float, told: bool, is_open: bool) -> Figure:
        level = self.level() if told else "unknown"
        value: str | None = None if level == "unknown" else level
        text = words.LEVEL.get(level, words.NO_INFORMATION)
        if not is_open:
            value, text = "closed", words.RECEPTION_OVER
        return Figure(
            key=f"level_{self._code}", label=words.level_label(self._name), value=value, t=t,
            fresh_for_s=fresh_for_s, text=text,
        )  # fmt: skip

    def _wait_figure(
        self, now: int, t: int | None, fresh_for_s: float, wait: Wait | None, opens_for_min: float
    ) -> Figure:
        ahead = [] if wait is None else self._ahead(now, opens_for_min)
        return Figure(
            key=f"wait_{self._code}", label=words.wait_label(self._name), unit="min", t=t, fresh_for_s=fresh_for_s,
            value=None if wait is None else wait.median_min, low=None if wait is None else wait.low_min,
            high=None if wait is None else wait.high_min,
            text=None if wait is None else words.wait_minutes(wait.median_min),
            ahead=ahead, ahead_by=self.outlook.basis if ahead else None,
        )  # fmt: skip

    def _ahead(self, now: int, opens_for_min: float) -> list[Expected]:
        """The wait of somebody who comes later, while the service is open; empty without a pace."""
        lately, pace = self._estimator.lately(now), self._estimator.pace(now)
        if lately is None or pace is None:
            return []
        found = []
        for count in self.outlook.ahead(now, lately):
            low, median, high = (round(pace.behind(each), 1) for each in (count.low, count.median, count.high))
            if count.minutes < opens_for_min:
                level = self._bounds_min.level_of(median)
                found.append(Expected(minutes=count.minutes, value=median, low=low, high=high, level=level))
        return found
