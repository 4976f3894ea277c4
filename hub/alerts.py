"""Alerts over time: each alert of the live views is entered in the hub's file when it opens and ended when it closes.

Rules it keeps:
- One row is one thing going on, known by device and key: opened once, ended once, with the times of the hub's clock.
- A restart ends nothing: what the file holds open goes on while the views show it. For ``SETTLE_US`` after the first look,
  what began before that look is neither opened nor ended, because devices have yet to be heard again.
- A row's words are those of its opening, or of its last change of severity.
- The table is bounded: the oldest ended rows make room, an open one never goes.
- What could not be written is looked at again; memory changes after the file.

It reads no clock; only the writing thread calls it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import NamedTuple

import msgspec

from hub.judgement import Alert

LOOK_EVERY_US = 2_000_000
"""How often the views are looked at, however often it is called [µs]."""
SETTLE_US = 30_000_000
"""How long after a start the past is left alone [µs]."""
ALERT_ROWS = 50_000
"""Most alerts that the table keeps, unless more are open."""

_Whose = tuple[str, str]
"""Device and key."""


class _Open(NamedTuple):
    id: int
    severity: str
    since: int


class AlertBook:
    """The alerts table, kept up with the views.

    Args:
        database: the hub's one writing connection (see ``hub.schema``).
        transaction: all or nothing on it, raising ``StoreError``.
        going_on: devices and their alerts at a time [µs UTC], see ``Live.alerts``.
        rows_most: see ``ALERT_ROWS``.
    """

    def __init__(
        self,
        database: sqlite3.Connection,
        transaction: Callable[[], AbstractContextManager[None]],
        going_on: Callable[[int], Iterable[tuple[str, Alert]]],
        rows_most: int = ALERT_ROWS,
    ) -> None:
        self._db = database
        self._transaction = transaction
        self._going_on = going_on
        self._rows_most = rows_most
        self._open: dict[_Whose, _Open] = {
            (device, key): _Open(row, severity, since)
            for row, device, key, severity, since in database.execute(
                "SELECT id, device, key, severity, since FROM alerts WHERE until IS NULL ORDER BY id"
            )
        }
        self._first_t: int | None = None
        self._looked_t: int | None = None

    def look(self, now: int) -> None:
        """Enter what opened and closed until ``now`` [µs UTC]; cheap when called often.

        Raises:
            StoreError: nothing was entered; it is done at the next look.
        """
        if self._looked_t is not None and 0 <= now - self._looked_t < LOOK_EVERY_US:
            return
        self._looked_t = now
        if self._first_t is None:
            self._first_t = now
        seen = {(device, alert.key): alert for device, alert in self._going_on(now)}
        opened = [(*whose, alert) for whose, alert in seen.items() if self._opens(whose, alert, now)]
        changed = [
            (row.id, seen[whose])
            for whose, row in self._open.items()
            if whose in seen and seen[whose].severity != row.severity
        ]
        closed = [whose for whose, row in self._open.items() if whose not in seen and self._is_settled(row.since, now)]
        if opened or changed or closed:
            self._write(opened, changed, closed, now)

    def _opens(self, whose: _Whose, alert: Alert, now: int) -> bool:
        return whose not in self._open and self._is_settled(alert.since, now)

    def _is_settled(self, since: int, now: int) -> bool:
        first_t = now if self._first_t is None else self._first_t
        return since >= first_t or not 0 <= now - first_t < SETTLE_US

    def _write(
        self,
        opened: list[tuple[str, str, Alert]],
        changed: list[tuple[int, Alert]],
        closed: list[_Whose],
        now: int,
    ) -> None:
        entered: dict[_Whose, _Open] = {}
        with self._transaction():
            self._db.executemany(
                "UPDATE alerts SET until = max(since, ?) WHERE id = ?", [(now, self._open[one].id) for one in closed]
            )
            self._db.executemany(
                "UPDATE alerts SET severity = ?, text = ? WHERE id = ?",
                [(alert.severity, _text(alert), row) for row, alert in changed],
            )
            for device, key, alert in opened:
                cursor = self._db.execute(
                    "INSERT INTO alerts (device, key, severity, text, since) VALUES (?,?,?,?,?)",
                    (device, key, alert.severity, _text(alert), alert.since),
                )
                entered[device, key] = _Open(int(cursor.lastrowid or 0), alert.severity, alert.since)
            if opened:
                self._make_room()
        for whose in closed:
            del self._open[whose]
        severities = {row: alert.severity for row, alert in changed}
        self._open = {
            whose: one._replace(severity=severities.get(one.id, one.severity)) for whose, one in self._open.items()
        } | entered

    def _make_room(self) -> None:
        (rows,) = self._db.execute("SELECT count(*) FROM alerts").fetchone()
        self._db.execute(
            "DELETE FROM alerts WHERE id IN (SELECT id FROM alerts WHERE until IS NOT NULL ORDER BY until, id LIMIT ?)",
            (max(0, rows - self._rows_most),),
        )


def _text(alert: Alert) -> str:
    return msgspec.json.encode(alert.text).decode()
