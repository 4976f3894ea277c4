"""When something is open: a weekly pattern, days off, Japanese holidays, and dated exceptions to all of them.

Rules it keeps:
- An exception decides its day alone; else a day off closes; else a holiday closes where the hours say so; else the
  weekly pattern holds.
- Spans that touch across midnight are one opening: what never closes has no closing time.
- Every answer is in the hours' own time zone; a time without a zone is refused.

It reads no clock.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

from edge.contract.quantity import Code
from hub.words import Words

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Why = Literal["open", "not_yet", "over", "pause", "weekly", "day_off", "holiday", "exception"]

WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HORIZON_DAYS = 60
"""How far ahead a next opening or closing is looked for."""

_SPAN = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-(([01]\d|2[0-3]):([0-5]\d)|24:00)$")
_MONTH_DAY = re.compile(r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")

Span = Annotated[str, msgspec.Meta(pattern=_SPAN.pattern, description="local times, e.g. 08:30-17:00 or 00:00-24:00")]
MonthDay = Annotated[str, msgspec.Meta(pattern=_MONTH_DAY.pattern, description="month and day, e.g. 12-29")]

_WHY: dict[Why, Words] = {
    "open": Words(ja="開いています", easy="あいています", en="open"),
    "not_yet": Words(ja="まだ開いていません", easy="まだ あいていません", en="not open yet"),
    "over": Words(ja="本日は終了しました", easy="今日（きょう）は おわりました", en="closed for today"),
    "pause": Words(ja="休憩時間です", easy="いまは 休み（やすみ）の 時間（じかん）です", en="closed for a break"),
    "weekly": Words(ja="本日は定休日です", easy="今日（きょう）は 休み（やすみ）です", en="closed today"),
    "day_off": Words(ja="休業日です", easy="今日（きょう）は 休み（やすみ）です", en="closed on this day"),
    "holiday": Words(
        ja="祝日のためお休みです", easy="祝日（しゅくじつ）なので 休み（やすみ）です", en="closed for a public holiday"
    ),
    "exception": Words(ja="臨時の休業です", easy="特別（とくべつ）な 休み（やすみ）です", en="closed by exception"),
}


class YearlyDays(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Days off that return each year, both ends included; ``first`` above ``last`` runs over New Year."""

    first: MonthDay
    last: MonthDay
    why: Words | None = None


class MonthlyDay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A day off that returns each month, e.g. the second Thursday."""

    weekday: Weekday
    nth: Annotated[int, msgspec.Meta(ge=1, le=5)]
    why: Words | None = None


class Exceptional(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One dated day with its own spans; none means closed."""

    on: dt.date
    open: list[Span] = []
    why: Words | None = None


class Hours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Opening hours: a weekly pattern and what departs from it. A weekday that is not named is closed."""

    code: Code
    weekly: dict[Weekday, list[Span]]
    holidays: Literal["closed", "open"] = "closed"
    yearly: list[YearlyDays] = []
    monthly: list[MonthlyDay] = []
    exceptions: list[Exceptional] = []


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """Whether something is open at one moment.

    Attributes:
        open: whether it is.
        why: the reason as a word for programs.
        words: the reason for people; the name of the holiday or exception where there is one.
        closes_at: end of this opening; None while closed, or when it does not close within ``HORIZON_DAYS``.
        opens_at: beginning of the next opening; None while open, or when it does not open within ``HORIZON_DAYS``.
    """

    open: bool
    why: Why
    words: Words
    closes_at: dt.datetime | None = None
    opens_at: dt.datetime | None = None


ALWAYS = Hours(code="always", weekly={day: ["00:00-24:00"] for day in WEEKDAYS}, holidays="open")
"""Open at every moment."""


class _Day(msgspec.Struct, frozen=True):
    spans: tuple[tuple[dt.datetime, dt.datetime], ...]
    why: Why
    words: Words


def opening_at(hours: Hours, at: dt.datetime, zone: ZoneInfo) -> Opening:
    """Whether ``hours`` are open at ``at``, and until or from when.

    Raises:
        ValueError: ``at`` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"time {at.isoformat()}: has no time zone; wanted an aware time")
    local = at.astimezone(zone)
    today = _day(hours, local.date(), zone)
    if any(first <= local < last for first, last in today.spans):
        return Opening(open=True, why="open", words=_WHY["open"], closes_at=_closes(hours, local, zone))
    why = today.why
    if today.spans:
        before = any(last <= local for _, last in today.spans)
        after = any(local < first for first, _ in today.spans)
        why = "pause" if before and after else "over" if before else "not_yet"
    words = today.words if not today.spans else _WHY[why]
    return Opening(open=False, why=why, words=words, opens_at=_opens(hours, local, zone))


