"""The writer: takes what arrived, makes a step, commits it, and only then acks.

Rules it keeps:
- What arrived while the last commit ran is the next step; nothing lingers for a fuller one.
- A step that the store cannot take is tried again until it can; nothing is acked meanwhile, the inbox fills, and the
  broker waits.
- With InfluxDB the readings go first, the ledger after: a crash between them writes the same points again.
- Whoever follows (judgement, live pages) sees a step after it is committed.
- What time alone changes (alerts) is entered by this thread too, between steps and while the store fails.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from edge.contract.control import Ack, encode
from edge.contract.topics import Channel
from hub.blobs import BlobFiles
from hub.books import Books
from hub.config import LimitsTable
from hub.errors import StoreError
from hub.ingest import Ingest
from hub.ledger_port import Ledger
from hub.mqtt import Inbox
from hub.rollup import Roller
from hub.step import PAYLOAD_KEPT_BYTES, Quarantined, Received, Step
from hub.store.port import Row, Store
from hub.store.sqlite import SqliteStore

RETRY_MOST_S = 5.0
TICK_S = 0.5
NOBODY = "0" * 16
"""The epoch of an ack that is about a payload, not about numbers."""


class Counters:
    """What the hub has done since it started, for ``/metrics``."""

    def __init__(self) -> None:
        self.messages = 0
        self.records = 0
        self.refused = 0
        self.steps = 0
        self.store_failures = 0


class Follower(Protocol):
    """Sees what was committed."""

    def __call__(self, step: Step) -> None:
        """Take a committed step; must be quick."""
        ...


class Commit(NamedTuple):
    """How a step becomes durable: with the embedded store in one transaction, otherwise points first, ledger after."""

    ledger: Ledger
    store: Store
    roller: Roller

    def __call__(self, step: Step) -> None:
        """Commit a step; the windows that it touches are marked for condensing before.

        Raises:
            StoreError: it is not durable; the same step may be committed again.
        """
        with self.roller.writing(step.rows):
            self._commit(step)

    def _commit(self, step: Step) -> None:
        if isinstance(self.store, SqliteStore) and isinstance(self.ledger, Books):
            try:
                self.ledger.commit(step, self.store.insert)
            except StoreError:
                self.store.forget()
                raise
            return
        if step.rows:
            for refused in self.store.write(step.rows):
                step.quarantined.append(_refused_by_store(refused.row, refused.reason))
                account = step.accounts[refused.row.device, refused.row.epoch]
                step.accounts[refused.row.device, refused.row.epoch] = account.with_refused(1)
        self.ledger.commit(step)

    def are_stored(self, rows: Sequence[Row]) -> list[bool]:
        """Whether exactly these rows of one batch, or their refusals or losses, stand under their numbers, for each."""
        return [
            self.ledger.is_accounted_otherwise(row) if found is None else found
            for row, found in zip(rows, self.store.are_stored(rows), strict=True)
        ]


class Writer:
    """The hub's one writing thread."""

    def __init__(
        self,
        inbox: Inbox,
        ingest: Ingest,
        commit: Commit,
        blobs: BlobFiles,
        publish: Callable[[str, Channel, bytes], None],
        followers: list[Follower],
        log: Callable[[str, str, str], None],
        limits: LimitsTable,
        tick: Callable[[], None],
    ) -> None:
        """``tick`` is called at least every ``TICK_S`` seconds between steps; a ``StoreError`` of it is logged."""
        self._inbox = inbox
        self._ingest = ingest
        self._commit = commit
        self._blobs = blobs
        self._publish = publish
        self._followers = followers
        self._log = log
        self._limits = limits
        self._tick = tick
        self.counters = Counters()

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set."""
        while not stop.is_set():
            messages = self._inbox.take(self._limits.step_messages, self._limits.step_bytes, TICK_S)
            if messages:
                self._one(messages, stop)
            self._let_time_pass()

    def _let_time_pass(self) -> None:
        try:
            self._tick()
            self._log("alerts", "working", "")
        except StoreError as problem:
            self._log("alerts", "failing", str(problem))

    def _one(self, messages: list[Received], stop: threading.Event) -> None:
        pause = 0.1
        while True:
            try:
                step = self._ingest.step(messages)
                self._commit(step)
                break
            except StoreError as problem:
                self.counters.store_failures += 1
                self._log("store", "failing", str(problem))
                self._let_time_pass()
                if stop.wait(pause):
                    return
                pause = min(pause * 2, RETRY_MOST_S)
        self._log("store", "working", "")
        self._ack(step)
        self._take_chunks(step)
        self.counters.messages += len(messages)
        self.counters.records += len(step.rows)
        self.counters.refused += len(step.quarantined)
        self.counters.steps += 1
        for follower in self._followers:
            follower(step)

    def _ack(self, step: Step) -> None:
        ledger = self._commit.ledger
        for (device, epoch), reply in step.replies.items():
            ack = ledger.account_of(device, epoch).ack(ledger.generation, epoch, *reply)
            self._publish(device, Channel.ACK, encode(ack))
        for device, digest in step.unreadable:
            self._publish(
                device, Channel.ACK, encode(Ack(generation=ledger.generation, epoch=NOBODY, unreadable=digest))
            )

    def _take_chunks(self, step: Step) -> None:
        """Chunks come after everything else; what the disk does not take is not acked and comes again."""
        generation = self._commit.ledger.generation
        for device, chunk in step.chunks:
            try:
                ack = self._blobs.take(device, chunk)
                self._log("blobs", "working", "")
            except StoreError as problem:
                self._log("blobs", "failing", str(problem))
                continue
            self._publish(device, Channel.ACK, encode(Ack(generation=generation, epoch=NOBODY, blob=ack)))


def _refused_by_store(row: Row, reason: str) -> Quarantined:
    return Quarantined(
        row.t, "", row.device, row.epoch, row.number, f"store: {reason}", row.line[:PAYLOAD_KEPT_BYTES], len(row.line)
    )
