"""A counter's day: people come, take tickets, wait, are served and leave, and their breath fills the room.

One step is one second. Each service has its own queue, first come first served, and its own windows; arrivals are
Poisson with a profile over the day, service times are lognormal. Some people bring somebody along, who waits with them;
some tickets are called and nobody comes. What goes wrong on a day is in ``disturbances.py``.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Annotated, Literal, NamedTuple

import msgspec
import numpy as np

from edge.contract.quantity import Code
from simulators.counter.disturbances import Disturbance, arrivals_factor, is_closed, is_down
from simulators.counter.people import Person, arrive

TicketWord = Literal["issued", "called", "no_show", "finished"]

COMPANION_PROBABILITY = 0.15
NO_SHOW_PROBABILITY = 0.04
NO_SHOW_AFTER_S = 45.0
SERVICE_SPREAD = 0.5
WALK_OUT_S = 20.0
ROOM_M3 = 400.0
AIR_CHANGES_PER_HOUR = 3.0
CO2_M3_PER_S = 5.2e-6
OUTDOOR_PPM = 420.0
STAFF = 4
PROFILE = (
    (8.5, 0.0),
    (8.75, 0.9),
    (10.0, 1.1),
    (11.5, 1.0),
    (12.0, 1.7),
    (13.0, 1.6),
    (13.5, 0.9),
    (16.0, 0.8),
    (17.0, 0.0),
)
"""Arrivals over the day as (hour, share of the service's mean rate); linear between, none outside."""


class Service(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One service: mean arrivals an hour, mean service time, its windows, and the number its tickets begin with."""

    code: Code
    arrivals_per_hour: Annotated[float, msgspec.Meta(ge=0, le=600)]
    service_s: Annotated[float, msgspec.Meta(gt=0, le=7200)]
    windows: tuple[int, ...]
    first_ticket: Annotated[int, msgspec.Meta(ge=1, le=99_999)] = 1


class TicketHappened(NamedTuple):
    """What the ticket machine registers; ``wait_s`` is true and only with ``called``."""

    service: str
    event: TicketWord
    ticket: int
    window: int
    wait_s: float | None = None


@dataclass(slots=True)
class Visit:
    """One ticket and the people who wait with it."""

    ticket: int
    issued_s: float
    party: list[Person]
    comes: bool


@dataclass(slots=True)
class Window:
    """One window: who it serves and until when."""

    number: int
    serving: Visit | None = None
    until_s: float = 0.0


@dataclass(slots=True)
class Desk:
    """One service's queue, windows and ticket counter."""

    service: Service
    next_ticket: int
    queue: deque[Visit] = field(default_factory=deque)
    windows: list[Window] = field(default_factory=list)


class Office:
    """The people, the queues and the air of one office."""

    def __init__(
        self,
        rng: np.random.Generator,
        services: tuple[Service, ...],
        ticket_max: int,
        lunch_windows_closed: int,
        waiting_at_start: int,
        disturbances: tuple[Disturbance, ...] = (),
    ) -> None:
        self._rng = rng
        self._disturbances = disturbances
        self._ticket_max = ticket_max
        self._lunch_windows_closed = lunch_windows_closed
        self._still_at_door = waiting_at_start
        self._desks = [
            Desk(service, service.first_ticket, windows=[Window(number) for number in service.windows])
            for service in services
        ]
        self._leaving: list[tuple[float, int]] = []
        self.people: list[Person] = []
        self.co2_ppm = OUTDOOR_PPM + 250.0
        self.entered = 0
        self.left = 0

    def waiting(self) -> dict[str, int]:
        """Tickets issued and not yet called, by service."""
        return {desk.service.code: len(desk.queue) for desk in self._desks}

    def step(self, t_s: float, hour: float) -> list[TicketHappened]:
        """One second of the office at ``t_s`` and local ``hour``; what the ticket machine registers."""
        happened: list[TicketHappened] = []
        self.people = [person for person in self.people if not person.gone(t_s)]
        share = profile(hour)
        for desk in self._desks:
            code = desk.service.code
            if is_down(self._disturbances, hour, code):
                _hold(desk)
            else:
                self._finish(desk, t_s, happened)
                self._call(desk, t_s, hour, happened)
            factor = arrivals_factor(self._disturbances, hour, code)
            rate = desk.service.arrivals_per_hour * share * factor / 3600.0
            if self._rng.random() < rate:
                happened.append(self._issue(desk, t_s))
        if self._still_at_door and self._desks and int(t_s) % 2 == 0:
            self._still_at_door -= 1
            happened.append(self._issue(self._desks[self._still_at_door % len(self._desks)], t_s))
        self._walk_out(t_s)
        self._breathe()
        return happened

    def _issue(self, desk: Desk, t_s: float) -> TicketHappened:
        party = 1 + (self._rng.random() < COMPANION_PROBABILITY)
        people = [arrive(self._rng, t_s, self.people) for _ in range(party)]
        self.people += people
        self.entered += party
        ticket, desk.next_ticket = desk.next_ticket, desk.next_ticket % self._ticket_max + 1
        comes = bool(self._rng.random() >= NO_SHOW_PROBABILITY)
        desk.queue.append(Visit(ticket, t_s, people, comes))
        return TicketHappened(desk.service.code, "issued", ticket, 0)

    def _call(self, desk: Desk, t_s: float, hour: float, happened: list[TicketHappened]) -> None:
        at_lunch = self._lunch_windows_closed if 12.0 <= hour < 13.0 else 0
        for window in desk.windows[: max(1, len(desk.windows) - at_lunch)]:
            if window.serving is not None or not desk.queue or t_s < window.until_s:
                continue
            if is_closed(self._disturbances, hour, window.number):
                continue
            visit = desk.queue.popleft()
            window.serving = visit
            mean_s = desk.service.service_s
            service_s = self._rng.lognormal(math.log(mean_s) - SERVICE_SPREAD**2 / 2, SERVICE_SPREAD)
            window.until_s = t_s + (float(service_s) if visit.comes else NO_SHOW_AFTER_S)
            for person in visit.party:
                person.left_s = t_s + float(self._rng.uniform(1.0, 5.0))
            wait_s = t_s - visit.issued_s
            happened.append(TicketHappened(desk.service.code, "called", visit.ticket, window.number, wait_s))

    def _finish(self, desk: Desk, t_s: float, happened: list[TicketHappened]) -> None:
        for window in desk.windows:
            visit = window.serving
            if visit is None or t_s < window.until_s:
                continue
            word: TicketWord = "finished" if visit.comes else "no_show"
            happened.append(TicketHappened(desk.service.code, word, visit.ticket, window.number))
            self._leaving.append((t_s + WALK_OUT_S, len(visit.party)))
            window.serving = None
            window.until_s = t_s + float(self._rng.uniform(5.0, 20.0))

    def _walk_out(self, t_s: float) -> None:
        self.left += sum(party for out_s, party in self._leaving if out_s <= t_s)
        self._leaving = [(out_s, party) for out_s, party in self._leaving if out_s > t_s]

    def _breathe(self) -> None:
        """One second of the mass balance dC/dt = people · generation / volume − ventilation · (C − outdoor)."""
        inside = self.entered - self.left + STAFF
        made_ppm = inside * CO2_M3_PER_S / ROOM_M3 * 1e6
        aired_ppm = AIR_CHANGES_PER_HOUR / 3600.0 * (self.co2_ppm - OUTDOOR_PPM)
        self.co2_ppm += made_ppm - aired_ppm


def _hold(desk: Desk) -> None:
    """One second in which no window gets on with what it does."""
    for window in desk.windows:
        window.until_s += 1.0


def profile(hour: float) -> float:
    """Share of a service's mean arrivals at local ``hour`` (0–24)."""
    return float(np.interp(hour, [at for at, _ in PROFILE], [share for _, share in PROFILE]))
