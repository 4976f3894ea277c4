"""The keeper of a worker's leases: beats, looks into the bucket, and carries out what the session decides.

It runs in a thread of its own. The session is asked by the writing thread too (``may_act``), so a lock is around it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from hub.cluster.entries import BEATS, LeaseEntry, beat_key, encode, lease_key, owner_of
from hub.cluster.groups import GROUPS, shards_of
from hub.cluster.kv_ledger import FencedError, KvLedger
from hub.cluster.port import Keys, Swap, Written
from hub.cluster.session import FREE, Action, Bury, Claim, Lease, Lost, Release, Seen, Session
from hub.errors import StoreError


class Subscriptions(Protocol):
    """The shards that the broker gives us."""

    def take_shards(self, shards: Sequence[str]) -> None:
        """Hear the devices of these too."""
        ...

    def drop_shards(self, shards: Sequence[str]) -> None:
        """No longer hear those of these."""
        ...


class Keeper:
    """Keeps the leases of one worker.

    Args:
        clock: monotonic [s].
    """

    def __init__(
        self, session: Session, bucket: Keys, clock: Callable[[], float], log: Callable[[str, str, str], None]
    ) -> None:
        self._session = session
        self._bucket = bucket
        self._clock = clock
        self._log = log
        self._lock = threading.Lock()

    def may_act(self, group: int) -> bool:
        """Whether we may write and ack for a group now."""
        with self._lock:
            return self._session.may_act(group, self._clock())

    def run(self, ledger: KvLedger, subscriptions: Subscriptions, stop: threading.Event) -> None:
        """Keep leases until told to stop, then give them back."""
        beats = threading.Thread(target=self._beats, args=(stop,), name="beats")
        beats.start()
        while not stop.wait(self._session.timing.beat_s):
            self.look(ledger, subscriptions, stop.is_set)
        beats.join()
        self._leave(ledger)

    def beat(self) -> None:
        """Show that this worker lives."""
        sent_at = self._clock()
        try:
            self._bucket.put(beat_key(self._session.worker), b"{}")
        except StoreError as problem:
            self._log("beats", "waiting", str(problem))
            return
        with self._lock:
            self._session.confirmed(sent_at)
        self._log("beats", "working", "")

    def look(self, ledger: KvLedger, subscriptions: Subscriptions, is_ending: Callable[[], bool]) -> None:
        """Look into the bucket once, and do what the session decides."""
        try:
            self._look(ledger, subscriptions, is_ending)
            self._log("leases", "working", "")
        except StoreError as problem:
            self._log("leases", "waiting", str(problem))

    def _beats(self, stop: threading.Event) -> None:
        self.beat()
        while not stop.wait(self._session.timing.beat_s):
            self.beat()

    def _look(self, ledger: KvLedger, subscriptions: Subscriptions, is_ending: Callable[[], bool]) -> None:
        began = self._clock()
        ledger.read_generation()
        seen = self._seen()
        with self._lock:
            actions = self._session.look(self._clock(), seen)
        for action in actions:
            if is_ending() or (isinstance(action, Claim) and self._clock() - began > self._session.timing.hold_s):
                return
            self._carry_out(action, ledger, subscriptions)

    def _seen(self) -> Seen:
        beats = self._bucket.keys(f"{BEATS}.*")
        leases = [lease_key(group) for group in range(GROUPS)]
        found = self._bucket.read([*beats, *leases])
        return Seen(
            {
                group: Lease(owner_of(key, found[key].value), found[key].revision)
                for group, key in enumerate(leases)
                if key in found
            },
            {key.removeprefix(f"{BEATS}."): found[key].revision for key in beats if key in found},
        )

    def _carry_out(self, action: Action, ledger: KvLedger, subscriptions: Subscriptions) -> None:
        if isinstance(action, Lost):
            self._log(f"group {action.group}", "lost", f"to {action.owner or 'nobody'}")
            subscriptions.drop_shards(shards_of(action.group))
            ledger.drop(action.group)
        elif isinstance(action, Release):
            self._give_back(action, ledger, subscriptions)
        elif isinstance(action, Claim):
            self._claim(action, ledger, subscriptions)
        elif isinstance(action, Bury):
            self._bucket.delete(beat_key(action.worker))

    def _give_back(self, action: Release, ledger: KvLedger, subscriptions: Subscriptions) -> None:
        subscriptions.drop_shards(shards_of(action.group))
        ledger.drop(action.group)
        with self._lock:
            self._session.dropped(action.group)
        self._write(action.group, FREE, action.revision)

    def _claim(self, action: Claim, ledger: KvLedger, subscriptions: Subscriptions) -> None:
        revision = self._write(action.group, self._session.worker, action.revision)
        if revision is None:
            return
        with self._lock:
            self._session.claimed(action.group, revision)
        try:
            ledger.take(action.group, revision)
        except FencedError:
            with self._lock:
                self._session.dropped(action.group)
            return
        except StoreError:
            self._give_back(Release(action.group, revision), ledger, subscriptions)
            raise
        subscriptions.take_shards(shards_of(action.group))

    def _write(self, group: int, owner: str, revision: int) -> int | None:
        """The lease's new revision; None when another was quicker or nothing was heard."""
        swap = Swap(lease_key(group), encode(LeaseEntry(owner=owner)), revision)
        [outcome] = self._bucket.swap([swap])
        return outcome.revision if isinstance(outcome, Written) else None

    def _leave(self, ledger: KvLedger) -> None:
        try:
            held = dict(self._session.held)
            for group in held:
                ledger.drop(group)
            self._bucket.swap(
                [Swap(lease_key(group), encode(LeaseEntry(owner=FREE)), revision) for group, revision in held.items()]
            )
            self._bucket.delete(beat_key(self._session.worker))
        except StoreError as problem:
            self._log("leases", "not given back", str(problem))
