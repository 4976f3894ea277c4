"""The outbox file: how it is opened, its schema and the steps from every schema that was ever released."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from edge.durable import make_folder
from edge.errors import OutboxError

PAGE_BYTES = 1024
"""Of a new file. A commit writes whole pages, and a small one touches two: with 4 KiB it would write four times as much."""

SCHEMA_1 = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID",
    """CREATE TABLE runs (
        first INTEGER PRIMARY KEY,  -- number of the first record
        count INTEGER NOT NULL,
        priority INTEGER NOT NULL,
        settled INTEGER NOT NULL,   -- 0 while the records wait for the clock
        boot TEXT NOT NULL,         -- which boot observed them, while not settled
        t_from INTEGER NOT NULL,    -- µs UTC, 0 when unknown
        t_to INTEGER NOT NULL,
        lines BLOB NOT NULL         -- one JSON line a record
    )""",
    "CREATE TABLE quarantine (epoch TEXT NOT NULL, number INTEGER NOT NULL, line BLOB NOT NULL)",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (SCHEMA_1,)
"""Statements that lead from version n to n + 1; a file's version is its ``user_version``."""


def connect(path: Path) -> sqlite3.Connection:
    """Open the file for durable use: WAL, synchronous=FULL, one writer.

    Raises:
        OutboxError: it cannot be opened, is no outbox, or another agent has it open.
    """
    try:
        make_folder(path.parent)
        database = sqlite3.connect(path, isolation_level=None, timeout=1.0)
        database.execute("PRAGMA locking_mode=EXCLUSIVE")
        database.execute(f"PRAGMA page_size={PAGE_BYTES}")
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("PRAGMA cache_size=-1024")
        # Debian's SQLite overwrites what is deleted; no record has anything to hide, and flash wears by it.
        database.execute("PRAGMA secure_delete=OFF")
        database.execute("PRAGMA journal_size_limit=1048576")
        # With exclusive locking the first write takes the file for good: a second agent is refused here.
        database.execute("BEGIN IMMEDIATE")
        database.execute("COMMIT")
    except (sqlite3.Error, OSError) as problem:
        hint = "another agent uses it" if "locked" in str(problem) else "check the path, its owner and the disk"
        raise OutboxError(f"outbox {path}: {problem}; {hint}") from problem
    return database


def migrate(database: sqlite3.Connection) -> None:
    """Bring the file to this version's schema, within the caller's transaction.

    Raises:
        OutboxError: the file was written by a newer version.
    """
    version = int(database.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise OutboxError(f"outbox: schema {version} is newer than this agent's {len(MIGRATIONS)}; update the agent")
    for statements in MIGRATIONS[version:]:
        for statement in statements:
            database.execute(statement)
    database.execute(f"PRAGMA user_version={len(MIGRATIONS)}")
