"""The store of readings in InfluxDB 1.x, or 2.x with a DBRP mapping.

Rules it keeps:
- A write has three outcomes: stored, refused with the server's own words for each row, or ``StoreError``: try again.
- No record overwrites another: the key is the record's number (``hub/store/lineprotocol.py``), and a row whose time
  the hub gave is not written a second time under another time.
- A point that is being written is not there yet: the server shows some of its fields before the others.
- Lines, answers, series and waits are bounded; a question that exceeds them is refused, never cut in silence.

It reads by InfluxQL over ``/query``, which every server since 1.6 has; Flux is there for operators (``flux``).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from edge.contract.codec import UnknownRecord
from edge.contract.records import BY_KIND, Record, kind_of
from edge.contract.series import TAG_FIELDS, tags_by_name
from edge.contract.shapes import FieldShape, shape_of
from hub.errors import QueryError, StoreError, StoreRefused
from hub.store import influxql
from hub.store.influx_server import InfluxServer, InfluxTarget, ResultSeries
from hub.store.lineprotocol import KEY_TAGS, UNKNOWN, line_of, page_of, time_ns
from hub.store.port import Latest, Point, Refused, Row, Series, SeriesQuery, Stored
from hub.store.question import check_query, numeric_fields, record_of, record_type

LINES_A_REQUEST = 5000
BYTES_A_REQUEST = 4 * 1024 * 1024
PAUSE_US = 600_000_000
"""Longest pause between repeated records that one question looks for [µs]."""
PAGES_A_QUESTION = 200
"""Most pages that are read to find the readings that have a field which others of the kind lack."""

_DROPPED = re.compile(r"dropped=(\d+)")
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class InfluxStore:
    """Readings in InfluxDB, behind ``hub.store.port.Store``."""

    def __init__(self, target: InfluxTarget) -> None:
        """Nothing is connected here."""
        self.server = InfluxServer(target)
        self._retention = target.retention

    def write(self, rows: Sequence[Row]) -> list[Refused]:
        """Store all rows durably but the refused ones.

        Raises:
            StoreError: nothing may be believed stored; try again.
        """
        refused: list[Refused] = []
        chunk: list[tuple[Row, bytes]] = []
        size = 0
        for row in self._not_yet_stored(rows):
            try:
                line = line_of(row).encode()
            except StoreRefused as problem:
                refused.append(Refused(row, str(problem)))
                continue
            if chunk and (len(chunk) == LINES_A_REQUEST or size + len(line) > BYTES_A_REQUEST):
                refused += self._send(chunk)
                chunk, size = [], 0
            chunk.append((row, line))
            size += len(line) + 1
        if chunk:
            refused += self._send(chunk)
        return refused

    def latest(self, device: str) -> list[Latest]:
        """The newest record of each series (kind and tags) of a device, newest first.

        Raises:
            StoreError: the store does not answer.
            QueryError: the device has more than ``influxql.LATEST_SERIES_MAX`` series.
        """
        found = self.server.ask(influxql.latest(device, self._retention))
        if len(found) >= influxql.LATEST_SERIES_MAX:
            raise QueryError(f"device {device}: more than {influxql.LATEST_SERIES_MAX} series, ask for one of them")
        newest: dict[tuple[str, tuple[tuple[str, str], ...]], Latest] = {}
        for series in found:
            one = _latest_of(series)
            if one is None:
                continue
            key = (one.kind, tuple(sorted(one.tags.items())))
            if key not in newest or (newest[key].t, newest[key].number) < (one.t, one.number):
                newest[key] = one
        return sorted(newest.values(), key=lambda one: one.t, reverse=True)

    def series(self, query: SeriesQuery) -> list[Series]:
        """The points that a query asks for, oldest first, at most ``query.limit`` in all.

        Raises:
            QueryError: the kind or field is unknown or not a number where an aggregate needs one.
            StoreError: the store does not answer.
        """
        shape, field = check_query(query)
        tags = [tag.name for tag in shape.tags]
        points = self._readings(query, tags, field) if query.every_us is None else self._windows(query, tags, field)
        return _cut(points, query.limit)

    def numbers(self, device: str, kind: str, t_from: int, t_to: int, limit: int) -> list[Stored]:
        """The numbers and flags of a device's records of one kind in [t_from, t_to) [µs UTC], oldest first.

        Raises:
            QueryError: the kind is unknown.
            StoreError: the store does not answer.
        """
        fields, tags = numeric_fields(kind), TAG_FIELDS[kind]
        columns = [*(field.name for field in fields), *tags]
        answer = self.server.ask(influxql.numbers(device, kind, self._retention, columns, t_from, t_to, limit))
        found: list[Stored] = []
        for _, t, number, *others in answer[0].values if answer else []:
            if t is None or number is None:
                continue
            values = {
                field.name: _typed(value, field)
                for field, value in zip(fields, others[: len(fields)], strict=True)
                if value is not None
            }
            found.append(Stored(dict(_tags(tags, others[len(fields) :])), int(t), int(number), values))
        found.sort(key=lambda one: (one.t, one.number))
        return found

    def newest(self, device: str, kind: str, t_from: int, limit: int) -> list[tuple[int, Record]]:
        """The newest records of one kind since ``t_from`` [µs UTC] with their times, oldest first, at most ``limit``.

        Raises:
            QueryError: the kind is unknown.
            StoreError: the store does not answer.
        """
        shape = shape_of(record_type(kind))
        found: list[tuple[int, Record]] = []
        for series in self.server.ask(influxql.newest(device, kind, self._retention, t_from, limit)):
            for row in series.values:
                values: dict[str, Any] = dict(zip(series.columns, row, strict=True))
                tags = {tag.name: values[tag.name] for tag in shape.tags if values.get(tag.name)}
                latest = _latest_of(ResultSeries(kind, tags, series.columns, [row]))
                if latest is not None:
                    found.append((latest.t, record_of(latest)))
        return sorted(found, key=lambda one: one[0])

    def are_stored(self, rows: Sequence[Row]) -> list[bool | None]:
        """Whether exactly these records stand under the rows' keys, for each; None when nothing stands there.

        Raises:
            StoreError: the store does not answer.
        """
        lacking = {id(row) for row in self._not_yet_stored([row for row in rows if row.record.t is None])}
        alike: defaultdict[tuple[str, str, str, int, str], list[Row]] = defaultdict(list)
        for row in rows:
            if row.record.t is not None:
                alike[*_origin(row), page_of(row.number), _series_tags(row)["clock"]].append(row)
        known = {id(row): found for group in alike.values() for row, found in self._stand(group)}
        return [known[id(row)] if id(row) in known else (None if id(row) in lacking else True) for row in rows]

    def _stand(self, rows: list[Row]) -> Iterator[tuple[Row, bool | None]]:
        """Rows of one kind and page with what stands under their keys, asked in runs without a long pause between."""
        for run in _without_pauses(rows):
            times = [time_ns(row.t, row.number) for row in run]
            numbers = [row.number for row in run]
            shared = {key: word for key, word in _series_tags(run[0]).items() if key in KEY_TAGS}
            span = (min(times), max(times))
            asked = influxql.between(_kind(run[0]), self._retention, shared, span, (min(numbers), max(numbers)))
            points: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
            for series in self._known(asked):
                at = series.columns.index("time")
                for values in series.values:
                    points[int(values[at])].append(dict(zip(series.columns, values, strict=True)))
            for row, time in zip(run, times, strict=True):
                own = _series_tags(row).items()
                found = [one for one in points[time] if all(one.get(key) == word for key, word in own)]
                yield row, _is_the_same(found[0], row) if found else None

    def flux(self, text: str, most: int = 10_000) -> list[dict[str, object]]:
        """The rows of a Flux query; see ``InfluxServer.flux``."""
        return self.server.flux(text, most)

    def close(self) -> None:
        """Give the connections back."""
        self.server.close()

    def _not_yet_stored(self, rows: Sequence[Row]) -> list[Row]:
        """Rows without those whose number is stored with a time that the hub gave it when it came before."""
        asked: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
        for row in rows:
            if row.record.t is None:
                asked[_origin(row)].append(row.number)
        if not asked:
            return list(rows)
        stored: set[tuple[str, str, str, int]] = set()
        for (device, epoch, kind), numbers in asked.items():
            text = influxql.numbers_timed_by_the_hub(kind, self._retention, device, epoch, min(numbers), max(numbers))
            for series in self._known(text):
                at = series.columns.index("number")
                stored |= {(device, epoch, kind, int(values[at])) for values in series.values}
        return [row for row in rows if row.record.t is not None or (*_origin(row), row.number) not in stored]

    def _known(self, text: str) -> list[ResultSeries]:
        """The answer to a question of our own; that it is refused is the server's trouble, not a person's."""
        try:
            return self.server.ask(text)
        except QueryError as problem:
            raise StoreError(str(problem)) from problem

    def _send(self, chunk: Sequence[tuple[Row, bytes]]) -> list[Refused]:
        """Write a chunk; where the server refuses some of it, halve until the culprits stand alone."""
        waiting = [chunk]
        refused: list[Refused] = []
        while waiting:
            part = waiting.pop()
            try:
                self.server.write(self._retention, b"\n".join(line for _, line in part))
            except StoreRefused as problem:
                reason = str(problem)
                dropped = _DROPPED.search(reason)
                if len(part) == 1 or (dropped and int(dropped[1]) == len(part) and _same_for_all(reason)):
                    refused += [Refused(row, reason) for row, _ in part]
                else:
                    half = len(part) // 2
                    waiting += [part[half:], part[:half]]
        return refused

    def _readings(self, query: SeriesQuery, tags: list[str], field: FieldShape) -> list[_Tagged]:
        """Single readings; those of the kind that lack the field are skipped, a page at a time."""
        found: list[_Tagged] = []
        page = query.limit + 1
        for turn in range(PAGES_A_QUESTION):
            answer = self.server.ask(influxql.readings(query, self._retention, tags, turn * page))
            rows = answer[0].values if answer else []
            for _, value, t, *words in rows:
                if value is not None and t is not None:
                    found.append((_tags(tags, words), Point(int(t), _typed(value, field))))
            if len(rows) < page or len(found) > query.limit:
                return found
        raise QueryError(f"{query.kind}.{query.field}: too few of the readings have it; ask for less time")

    def _windows(self, query: SeriesQuery, tags: list[str], field: FieldShape) -> list[_Tagged]:
        answer = self.server.ask(influxql.windows(query, self._retention, tags))
        if len(answer) >= influxql.GROUPS_MAX:
            raise QueryError(f"{query.kind}: more than {influxql.GROUPS_MAX} series, ask for fewer by their tags")
        found: list[_Tagged] = []
        for series in answer:
            own = _tags(tags, [series.tags.get(tag, "") for tag in tags])
            found += [(own, Point(int(at) // 1000, _aggregate(value, query, field))) for at, value in series.values]
        return found


_Tagged = tuple[tuple[tuple[str, str], ...], Point]


def _origin(row: Row) -> tuple[str, str, str]:
    return row.device, row.epoch, _kind(row)


def _kind(row: Row) -> str:
    return UNKNOWN if isinstance(row.record, UnknownRecord) else kind_of(row.record)


def _without_pauses(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Rows by time, cut where a clock was set or nothing was observed for long: a question looks at all between its ends."""
    run: list[Row] = []
    for row in sorted(rows, key=lambda row: row.t):
        if run and row.t - run[-1].t > PAUSE_US:
            yield run
            run = []
        run.append(row)
    if run:
        yield run


