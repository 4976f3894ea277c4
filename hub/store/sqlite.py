"""The embedded store: each record as the line it came in, under (series, time, number), in the hub's SQLite file."""

from __future__ import annotations

import functools
import itertools
import sqlite3
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from edge.contract.codec import UnknownRecord, decode_record
from edge.contract.records import ALL, ENVELOPE, Record, kind_of
from edge.contract.series import TAG_FIELDS, VALUE_FIELDS, tags_of
from edge.contract.shapes import FieldShape
from hub.errors import QueryError, StoreError
from hub.store.port import Latest, Point, Refused, Row, Series, SeriesQuery, Stored
from hub.store.question import check_query, numeric_fields, record_type

MOST_SERIES = 1_000
"""Most series that one answer looks at."""
INSTRUCTIONS_A_LOOK = 1_000_000
LOOKS_MOST = 60
"""After how many million instructions of SQLite's machine a question is refused: three million readings, some seconds."""

_encode = msgspec.json.Encoder().encode
_TYPES: dict[str, Callable[[Any], float | int | bool | str]] = {"float": float, "int": int, "bool": bool}
_SQL = {"mean": "avg(v)", "min": "min(v)", "max": "max(v)", "sum": "sum(v)", "count": "count(v)"}


ROWS_A_STATEMENT = 128
"""Rows in one INSERT: fewer calls into SQLite, well below its limit of 32,766 parameters."""

UNTAGGED: Final = frozenset(kind for kind in ALL if not TAG_FIELDS[kind_of(kind)])
"""Kinds of which a device has one series."""


@functools.cache
def _insert(rows: int) -> str:
    return "INSERT OR IGNORE INTO records (series, t, number, line) VALUES " + ",".join(["(?,?,?,?)"] * rows)


_INSERT: Final = _insert(ROWS_A_STATEMENT)


def _series_key(record: Record | UnknownRecord) -> object:
    if isinstance(record, UnknownRecord):
        return record.kind
    return type(record), tags_of(record)


