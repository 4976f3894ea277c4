"""Blob sender: decides which chunk leaves next, and what the hub's answer to it means.

Rules it keeps:
- One chunk is under way at a time; it is sent again when no answer comes, with growing pauses, and from where the hub says
  that it is: after a restart of either end a blob goes on, it does not begin anew.
- The blob that is worth most goes first; one that the hub cannot place yet waits and lets others pass.
- No more than the day's budget leaves in 24 hours.
- A restored hub (a higher generation) is offered everything again.

It does no networking and reads no clock. Whoever sends lets records go first.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import msgspec

from edge.blobs import Shelf
from edge.contract.blob import encode_chunk
from edge.contract.control import BlobAck

ANSWER_S, ANSWER_MOST_S = 10.0, 120.0
UNANNOUNCED_S = 30.0
MIB = 1024 * 1024


class BlobsConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The shelf and the line that it shares.

    Attributes:
        quota_mib: how much of the disk blobs may take.
        budget_mib_a_day: how much may leave in 24 hours.
        chunk_kib: size of a chunk; a small one lets a live value pass sooner on a slow line.
    """

    quota_mib: Annotated[float, msgspec.Meta(gt=0.0)] = 64.0
    budget_mib_a_day: Annotated[float, msgspec.Meta(ge=0.0)] = 16.0
    chunk_kib: Annotated[int, msgspec.Meta(ge=1, le=255)] = 32


class _UnderWay(NamedTuple):
    sha256: str
    due: float


class BlobSender:
    """The session with the hub about blobs."""

    def __init__(self, shelf: Shelf, config: BlobsConfig) -> None:
        self._shelf = shelf
        self._config = config
        self._under_way: _UnderWay | None = None
        self._attempts = 0
        self._not_before: dict[str, float] = {}

    def disconnected(self) -> None:
        """The connection is gone, and what was under way with it."""
        self._under_way = None

    def next_chunk(self, now: float, hour: int) -> bytes | None:
        """The payload to publish now, None where there is nothing, one is under way, or the budget is spent.

        Args:
            now: the caller's clock [s].
            hour: hours since 1970, UTC.
        """
        if self._under_way is not None:
            if now < self._under_way.due:
                return None
            self._attempts = min(self._attempts + 1, 8)
            self._under_way = None
        waits = frozenset(sha256 for sha256, until in self._not_before.items() if until > now)
        blob = self._shelf.next_to_send(waits)
        if blob is None:
            return None
        content = self._shelf.read(blob.sha256, blob.have, self._config.chunk_kib * 1024)
        if self._shelf.sent_within_a_day(hour) + len(content) > self._config.budget_mib_a_day * MIB:
            return None
        self._shelf.note_sent(hour, len(content))
        due = now + min(ANSWER_S * 2**self._attempts, ANSWER_MOST_S)
        self._under_way = _UnderWay(blob.sha256, due)
        return encode_chunk(blob.sha256, blob.have, content)

    def ack(self, ack: BlobAck, now: float) -> str | None:
        """Take the hub's answer; the hash of a blob that the hub refused and that is off the shelf now."""
        if self._under_way is not None and self._under_way.sha256 == ack.sha256:
            self._under_way = None
            self._attempts = 0
        if ack.outcome == "unannounced":
            self._not_before[ack.sha256] = now + UNANNOUNCED_S
            return None
        self._not_before.pop(ack.sha256, None)
        return ack.sha256 if self._shelf.account(ack) else None

    def rewound(self) -> None:
        """The hub was restored."""
        self._under_way = None
        self._not_before.clear()
        self._shelf.rewind()