def _is_the_same(values: dict[str, Any], row: Row) -> bool:
    return values["number"] == row.number and values["t"] == row.t and _says_the_same(values, row)


def _series_tags(row: Row) -> dict[str, str]:
    record = row.record
    if isinstance(record, UnknownRecord):
        clock, tags = "settled", {}
    else:
        clock, tags = record.clock, tags_by_name(record)
    return {"device": row.device, "epoch": row.epoch, "page": str(page_of(row.number)), "clock": clock, **tags}


def _says_the_same(values: dict[str, Any], row: Row) -> bool:
    """Whether a stored point has the fields of a row's record, and no others."""
    record = row.record
    if isinstance(record, UnknownRecord):
        return bool(values["raw_line"] == row.line.decode(errors="replace"))
    if values.get("raw_line") is not None and values["raw_line"] != row.line.decode(errors="replace"):
        return False
    for field in shape_of(type(record)).fields:
        stored, value = values.get(field.name), getattr(record, field.name)
        if stored is None or value is None:
            if stored is not value:
                return False
        elif _typed(stored, field, lists=True) != (_decode(_encode(value)) if field.base == "list" else value):
            return False
    return values.get("t_error_s") == record.t_error_s and (values.get("step") or 0) == record.step


def _same_for_all(reason: str) -> bool:
    """Whether InfluxDB's words hold for every point it dropped; those of a type conflict name one field only."""
    return "field type conflict" not in reason


