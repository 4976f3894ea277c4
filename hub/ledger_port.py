"""The ledger as a port: what the writer needs of it, and what the API and the pages ask of it.

The SQLite file of one machine stands behind it (``hub/books.py``, ``hub/ledger_reader.py``), and a JetStream key-value
bucket in a cluster.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from edge.contract.control import State
from hub.judgement import Alert
from hub.ledger import Account
from hub.step import Step
from hub.store.port import Row


class Ledger(Protocol):
    """What the writer needs: the accounts, and steps made durable. Used by the one writing thread."""

    @property
    def generation(self) -> int:
        """Raised by every restore; part of every ack."""
        ...

    def account_of(self, device: str, epoch: str) -> Account:
        """The committed account of an epoch, an empty one when it is not known."""
        ...

    def is_accounted_otherwise(self, row: Row) -> bool:
        """Whether the number was refused or declared lost, so that no stored row stands under it.

        Raises:
            StoreError: it cannot be told now.
        """
        ...

    def commit(self, step: Step) -> None:
        """Make durable all of a step but its rows.

        Raises:
            StoreError: it is not durable as a whole; a step made anew from the same messages may be committed.
        """
        ...


class DeviceRow(msgspec.Struct, frozen=True, kw_only=True):
    """What the books say of a device."""

    name: str
    family: str | None
    heard_t: int | None
    state: State | None
    state_t: int | None
    config: dict[str, object] | None


class EpochRow(msgspec.Struct, frozen=True, kw_only=True):
    """How complete one epoch of a device is.

    Attributes:
        complete_through: every number up to this is accounted.
        last: highest number that is known.
        missing: ranges of numbers up to ``last`` that are not accounted.
        tail: ``closed`` when the device said that nothing follows; otherwise what comes after ``last`` is not known.
    """

    epoch: str
    complete_through: int
    last: int
    missing: list[tuple[int, int]]
    stored: int
    refused: int
    lost: int
    tail: str


class QuarantineRow(msgspec.Struct, frozen=True, kw_only=True):
    """One refused message or record."""

    id: int
    t: int
    topic: str
    device: str | None
    epoch: str | None
    number: int | None
    reason: str
    payload_base64: str
    size: int


class LostRow(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers that a device declared lost."""

    device: str
    epoch: str
    first: int
    last: int
    why: str
    t_from: int | None
    t_to: int | None
    t: int


class AlertRow(msgspec.Struct, frozen=True, kw_only=True):
    """One alert that went on from ``since`` to ``until`` [µs UTC]; None while it does."""

    id: int
    device: str
    alert: Alert
    until: int | None


class LedgerAnswers(Protocol):
    """What API and pages ask: devices, completeness, quarantine, losses and alerts, in pages. Usable from many threads.

    Every method raises ``StoreError`` when the ledger does not answer, and ``QueryError`` for a page that is too large.
    """

    def devices(self, after: str, limit: int) -> list[DeviceRow]:
        """Devices by name, beginning after ``after``: at most ``limit``, and fewer where they say much of themselves."""
        ...

    def device(self, name: str) -> DeviceRow | None:
        """One device, None when nothing was ever heard of it."""
        ...

    def has_devices_after(self, name: str) -> bool:
        """Whether there is a next page."""
        ...

    def completeness(self, device: str, limit: int) -> list[EpochRow]:
        """The newest epochs of a device, newest first."""
        ...

    def quarantine(self, device: str | None, before: int, limit: int) -> list[QuarantineRow]:
        """Entries newest first, with an id below ``before``."""
        ...

    def lost(self, device: str, limit: int) -> list[LostRow]:
        """What a device declared lost, newest first."""
        ...

    def alerts(self, before: int, limit: int) -> list[AlertRow]:
        """Alerts that are or were, newest entry first, with an id below ``before``."""
        ...

    def totals(self) -> dict[str, int]:
        """Sums over all epochs, for ``/metrics``."""
        ...


def epoch_row(epoch: str, account: Account) -> EpochRow:
    """How complete an epoch is, from its account."""
    return EpochRow(
        epoch=epoch,
        complete_through=account.through,
        last=account.last,
        missing=list(account.holes()),
        stored=account.stored,
        refused=account.refused,
        lost=account.lost,
        tail="closed" if account.closed else f"unknown after {account.last}",
    )
