"""The next two hours of one counted quantity (tickets or people waiting): what is usual on such a day, and today's deviation.

What is usual at an hour is a mean over earlier days, those of the same weekday weighing more, shrunk to a calendar:
Mondays and days after a holiday, month's ends, mid-March to early April, and 11 to 14 h are busier at a Japanese counter.
How long a deviation lasts, and how far days differ, is learnt from the same days. Everything is done on square roots, on
which a count's own scatter is the same whatever its size.

Rules it keeps:
- Without ``FEWEST_DAYS`` days the calendar alone shapes the forecast, from the present level; it then says "calendar".
- The calendar's factors are assumptions, worth ``PRIOR_DAYS`` days: what was counted outweighs them.
- It reads no clock: times are given.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from hub.opening import holiday_name

AHEAD_MIN: Final = (15, 30, 60, 90, 120)
SPAN_DAYS: Final = 35
FEWEST_DAYS: Final = 3
PRIOR_DAYS: Final = 2.0
SAME_WEEKDAY_WEIGHS: Final = 3.0
HOURS: Final = ((8.0, 0.4), (9.5, 0.9), (11.0, 1.1), (12.0, 1.5), (13.5, 1.5), (14.5, 1.0), (16.5, 0.8), (17.5, 0.3))
"""Local hour and how many wait compared with the day's mean; linear between, level outside."""
AFTER_A_REST: Final = 1.25
MONTH_END: Final = 1.15
MOVING_SEASON: Final = 1.5
MONTH_END_DAYS: Final = 3
NEW_YEAR: Final = ((12, 29), (1, 3))
"""Public offices are closed, by ordinance of each."""
SEASON: Final = ((3, 15), (4, 10))
"""People move house around the beginning of the fiscal year, 1 April."""
USUAL_DEVIATION: Final = 0.6
USUAL_PERSISTENCE: Final = 0.55
"""Standard deviation of a day from what is usual, and how much of it is left an hour later, until days tell."""
PRIOR_HOURS: Final = 20.0
COUNT_SCATTER: Final = 0.5
"""Standard deviation of the square root of a Poisson count about its mean."""
Z_80: Final = 1.2816
HOURS_HELD: Final = 48

Basis = Literal["days", "calendar"]


class Count(NamedTuple):
    """What is expected to wait so many minutes from now: the median and the ends of the 80 % interval."""

    minutes: int
    low: float
    median: float
    high: float


class _Hour(NamedTuple):
    """The root of one past hour's mean beside its calendar value."""

    day: dt.date
    hour: int
    root: float
    calendar: float


