"""The hub's SQLite file: how it is opened, its schema and the steps from every schema that was ever released."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from edge.host.durable import make_folder
from hub.errors import StoreError

SCHEMA_1 = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID",
    """CREATE TABLE devices (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, family TEXT,
        state TEXT, state_t INTEGER,            -- last state message, and when it came (µs UTC)
        heard_t INTEGER NOT NULL,               -- when anything was heard of it last
        config TEXT, config_t INTEGER           -- last reported configuration
    )""",
    """CREATE TABLE epochs (
        id INTEGER PRIMARY KEY, device INTEGER NOT NULL, epoch TEXT NOT NULL,
        through INTEGER NOT NULL, ranges TEXT NOT NULL, last INTEGER NOT NULL, digest TEXT,
        stored INTEGER NOT NULL, refused INTEGER NOT NULL, lost INTEGER NOT NULL, closed INTEGER NOT NULL,
        UNIQUE (device, epoch)
    )""",
    """CREATE TABLE series (
        id INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, device INTEGER NOT NULL, kind TEXT NOT NULL, tags TEXT NOT NULL,
        UNIQUE (epoch, kind, tags)
    )""",
    "CREATE INDEX series_of_device ON series (device, kind)",
    """CREATE TABLE records (
        series INTEGER NOT NULL, t INTEGER NOT NULL, number INTEGER NOT NULL, line BLOB NOT NULL,
        PRIMARY KEY (series, t, number)
    ) WITHOUT ROWID""",
    """CREATE TABLE quarantine (
        id INTEGER PRIMARY KEY, t INTEGER NOT NULL, topic TEXT NOT NULL, device TEXT, epoch TEXT, number INTEGER,
        reason TEXT NOT NULL, payload BLOB NOT NULL, size INTEGER NOT NULL
    )""",
    "CREATE INDEX quarantine_of_device ON quarantine (device, epoch, number)",
    """CREATE TABLE lost (
        device TEXT NOT NULL, epoch TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
        why TEXT NOT NULL, t_from INTEGER, t_to INTEGER, t INTEGER NOT NULL
    )""",
    "CREATE INDEX lost_of_device ON lost (device, epoch, first)",
    """CREATE TABLE alerts (
        id INTEGER PRIMARY KEY, device TEXT NOT NULL, key TEXT NOT NULL, severity TEXT NOT NULL, text TEXT NOT NULL,
        since INTEGER NOT NULL, until INTEGER
    )""",
    "CREATE INDEX alerts_open ON alerts (until, since)",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (SCHEMA_1,)
"""Statements that lead from version n to n + 1; a file's version is its ``user_version``."""


def open_writer(path: Path) -> sqlite3.Connection:
    """The one connection that writes: WAL, synchronous=FULL, migrated to this version.

    Raises:
        StoreError: the file cannot be opened, is no hub file, or was written by a newer version.
    """
    try:
        make_folder(path.parent)
        database = sqlite3.connect(path, isolation_level=None, timeout=10.0, check_same_thread=False)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("PRAGMA cache_size=-16384")
        database.execute("PRAGMA wal_autocheckpoint=8000")
        database.execute("PRAGMA journal_size_limit=67108864")
        _migrate(database)
    except (sqlite3.Error, OSError) as problem:
        raise StoreError(f"hub file {path}: {problem}; check the path, its owner and the disk") from problem
    return database


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads, for answers while the writer goes on.

    Raises:
        StoreError: the file cannot be opened.
    """
    try:
        database = sqlite3.connect(
            f"file:{path}?mode=ro", uri=True, isolation_level=None, timeout=5.0, check_same_thread=False
        )
        database.execute("PRAGMA cache_size=-4096")
        database.execute("PRAGMA query_only=1")
    except sqlite3.Error as problem:
        raise StoreError(f"hub file {path}: {problem}; has the hub been started once?") from problem
    return database


def _migrate(database: sqlite3.Connection) -> None:
    version = int(database.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise StoreError(f"hub file: schema {version} is newer than this hub's {len(MIGRATIONS)}; update the hub")
    if version == len(MIGRATIONS):
        return
    database.execute("BEGIN IMMEDIATE")
    for statements in MIGRATIONS[version:]:
        for statement in statements:
            database.execute(statement)
    database.execute(f"PRAGMA user_version={len(MIGRATIONS)}")
    database.execute("COMMIT")
