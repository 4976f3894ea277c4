"""How busy one counter is: queues and waits by the ticket machine, or by the people there where it tells nothing.

Rules it keeps, beside those of ``hub.judgement``:
- A queue is as old as the last thing its ticket machine said, its heartbeat included, not as the last change.
- After ``NO_INFORMATION_US`` without news a source's figures are unknown; the old level is never shown.
- The level follows the longest wait of the services; without tickets the people in the waiting area, and it says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from edge.contract.records import ModelState, Record
from edge.contract.records.counter import (
    CounterAir,
    CounterHeartbeat,
    CounterOccupancy,
    CounterPassages,
    CounterPeople,
    CounterQueue,
    CounterTicket,
)
from hub.city import DeviceContext, ServiceContext, Thresholds
from hub.city import Levels as CityLevels
from hub.counter import words
from hub.counter.steady import LEVELS, Bounds, SteadyLevel
from hub.counter.waits import WaitEstimator
from hub.judgement import Alert, Figure, Level, Status
from hub.words import Words

NO_INFORMATION_US: Final = 300_000_000
GREYED_AFTER_S: Final = 15.0
HEARTBEAT_S: Final = 5.0
PEOPLE_WINDOW_S: Final = 10.0
AIR_INTERVAL_S: Final = 30.0
WAIT_MIN: Final = Bounds(10.0, 20.0, 40.0)
PEOPLE: Final = Bounds(5.0, 10.0, 15.0)
TICKETS_WAITING: Final = Bounds(4.0, 8.0, 16.0)
"""Used until the calls tell a pace."""
CO2_PPM: Final = Bounds(1000.0, 1500.0, 2500.0)


class _Service:
    """One service's queue, pace and level."""

    def __init__(self, name: Words, wait_min: Bounds) -> None:
        self.name = name
        self.estimator = WaitEstimator()
        self.by_wait = SteadyLevel(wait_min)
        self.by_tickets = SteadyLevel(TICKETS_WAITING)
        self.newest: CounterQueue | None = None
        self.newest_t = 0

    def take(self, t: int, queue: CounterQueue) -> None:
        self.estimator.queued(t, queue.waiting)
        if t < self.newest_t:
            return
        self.newest, self.newest_t = queue, t
        self.by_tickets.take(t, queue.waiting)
        wait = self.estimator.estimate(t)
        if wait is not None:
            self.by_wait.take(t, wait.median_min)

    def level(self) -> Level:
        return self.by_wait.level if self.by_wait.level != "unknown" else self.by_tickets.level