def open_spans(
    hours: Hours, start: dt.datetime, end: dt.datetime, zone: ZoneInfo
) -> list[tuple[dt.datetime, dt.datetime]]:
    """When ``hours`` are open between two moments, in order, cut at both ends.

    Raises:
        ValueError: a moment has no time zone.
    """
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError(f"times {start.isoformat()}, {end.isoformat()}: no time zone; wanted aware times")
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    spans: list[tuple[dt.datetime, dt.datetime]] = []
    while day <= last:
        found = [(max(first, start), min(until, end)) for first, until in _day(hours, day, zone).spans]
        spans += [(first, until) for first, until in found if first < until]
        day += dt.timedelta(days=1)
    return spans


def _opens(hours: Hours, local: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
    for ahead in range(HORIZON_DAYS):
        for first, _ in _day(hours, local.date() + dt.timedelta(days=ahead), zone).spans:
            if first > local:
                return first
    return None


def _closes(hours: Hours, local: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
    end = local
    for ahead in range(HORIZON_DAYS):
        for first, last in _day(hours, local.date() + dt.timedelta(days=ahead), zone).spans:
            if last <= local:
                continue
            if first > end:
                return end
            end = last
        if end < _midnight(local.date() + dt.timedelta(days=ahead + 1), zone):
            return end
    return None


def _midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), zone)


def _day(hours: Hours, day: dt.date, zone: ZoneInfo) -> _Day:
    """The spans of one day and why it is as it is."""
    weekly = hours.weekly.get(WEEKDAYS[day.weekday()], [])
    for exception in hours.exceptions:
        if exception.on == day:
            return _Day(_spans(exception.open, day, zone), "exception", exception.why or _WHY["exception"])
    for off in hours.yearly:
        if _in_year(off, day):
            return _Day((), "day_off", off.why or _WHY["day_off"])
    for monthly in hours.monthly:
        if WEEKDAYS[day.weekday()] == monthly.weekday and (day.day - 1) // 7 + 1 == monthly.nth:
            return _Day((), "day_off", monthly.why or _WHY["day_off"])
    if hours.holidays == "closed":
        name = holiday_name(day)
        if name:
            said = _WHY["holiday"]
            return _Day((), "holiday", Words(ja=f"{name}（{said.ja}）", easy=said.easy, en=said.en))
    return _Day(_spans(weekly, day, zone), "open" if weekly else "weekly", _WHY["open" if weekly else "weekly"])


def _spans(spans: list[Span], day: dt.date, zone: ZoneInfo) -> tuple[tuple[dt.datetime, dt.datetime], ...]:
    return tuple(sorted((_time(text[:5], day, zone), _time(text[6:], day, zone)) for text in spans))


def _time(text: str, day: dt.date, zone: ZoneInfo) -> dt.datetime:
    if text == "24:00":
        return _midnight(day + dt.timedelta(days=1), zone)
    return dt.datetime.combine(day, dt.time.fromisoformat(text), zone)


def _in_year(off: YearlyDays, day: dt.date) -> bool:
    now = f"{day:%m-%d}"
    return off.first <= now <= off.last if off.first <= off.last else now >= off.first or now <= off.last


@functools.lru_cache(maxsize=1024)
def holiday_name(day: dt.date) -> str | None:
    """The Japanese name of the public holiday on ``day``, None on other days."""
    import jpholiday

    name: str | None = jpholiday.is_holiday_name(day)
    return name
