"""Groups of shards: what one lease is about. 256 shards in 32 groups bound the number of leases."""

from __future__ import annotations

from edge.contract.topics import shard_of

SHARDS = 256
GROUPS = 32
"""How many leases there are; more workers than this gain nothing."""


def group_of(device: str) -> int:
    """The group that a device belongs to, 0–31."""
    return int(shard_of(device), 16) * GROUPS // SHARDS


def shards_of(group: int) -> list[str]:
    """The shards of a group, as topics spell them."""
    width = SHARDS // GROUPS
    return [f"{shard:02x}" for shard in range(group * width, (group + 1) * width)]
