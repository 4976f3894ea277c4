"""Long questions about windows of whole minutes are answered from the condensed windows, to the same as from readings.

Rules it keeps:
- A condensed window is used only where none of its readings waits to be condensed; what waits, and what the interval cuts
  out of a minute, is read as it came. A late record is in the answer whether its window was computed again or not.
- An hour is used only where all of its minutes may be.
- What it may not hold (``WINDOWS_MOST``), and every other question, is asked of the store.

Two limits: numbers are summed as floats, so a sum of whole numbers is exact to 2^53; of two readings of one series at the
same µs the one with the higher number is the last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import msgspec

from edge.contract.ranges import RangeSet
from edge.contract.series import TAG_FIELDS
from hub.errors import QueryError
from hub.rollup import Accumulator, Key, Roller, minutes_from_readings
from hub.store.port import WIDTH_US, Aggregate, Point, Rollup, Rollups, Series, SeriesQuery, Store, Summary, Width
from hub.store.question import check_query

LONG_US = 6 * 3_600_000_000
"""Questions up to this long are asked of the readings [µs]."""
WINDOWS_MOST = 300_000
"""Most condensed windows that one answer looks at."""

_VALUE: Final[dict[Aggregate, Callable[[Summary], float]]] = {
    "mean": lambda one: one.mean,
    "min": lambda one: one.min,
    "max": lambda one: one.max,
    "sum": lambda one: one.sum,
    "count": lambda one: one.readings,
    "last": lambda one: one.last,
}
_TYPES: Final[dict[str, type[float] | type[int] | type[bool]]] = {"float": float, "int": int, "bool": bool}


class _Span(NamedTuple):
    """A part of the interval [µs] and what it is read from: a width of windows, None for readings."""

    t_from: int
    t_to: int
    width: Width | None


class _TooMuch(Exception):
    """More windows than one answer looks at."""


class Condensed:
    """Questions for series over a store, its condensed windows and what waits to be condensed."""

    def __init__(self, store: Store, rollups: Rollups, roller: Roller, windows_most: int = WINDOWS_MOST) -> None:
        self._store = store
        self._rollups = rollups
        self._roller = roller
        self._windows_most = windows_most

    def series(self, query: SeriesQuery) -> list[Series]:
        """The points that a query asks for, oldest first, at most ``query.limit`` in all; see ``Store.series``.

        Raises:
            QueryError: the question is refused.
            StoreError: the store does not answer.
        """
        _, field = check_query(query)
        minute_us = WIDTH_US["1m"]
        is_long = query.t_to - query.t_from > LONG_US
        if query.every_us is None or query.every_us % minute_us or not is_long or not field.numeric:
            return self._store.series(query)
        try:
            windows = self._windows(query, query.every_us)
        except _TooMuch:
            return self._store.series(query)
        base = {"mean": "float", "count": "int"}.get(query.aggregate, field.base)
        return _limited(windows, query, _TYPES[base])

    def _windows(self, query: SeriesQuery, every_us: int) -> dict[bytes, dict[int, Accumulator]]:
        """Accumulated windows by tags, as they are ordered in an answer, and beginning, oldest first."""
        found: defaultdict[bytes, dict[int, Accumulator]] = defaultdict(dict)
        looked_at = 0
        for span in self._spans(query, every_us):
            for window in self._read(query, span):
                looked_at += 1
                if looked_at > self._windows_most:
                    raise _TooMuch
                part = window.fields.get(query.field)
                if part is None or any(window.tags.get(name) != value for name, value in query.tags.items()):
                    continue
                tags = msgspec.json.encode({name: window.tags[name] for name in TAG_FIELDS[query.kind]})
                start = window.start - window.start % every_us
                found[tags].setdefault(start, Accumulator()).part(part)
        return found

    def _spans(self, query: SeriesQuery, every_us: int) -> list[_Span]:
        """The interval in parts, oldest first, none of which crosses a condensed window."""
        minute_us, hour_us = WIDTH_US["1m"], WIDTH_US["1h"]
        waiting = self._roller.waiting_of(query.device, query.kind, "1m")
        waiting_hours = self._roller.waiting_of(query.device, query.kind, "1h")
        minutes = _whole(query, minute_us).difference(waiting)
        hours = RangeSet()
        if every_us % hour_us == 0:
            touched = RangeSet((first * minute_us // hour_us, last * minute_us // hour_us) for first, last in waiting)
            hours = _whole(query, hour_us).difference(waiting_hours).difference(touched)
        a_hour = hour_us // minute_us
        minutes = minutes.difference(RangeSet((first * a_hour, last * a_hour + a_hour - 1) for first, last in hours))
        spans = [_Span(first * hour_us, (last + 1) * hour_us, "1h") for first, last in hours]
        spans += [_Span(first * minute_us, (last + 1) * minute_us, "1m") for first, last in minutes]
        spans.sort()
        return list(_with_readings(spans, query.t_from, query.t_to))

    def _read(self, query: SeriesQuery, span: _Span) -> Iterator[Rollup]:
        """The windows of a span, oldest first."""
        if span.width is None:
            yield from minutes_from_readings(self._store, Key(query.device, query.kind, "1m"), span.t_from, span.t_to)
            return
        width_us = WIDTH_US[span.width]
        waiting = [(span.t_from, span.t_to)]
        while waiting:
            first, end = waiting.pop()
            try:
                yield from self._rollups.rollups(query.device, query.kind, span.width, first, end)
            except QueryError:
                if end - first <= width_us:
                    raise
                middle = first + (end - first) // width_us // 2 * width_us
                waiting += [(middle, end), (first, middle)]


def _whole(query: SeriesQuery, width_us: int) -> RangeSet:
    """Numbers of the windows that lie wholly in the interval."""
    first, end = -(-query.t_from // width_us), query.t_to // width_us
    return RangeSet([(first, end - 1)] if end > first else [])


def _with_readings(spans: list[_Span], t_from: int, t_to: int) -> Iterator[_Span]:
    """The spans, and between them the rest of the interval, to be read as it came."""
    at = t_from
    for span in spans:
        if span.t_from > at:
            yield _Span(at, span.t_from, None)
        yield span
        at = span.t_to
    if t_to > at:
        yield _Span(at, t_to, None)


def _limited(
    windows: dict[bytes, dict[int, Accumulator]], query: SeriesQuery, of_type: type[float] | type[int] | type[bool]
) -> list[Series]:
    value = _VALUE[query.aggregate]
    left = query.limit
    found: list[Series] = []
    for tags, by_start in sorted(windows.items()):
        points = [Point(start, of_type(value(one.summary()))) for start, one in by_start.items()]
        found.append(Series(msgspec.json.decode(tags, type=dict[str, str]), points[:left], len(points) > left))
        left -= len(points[:left])
    return found
