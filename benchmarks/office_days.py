"""Simulated days of an office: what was said to each who took a ticket, by us and by the two usual methods, and the truth.

Ticket events go through the device's queue and the hub's service, as in use; each day begins without any knowledge.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from edge.contract.records.counter import CounterQueue, CounterTicket
from edge.counter.items import TicketEvent
from edge.counter.pipeline import Config
from edge.counter.steps.mark_alive import TICKET_MACHINE, Alive
from edge.counter.steps.queue_tickets import QueueTickets
from hub.counter.judgement import WAIT_MIN
from hub.counter.outlook import Outlook
from hub.counter.service import ServiceQueue
from hub.counter.steady import LEVELS
from hub.counter.windows import MINUTE_US
from hub.judgement import Level
from hub.words import Words
from simulators.counter.disturbances import Burst, ClosedWindow, Disturbance, SystemFailure
from simulators.counter.office import Office, Service, TicketHappened
from simulators.counter.simulator import SERVICES

Kind = Literal["ordinary", "system_failure", "closed_window", "burst"]

OPENS, CLOSES = 8.5, 17.0
START_US = 1_790_000_000_000_000
SECOND_US = 1_000_000
LOOK_EVERY_S = 30
LASTS_S = 150
UTC = ZoneInfo("UTC")


class Told(NamedTuple):
    """What one who takes a ticket is told, in minutes: our 10, 50 and 90 % quantiles, and the two usual methods."""

    low: float
    median: float
    high: float
    last: float
    queue: float


class Said(NamedTuple):
    """That, beside how long the ticket truly waited, and whether it was taken during a disturbance."""

    told: Told
    true: float
    disturbed: bool


@dataclass
class OfficeDay:
    """``levels`` and ``raw`` are the board's level and the level of the bare estimate, every ``LOOK_EVERY_S``."""

    kind: Kind
    said: list[Said] = field(default_factory=list)
    unknown: int = 0
    levels: list[int] = field(default_factory=list)
    raw: list[int] = field(default_factory=list)

    @property
    def changes(self) -> int:
        """How often the board changed its level."""
        return _changes(self.levels)

    @property
    def raw_changes(self) -> int:
        """How often a board without hysteresis would have."""
        return _changes(self.raw)

    def delays_min(self) -> list[float]:
        """How long the board took to follow each rise of the bare estimate that lasted ``LASTS_S``."""
        levels, raw = np.array(self.levels), np.array(self.raw)
        lasts = LASTS_S // LOOK_EVERY_S
        found = []
        for rank in range(1, len(LEVELS)):
            above, shown = raw >= rank, levels >= rank
            for at in range(1, len(raw) - lasts):
                if above[at] and not above[at - 1] and not shown[at - 1] and above[at : at + lasts].all():
                    waited = int(np.argmax(shown[at:])) if shown[at:].any() else len(raw)
                    found.append(waited * LOOK_EVERY_S / 60)
        return found


@dataclass
class _Usual:
    """What the two usual methods know of one service."""

    last_min: float | None = None
    called: dict[int, int] = field(default_factory=dict)
    served_min: list[float] = field(default_factory=list)
    waiting: int = 0
    windows: int = 0

    def queue_min(self) -> float | None:
        """Tickets before one, times the mean time of a ticket, over the windows that are open."""
        if len(self.served_min) < 3:
            return None
        return self.waiting * sum(self.served_min) / len(self.served_min) / max(1, self.windows)


def disturbances_of(kind: Kind, rng: np.random.Generator) -> tuple[Disturbance, ...]:
    """What goes wrong on a day of that kind."""
    begins = float(rng.uniform(9.5, 14.5))
    match kind:
        case "ordinary":
            return ()
        case "system_failure":
            return (SystemFailure(from_hour=begins, to_hour=begins + float(rng.uniform(0.33, 1.0))),)
        case "closed_window":
            windows = [service.windows[-1] for service in SERVICES if len(service.windows) > 1]
            return tuple(
                ClosedWindow(from_hour=begins, to_hour=begins + float(rng.uniform(1.0, 3.0)), window=window)
                for window in windows
            )
        case "burst":
            return (Burst(from_hour=12.0, to_hour=12.75, times=float(rng.uniform(1.8, 2.6))),)


