"""A worker's session: which groups of shards it should hold, which it may act for, and when it must stop.

A lease is a key of a group whose value names its owner and whose revision is the fencing number. It is written only when
it changes hands. That its owner lives is shown by a key of the owner's own, its *beat*, written again and again.

Rules it keeps:
- A lease changes hands only by compare-and-swap on the revision that was seen.
- A worker acts for a group only until ``hold_s`` after it *sent* the last beat that was confirmed, by its own clock; after
  that it pauses, and goes on under the same fencing number if the lease is still its own.
- Another's lease is taken when its beat did not change for ``lease_s`` of time in which this worker could look:
  time in which nothing could be read counts for at most two beats. No two clocks are compared.
- ``hold_s`` is half of ``lease_s``: an owner stops before anybody takes over, unless its clock runs at half the speed.
- Every living worker holds its fair share, ± 1: what it has above that it gives back, what is free it takes. A
  claim of ours that was written without our hearing of it is one or the other.
- Nothing here makes a frozen worker harmless: it cannot know that it slept. That is the ledger's compare-and-swap
  (``hub/cluster/kv_ledger.py``).

It does no I/O and reads no clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

FREE = ""
"""The owner of a lease that nobody holds."""
BEATS_A_LEASE = 10
BURIED_AFTER_LEASES = 10
"""After how many lease times the beat of a dead worker is taken away."""


class Timing(NamedTuple):
    """How long a lease outlives its owner's last beat [s]."""

    lease_s: float

    @property
    def beat_s(self) -> float:
        """How often a worker shows that it lives [s]."""
        return self.lease_s / BEATS_A_LEASE

    @property
    def hold_s(self) -> float:
        """How long a worker acts after a beat [s]."""
        return self.lease_s / 2


class Lease(NamedTuple):
    """Who holds a group, and the revision of the key that says so: the fencing number."""

    owner: str
    revision: int


NEVER = Lease(FREE, 0)
"""A lease that was never written."""


class Seen(NamedTuple):
    """The bucket as it was read: leases by group, and the revision of each worker's beat."""

    leases: Mapping[int, Lease]
    beats: Mapping[str, int]


class Claim(NamedTuple):
    """Write our name into a lease if it still stands at ``revision``; tell ``claimed``."""

    group: int
    revision: int


class Release(NamedTuple):
    """Stop acting for a group, then give the lease back if it still stands at ``revision``."""

    group: int
    revision: int


class Lost(NamedTuple):
    """Another holds the group: stop at once."""

    group: int
    owner: str


class Bury(NamedTuple):
    """Take away the beat of a worker that is long dead."""

    worker: str


Action = Claim | Release | Lost | Bury


class _Watched(NamedTuple):
    revision: int
    unchanged_s: float


class Session:
    """One worker's part; all times are the worker's own monotonic clock [s].

    Args:
        worker: the worker's name, never used by another process.
        groups: how many there are.
    """

    def __init__(self, worker: str, groups: int, timing: Timing) -> None:
        self.worker = worker
        self.timing = timing
        self._groups = groups
        self._held: dict[int, int] = {}
        self._valid_until: float | None = None
        self._looked_at: float | None = None
        self._watched: dict[str, _Watched] = {}

    @property
    def held(self) -> Mapping[int, int]:
        """The groups we hold, and the fencing number of each."""
        return self._held

    def confirmed(self, sent_at: float) -> None:
        """A beat that was sent then has been written."""
        self._valid_until = max(self._valid_until or sent_at, sent_at + self.timing.hold_s)

    def claimed(self, group: int, revision: int) -> None:
        """A claim was written under this revision: it is our fencing number from now on."""
        self._held[group] = revision

    def dropped(self, group: int) -> None:
        """We no longer act for a group, whatever the bucket says."""
        self._held.pop(group, None)

    def may_act(self, group: int, now: float) -> bool:
        """Whether we may write and ack for a group."""
        return group in self._held and self._valid_until is not None and now < self._valid_until

    def look(self, now: float, seen: Seen) -> list[Action]:
        """What to do about the bucket as it was read just now: first what was lost, then what is given, then taken."""
        self._watch(now, seen.beats)
        actions: list[Action] = [
            Lost(group, lease.owner)
            for group in sorted(self._held)
            if (lease := seen.leases.get(group, NEVER)) != Lease(self.worker, self._held[group])
        ]
        for lost in actions:
            assert isinstance(lost, Lost)
            self.dropped(lost.group)
        share = self._share(seen)
        surplus = sorted(self._held)[share:]
        actions += [Release(group, self._held[group]) for group in surplus]
        claims: list[Claim] = []
        if len(self._held) < share and self._valid_until is not None and now < self._valid_until:
            claims = [Claim(group, lease.revision) for group, lease in self._takeable(seen)[: share - len(self._held)]]
        claimed = {claim.group for claim in claims}
        actions += [
            Release(group, lease.revision)
            for group, lease in sorted(seen.leases.items())
            if lease.owner == self.worker and group not in self._held and group not in claimed
        ]
        return [*actions, *claims, *self._burials(seen)]

    def _watch(self, now: float, beats: Mapping[str, int]) -> None:
        """Count for how long each beat has stood still while we could look."""
        most = 2 * self.timing.beat_s
        passed = 0.0 if self._looked_at is None else min(max(now - self._looked_at, 0.0), most)
        self._looked_at = now
        before = self._watched
        self._watched = {
            worker: _Watched(revision, before[worker].unchanged_s + passed)
            if worker in before and before[worker].revision == revision
            else _Watched(revision, 0.0)
            for worker, revision in beats.items()
        }

    def _lives(self, worker: str) -> bool:
        watched = self._watched.get(worker)
        return worker == self.worker or (watched is not None and watched.unchanged_s < self.timing.lease_s)

    def _share(self, seen: Seen) -> int:
        living = sorted({self.worker, *(worker for worker in seen.beats if self._lives(worker))})
        least, more = divmod(self._groups, len(living))
        return least + (living.index(self.worker) < more)

    def _takeable(self, seen: Seen) -> list[tuple[int, Lease]]:
        """Leases that are free or whose owner is dead; each worker begins elsewhere, so that few claims meet."""
        living = sorted({self.worker, *(worker for worker in seen.beats if self._lives(worker))})
        begin = living.index(self.worker) * self._groups // len(living)
        order: Sequence[int] = [(begin + at) % self._groups for at in range(self._groups)]
        return [
            (group, lease)
            for group in order
            if group not in self._held
            and ((lease := seen.leases.get(group, NEVER)).owner in (FREE, self.worker) or not self._lives(lease.owner))
        ]

    def _burials(self, seen: Seen) -> list[Action]:
        owners = {lease.owner for lease in seen.leases.values()}
        return [
            Bury(worker)
            for worker, watched in self._watched.items()
            if watched.unchanged_s >= BURIED_AFTER_LEASES * self.timing.lease_s
            and worker not in owners
            and worker != self.worker
        ]
