"""What API and pages ask of a cluster's ledger, answered by any hub for all devices: bucket, InfluxDB, own alerts.

Behind ``hub.ledger_port.LedgerAnswers``. Alerts are those that this hub has seen: each follows what all commit.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from hub.cluster.bucket import Bucket
from hub.cluster.entries import AccountEntry, DeviceEntry, account_key, decode, device_key, name_in
from hub.cluster.evidence import Evidence
from hub.ledger_port import AlertRow, DeviceRow, EpochRow, LostRow, QuarantineRow, epoch_row
from hub.ledger_reader import PAGE_BYTES, LedgerReader, page_limit


class KvAnswers:
    """Reads the bucket anew for every answer; usable from many threads.

    Args:
        own: this hub's own file, for its alerts.
        totals: sums over the epochs that this hub serves.
    """

    def __init__(
        self, bucket: Bucket, evidence: Evidence, own: LedgerReader, totals: Callable[[], dict[str, int]]
    ) -> None:
        self._bucket = bucket
        self._evidence = evidence
        self._own = own
        self._totals = totals

    def devices(self, after: str, limit: int) -> list[DeviceRow]:
        """Devices by name, beginning after ``after``: at most ``limit``, and fewer where they say much of themselves."""
        names = self._names(after)[: page_limit(limit)]
        entries = self._bucket.read([device_key(name) for name in names])
        found: list[DeviceRow] = []
        left = PAGE_BYTES
        for name in names:
            entry = entries.get(device_key(name))
            if entry is None:
                continue
            found.append(_device_row(name, _device(device_key(name), entry.value), 0))
            left -= len(entry.value)
            if left <= 0:
                break
        return found

    def device(self, name: str) -> DeviceRow | None:
        """One device, None when nothing was ever heard of it."""
        entry = self._bucket.read([device_key(name)]).get(device_key(name))
        heard_t = max((account.heard_t for account in self._accounts(name).values()), default=0)
        if entry is None:
            return None if not heard_t else _device_row(name, DeviceEntry(fence=0), heard_t)
        return _device_row(name, _device(device_key(name), entry.value), heard_t)

    def has_devices_after(self, name: str) -> bool:
        """Whether there is a next page."""
        return bool(self._names(name))

    def completeness(self, device: str, limit: int) -> list[EpochRow]:
        """The newest epochs of a device, newest first."""
        newest = sorted(self._accounts(device).items(), key=lambda item: item[1].opened_t, reverse=True)
        return [epoch_row(epoch, entry.account()) for epoch, entry in newest[: page_limit(limit)]]

    def quarantine(self, device: str | None, before: int, limit: int) -> list[QuarantineRow]:
        """Entries newest first, with an id below ``before``."""
        return self._evidence.quarantine(device, before, page_limit(limit))

    def lost(self, device: str, limit: int) -> list[LostRow]:
        """What a device declared lost, newest first."""
        return self._evidence.lost(device, page_limit(limit))

    def alerts(self, before: int, limit: int) -> list[AlertRow]:
        """Alerts that are or were in this hub's views, newest entry first, with an id below ``before``."""
        return self._own.alerts(before, limit)

    def totals(self) -> dict[str, int]:
        """Sums over the epochs that this hub serves, and all of the quarantine: the hubs' sums add up to the city's."""
        return {**self._totals(), "quarantine": self._evidence.count()}

    def _names(self, after: str) -> list[str]:
        names = {name_in(key).device for key in self._bucket.keys("*.device.*")}
        return sorted(name for name in names if name > after)

    def _accounts(self, device: str) -> dict[str, AccountEntry]:
        found: dict[str, AccountEntry] = {}
        for key, entry in self._bucket.read(self._bucket.keys(account_key(device, "*"))).items():
            stored = decode(key, entry.value)
            if isinstance(stored, AccountEntry):
                found[name_in(key).epoch] = stored
        return found


def _device(key: str, value: bytes) -> DeviceEntry:
    stored = decode(key, value)
    assert isinstance(stored, DeviceEntry)
    return stored


def _device_row(name: str, entry: DeviceEntry, heard_t: int) -> DeviceRow:
    return DeviceRow(
        name=name,
        family=entry.family,
        heard_t=max(entry.heard_t, heard_t) or None,
        state=entry.state,
        state_t=entry.state_t,
        config=None if entry.config is None else msgspec.to_builtins(entry.config),
    )
