"""How a kiosk served over the hours in which the city file says that it is open: availability, failures, visitors an hour.

Rules it keeps:
- Time in which nobody saw the machine is neither served nor failed: availability is of the time that is known, and its
  interval goes from *it never served then* to *it always did*. Of less than half known there is no number.
- A window that is only partly in the open hours counts by its part.
- Late windows are taken; one window counts once, however often it comes. What is older than ``KEPT_S`` goes, at most a day late.
- Too few sessions give no rate: one visitor in a day says nothing about the next hour.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from edge.contract.records.kiosk import KioskService
from hub.kiosk.failures import Between, mean_time_between
from hub.opening import Hours, open_spans

KEPT_S: Final = 28 * 86_400.0
SPARE_S: Final = 86_400.0
"""So much more is kept before what is too old is looked for."""
LEAST_KNOWN: Final = 0.5
LEAST_SESSIONS: Final = 10
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Availability(NamedTuple):
    """Share of the open hours served, 0–1: of what is known (None of too little), and its bounds."""

    share: float | None
    low: float
    high: float
    open_s: float


class ServiceBook:
    """One kiosk's windows and sessions."""

    def __init__(self, hours: Hours, zone: ZoneInfo) -> None:
        self._hours = hours
        self._zone = zone
        self._windows: dict[int, KioskService] = {}
        self._sessions: set[int] = set()
        self._oldest: int | None = None
        self._newest: int | None = None

    def take(self, window: KioskService, t: int) -> None:
        """A window that ended at ``t`` [µs UTC]."""
        self._windows[t] = window
        self._oldest = min(t, self._oldest or t)
        self._newest = max(t, self._newest or t)
        if self._newest - self._oldest > round((KEPT_S + SPARE_S) * 1e6):
            self._forget(self._newest - round(KEPT_S * 1e6))

    def take_session(self, t: int) -> None:
        """A session that ended at ``t`` [µs UTC]."""
        self._sessions.add(t)

    @property
    def newest(self) -> int | None:
        """When the newest window ended [µs UTC]."""
        return self._newest

    def availability(self) -> Availability | None:
        """Over all that is kept; None before the first window, or where it was never open since."""
        if not self._windows:
            return None
        first = min(t - round(window.window_s * 1e6) for t, window in self._windows.items())
        spans = self._spans(first, max(self._windows))
        open_s = sum(until - start for start, until in spans) / 1e6
        if open_s <= 0:
            return None
        served_s = sum(_part(t, one, spans) * (one.in_service_s + one.degraded_s) for t, one in self._windows.items())
        down_s = sum(
            _part(t, one, spans) * (one.out_of_service_s + one.maintenance_s) for t, one in self._windows.items()
        )
        known_s = served_s + down_s
        share = served_s / known_s if known_s >= LEAST_KNOWN * open_s else None
        low = min(1.0, served_s / open_s)
        return Availability(share, low, max(low, min(1.0, 1 - down_s / open_s)), open_s)

    def between_failures(self) -> Between | None:
        """Of the time in operation, open or not; None before any."""
        operating_s = sum(one.in_service_s + one.degraded_s for one in self._windows.values())
        failures = sum(one.failures for one in self._windows.values())
        return mean_time_between(operating_s, failures) if operating_s > 0 else None

    def sessions_an_hour(self) -> float | None:
        """Sessions an open hour in which it served, while sessions are known; None of too few."""
        if not self._windows or len(self._sessions) < LEAST_SESSIONS:
            return None
        first = min(self._sessions)
        known = {t: one for t, one in self._windows.items() if t >= first}
        if not known:
            return None
        spans = self._spans(first, max(known))
        served_s = sum(_part(t, one, spans) * (one.in_service_s + one.degraded_s) for t, one in known.items())
        last = max(known)
        within = sum(t <= last for t in self._sessions)
        return within / served_s * 3600 if served_s > 0 else None

    def open_hours(self, start: int, end: int) -> float:
        """Open hours between two times [µs UTC]."""
        return sum(until - first for first, until in self._spans(start, end)) / 3.6e9

    def _spans(self, start: int, end: int) -> list[tuple[int, int]]:
        found = open_spans(self._hours, _moment(start), _moment(end), self._zone)
        return [(_micro(first), _micro(until)) for first, until in found]

    def _forget(self, before: int) -> None:
        self._windows = {t: one for t, one in self._windows.items() if t >= before}
        self._sessions = {t for t in self._sessions if t >= before}
        self._oldest = min(self._windows, default=None)


def _part(t: int, window: KioskService, spans: list[tuple[int, int]]) -> float:
    """The share of a window that lies in the spans."""
    length = round(window.window_s * 1e6)
    if length <= 0:
        return 0.0
    start, inside = t - length, 0
    at = max(0, bisect_right(spans, (start, start)) - 1)
    while at < len(spans) and spans[at][0] < t:
        inside += max(0, min(t, spans[at][1]) - max(start, spans[at][0]))
        at += 1
    return inside / length


def _moment(t: int) -> dt.datetime:
    return _EPOCH + dt.timedelta(microseconds=t)


def _micro(moment: dt.datetime) -> int:
    return (moment - _EPOCH) // dt.timedelta(microseconds=1)