def office_day(kind: Kind, rng: np.random.Generator) -> OfficeDay:
    """One office's day; how many come and how long a ticket takes differ from day to day."""
    services = tuple(_varied(service, rng) for service in SERVICES)
    disturbances = disturbances_of(kind, rng)
    office = Office(rng, services, 999, int(rng.integers(0, 2)), int(rng.integers(0, 10)), disturbances)
    config = Config()
    step = QueueTickets(
        [one.code for one in services], config.ticket_lifetime_s, config.window_open_s, config.queue_repeat_s
    )
    ours = {one.code: ServiceQueue(one.code, Words(ja="", easy="", en=""), WAIT_MIN, Outlook(UTC)) for one in services}
    usual = {one.code: _Usual() for one in services}
    asked: dict[tuple[str, int], tuple[Told | None, bool]] = {}
    day = OfficeDay(kind)
    for second in range(round((CLOSES - OPENS) * 3600)):
        now, hour = START_US + second * SECOND_US, OPENS + second / 3600
        disturbed = any(each.lasts(hour) for each in disturbances)
        for event in office.step(float(second), hour):
            key = (event.service, event.ticket)
            if event.event == "issued":
                asked[key] = _asked(ours[event.service], usual[event.service], now), disturbed
            elif event.wait_s is not None and key in asked:
                told, during = asked.pop(key)
                if told is None:
                    day.unknown += 1
                else:
                    day.said.append(Said(told, event.wait_s / 60, during))
            _tell(ours[event.service], usual[event.service], step, event, now)
        if second % LOOK_EVERY_S == 0:
            _repeat(ours, step, now)
            day.levels.append(max(_rank(one.level()) for one in ours.values()))
            day.raw.append(max(_raw_rank(one, now) for one in ours.values()))
    return day


def _varied(service: Service, rng: np.random.Generator) -> Service:
    return msgspec.structs.replace(
        service,
        arrivals_per_hour=service.arrivals_per_hour * float(rng.lognormal(0.0, 0.15)),
        service_s=service.service_s * float(rng.lognormal(0.0, 0.15)),
    )


def _asked(ours: ServiceQueue, usual: _Usual, now: int) -> Told | None:
    wait, queue = ours.wait(now), usual.queue_min()
    if wait is None or usual.last_min is None or queue is None:
        return None
    return Told(*wait, usual.last_min, queue)


def _tell(ours: ServiceQueue, usual: _Usual, step: QueueTickets, event: TicketHappened, now: int) -> None:
    item = TicketEvent(service=event.service, event=event.event, ticket=event.ticket, window=event.window)
    for record in step(now - START_US, item):
        if isinstance(record, CounterTicket):
            ours.happened(now, record)
        elif isinstance(record, CounterQueue):
            ours.queued(now, record)
            usual.waiting, usual.windows = record.waiting, record.windows_open
            if event.event == "called" and record.last_wait_s is not None:
                usual.last_min = record.last_wait_s / 60
    if event.event == "called":
        usual.called[event.window] = now
    elif event.window in usual.called:
        usual.served_min.append((now - usual.called.pop(event.window)) / MINUTE_US)


def _repeat(ours: dict[str, ServiceQueue], step: QueueTickets, now: int) -> None:
    """The queues as the device repeats them when nothing happens."""
    for record in step(now - START_US, Alive(TICKET_MACHINE)):
        if isinstance(record, CounterQueue):
            ours[record.service].queued(now, record)


def _changes(ranks: list[int]) -> int:
    return sum(before != after for before, after in pairwise(ranks))


def _rank(level: Level) -> int:
    return 0 if level == "unknown" else LEVELS.index(level)


def _raw_rank(ours: ServiceQueue, now: int) -> int:
    wait = ours.wait(now)
    return 0 if wait is None else _rank(WAIT_MIN.level_of(wait.median_min))


def office_days(kinds: list[Kind], seed: int) -> Iterator[OfficeDay]:
    """A day of each of the kinds, each from a seed of its own."""
    for nth, kind in enumerate(kinds):
        yield office_day(kind, np.random.default_rng([seed, nth]))