class Judgement:
    """One counter's records turned into its status; see ``hub.judgement.Judgement``."""

    past: Mapping[str, float] = MappingProxyType({"counter_ticket": 7200.0})

    def __init__(self, context: DeviceContext | None = None) -> None:
        self._context = context
        thresholds = context.thresholds if context is not None else Thresholds()
        self._wait_min = _bounds(thresholds.wait_min, WAIT_MIN)
        self._services: dict[str, _Service] = {}
        for service in context.services if context is not None else ():
            self._services[service.code] = self._new_service(service.code, service)
        self._zones = {zone.code: zone.name for zone in context.zones} if context is not None else {}
        self._people: dict[str, tuple[int, CounterPeople]] = {}
        self._people_level = SteadyLevel(_bounds(thresholds.people, PEOPLE))
        self._air: tuple[int, CounterAir] | None = None
        self._co2_level = SteadyLevel(_bounds(thresholds.co2_ppm, CO2_PPM))
        self._models: dict[str, tuple[int, ModelState]] = {}
        self._tickets_t: int | None = None
        self._board_t: int | None = None

    def observe(self, record: Record, t: int) -> None:
        """See ``hub.judgement.Judgement``."""
        match record:
            case CounterQueue():
                self._tickets_t = _later(self._tickets_t, t)
                self._service(record.service).take(t, record)
            case CounterTicket():
                self._tickets_t = _later(self._tickets_t, t)
                self._ticket(record, t)
            case CounterPeople():
                self._board_t = _later(self._board_t, t)
                self._take_people(record, t)
            case CounterAir():
                self._board_t = _later(self._board_t, t)
                self._take_air(record, t)
            case CounterPassages() | CounterOccupancy():
                self._board_t = _later(self._board_t, t)
            case CounterHeartbeat(source="tickets"):
                self._tickets_t = _later(self._tickets_t, t)
            case CounterHeartbeat():
                self._board_t = _later(self._board_t, t)
            case ModelState():
                if t >= self._models.get(record.model, (0, record))[0]:
                    self._models[record.model] = (t, record)
            case _:
                pass

    def status(self, now: int) -> Status:
        """See ``hub.judgement.Judgement``."""
        figures: list[Figure] = []
        for code, service in self._services.items():
            figures += self._service_figures(code, service, now)
        figures += [self._people_figure(zone, now) for zone in self._people]
        if self._air is not None:
            figures.append(self._co2_figure(self._air, now))
        level, headline = self._headline(now)
        return Status(level=level, headline=headline, figures=figures)

    def alerts(self, now: int) -> list[Alert]:
        """See ``hub.judgement.Judgement``."""
        alerts: list[Alert] = []
        if self._tickets_t is not None and not _news(self._tickets_t, now):
            alerts.append(_alert("tickets_silent", words.TICKETS_SILENT, self._tickets_t))
        if self._board_t is not None and not _news(self._board_t, now):
            alerts.append(_alert("board_silent", words.SENSOR_SILENT, self._board_t))
        elif self._co2_level.level in ("warning", "bad"):
            alerts.append(_alert("co2_high", words.CO2_HIGH, self._co2_level.since))
        for name, (t, model) in self._models.items():
            if not model.running:
                alerts.append(Alert(key=f"model_{name}", severity="info", text=words.MODEL_NOT_RUNNING, since=t))
        return alerts

    def _service(self, code: str) -> _Service:
        if code not in self._services:
            self._services[code] = self._new_service(code, None)
        return self._services[code]

    def _new_service(self, code: str, service: ServiceContext | None) -> _Service:
        if service is None:
            return _Service(Words(ja=code, easy=code, en=code), self._wait_min)
        return _Service(service.name, _bounds(service.thresholds.wait_min, self._wait_min))

    def _ticket(self, record: CounterTicket, t: int) -> None:
        estimator = self._service(record.service).estimator
        if record.event == "called":
            estimator.called(t, record.ticket, record.window)
        elif record.event != "issued":
            estimator.freed(t, record.window)

    def _take_people(self, record: CounterPeople, t: int) -> None:
        if t < self._people.get(record.zone, (0, record))[0]:
            return
        self._people[record.zone] = (t, record)
        self._people_level.take(t, sum(people.people for _, people in self._people.values()))

    def _take_air(self, record: CounterAir, t: int) -> None:
        if self._air is not None and t < self._air[0]:
            return
        self._air = (t, record)
        if record.co2_ppm is not None:
            self._co2_level.take(t, record.co2_ppm)

    def _headline(self, now: int) -> tuple[Level, Words]:
        if self._context is not None and not self._context.opening(now).open:
            return "unknown", words.CLOSED
        if _news(self._tickets_t, now):
            known = [service.level() for service in self._services.values() if service.newest is not None]
            ranks = [LEVELS.index(level) for level in known if level != "unknown"]
            if ranks:
                level = LEVELS[max(ranks)]
                return level, words.LEVEL[level]
        if any(_news(t, now) for t, _ in self._people.values()):
            level = self._people_level.level
            return level, words.level_by_people(level)
        return "unknown", words.NO_INFORMATION

    def _service_figures(self, code: str, service: _Service, now: int) -> list[Figure]:
        queue = service.newest if _news(self._tickets_t, now) else None
        t = None if service.newest is None else self._tickets_t
        fresh_for_s = HEARTBEAT_S + GREYED_AFTER_S
        wait = None if queue is None else service.estimator.estimate(now)
        level = service.level() if queue is not None else "unknown"
        return [
            Figure(
                key=f"level_{code}", label=words.level_label(service.name), value=None if level == "unknown" else level,
                t=t, fresh_for_s=fresh_for_s, text=words.LEVEL.get(level, words.NO_INFORMATION),
            ),
            Figure(
                key=f"wait_{code}", label=words.wait_label(service.name), unit="min", t=t, fresh_for_s=fresh_for_s,
                value=None if wait is None else wait.median_min, low=None if wait is None else wait.low_min,
                high=None if wait is None else wait.high_min,
                text=None if wait is None else words.wait_minutes(wait.median_min),
            ),
            Figure(
                key=f"waiting_{code}", label=words.waiting_label(service.name), t=t, fresh_for_s=fresh_for_s,
                value=None if queue is None else queue.waiting,
            ),
            Figure(
                key=f"called_{code}", label=words.called_label(service.name), t=t, fresh_for_s=fresh_for_s,
                value=None if queue is None else queue.last_called,
            ),
        ]  # fmt: skip

    def _people_figure(self, zone: str, now: int) -> Figure:
        t, record = self._people[zone]
        name = self._zones.get(zone, Words(ja="待合", easy="まつ ところ", en="waiting area"))
        known = _news(t, now)
        return Figure(
            key=f"people_{zone}", label=words.people_label(name), value=record.people if known else None, t=t,
            fresh_for_s=PEOPLE_WINDOW_S + GREYED_AFTER_S, low=record.low if known else None,
            high=record.high if known else None,
            text=words.people_at_least(int(record.low)) if known and record.saturated else None,
        )  # fmt: skip

    def _co2_figure(self, air: tuple[int, CounterAir], now: int) -> Figure:
        t, record = air
        return Figure(
            key="co2", label=words.CO2, value=record.co2_ppm if _news(t, now) else None, unit="ppm", t=t,
            fresh_for_s=AIR_INTERVAL_S + GREYED_AFTER_S,
        )  # fmt: skip


def _bounds(levels: CityLevels | None, default: Bounds) -> Bounds:
    return default if levels is None else Bounds(levels.notice, levels.warning, levels.bad)


def _later(known: int | None, t: int) -> int:
    return t if known is None else max(known, t)


def _news(t: int | None, now: int) -> bool:
    return t is not None and now - t < NO_INFORMATION_US


def _alert(key: str, text: Words, since: int) -> Alert:
    return Alert(key=key, severity="warning", text=text, since=since)
