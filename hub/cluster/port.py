"""What leases and ledger need of a key-value store with compare-and-swap, and of a place for what was refused or lost.

JetStream stands behind the one (``hub/cluster/bucket.py``), InfluxDB behind the other (``hub/cluster/evidence.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from hub.step import Lost, Quarantined
from hub.store.port import Row


class Entry(NamedTuple):
    """A key's value and its revision."""

    value: bytes
    revision: int


class Swap(NamedTuple):
    """A key to write if it stands at ``revision`` (0: is not there), or if the key ``guard`` does, where one is named."""

    key: str
    value: bytes
    revision: int
    guard: str | None = None


class Written(NamedTuple):
    """A swap that was done, and the key's revision now."""

    revision: int


class Conflict(NamedTuple):
    """Another revision stands there."""


class Unknown(NamedTuple):
    """No answer: it may have been written."""

    reason: str


Outcome = Written | Conflict | Unknown


class Keys(Protocol):
    """A bucket of keys, each with a revision that grows with every write in the bucket.

    Every method raises ``StoreError`` when there is no answer.
    """

    def read(self, keys: Sequence[str]) -> dict[str, Entry]:
        """Those of the keys that are there."""
        ...

    def keys(self, pattern: str, least_revision: int = 0) -> list[str]:
        """The keys that match a pattern (``*`` one part, ``>`` all that follow), from who knows ``least_revision``."""
        ...

    def swap(self, swaps: Sequence[Swap]) -> list[Outcome]:
        """Write keys, each on its own condition; the outcomes in the same order."""
        ...

    def put(self, key: str, value: bytes) -> None:
        """Write a key whatever stood there."""
        ...

    def delete(self, key: str) -> None:
        """Take a key away for good."""
        ...


class EvidenceBook(Protocol):
    """Where refusals and losses are kept."""

    def write(self, quarantined: Sequence[Quarantined], lost: Sequence[Lost]) -> None:
        """Store entries durably; the same entry twice is one.

        Raises:
            StoreError: nothing may be believed stored; try again.
        """
        ...

    def is_accounted_otherwise(self, row: Row) -> bool:
        """Whether the number was refused or declared lost.

        Raises:
            StoreError: no answer.
        """
        ...
