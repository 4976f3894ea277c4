"""The shelf: large contents (waveforms, photos) that wait for the hub beside the outbox, under a quota of their own.

Rules it keeps:
- A blob is on disk, whole, before its manifest is numbered; a manifest that was not numbered is offered again at the start.
- What the hub has whole makes room first, oldest first, then what is worth least; what nobody has is declared dropped.
- Room is made only for what is worth more than what would go: otherwise the new one is declared dropped at once.
- How far the hub is with a blob is kept as the hub said it; losing that means sending again.
- What was sent counts against the day's budget by the hour, across restarts.

It does no networking and reads no clock.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from edge.contract.control import BlobAck
from edge.contract.records import BlobDropped, BlobManifest, Record
from edge.errors import OutboxError
from edge.host.durable import make_folder

Form = Literal["miniseed", "jpeg", "npz"]
HOURS_A_DAY = 24

SCHEMA_1 = (
    """CREATE TABLE blobs (
        id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, form TEXT NOT NULL, size INTEGER NOT NULL,
        worth REAL NOT NULL, t_from INTEGER NOT NULL, t_to INTEGER NOT NULL,
        announced INTEGER NOT NULL,  -- 1 once the outbox has numbered its manifest
        have INTEGER NOT NULL,       -- bytes that the hub has
        whole INTEGER NOT NULL,      -- 1 once the hub has all of it
        content BLOB NOT NULL
    )""",
    "CREATE TABLE sent (hour INTEGER PRIMARY KEY, bytes INTEGER NOT NULL)",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (SCHEMA_1,)
"""Statements that lead from version n to n + 1; a file's version is its ``user_version``."""


class Content(NamedTuple):
    """A blob before it is on the shelf.

    Attributes:
        worth: larger is sent first and goes last.
        t_from, t_to: what it holds, from and to [µs UTC].
    """

    form: Form
    content: bytes
    worth: float
    t_from: int
    t_to: int

    @property
    def sha256(self) -> str:
        """The hash by which both ends name it."""
        return hashlib.sha256(self.content).hexdigest()


class Shelved(NamedTuple):
    """A blob that is to be sent, and how much of it the hub has [bytes]."""

    sha256: str
    size: int
    have: int