class Outlook:
    """What some days of hourly means say of the hours to come, in one place's local time."""

    def __init__(self, zone: ZoneInfo, hours: Iterable[tuple[int, float]] = ()) -> None:
        """``hours`` are the beginnings of past hours [µs UTC] with the hour's mean count; those of no count are absent."""
        self._zone = zone
        known = [_hour(self._local(t), value) for t, value in hours]
        self._by_hour: dict[int, list[_Hour]] = {}
        for each in known:
            self._by_hour.setdefault(each.hour, []).append(each)
        self._known_usual: dict[tuple[dt.date, int], float] = {}
        self.basis: Basis = "days" if len({each.day for each in known}) >= FEWEST_DAYS else "calendar"
        total = sum(each.calendar for each in known)
        self._share = sum(each.root for each in known) / total if total else 0.0
        self._persistence, self._deviation = _lasting(
            {(each.day, each.hour): each.root - self._usual_at(each.day, each.hour, each.day) for each in known}
        )

    def ahead(self, now: int, lately: float) -> list[Count]:
        """The forecast at ``now`` [µs UTC], given the mean count of the last quarter of an hour."""
        at = self._local(now)
        root = math.sqrt(max(0.0, lately))
        return [self._count(at, root, minutes) for minutes in AHEAD_MIN]

    def _count(self, at: dt.datetime, root: float, minutes: int) -> Count:
        later = at + dt.timedelta(minutes=minutes)
        kept = self._persistence ** (minutes / 60)
        if self.basis == "days":
            expected = self._usual(later) + kept * (root - self._usual(at))
        else:
            expected = root * calendar(later) / calendar(at)
        spread = math.sqrt(self._deviation**2 * (1 - kept**2) + COUNT_SCATTER**2)
        low, median, high = (max(0.0, expected + z * spread) ** 2 for z in (-Z_80, 0.0, Z_80))
        return Count(minutes, low, median, high)

    def _usual(self, at: dt.datetime) -> float:
        """The usual root at a moment, between the middles of its two nearest hours."""
        middle = at - dt.timedelta(minutes=30)
        share = middle.minute / 60 + middle.second / 3600
        first, second = (self._held(each) for each in (middle, middle + dt.timedelta(hours=1)))
        return (1 - share) * first + share * second

    def _held(self, at: dt.datetime) -> float:
        """The usual root of the hour of ``at``, computed once; a new day forgets the one before."""
        key = (at.date(), at.hour)
        if key not in self._known_usual:
            if len(self._known_usual) >= HOURS_HELD:
                self._known_usual.clear()
            self._known_usual[key] = self._usual_at(*key)
        return self._known_usual[key]

    def _usual_at(self, day: dt.date, hour: int, without: dt.date | None = None) -> float:
        """The usual root of an hour of a day like ``day``, by all known days but ``without``."""
        prior = _calendar_of(day, hour + 0.5)
        root, total = PRIOR_DAYS * self._share * prior, PRIOR_DAYS * prior
        for each in self._by_hour.get(hour, ()):
            if each.day != without:
                weight = SAME_WEEKDAY_WEIGHS if each.day.weekday() == day.weekday() else 1.0
                root, total = root + weight * each.root, total + weight * each.calendar
        return prior * root / total

    def _local(self, t: int) -> dt.datetime:
        return (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=t)).astimezone(self._zone)


def calendar(at: dt.datetime) -> float:
    """Root of how many wait at a local time compared with a mean day, by the calendar alone."""
    return _calendar_of(at.date(), at.hour + at.minute / 60)


def day_factor(day: dt.date) -> float:
    """How many wait on a day compared with an ordinary one."""
    factor = 1.0
    before = day - dt.timedelta(days=1)
    if day.weekday() == 0 or holiday_name(before) or _at_new_year(before):
        factor *= AFTER_A_REST
    if (day + dt.timedelta(days=MONTH_END_DAYS)).month != day.month:
        factor *= MONTH_END
    if SEASON[0] <= (day.month, day.day) <= SEASON[1]:
        factor *= MOVING_SEASON
    return factor


def _at_new_year(day: dt.date) -> bool:
    return (day.month, day.day) >= NEW_YEAR[0] or (day.month, day.day) <= NEW_YEAR[1]


def _calendar_of(day: dt.date, hour: float) -> float:
    return math.sqrt(day_factor(day) * _hour_factor(hour))


def _hour_factor(hour: float) -> float:
    first, last = HOURS[0], HOURS[-1]
    if hour <= first[0]:
        return first[1]
    for (before, low), (after, high) in pairwise(HOURS):
        if hour <= after:
            return low + (high - low) * (hour - before) / (after - before)
    return last[1]


def _hour(at: dt.datetime, value: float) -> _Hour:
    return _Hour(at.date(), at.hour, math.sqrt(max(0.0, value)), _calendar_of(at.date(), at.hour + 0.5))


def _lasting(deviations: Mapping[tuple[dt.date, int], float]) -> tuple[float, float]:
    """How much of a deviation is left an hour later, from 0 to 1, and the deviations' standard deviation."""
    pairs = [(one, deviations.get((day, hour + 1))) for (day, hour), one in deviations.items()]
    both = [(one, later) for one, later in pairs if later is not None]
    prior = PRIOR_HOURS * USUAL_DEVIATION**2
    kept = (USUAL_PERSISTENCE * prior + sum(one * later for one, later in both)) / (
        prior + sum(one**2 for one, _ in both)
    )
    variance = (prior + sum(each**2 for each in deviations.values())) / (PRIOR_HOURS + len(deviations))
    return min(0.95, max(0.05, kept)), math.sqrt(variance)
