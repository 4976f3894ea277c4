"""Condensed windows, and the marks of windows to condense, in an SQLite file of their own.

The marks stand here whatever the store is; the windows only beside the SQLite store.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from edge.contract.ranges import RangeSet
from hub.errors import QueryError, StoreError
from hub.rollup import Key
from hub.store.port import Rollup, Summary, Width

VALUES_MAX = 100_000
"""Most rows (windows times fields) that one question may read."""

SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS rollup (
    width TEXT NOT NULL, device TEXT NOT NULL, kind TEXT NOT NULL, start INTEGER NOT NULL, tags TEXT NOT NULL,
    field TEXT NOT NULL, readings INTEGER NOT NULL, min REAL NOT NULL, max REAL NOT NULL, mean REAL NOT NULL,
    sum REAL NOT NULL, last REAL NOT NULL,
    PRIMARY KEY (width, device, kind, start, tags, field)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mark (
    width TEXT NOT NULL, device TEXT NOT NULL, kind TEXT NOT NULL, windows TEXT NOT NULL,
    PRIMARY KEY (width, device, kind)
) WITHOUT ROWID;
"""
_encode = msgspec.json.Encoder().encode
_decode_tags = msgspec.json.Decoder(dict[str, str]).decode
_decode_ranges = msgspec.json.Decoder(list[tuple[int, int]]).decode


class SqliteRollups:
    """Windows and marks in one file; usable from several threads, one at a time."""

    def __init__(self, path: Path, values_max: int = VALUES_MAX) -> None:
        """Nothing is opened here."""
        self._path = path
        self._values_max = values_max
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def write_rollups(self, rollups: Sequence[Rollup]) -> None:
        """Store windows durably, each in the place of what stood there.

        Raises:
            StoreError: nothing was written.
        """
        rows = [
            (
                one.width,
                one.device,
                one.kind,
                one.start,
                _encode(dict(sorted(one.tags.items()))).decode(),
                name,
                *summary,
            )
            for one in rollups
            for name, summary in one.fields.items()
        ]
        self._commit("INSERT OR REPLACE INTO rollup VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", rows)

    def rollups(self, device: str, kind: str, width: Width, t_from: int, t_to: int) -> list[Rollup]:
        """The windows that begin in [t_from, t_to) [µs UTC], by beginning and tags.

        Raises:
            QueryError: there are more than ``VALUES_MAX``.
            StoreError: the file cannot be read.
        """
        rows = self._rows(
            "SELECT start, tags, field, readings, min, max, mean, sum, last FROM rollup WHERE width = ? AND device = ? "
            "AND kind = ? AND start >= ? AND start < ? ORDER BY start, tags, field LIMIT ?",
            (width, device, kind, t_from, t_to, self._values_max + 1),
        )
        if len(rows) > self._values_max:
            raise QueryError(f"windows of {kind}: more than {self._values_max} values, ask for less time")
        found: dict[tuple[int, str], dict[str, Summary]] = {}
        for start, tags, field, *numbers in rows:
            found.setdefault((start, tags), {})[field] = Summary(*numbers)
        return [Rollup(device, kind, width, _decode_tags(tags), at, by) for (at, tags), by in found.items()]

    def load(self) -> dict[Key, RangeSet]:
        """Every mark.

        Raises:
            StoreError: the file cannot be read.
        """
        rows = self._rows("SELECT device, kind, width, windows FROM mark", ())
        return {Key(device, kind, width): RangeSet(_decode_ranges(text)) for device, kind, width, text in rows}

    def save(self, changes: Mapping[Key, RangeSet]) -> None:
        """Replace the marks of some keys durably; an empty set takes a key away.

        Raises:
            StoreError: nothing was saved.
        """
        kept = [
            (key.width, key.device, key.kind, _encode(list(windows)).decode())
            for key, windows in changes.items()
            if windows
        ]
        gone = [(key.width, key.device, key.kind) for key, windows in changes.items() if not windows]
        try:
            with self._lock, self._open() as connection:
                connection.executemany("INSERT OR REPLACE INTO mark VALUES (?,?,?,?)", kept)
                connection.executemany("DELETE FROM mark WHERE width = ? AND device = ? AND kind = ?", gone)
        except sqlite3.Error as problem:
            raise self._unusable(problem) from problem

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = sqlite3.connect(self._path, timeout=10.0, check_same_thread=False)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version not in (0, SCHEMA_VERSION):
                connection.close()
                raise StoreError(
                    f"{self._path}: windows of version {version}, this hub knows {SCHEMA_VERSION}; update it"
                )
            connection.executescript(_SCHEMA)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            self._connection = connection
        return self._connection

    def _commit(self, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
        try:
            with self._lock, self._open() as connection:
                connection.executemany(sql, rows)
        except sqlite3.Error as problem:
            raise self._unusable(problem) from problem

    def _rows(self, sql: str, bounds: tuple[object, ...]) -> list[Any]:
        try:
            with self._lock:
                return self._open().execute(sql, bounds).fetchall()
        except sqlite3.Error as problem:
            raise self._unusable(problem) from problem

    def _unusable(self, problem: sqlite3.Error) -> StoreError:
        return StoreError(f"{self._path}: {problem}; check the disk's space and health")
