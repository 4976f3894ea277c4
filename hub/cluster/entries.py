"""What stands in the ledger bucket: keys by group of shards, each value with the fencing number of who wrote it.

``07.lease``, ``07.account.<device>.<epoch>``, ``07.device.<device>``; ``beat.<worker>`` and ``generation`` belong to no
group. The names of devices and epochs are as the contract spells them, which a key can hold.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from edge.contract.control import ReportedConfig, State
from edge.contract.families import Family
from edge.contract.ranges import Range, RangeSet
from hub.cluster.groups import group_of
from hub.errors import StoreError
from hub.ledger import Account

GENERATION = "generation"
BEATS = "beat"


class AccountEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An epoch's account: who wrote it last, when the epoch was first and last heard of [µs UTC], and the account."""

    fence: int
    opened_t: int
    heard_t: int
    through: int = 0
    ranges: list[Range] = []
    last: int = 0
    digest: str | None = None
    stored: int = 0
    refused: int = 0
    lost: int = 0
    closed: bool = False

    def account(self) -> Account:
        """As ingest takes it."""
        return Account(
            through=self.through, ranges=RangeSet(self.ranges), last=self.last, digest=self.digest,
            stored=self.stored, refused=self.refused, lost=self.lost, closed=self.closed,
        )  # fmt: skip


class DeviceEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a device said of itself last, and when it was heard, to the minute."""

    fence: int
    heard_t: int = 0
    family: Family | None = None
    state: State | None = None
    state_t: int | None = None
    config: ReportedConfig | None = None
    config_t: int | None = None


class LeaseEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds a group; nobody when it is empty."""

    owner: str


class AccountKey(NamedTuple):
    """Which epoch of which device."""

    device: str
    epoch: str


_encode = msgspec.json.Encoder().encode
_decode_account = msgspec.json.Decoder(AccountEntry).decode
_decode_device = msgspec.json.Decoder(DeviceEntry).decode
_decode_lease = msgspec.json.Decoder(LeaseEntry).decode

Stored = AccountEntry | DeviceEntry


def account_entry(account: Account, fence: int, opened_t: int, heard_t: int) -> AccountEntry:
    """An account as it is written."""
    return AccountEntry(
        fence=fence, opened_t=opened_t, heard_t=heard_t, through=account.through, ranges=list(account.ranges),
        last=account.last, digest=account.digest, stored=account.stored, refused=account.refused, lost=account.lost,
        closed=account.closed,
    )  # fmt: skip


def encode(entry: Stored | LeaseEntry) -> bytes:
    """An entry as JSON; the same entry always gives the same bytes."""
    return _encode(entry)


def decode(key: str, value: bytes) -> Stored:
    """An account or a device.

    Raises:
        StoreError: it is neither, or a newer hub wrote it.
    """
    try:
        return _decode_device(value) if is_device(key) else _decode_account(value)
    except msgspec.DecodeError as problem:
        raise StoreError(f"ledger bucket: {key}: {problem}; update this hub") from problem


def owner_of(key: str, value: bytes) -> str:
    """Who holds a lease.

    Raises:
        StoreError: it is no lease.
    """
    try:
        return _decode_lease(value).owner
    except msgspec.DecodeError as problem:
        raise StoreError(f"ledger bucket: {key}: {problem}; update this hub") from problem


def lease_key(group: int) -> str:
    """A group's lease."""
    return f"{group:02}.lease"


def account_key(device: str, epoch: str) -> str:
    """An epoch's account; ``*`` as the epoch matches all of a device's."""
    return f"{group_of(device):02}.account.{device}.{epoch}"


def device_key(device: str) -> str:
    """What a device said of itself."""
    return f"{group_of(device):02}.device.{device}"


def beat_key(worker: str) -> str:
    """A worker's beat."""
    return f"{BEATS}.{worker}"


def is_device(key: str) -> bool:
    """Whether a key is a device's and not an account's."""
    return key.split(".")[1] == "device"


def name_in(key: str) -> AccountKey:
    """Device and epoch of a key; the epoch of a device's own key is empty."""
    parts = key.split(".")
    return AccountKey(parts[2], parts[3] if len(parts) > 3 else "")