def _latest_of(series: ResultSeries) -> Latest | None:
    """The first of a series' points that is whole."""
    record = BY_KIND.get(series.name)
    if record is None:
        return None
    shape = shape_of(record)
    needed = ["t", "number", *(field.name for field in shape.fields if not field.optional)]
    points: Iterator[dict[str, Any]] = (dict(zip(series.columns, row, strict=True)) for row in series.values)
    values = next((point for point in points if all(point.get(name) is not None for name in needed)), None)
    if values is None:
        return None
    return Latest(
        kind=series.name,
        tags={key: value for key, value in series.tags.items() if key not in KEY_TAGS and value},
        t=int(values["t"]),
        number=int(values["number"]),
        fields={
            field.name: _typed(values[field.name], field, lists=True)
            for field in shape.fields
            if values.get(field.name) is not None
        },
    )


def _typed(value: Any, field: FieldShape, lists: bool = False) -> Any:
    """A JSON value as the contract's type: InfluxDB writes 612.0 as 612."""
    if field.base == "float":
        return float(value)
    if field.base == "list" and lists:
        return _decode(value)
    return value


def _aggregate(value: Any, query: SeriesQuery, field: FieldShape) -> Any:
    if query.aggregate == "count":
        return int(value)
    return float(value) if query.aggregate == "mean" else _typed(value, field)


def _tags(names: Sequence[str], words: Sequence[str | None]) -> tuple[tuple[str, str], ...]:
    return tuple((name, word) for name, word in zip(names, words, strict=True) if word)


def _cut(points: list[_Tagged], limit: int) -> list[Series]:
    """The oldest ``limit`` points by series; a series that lost some says so."""
    points.sort(key=lambda one: (one[1].t, one[0]))
    kept: defaultdict[tuple[tuple[str, str], ...], list[Point]] = defaultdict(list)
    for tags, point in points[:limit]:
        kept[tags].append(point)
    cut = {tags for tags, _ in points[limit:]}
    # Past the limit every series may go on: what was not read is not known.
    everything = len(points) <= limit
    order = [*kept, *(tags for tags in sorted(cut) if tags not in kept)]
    return [Series(dict(tags), kept.get(tags, []), not everything) for tags in order]
