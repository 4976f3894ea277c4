"""Times in a question: RFC 3339, µs since 1970, 'now' or a duration before now."""

from __future__ import annotations

import datetime as dt
import re

from hub.errors import QueryError

_DURATION = re.compile(r"^([0-9]{1,9})(ms|s|m|h|d)$")
_MICROSECONDS = re.compile(r"^[0-9]{1,16}$")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
LONGEST_US = 36_500 * 86_400_000_000
_UNIT_US = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}


def duration_us(text: str) -> int:
    """``10s``, ``5m``, ``1h``, ``1d`` in µs.

    Raises:
        QueryError: it is not of that form.
    """
    found = _DURATION.match(text)
    if not found:
        raise QueryError(f"duration {text[:40]!r}: wanted a number with ms, s, m, h or d, e.g. 5m")
    us = int(found[1]) * _UNIT_US[found[2]]
    if us > LONGEST_US:
        raise QueryError(f"duration {text!r}: wanted at most 36500d")
    return us


def instant_us(text: str, now: int) -> int:
    """A time [µs UTC].

    Raises:
        QueryError: it is none of the forms.
    """
    if text == "now":
        return now
    if text.startswith("-"):
        return max(0, now - duration_us(text[1:]))
    if _MICROSECONDS.match(text):
        return int(text)
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError as problem:
        raise QueryError(f"time {text[:40]!r}: wanted RFC 3339, µs since 1970, 'now' or e.g. -1h") from problem
    if at.tzinfo is None:
        raise QueryError(f"time {text!r}: wanted an offset, e.g. {text}+09:00")
    return max(0, (at - _EPOCH) // dt.timedelta(microseconds=1))
