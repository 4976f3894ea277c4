"""Answers from the books: devices, completeness, quarantine, losses and alerts, always in pages."""

from __future__ import annotations

import base64
import sqlite3
import threading
from typing import Any

import msgspec

from edge.contract.control import State
from hub.books import account_from
from hub.errors import QueryError, StoreError
from hub.judgement import Alert
from hub.ledger_port import AlertRow, DeviceRow, EpochRow, LostRow, QuarantineRow, epoch_row
from hub.words import Words

PAGE_MOST = 1000
"""Most rows an answer holds."""
PAGE_BYTES = 4 * 1024 * 1024
"""After how many bytes of states and configurations a page of devices ends: each may be 64 KiB."""
TEXT_MOST = 512
"""Most characters of a topic or a reason in an answer: a topic may be as long as MQTT allows."""


class LedgerReader:
    """Reads the books over a connection of its own; usable from many threads."""

    def __init__(self, reader: sqlite3.Connection) -> None:
        self._db = reader
        self._lock = threading.Lock()

    def _rows(self, sql: str, bounds: tuple[object, ...]) -> list[Any]:
        with self._lock:
            try:
                return self._db.execute(sql, bounds).fetchall()
            except sqlite3.Error as problem:
                raise StoreError(f"ledger: {problem}; check the disk's health") from problem

    def devices(self, after: str, limit: int) -> list[DeviceRow]:
        """Devices by name, beginning after ``after``: at most ``limit``, and fewer where they say much of themselves."""
        names = self._rows("SELECT name FROM devices WHERE name > ? ORDER BY name LIMIT ?", (after, page_limit(limit)))
        found: list[DeviceRow] = []
        left = PAGE_BYTES
        for (name,) in names:
            for row in self._rows(f"SELECT {_DEVICE} FROM devices WHERE name = ?", (name,)):
                found.append(_device_row(row))
                left -= sum(len(text) for text in row if isinstance(text, str))
            if left <= 0:
                break
        return found

    def device(self, name: str) -> DeviceRow | None:
        """One device, None when nothing was ever heard of it."""
        rows = self._rows(f"SELECT {_DEVICE} FROM devices WHERE name = ?", (name,))
        return _device_row(rows[0]) if rows else None

    def has_devices_after(self, name: str) -> bool:
        """Whether there is a next page."""
        return bool(self._rows("SELECT 1 FROM devices WHERE name > ? LIMIT 1", (name,)))

    def completeness(self, device: str, limit: int) -> list[EpochRow]:
        """The newest epochs of a device, newest first."""
        rows = self._rows(
            "SELECT e.epoch, e.through, e.ranges, e.last, e.digest, e.stored, e.refused, e.lost, e.closed FROM epochs e "
            "JOIN devices d ON d.id = e.device WHERE d.name = ? ORDER BY e.id DESC LIMIT ?",
            (device, page_limit(limit)),
        )
        return [epoch_row(epoch, account_from(tuple(columns))) for epoch, *columns in rows]

    def quarantine(self, device: str | None, before: int, limit: int) -> list[QuarantineRow]:
        """Entries newest first, with an id below ``before``."""
        which = "AND device = ?" if device is not None else ""
        bounds = (before, device, page_limit(limit)) if device is not None else (before, page_limit(limit))
        rows = self._rows(
            f"SELECT id, t, substr(topic, 1, {TEXT_MOST}), substr(device, 1, {TEXT_MOST}), epoch, number, "
            f"substr(reason, 1, {TEXT_MOST}), payload, size FROM quarantine "
            f"WHERE id < ? {which} ORDER BY id DESC LIMIT ?",
            bounds,
        )
        return [
            QuarantineRow(
                id=row[0], t=row[1], topic=row[2], device=row[3], epoch=row[4], number=row[5], reason=row[6],
                payload_base64=base64.b64encode(row[7]).decode(), size=row[8],
            )
            for row in rows
        ]  # fmt: skip

    def lost(self, device: str, limit: int) -> list[LostRow]:
        """What a device declared lost, newest first."""
        rows = self._rows(
            "SELECT device, epoch, first, last, why, t_from, t_to, t FROM lost WHERE device = ? ORDER BY t DESC LIMIT ?",
            (device, page_limit(limit)),
        )
        names = LostRow.__struct_fields__
        return [LostRow(**dict(zip(names, row, strict=True))) for row in rows]

    def alerts(self, before: int, limit: int) -> list[AlertRow]:
        """Alerts that are or were, newest entry first, with an id below ``before``."""
        rows = self._rows(
            "SELECT id, device, until, key, severity, text, since FROM alerts WHERE id < ? ORDER BY id DESC LIMIT ?",
            (before, page_limit(limit)),
        )
        return [
            AlertRow(
                id=row, device=device, until=until,
                alert=Alert(
                    key=key, severity=severity, text=msgspec.json.decode(text, type=Words), since=since
                ),
            )
            for row, device, until, key, severity, text, since in rows
        ]  # fmt: skip

    def totals(self) -> dict[str, int]:
        """Sums over all epochs, for ``/metrics``."""
        row = self._rows(
            "SELECT count(*), coalesce(sum(stored), 0), coalesce(sum(refused), 0), coalesce(sum(lost), 0), "
            "coalesce(sum(last - stored - refused - lost), 0) FROM epochs",
            (),
        )[0]
        quarantined = self._rows("SELECT count(*) FROM quarantine", ())[0][0]
        names = ("epochs", "stored", "refused", "lost", "missing")
        return {**dict(zip(names, row, strict=True)), "quarantine": quarantined}


_DEVICE = "name, family, heard_t, state, state_t, config"


def _device_row(row: tuple[str, str | None, int, str | None, int | None, str | None]) -> DeviceRow:
    name, family, heard_t, state, state_t, config = row
    return DeviceRow(
        name=name,
        family=family,
        heard_t=heard_t or None,
        state=None if state is None else msgspec.json.decode(state, type=State),
        state_t=state_t,
        config=None if config is None else msgspec.json.decode(config),
    )


def page_limit(limit: int) -> int:
    """``limit`` if an answer may have so many rows.

    Raises:
        QueryError: it may not.
    """
    if not 1 <= limit <= PAGE_MOST:
        raise QueryError(f"limit {limit}: wanted 1–{PAGE_MOST}; ask for the next page")
    return limit
