"""The outbox file: how it is opened, its schema and the steps from every schema that was ever released."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from edge.contract.ranges import Range
from edge.errors import OutboxError
from edge.host.durable import make_folder

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

COLUMNS = {
    "count": "integer", "priority": "integer", "settled": "integer", "boot": "text", "t_from": "integer",
    "t_to": "integer", "lines": "blob",
}  # fmt: skip
"""What SQLite keeps each column of ``runs`` as."""
META: dict[str, Any] = {
    "accounted": list[Range], "floor": int, "generation": int, "step": int, "this_boot_from": int, "unsent_from": int,
}  # fmt: skip
"""What each text in ``meta`` says, where it is not just a text."""
DAMAGED_MEND = "move it away (keep it for rescue) and check the card's health"

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


def check_sound(database: sqlite3.Connection) -> None:
    """Refuse a file whose tables hold what no agent writes: an outbox that begins with it would lose what is there.

    Raises:
        OutboxError: naming the file, the row and the value.
        sqlite3.Error: the file cannot be read.
    """
    problem = next(_unsound(database), None)
    if problem is not None:
        path = database.execute("PRAGMA database_list").fetchone()[2]
        raise OutboxError(f"outbox {path}: damaged: {problem}; {DAMAGED_MEND}")


def _unsound(database: sqlite3.Connection) -> Iterator[str]:
    types = ", ".join(f"typeof({column})" for column in COLUMNS)
    wanted = ", ".join(f"'{kind}'" for kind in COLUMNS.values())
    sql = f"SELECT first, {types} FROM runs WHERE ({types}) <> ({wanted}) ORDER BY first LIMIT 1"
    for first, *seen in database.execute(sql):
        for (column, kind), found in zip(COLUMNS.items(), seen, strict=True):
            if found != kind:
                yield f"runs, record {first}: {column} is {found}, wanted {kind}"
    for key, value in database.execute("SELECT key, value FROM meta ORDER BY key"):
        if not isinstance(value, str):
            yield f"meta: {key} is {'null' if value is None else repr(value)}, wanted a text"
        elif key in META:
            try:
                msgspec.json.decode(value, type=META[key])
            except msgspec.DecodeError:
                yield f"meta: {key} is {value!r}, wanted {'a number' if META[key] is int else 'ranges of numbers'}"


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
