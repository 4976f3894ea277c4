"""Workers that freeze, die and lose their answers: no reading is lost, no account goes back, nobody acts for what is not his."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from edge.contract.control import Ack
from hub.cluster.entries import Stored, decode, lease_key
from hub.cluster.kv_ledger import KvLedger, _Group, _Kept
from hub.cluster.port import Swap
from hub.step import Step
from tests.hub.cluster.world import Parts, World, Wrong

SEEDS = range(40)


@pytest.mark.parametrize("part", range(2))
def test_whatever_freezes_dies_or_is_lost_everything_is_stored_once_and_accounted_by_its_owner(part: int) -> None:
    frozen = 0
    for seed in SEEDS[part::2]:
        world = World(seed)
        world.run()
        frozen += world.frozen

    assert frozen > 10


class _Unsealed(KvLedger):
    """Takes a group over by reading it only."""

    def take(self, group: int, fence: int) -> None:
        taken = _Group(group, fence)
        found = self._bucket.read([key for key in self._bucket.keys(f"{group:02}.>") if key != lease_key(group)])
        taken.keys = {key: _Kept(decode(key, entry.value), entry.revision) for key, entry in found.items()}
        self._groups[group] = taken


class _UnguardedBirths(KvLedger):
    """Writes a new key on the condition that it is not there."""

    def _swap(self, key: str, group: _Group, entry: Stored) -> Swap:
        swap = super()._swap(key, group, entry)
        return swap if swap.guard is None else Swap(key, swap.value, 0)


class _AcksWhatItMade(KvLedger):
    """Owes every reply of a step, also where another has taken over."""

    def _withhold(self, step: Step) -> None:
        return


def acks_of_the_step(ledger: KvLedger, step: Step) -> list[tuple[str, Ack]]:
    """From what was computed, not from what stands in the bucket."""
    found: Mapping[tuple[str, str], object] = step.replies
    return [
        (device, step.accounts[device, epoch].ack(1, epoch))
        for device, epoch in found
        if (device, epoch) in step.accounts
    ]


BUGS: dict[str, Parts] = {
    "a late ack from a worker that slept: nothing is compared": Parts(is_fenced=False),
    "a late ack from a worker that slept: acks what it made": Parts(ledger=_AcksWhatItMade, acks=acks_of_the_step),
    "a group is served without being sealed": Parts(ledger=_Unsealed),
    "a new account is not bound to the lease": Parts(ledger=_UnguardedBirths),
}


def is_red(seed: int, parts: Parts) -> bool:
    try:
        World(seed, parts).run()
    except Wrong:
        return True
    return False


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_turns_a_seed_red(bug: str) -> None:
    assert any(is_red(seed, BUGS[bug]) for seed in SEEDS)