class SqliteStore:
    """Readings in the hub's own file.

    Args:
        writer: the connection that writes (see ``hub.schema``), also used by the books.
        reader: a connection of its own for answers.
        epoch_id: the key of a device's epoch, entered when new.
        device_id: the key of a device.
    """

    def __init__(
        self,
        writer: sqlite3.Connection,
        reader: sqlite3.Connection,
        epoch_id: Callable[[str, str], int],
        device_id: Callable[[str], int],
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._epoch_id = epoch_id
        self._device_id = device_id
        self._series: dict[tuple[str, str], dict[object, int]] = {}
        self._lock = threading.Lock()

    # ---------------------------------------------------------------- writing

    def insert(self, rows: Sequence[Row]) -> None:
        """Insert within the caller's transaction; a row that is there already is left as it is."""
        known = self._series
        made: list[int | bytes] = []
        for row in rows:
            device, epoch, number, t, record, line = row
            series = known.get((device, epoch))
            if series is None:
                series = known[device, epoch] = {}
            kind = type(record)
            key: object = kind if kind in UNTAGGED else _series_key(record)
            at = series.get(key)
            if at is None:
                at = series[key] = self._series_id(row)
            made += (at, t, number, line)
        for start in range(0, len(made), 4 * ROWS_A_STATEMENT):
            part = made[start : start + 4 * ROWS_A_STATEMENT]
            self._writer.execute(_INSERT if len(part) == 4 * ROWS_A_STATEMENT else _insert(len(part) // 4), part)

    def write(self, rows: Sequence[Row]) -> list[Refused]:
        """Insert in a transaction of its own; nothing is ever refused here.

        Raises:
            StoreError: nothing was written.
        """
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            self.insert(rows)
            self._writer.execute("COMMIT")
        except sqlite3.Error as problem:
            self.forget()
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            raise StoreError(f"store: {problem}; check the disk's space and health") from problem
        return []

    def forget(self) -> None:
        """Drop cached keys, after a transaction that was rolled back."""
        self._series.clear()

    def _series_id(self, row: Row) -> int:
        epoch = self._epoch_id(row.device, row.epoch)
        kind, tags = _kind_and_tags(row)
        found = self._writer.execute(
            "SELECT id FROM series WHERE epoch = ? AND kind = ? AND tags = ?", (epoch, kind, tags)
        ).fetchone()
        if found:
            return int(found[0])
        cursor = self._writer.execute(
            "INSERT INTO series (epoch, device, kind, tags) VALUES (?,?,?,?)",
            (epoch, self._device_id(row.device), kind, tags),
        )
        return int(cursor.lastrowid or 0)

    def are_stored(self, rows: Sequence[Row]) -> list[bool | None]:
        """Whether exactly these lines stand under the rows' keys, for each; None when nothing stands there."""
        return [self._is_stored(row) for row in rows]

    def _is_stored(self, row: Row) -> bool | None:
        kind, tags = _kind_and_tags(row)
        found = self._writer.execute(
            "SELECT line FROM records WHERE number = ? AND t = ? AND series = "
            "(SELECT id FROM series WHERE epoch = ? AND kind = ? AND tags = ?)",
            (row.number, row.t, self._epoch_id(row.device, row.epoch), kind, tags),
        ).fetchone()
        return None if found is None else bytes(found[0]) == row.line

    # ---------------------------------------------------------------- reading

    def latest(self, device: str) -> list[Latest]:
        """The newest record of each series of a device."""
        newest: dict[tuple[str, str], Latest] = {}
        for key, kind, tags in self._series_of(device, None):
            row = self._read(
                "SELECT t, number, line FROM records WHERE series = ? ORDER BY t DESC, number DESC LIMIT 1", (key,)
            )
            if not row or ((kind, tags) in newest and newest[kind, tags].t >= row[0][0]):
                continue
            t, number, line = row[0]
            newest[kind, tags] = Latest(kind, msgspec.json.decode(tags), t, number, _fields_of(kind, line))
        return sorted(newest.values(), key=lambda one: (one.kind, sorted(one.tags.items())))

    def series(self, query: SeriesQuery) -> list[Series]:
        """The points that a query asks for, oldest first.

        Raises:
            QueryError: unknown kind or field, or more points than ``POINTS_MAX``.
            StoreError: the file cannot be read.
        """
        _, field = check_query(query)
        wanted: dict[str, list[int]] = {}
        for key, _, tags in self._series_of(query.device, query.kind):
            has = msgspec.json.decode(tags, type=dict[str, str])
            if all(has.get(name) == value for name, value in query.tags.items()):
                wanted.setdefault(tags, []).append(key)
        left = query.limit
        found: list[Series] = []
        for tags, keys in sorted(wanted.items()):
            points = self._points(query, field, keys, left + 1)
            truncated = len(points) > left
            if not points:
                continue
            found.append(Series(msgspec.json.decode(tags), points[:left], truncated))
            left -= len(points[:left])
        return found

    def numbers(self, device: str, kind: str, t_from: int, t_to: int, limit: int) -> list[Stored]:
        """The numbers and flags of a device's records of one kind in [t_from, t_to) [µs UTC], oldest first.

        Raises:
            QueryError: the kind is unknown.
            StoreError: the file cannot be read.
        """
        names = [field.name for field in numeric_fields(kind)]
        tags = {key: msgspec.json.decode(text, type=dict[str, str]) for key, _, text in self._series_of(device, kind)}
        marks = ",".join("?" * len(tags))
        sql = (
            f"SELECT series, t, number, line FROM records WHERE series IN ({marks}) AND t >= ? AND t < ? "
            "ORDER BY t, number LIMIT ?"
        )
        rows = self._read(sql, (*tags, t_from, t_to, limit))
        found: list[Stored] = []
        for key, t, number, line in rows:
            record = decode_record(line)
            values = {name: value for name in names if (value := getattr(record, name)) is not None}
            found.append(Stored(tags[key], t, number, values))
        return found

    def newest(self, device: str, kind: str, t_from: int, limit: int) -> list[tuple[int, Record]]:
        """The newest records of one kind since ``t_from`` [µs UTC] with their times, oldest first, at most ``limit``.

        Raises:
            QueryError: the kind is unknown.
            StoreError: the file cannot be read.
        """
        record_type(kind)
        keys = [key for key, _, _ in self._series_of(device, kind)]
        sql = (
            f"SELECT t, line FROM records WHERE series IN ({','.join('?' * len(keys))}) AND t >= ? "
            "ORDER BY t DESC, number DESC LIMIT ?"
        )
        rows = self._read(sql, (*keys, t_from, limit))
        found = [(int(t), decode_record(line)) for t, line in reversed(rows)]
        return [(t, record) for t, record in found if isinstance(record, Record)]

    def _points(self, query: SeriesQuery, field: FieldShape, keys: list[int], limit: int) -> list[Point]:
        # A device leaves out what has its default.
        value = f"coalesce(json_extract(line, '$.{query.field}'), ?)"
        marks = ",".join("?" * len(keys))
        source = f"FROM records WHERE series IN ({marks}) AND t >= ? AND t < ?"
        default = _encode(field.default).decode() if field.base == "list" else field.default
        bounds = (default, *keys, query.t_from, query.t_to)
        if query.every_us is None:
            sql = f"SELECT t, {value} AS v {source} AND v IS NOT NULL ORDER BY t, number LIMIT ?"
        elif query.aggregate == "last":
            sql = (
                f"SELECT w, v FROM (SELECT t - t % {query.every_us} AS w, {value} AS v, max(t) {source} "
                "AND v IS NOT NULL GROUP BY w) ORDER BY w LIMIT ?"
            )
        else:
            sql = (
                f"SELECT w, {_SQL[query.aggregate]} FROM (SELECT t - t % {query.every_us} AS w, {value} AS v {source} "
                "AND v IS NOT NULL) GROUP BY w ORDER BY w LIMIT ?"
            )
        rows = self._read(sql, (*bounds, limit))
        of_type = _TYPES.get(field.base, str)
        if query.every_us is not None and query.aggregate in ("count", "mean"):
            of_type = _TYPES["int"] if query.aggregate == "count" else _TYPES["float"]
        return [Point(t, of_type(v)) for t, v in rows]

    def _series_of(self, device: str, kind: str | None) -> list[tuple[int, str, str]]:
        sql = "SELECT s.id, s.kind, s.tags FROM series s JOIN devices d ON d.id = s.device WHERE d.name = ?"
        bounds: tuple[object, ...] = (device,)
        if kind is not None:
            sql, bounds = f"{sql} AND s.kind = ?", (device, kind)
        return self._read(f"{sql} ORDER BY s.id DESC LIMIT {MOST_SERIES}", bounds)

    def _read(self, sql: str, bounds: tuple[object, ...]) -> list[Any]:
        """Rows of a question whose work is bounded by ``LOOKS_MOST``; one question at a time."""
        with self._lock:
            looks = itertools.count(1)
            self._reader.set_progress_handler(lambda: next(looks) > LOOKS_MOST, INSTRUCTIONS_A_LOOK)
            try:
                return self._reader.execute(sql, bounds).fetchall()
            except sqlite3.OperationalError as problem:
                if next(looks) > LOOKS_MOST:
                    raise QueryError("the question looks at too many readings: narrow the interval") from problem
                raise StoreError(f"store: {problem}") from problem
            except sqlite3.Error as problem:
                raise StoreError(f"store: {problem}") from problem


def _fields_of(kind: str, line: bytes) -> dict[str, object]:
    """What a line says, defaults that were left out included; of a kind that is not known, all it says."""
    record = decode_record(line)
    if isinstance(record, UnknownRecord):
        content: dict[str, object] = msgspec.json.decode(line)
        return {name: value for name, value in content.items() if name not in (*ENVELOPE, "kind")}
    values = {name: getattr(record, name) for name in VALUE_FIELDS[kind]}
    return {name: value for name, value in values.items() if value is not None}


def _kind_and_tags(row: Row) -> tuple[str, str]:
    if isinstance(row.record, UnknownRecord):
        return row.record.kind, "{}"
    kind = kind_of(row.record)
    named = {name: str(value) for name, value in zip(TAG_FIELDS[kind], tags_of(row.record), strict=True)}
    return kind, msgspec.json.encode(named).decode()
