"""The ledger of a cluster: one key an epoch in a JetStream bucket, advanced by compare-and-swap under a fencing number.

Rules it keeps:
- A group is served only when all its keys were *sealed*: rewritten, by compare-and-swap, with the fencing number of our
  lease. From then on every swap that a former owner has in hand, or will make after it slept, meets another revision.
- A key that is new is written on the condition that the lease itself still stands at our fencing number.
- Quarantine and losses are in InfluxDB before an account advances; an ack is owed only for what was swapped.
- A swap without an answer is looked up, not repeated blindly: what stands there tells whether it was done.
- Who is fenced off drops the group and the replies of its step; the new owner hears from the devices itself.

Only the writing thread calls ``step``-side methods; ``take`` and ``drop`` come from the thread that keeps the leases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import msgspec

from hub.cluster.entries import (
    GENERATION,
    AccountEntry,
    DeviceEntry,
    Stored,
    account_entry,
    account_key,
    decode,
    device_key,
    encode,
    lease_key,
)
from hub.cluster.groups import group_of
from hub.cluster.port import Entry, EvidenceBook, Keys, Swap, Unknown, Written
from hub.errors import StoreError
from hub.ledger import Account
from hub.step import Step
from hub.store.port import Row

HEARD_EVERY_US: Final = 60_000_000
"""How exactly the bucket knows when a device was heard; its account is exact [µs]."""
TURNS: Final = 150
TURN_S: Final = 0.1
"""How often, and how long apart, a swap is tried before the step fails: a stream chooses a new leader in 4–9 s."""


class FencedError(StoreError):
    """Another worker has taken over."""


class _ChangedError(StoreError):
    """An earlier try of ours that was given up was written after all: the step must be made anew."""


class _Kept(NamedTuple):
    """A key as we know it to stand."""

    entry: Stored
    revision: int


class _Group:
    """A group that we hold: its fencing number and all its keys."""

    def __init__(self, group: int, fence: int) -> None:
        self.group = group
        self.fence = fence
        self.keys: dict[str, _Kept] = {}
        self.is_dropped = False


class KvLedger:
    """Behind ``hub.ledger_port.Ledger``.

    Args:
        may_act: whether a group's lease is confirmed now.
        log: once a change.
    """

    def __init__(
        self,
        bucket: Keys,
        evidence: EvidenceBook,
        may_act: Callable[[int], bool],
        log: Callable[[str, str, str], None],
        wait: Callable[[float], bool],
    ) -> None:
        """``wait`` waits so long [s] between turns; it is true when the hub ends."""
        self._bucket = bucket
        self._evidence = evidence
        self._may_act = may_act
        self._log = log
        self._wait = wait
        self._groups: dict[int, _Group] = {}
        self._generation = 1

    # ---------------------------------------------------------------- leases

    def take(self, group: int, fence: int) -> None:
        """Read and seal a group whose lease we hold under ``fence``.

        Raises:
            FencedError: another has the lease by now.
            StoreError: it could not be done; the group is not served.
        """
        self.read_generation()
        taken = _Group(group, fence)
        waiting = [key for key in self._bucket.keys(f"{group:02}.>", least_revision=fence) if key != lease_key(group)]
        for _ in range(TURNS):
            found = self._bucket.read(waiting)
            swaps = [self._seal(taken, key, entry) for key, entry in found.items()]
            outcomes = self._bucket.swap([swap for swap, _ in swaps])
            waiting = []
            for (swap, sealed), outcome in zip(swaps, outcomes, strict=True):
                if isinstance(outcome, Written):
                    taken.keys[swap.key] = _Kept(sealed, outcome.revision)
                else:
                    waiting.append(swap.key)
            if not waiting:
                self._groups[group] = taken
                return
            if self._wait(TURN_S):
                break
        raise StoreError(f"group {group}: {len(waiting)} of its keys could not be sealed")

    def drop(self, group: int) -> None:
        """Stop serving a group at once."""
        found = self._groups.get(group)
        if found is not None:
            found.is_dropped = True

    def holds(self, device: str) -> bool:
        """Whether the device's group is served here."""
        group = self._groups.get(group_of(device))
        return group is not None and not group.is_dropped

    @property
    def served(self) -> int:
        """How many groups are served here."""
        return sum(not group.is_dropped for group in list(self._groups.values()))

    def forget_dropped(self) -> None:
        """Give back what dropped groups take; between steps only."""
        for number, group in list(self._groups.items()):
            if group.is_dropped and self._groups.get(number) is group:
                del self._groups[number]

    def read_generation(self) -> None:
        """Look whether a restore raised the generation.

        Raises:
            StoreError: no answer.
        """
        found = self._bucket.read([GENERATION]).get(GENERATION)
        self._generation = int(found.value) if found is not None else 1

    # ---------------------------------------------------------------- the port

    @property
    def generation(self) -> int:
        """Raised by every restore."""
        return self._generation

    def account_of(self, device: str, epoch: str) -> Account:
        """The account as it stands in the bucket, an empty one when it is not known.

        Raises:
            StoreError: the device's group is not served here.
        """
        kept = self._group(device).keys.get(account_key(device, epoch))
        return kept.entry.account() if kept is not None and isinstance(kept.entry, AccountEntry) else Account()

    def is_accounted_otherwise(self, row: Row) -> bool:
        """Whether the number was refused or declared lost.

        Raises:
            StoreError: InfluxDB does not answer.
        """
        return self._evidence.is_accounted_otherwise(row)

    def commit(self, step: Step) -> None:
        """Make durable all of a step but its rows; what was fenced off is no longer owed a reply.

        Raises:
            StoreError: it is not durable as a whole; a step made anew from the same messages may be committed.
        """
        self._evidence.write(step.quarantined, step.lost)
        groups = {self._group(device) for device in _devices(step)}
        unconfirmed = [group.group for group in groups if not self._may_act(group.group)]
        if unconfirmed:
            raise StoreError(f"ledger bucket: our leases are not confirmed (group {unconfirmed[0]} and others)")
        wanted = self._wanted(step)
        for _ in range(TURNS):
            wanted = self._turn(wanted)
            if not wanted:
                break
            if self._wait(TURN_S):
                raise StoreError("the hub ends")
        if wanted:
            raise StoreError(f"ledger bucket: {len(wanted)} keys are not written, e.g. {next(iter(wanted))}")
        self._withhold(step)

    def totals(self) -> dict[str, int]:
        """Sums over the epochs of the groups that are served here."""
        entries = [
            kept.entry
            for group in list(self._groups.values())
            for kept in list(group.keys.values())
            if isinstance(kept.entry, AccountEntry)
        ]
        sums = {name: sum(getattr(entry, name) for entry in entries) for name in ("stored", "refused", "lost")}
        missing = sum(entry.last for entry in entries) - sum(sums.values())
        return {"epochs": len(entries), **sums, "missing": missing}

    # ---------------------------------------------------------------- inside

    def _group(self, device: str) -> _Group:
        group = self._groups.get(group_of(device))
        if group is None:
            raise StoreError(f"device {device}: its group {group_of(device)} is not served here")
        return group

    def _seal(self, taken: _Group, key: str, entry: Entry) -> tuple[Swap, Stored]:
        before = decode(key, entry.value)
        if before.fence > taken.fence:
            raise FencedError(f"group {taken.group}: {key} was written under {before.fence}, ours is {taken.fence}")
        sealed = msgspec.structs.replace(before, fence=taken.fence)
        return Swap(key, encode(sealed), entry.revision), sealed

    def _wanted(self, step: Step) -> dict[str, tuple[_Group, Stored]]:
        """What a step makes of the keys."""
        wanted: dict[str, tuple[_Group, Stored]] = {}
        for (device, epoch), account in step.accounts.items():
            group = self._group(device)
            heard_t = step.heard.get(device, 0)
            kept = group.keys.get(account_key(device, epoch))
            before = kept.entry if kept is not None and isinstance(kept.entry, AccountEntry) else None
            opened_t, heard_before = (before.opened_t, before.heard_t) if before else (heard_t, 0)
            entry = account_entry(account, group.fence, opened_t, max(heard_t, heard_before))
            wanted[account_key(device, epoch)] = (group, entry)
        for device in {*step.heard, *step.states, *(device for device, _, _ in step.reported)}:
            group = self._group(device)
            kept = group.keys.get(device_key(device))
            device_before = kept.entry if kept is not None and isinstance(kept.entry, DeviceEntry) else None
            later = _device(device_before or DeviceEntry(fence=group.fence), step, device, group.fence)
            if later != device_before:
                wanted[device_key(device)] = (group, later)
        return wanted

    def _turn(self, wanted: dict[str, tuple[_Group, Stored]]) -> dict[str, tuple[_Group, Stored]]:
        """Try to write keys once; those that are not decided yet. Groups that another has taken are dropped."""
        wanted = {key: (group, entry) for key, (group, entry) in wanted.items() if not group.is_dropped}
        swaps = [self._swap(key, group, entry) for key, (group, entry) in wanted.items()]
        try:
            outcomes = self._bucket.swap(swaps)
        except StoreError as problem:
            outcomes = [Unknown(str(problem))] * len(swaps)
        unclear: list[str] = []
        for swap, outcome in zip(swaps, outcomes, strict=True):
            if isinstance(outcome, Written):
                group, entry = wanted.pop(swap.key)
                group.keys[swap.key] = _Kept(entry, outcome.revision)
            else:
                unclear.append(swap.key)
        if unclear:
            try:
                self._look_up(unclear, wanted)
            except _ChangedError:
                raise
            except StoreError as problem:
                self._log("ledger", "waiting", str(problem))
        else:
            self._log("ledger", "working", "")
        return wanted

    def _swap(self, key: str, group: _Group, entry: Stored) -> Swap:
        kept = group.keys.get(key)
        if kept is None:
            return Swap(key, encode(entry), group.fence, guard=lease_key(group.group))
        return Swap(key, encode(entry), kept.revision)

    def _look_up(self, keys: list[str], wanted: dict[str, tuple[_Group, Stored]]) -> None:
        """Decide by what stands there: done, taken over by another, or still to be tried."""
        leases = {lease_key(wanted[key][0].group) for key in keys}
        found = self._bucket.read([*keys, *leases])
        for key in keys:
            group, entry = wanted[key]
            stands = found.get(key)
            lease = found.get(lease_key(group.group))
            if stands is not None and stands.value == encode(entry):
                del wanted[key]
                group.keys[key] = _Kept(entry, stands.revision)
            elif (stands is not None and decode(key, stands.value).fence > group.fence) or (
                lease is None or lease.revision != group.fence
            ):
                self._log(f"group {group.group}", "taken over by another worker", "")
                group.is_dropped = True
            elif stands is not None:
                group.keys[key] = _Kept(decode(key, stands.value), stands.revision)
                raise _ChangedError(f"ledger bucket: {key} stands otherwise than we left it; the step is made anew")

    def _withhold(self, step: Step) -> None:
        """Take from a step the replies that we may not give."""
        silent = {device for device in _devices(step) if not self._may_reply(device)}
        for device, epoch in [key for key in step.replies if key[0] in silent]:
            del step.replies[device, epoch]
        step.unreadable[:] = [(device, digest) for device, digest in step.unreadable if device not in silent]
        step.chunks[:] = [(device, chunk) for device, chunk in step.chunks if device not in silent]

    def _may_reply(self, device: str) -> bool:
        return self.holds(device) and self._may_act(group_of(device))


def _devices(step: Step) -> set[str]:
    named: Iterable[str] = (device for device, _ in [*step.accounts, *step.replies, *step.unreadable, *step.chunks])
    return {*named, *step.heard, *step.states, *(device for device, _, _ in step.reported)}


def _device(before: DeviceEntry, step: Step, device: str, fence: int) -> DeviceEntry:
    """What a step makes of what is known of a device."""
    later = before
    heard_t = step.heard.get(device, 0)
    if heard_t - before.heard_t >= HEARD_EVERY_US:
        later = msgspec.structs.replace(later, heard_t=heard_t)
    if device in step.states:
        state, t = step.states[device]
        later = msgspec.structs.replace(later, state=state, state_t=t, family=state.family or before.family)
    for name, report, t in step.reported:
        if name == device:
            later = msgspec.structs.replace(later, config=report, config_t=t)
    return later if later == before else msgspec.structs.replace(later, fence=fence)
