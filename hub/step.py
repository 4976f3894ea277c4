"""A step: everything that a run of messages changes, committed as one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from edge.contract.blob import Chunk
from edge.contract.control import ReportedConfig, State
from edge.contract.ranges import RangeSet
from edge.contract.records import Gap
from hub.ledger import Account
from hub.store.port import Row

PAYLOAD_KEPT_BYTES = 4096
"""How much of a refused payload the quarantine keeps [bytes]."""


class Received(NamedTuple):
    """One message as the broker gave it."""

    topic: str
    payload: bytes
    arrival_us: int


class Quarantined(NamedTuple):
    """A message or a record that was refused, with the reason in words."""

    t: int
    topic: str
    device: str | None
    epoch: str | None
    number: int | None
    reason: str
    payload: bytes
    size: int


class Lost(NamedTuple):
    """Numbers that a device declared lost, by its gap record."""

    device: str
    epoch: str
    numbers: RangeSet
    gap: Gap
    t: int


class Reply(NamedTuple):
    """An ack that a device is owed once the step is committed."""

    conflict: bool = False
    fill: bool = False
    hello: str | None = None


@dataclass
class Step:
    """What a commit writes, and what it owes afterwards."""

    rows: list[Row] = field(default_factory=list)
    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)
    quarantined: list[Quarantined] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    states: dict[str, tuple[State, int]] = field(default_factory=dict)
    reported: list[tuple[str, ReportedConfig, int]] = field(default_factory=list)
    replies: dict[tuple[str, str], Reply] = field(default_factory=dict)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    chunks: list[tuple[str, Chunk]] = field(default_factory=list)
    heard: dict[str, int] = field(default_factory=dict)
    newest: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def owe(
        self, device: str, epoch: str, conflict: bool = False, fill: bool = False, hello: str | None = None
    ) -> None:
        """Owe a device an ack; what was said of it in this step stays said."""
        before = self.replies.get((device, epoch))
        if before is None:
            self.replies[device, epoch] = Reply(conflict, fill, hello)
        elif conflict or fill or hello:
            self.replies[device, epoch] = Reply(before.conflict or conflict, before.fill or fill, hello or before.hello)