class Shelf:
    """The blobs of one device in one SQLite file; used from one thread.

    Raises of every method: OutboxError when the disk does not obey.
    """

    def __init__(self, database: sqlite3.Connection, quota_bytes: int) -> None:
        self._db = database
        self._quota = quota_bytes

    def open(self) -> None:
        """Read the file, or make it."""
        with self._transaction():
            version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
            if version > len(MIGRATIONS):
                raise OutboxError(
                    f"blobs: schema {version} is newer than this agent's {len(MIGRATIONS)}; update the agent"
                )
            for statements in MIGRATIONS[version:]:
                for statement in statements:
                    self._db.execute(statement)
            self._db.execute(f"PRAGMA user_version={len(MIGRATIONS)}")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @property
    def bytes_held(self) -> int:
        """Sum of the contents [bytes]."""
        return int(self._db.execute("SELECT coalesce(sum(size), 0) FROM blobs").fetchone()[0])

    def put(self, content: Content) -> list[Record]:
        """Take a blob; what is to be reported, still without a time, of it and of those that had to go.

        A blob that is there already is not reported again.
        """
        sha256 = content.sha256
        with self._transaction():
            if self._db.execute("SELECT 1 FROM blobs WHERE sha256 = ?", (sha256,)).fetchone():
                return []
            gone = self._make_room(len(content.content), content.worth)
            if gone is None:
                return [manifest_of(content), BlobDropped(sha256=sha256, why="shelf_full")]
            self._db.execute(
                "INSERT INTO blobs (sha256, form, size, worth, t_from, t_to, announced, have, whole, content) "
                "VALUES (?,?,?,?,?,?,0,0,0,?)",
                (sha256, content.form, len(content.content), content.worth, content.t_from, content.t_to,
                 content.content),
            )  # fmt: skip
        return [*(BlobDropped(sha256=one, why="shelf_full") for one in gone), manifest_of(content)]

    def unannounced(self) -> list[BlobManifest]:
        """Manifests, still without a time, that no outbox has numbered yet."""
        rows = self._db.execute("SELECT sha256, size, form, t_from, t_to FROM blobs WHERE NOT announced ORDER BY id")
        return [
            BlobManifest(sha256=sha256, size=size, form=form, t_from=t_from, t_to=t_to)
            for sha256, size, form, t_from, t_to in rows.fetchall()
        ]

    def announced(self, sha256: str) -> None:
        """The outbox has numbered its manifest: it may be sent."""
        with self._transaction():
            self._db.execute("UPDATE blobs SET announced = 1 WHERE sha256 = ?", (sha256,))

    def next_to_send(self, besides: frozenset[str] = frozenset()) -> Shelved | None:
        """The most worth of those that the hub has not whole; of equals the oldest."""
        rows = self._db.execute(
            "SELECT sha256, size, have FROM blobs WHERE announced AND NOT whole ORDER BY worth DESC, id"
        )
        return next((Shelved(*row) for row in rows.fetchall() if row[0] not in besides), None)

    def read(self, sha256: str, offset: int, most: int) -> bytes:
        """At most ``most`` bytes of a blob from ``offset`` on.

        Raises:
            OutboxError: it is not on the shelf.
        """
        row = self._db.execute(
            "SELECT substr(content, ?, ?) FROM blobs WHERE sha256 = ?", (offset + 1, most, sha256)
        ).fetchone()
        if row is None:
            raise OutboxError(f"blobs: {sha256} is not on the shelf")
        return bytes(row[0])

    def account(self, ack: BlobAck) -> bool:
        """Keep what the hub has; True when the hub refused the blob and it was taken off the shelf."""
        with self._transaction():
            if ack.outcome == "refused":
                return self._db.execute("DELETE FROM blobs WHERE sha256 = ?", (ack.sha256,)).rowcount > 0
            self._db.execute(
                "UPDATE blobs SET have = min(size, ?), whole = ? WHERE sha256 = ?",
                (ack.have, ack.outcome == "whole", ack.sha256),
            )
        return False

    def rewind(self) -> None:
        """A restored hub may have none of what it had: offer everything again."""
        with self._transaction():
            self._db.execute("UPDATE blobs SET have = 0, whole = 0")

    def sent_within_a_day(self, hour: int) -> int:
        """Bytes sent in ``hour`` (since 1970) and the 24 before it, so that no 24 hours anywhere are left out."""
        row = self._db.execute(
            "SELECT coalesce(sum(bytes), 0) FROM sent WHERE hour >= ? AND hour <= ?", (hour - HOURS_A_DAY, hour)
        ).fetchone()
        return int(row[0])

    def note_sent(self, hour: int, size: int) -> None:
        """Count ``size`` bytes as sent in ``hour``."""
        with self._transaction():
            self._db.execute(
                "INSERT INTO sent (hour, bytes) VALUES (?, ?) ON CONFLICT (hour) DO UPDATE SET bytes = bytes + ?",
                (hour, size, size),
            )
            self._db.execute("DELETE FROM sent WHERE hour < ?", (hour - HOURS_A_DAY,))

    def _make_room(self, size: int, worth: float) -> list[str] | None:
        """The blobs dropped that the hub has not whole; None when there is no room for one of this worth."""
        over = self.bytes_held + size - self._quota
        going: list[tuple[str, bool]] = []
        rows = self._db.execute(
            "SELECT sha256, size, worth, whole FROM blobs ORDER BY whole DESC, worth, id"
        ).fetchall()
        for sha256, held, its_worth, whole in rows:
            if over <= 0:
                break
            if not whole and its_worth >= worth:
                return None
            going.append((sha256, bool(whole)))
            over -= held
        if over > 0:
            return None
        self._db.executemany("DELETE FROM blobs WHERE sha256 = ?", [(sha256,) for sha256, _ in going])
        return [sha256 for sha256, whole in going if not whole]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except BaseException as problem:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            if isinstance(problem, sqlite3.Error):
                raise OutboxError(f"blobs: {problem}; check the disk's space and health") from problem
            raise


def manifest_of(content: Content) -> BlobManifest:
    """The record that announces a blob, still without a time."""
    return BlobManifest(
        sha256=content.sha256, size=len(content.content), form=content.form,
        t_from=content.t_from, t_to=content.t_to,
    )  # fmt: skip


def connect(path: Path) -> sqlite3.Connection:
    """Open the shelf's file for durable use: WAL, synchronous=FULL.

    Raises:
        OutboxError: it cannot be opened.
    """
    try:
        make_folder(path.parent)
        database = sqlite3.connect(path, isolation_level=None, timeout=1.0)
        database.execute("PRAGMA auto_vacuum=INCREMENTAL")
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("PRAGMA secure_delete=OFF")
        database.execute("PRAGMA journal_size_limit=1048576")
    except (sqlite3.Error, OSError) as problem:
        raise OutboxError(f"blobs {path}: {problem}; check the path, its owner and the disk") from problem
    return database
