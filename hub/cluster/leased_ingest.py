"""Ingest of a worker: what is another worker's is left to it, and nothing is decided under a lease that is in doubt."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from hub.cluster.groups import group_of
from hub.cluster.kv_ledger import KvLedger
from hub.errors import StoreError
from hub.ingest import AreStored, Ingest
from hub.step import Received, Step


class LeasedIngest(Ingest):
    """Makes steps of the messages of devices whose groups are served here."""

    def __init__(self, ledger: KvLedger, are_stored: AreStored, may_act: Callable[[int], bool]) -> None:
        super().__init__(ledger.account_of, are_stored)
        self._ledger = ledger
        self._may_act = may_act

    def step(self, messages: Iterable[Received]) -> Step:
        """Everything that our part of ``messages`` changes; the devices send the rest to whoever serves them.

        Raises:
            StoreError: a lease is not confirmed now: it may be ours again, or another's.
        """
        self._ledger.forget_dropped()
        ours: list[Received] = []
        for message in messages:
            device = self.device_of(message.topic)
            if device is not None and not self._ledger.holds(device):
                continue
            if device is not None and not self._may_act(group_of(device)):
                raise StoreError(f"our lease on group {group_of(device)} is not confirmed; waiting")
            ours.append(message)
        return super().step(ours)
