"""The hub's books: devices, accounts, quarantine, losses and alerts, committed in one transaction a step.

Rules it keeps:
- A step is committed as a whole or not at all; with the embedded store its readings are part of the same transaction.
- Accounts are read through a cache that only a commit changes.
- The quarantine is bounded: the oldest entries make room, the counters keep counting.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import msgspec

from edge.contract.control import encode
from edge.contract.ranges import Range, RangeSet
from hub.errors import StoreError
from hub.ledger import Account
from hub.step import Quarantined, Step
from hub.store.port import Row

QUARANTINE_ROWS = 200_000
"""Most entries that the quarantine keeps."""


class Books:
    """What the hub knows besides readings; used by the one writer."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database
        self._accounts: dict[tuple[str, str], Account] = {}
        self._device_ids: dict[str, int] = dict(database.execute("SELECT name, id FROM devices").fetchall())
        self._epoch_ids: dict[tuple[str, str], int] = {}
        for device, epoch, key in database.execute(
            "SELECT d.name, e.epoch, e.id FROM epochs e JOIN devices d ON d.id = e.device"
        ):
            self._epoch_ids[device, epoch] = key
        row = database.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()
        self.generation = int(row[0]) if row else 1

    def account_of(self, device: str, epoch: str) -> Account:
        """The committed account of an epoch, an empty one when it is not known."""
        key = (device, epoch)
        if key not in self._accounts:
            row = None
            if key in self._epoch_ids:
                row = self._db.execute(
                    "SELECT through, ranges, last, digest, stored, refused, lost, closed FROM epochs WHERE id = ?",
                    (self._epoch_ids[key],),
                ).fetchone()
            self._accounts[key] = Account() if row is None else account_from(row)
        return self._accounts[key]

    def is_accounted_otherwise(self, row: Row) -> bool:
        """Whether the number was refused or declared lost, so that no stored row stands under it."""
        number = (row.device, row.epoch, row.number)
        found = (
            self._db.execute(
                "SELECT 1 FROM quarantine WHERE device = ? AND epoch = ? AND number = ?", number
            ).fetchone()
            or self._db.execute(
                "SELECT 1 FROM lost WHERE device = ? AND epoch = ? AND ? BETWEEN first AND last", number
            ).fetchone()
        )
        return found is not None

    def commit(self, step: Step, insert: Callable[[Sequence[Row]], None] | None = None) -> None:
        """Write a step; ``insert`` writes its readings where they are in the same file.

        Raises:
            StoreError: nothing was written; the same step may be committed again.
        """
        with self.transaction():
            for device, epoch in step.accounts:
                self.epoch_id(device, epoch)
            if insert is not None and step.rows:
                insert(step.rows)
            self._write_accounts(step)
            self._write_states(step)
            self._write_quarantine(step.quarantined)
            self._db.executemany(
                "INSERT INTO lost (device, epoch, first, last, why, t_from, t_to, t) VALUES (?,?,?,?,?,?,?,?)",
                [
                    (one.device, one.epoch, first, last, one.gap.why, one.gap.t_from, one.gap.t_to, one.t)
                    for one in step.lost
                    for first, last in one.numbers
                ],
            )
        self._accounts.update(step.accounts)

    def _write_accounts(self, step: Step) -> None:
        self._db.executemany(
            "UPDATE epochs SET through=?, ranges=?, last=?, digest=?, stored=?, refused=?, lost=?, closed=? WHERE id=?",
            [
                (
                    account.through, msgspec.json.encode(list(account.ranges)).decode(), account.last, account.digest,
                    account.stored, account.refused, account.lost, account.closed, self.epoch_id(*key),
                )
                for key, account in step.accounts.items()
            ],
        )  # fmt: skip
        self._db.executemany(
            "UPDATE devices SET heard_t = max(heard_t, ?) WHERE id = ?",
            [(t, self.device_id(device)) for device, t in step.heard.items()],
        )

    def _write_states(self, step: Step) -> None:
        for device, (state, t) in step.states.items():
            self._db.execute(
                "UPDATE devices SET state = ?, state_t = ?, family = coalesce(?, family) WHERE id = ?",
                (encode(state).decode(), t, state.family, self.device_id(device)),
            )
        for device, reported, t in step.reported:
            self._db.execute(
                "UPDATE devices SET config = ?, config_t = ? WHERE id = ?",
                (encode(reported).decode(), t, self.device_id(device)),
            )

    def _write_quarantine(self, entries: Sequence[Quarantined]) -> None:
        if not entries:
            return
        self._db.executemany(
            "INSERT INTO quarantine (t, topic, device, epoch, number, reason, payload, size) VALUES (?,?,?,?,?,?,?,?)",
            [(*entry[:6], entry.payload, entry.size) for entry in entries],
        )
        self._db.execute("DELETE FROM quarantine WHERE id <= (SELECT max(id) FROM quarantine) - ?", (QUARANTINE_ROWS,))

    def device_id(self, device: str) -> int:
        """The key of a device; it is entered when it is new."""
        if device not in self._device_ids:
            cursor = self._db.execute("INSERT INTO devices (name, heard_t) VALUES (?, 0)", (device,))
            self._device_ids[device] = int(cursor.lastrowid or 0)
        return self._device_ids[device]

    def epoch_id(self, device: str, epoch: str) -> int:
        """The key of an epoch; it is entered when it is new."""
        if (device, epoch) not in self._epoch_ids:
            cursor = self._db.execute(
                "INSERT INTO epochs (device, epoch, through, ranges, last, stored, refused, lost, closed) "
                "VALUES (?, ?, 0, '[]', 0, 0, 0, 0, 0)",
                (self.device_id(device), epoch),
            )
            self._epoch_ids[device, epoch] = int(cursor.lastrowid or 0)
        return self._epoch_ids[device, epoch]

    def raise_generation(self, at_least: int) -> int:
        """A generation on, after a restore; ``at_least`` the time [s since 1970].

        Of two restores of one backup the second must be above the first, which the backup does not know.
        """
        with self.transaction():
            self.generation = max(self.generation + 1, at_least)
            self._db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('generation', ?)", (self.generation,))
        return self.generation

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, on disk and in the caches."""
        devices, epochs = len(self._device_ids), len(self._epoch_ids)
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except BaseException as problem:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            self._device_ids = dict(list(self._device_ids.items())[:devices])
            self._epoch_ids = dict(list(self._epoch_ids.items())[:epochs])
            if isinstance(problem, sqlite3.Error):
                raise StoreError(f"hub file: {problem}; check the disk's space and health") from problem
            raise


def account_from(row: tuple[int, str, int, str | None, int, int, int, int]) -> Account:
    """An account as its columns stand in the file."""
    through, ranges, last, digest, stored, refused, lost, closed = row
    return Account(
        through=through, ranges=RangeSet(msgspec.json.decode(ranges, type=list[Range])), last=last, digest=digest,
        stored=stored, refused=refused, lost=lost, closed=bool(closed),
    )  # fmt: skip
