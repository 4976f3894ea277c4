"""How busy one counter is: queues and waits by the ticket machine, or by the people there where it tells nothing.

Rules it keeps, beside those of ``hub.judgement``:
- A queue is as old as the last thing its ticket machine said, its heartbeat included, not as the last change.
- After ``NO_INFORMATION_US`` without news a source's figures are unknown; the old level is never shown.
- What a device dates more than ``CLOCK_AHEAD_US`` into the future is forgotten as soon as that is noticed, and said: its
  clock is wrong, and the right times that follow must not count as old.
- A forecast of the next two hours ends where the service closes, and says what it rests on.
- The level follows the longest wait of the services; without tickets the people in the waiting area, and it says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

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
from hub.city import Crowding, DeviceContext, ServiceContext, Thresholds
from hub.counter import words
from hub.counter.lines import LineWatch
from hub.counter.outlook import SPAN_DAYS, Outlook
from hub.counter.service import ServiceQueue
from hub.counter.steady import LEVELS, Bounds, SteadyLevel
from hub.counter.waiting_area import WaitingArea
from hub.judgement import Alert, Figure, History, Level, Status
from hub.words import Words

NO_INFORMATION_US: Final = 300_000_000
HOUR_US: Final = 3_600_000_000
CLOCK_AHEAD_US: Final = 120_000_000
GREYED_AFTER_S: Final = 15.0
HEARTBEAT_S: Final = 5.0
PEOPLE_WINDOW_S: Final = 10.0
AIR_INTERVAL_S: Final = 30.0
WAIT_MIN: Final = Bounds(10.0, 20.0, 40.0)
PEOPLE: Final = Bounds(5.0, 10.0, 15.0)
CO2_FALLS_AFTER_US: Final = 60_000_000
QUEUES: Final = History("counter_queue", "waiting", SPAN_DAYS)
CROWDS: Final = History("counter_people", "people", SPAN_DAYS)
CO2_PPM: Final = Bounds(1000.0, 1500.0, 2500.0)


class Judgement:
    """One counter's records turned into its status; see ``hub.judgement.Judgement``."""

    past: Mapping[str, float] = MappingProxyType({"counter_ticket": 93_600.0, "counter_passages": 43_200.0})
    histories: tuple[History, ...] = (QUEUES, CROWDS)

    def __init__(self, context: DeviceContext | None = None) -> None:
        self._context = context
        thresholds = context.thresholds if context is not None else Thresholds()
        self._wait_min = _bounds(thresholds.wait_min, WAIT_MIN)
        self._zone = ZoneInfo("UTC" if context is None else context.time_zone)
        self._services: dict[str, ServiceQueue] = {}
        for service in context.services if context is not None else ():
            self._services[service.code] = self._new_service(service.code, service)
        self._zone_names = {zone.code: zone.name for zone in context.zones} if context is not None else {}
        self._areas: dict[str, WaitingArea] = {}
        self._people = _bounds(thresholds.people, PEOPLE)
        self._people_level = SteadyLevel(self._people)
        self._air: tuple[int, CounterAir] | None = None
        self._co2_level = SteadyLevel(_bounds(thresholds.co2_ppm, CO2_PPM), CO2_FALLS_AFTER_US)
        self._models: dict[str, tuple[int, ModelState]] = {}
        self._tickets_t: int | None = None
        self._board_t: int | None = None
        self._lines: dict[str, LineWatch] = {}
        self._clock_ahead_t: int | None = None

    def observe(self, record: Record, t: int) -> None:
        """See ``hub.judgement.Judgement``."""
        match record:
            case CounterQueue():
                self._tickets_t = _later(self._tickets_t, t)
                self._service(record.service).queued(t, record)
            case CounterTicket():
                self._tickets_t = _later(self._tickets_t, t)
                self._service(record.service).happened(t, record)
            case CounterPeople():
                self._board_t = _later(self._board_t, t)
                self._take_people(record, t)
            case CounterAir():
                self._board_t = _later(self._board_t, t)
                self._take_air(record, t)
            case CounterPassages():
                self._board_t = _later(self._board_t, t)
                self._lines.setdefault(record.line, LineWatch(self._zone)).take(t, record)
            case CounterOccupancy():
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
        self._forget_what_is_to_come(now)
        figures: list[Figure] = []
        told, fresh_for_s = _news(self._tickets_t, now), HEARTBEAT_S + GREYED_AFTER_S
        for code, service in self._services.items():
            figures += service.figures(now, self._tickets_t, fresh_for_s, told, self._opens_for_min(now, code))
        figures += [
            area.figure(now, _news(area.t, now), PEOPLE_WINDOW_S + GREYED_AFTER_S, self._opens_for_min(now, None))
            for area in self._areas.values()
            if area.known
        ]
        if self._air is not None:
            figures.append(self._co2_figure(self._air, now))
        level, headline = self._headline(now)
        return Status(level=level, headline=headline, figures=figures)

    def alerts(self, now: int) -> list[Alert]:
        """See ``hub.judgement.Judgement``."""
        self._forget_what_is_to_come(now)
        alerts: list[Alert] = []
        if self._clock_ahead_t is not None and _news(self._clock_ahead_t, now):
            alerts.append(_alert("clock_ahead", words.CLOCK_AHEAD, self._clock_ahead_t))
        for line, watch in self._lines.items():
            if watch.reversed_since is not None:
                alerts.append(_alert(f"line_reversed_{line}", words.LINE_REVERSED, watch.reversed_since))
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

    def _forget_what_is_to_come(self, now: int) -> None:
        latest = now + CLOCK_AHEAD_US
        times = [self._tickets_t, self._board_t]
        if not any(t is not None and t > latest for t in times):
            return
        self._clock_ahead_t = now
        if self._tickets_t is not None and self._tickets_t > latest:
            self._tickets_t = None
            for code, service in self._services.items():
                self._services[code] = self._new_service(code, self._context_of(code), service.outlook)
        if self._board_t is not None and self._board_t > latest:
            self._board_t = self._air = None
            self._areas.clear()
            self._lines.clear()

    def learn(self, history: History, tags: Mapping[str, str], hours: list[tuple[int, float]]) -> None:
        """See ``hub.judgement.Learner``; hours in which the service was closed tell nothing."""
        service = tags.get("service")
        middle_us = HOUR_US // 2
        hours = [(t, value) for t, value in hours if self._opens_for_min(t + middle_us, service) > 0]
        outlook = Outlook(self._zone, hours)
        if history == QUEUES and service in self._services:
            self._services[service].outlook = outlook
        elif history == CROWDS:
            self._area(tags["zone"]).outlook = outlook

    def _service(self, code: str) -> ServiceQueue:
        if code not in self._services:
            self._services[code] = self._new_service(code, None)
        return self._services[code]

    def _context_of(self, code: str) -> ServiceContext | None:
        services = [] if self._context is None else self._context.services
        return next((service for service in services if service.code == code), None)

    def _new_service(self, code: str, service: ServiceContext | None, outlook: Outlook | None = None) -> ServiceQueue:
        name = Words(ja=code, easy=code, en=code) if service is None else service.name
        bounds = self._wait_min if service is None else _bounds(service.thresholds.wait_min, self._wait_min)
        return ServiceQueue(code, name, bounds, outlook or Outlook(self._zone))

    def _area(self, code: str) -> WaitingArea:
        if code not in self._areas:
            name = self._zone_names.get(code, words.WAITING_AREA)
            self._areas[code] = WaitingArea(code, name, self._people, Outlook(self._zone))
        return self._areas[code]

    def _take_people(self, record: CounterPeople, t: int) -> None:
        if self._area(record.zone).take(t, record):
            self._people_level.take(t, sum(area.people for area in self._areas.values()))

    def _take_air(self, record: CounterAir, t: int) -> None:
        if self._air is not None and t < self._air[0]:
            return
        self._air = (t, record)
        if record.co2_ppm is not None:
            self._co2_level.take(t, record.co2_ppm)

    def _headline(self, now: int) -> tuple[Level, Words]:
        opening = None if self._context is None else self._context.opening(now)
        if opening is not None and not opening.open:
            return "unknown", words.RECEPTION_OVER if opening.why == "over" else words.CLOSED
        if _news(self._tickets_t, now):
            known = [service.level() for service in self._services.values() if service.known]
            ranks = [LEVELS.index(level) for level in known if level != "unknown"]
            if ranks:
                level = LEVELS[max(ranks)]
                return level, words.LEVEL[level]
        if any(_news(area.t, now) for area in self._areas.values() if area.known):
            level = self._people_level.level
            return level, words.level_by_people(level)
        return "unknown", words.NO_INFORMATION

    def _opens_for_min(self, now: int, service: str | None) -> float:
        """Minutes until the service closes, 0 while it is closed; what never closes is open for long."""
        if self._context is None:
            return math.inf
        opening = self._context.opening(now, service)
        if not opening.open:
            return 0.0
        return math.inf if opening.closes_at is None else (opening.closes_at.timestamp() - now / 1e6) / 60

    def _co2_figure(self, air: tuple[int, CounterAir], now: int) -> Figure:
        t, record = air
        return Figure(
            key="co2", label=words.CO2, value=record.co2_ppm if _news(t, now) else None, unit="ppm", t=t,
            fresh_for_s=AIR_INTERVAL_S + GREYED_AFTER_S,
        )  # fmt: skip


def _bounds(levels: Crowding | None, default: Bounds) -> Bounds:
    if levels is None:
        return default
    return Bounds(levels.notice, levels.warning, math.inf if levels.bad is None else levels.bad)


def _later(known: int | None, t: int) -> int:
    return t if known is None else max(known, t)


def _news(t: int | None, now: int) -> bool:
    return t is not None and now - t < NO_INFORMATION_US


def _alert(key: str, text: Words, since: int) -> Alert:
    return Alert(key=key, severity="warning", text=text, since=since)
