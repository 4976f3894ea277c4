"""An agent or a hub with a bug planted in it: `python -m tests.chaos.planted BUG CONFIG.toml`.

Each is a mistake that real gateways make. They are planted to show that the checkers see them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

import edge.main
import hub.main
from edge.config import load
from edge.contract.control import Ack, encode
from edge.contract.ranges import Range, RangeSet
from edge.contract.topics import Channel
from edge.link import Link, Publish
from edge.outbox import Outbox
from edge.outbox_rows import Entry
from edge.settle import SettlerState
from hub.books import Books
from hub.errors import StoreError
from hub.step import Received, Step
from hub.writer import Commit, Writer

LATE_S = 0.5
_agent: Any = edge.main
_hub: Any = hub.main


class Bug(NamedTuple):
    """A bug: whose it is, and how it is put into that process, which then runs as usual."""

    whose: Literal["agent", "hub"]
    plant: Callable[[Path], None]


def _outbox_deleted_at_start(config: Path) -> None:
    """An outbox in memory: it lies in a folder that is emptied at each start."""
    path = load(config).config.outbox.path
    for suffix in ("", "-wal", "-shm"):
        Path(path + suffix).unlink(missing_ok=True)


class _ForgetsOnSend(Link):
    """Takes what was handed to the broker as delivered."""

    def next_batches(self, now: float, mono_us: int) -> list[Publish]:
        sent = super().next_batches(now, mono_us)
        for batch in sent:
            self._outbox.account(0, [(batch.first, batch.last)])
        return sent


def _forgotten_when_sent(config: Path) -> None:
    """An agent for which publishing is delivering."""
    _agent.Link = _ForgetsOnSend


class _SendsOnce(Link):
    """Keeps what has no ack, and never sends it again."""

    def next_batches(self, now: float, mono_us: int) -> list[Publish]:
        fresh: list[Publish] = []
        for batch in super().next_batches(now, mono_us):
            if not self._sent_once.covers(batch.first, batch.last):
                fresh.append(batch)
            self._sent_once = self._sent_once.add(batch.first, batch.last)
        return fresh

    _sent_once = RangeSet()


def _never_retried(config: Path) -> None:
    """An agent that sends each record once."""
    _agent.Link = _SendsOnce


class _NumbersAnew(Outbox):
    """Deletes what was acked at once, the newest run too, and after a restart goes on one above what is left."""

    def account(self, through: int, ranges: Sequence[Range]) -> None:
        super().account(through, ranges)
        self._remove([run for run in self._rows.runs()[1:] if self._accounted.covers(run.first, run.last)])


def _number_used_twice(config: Path) -> None:
    """An agent that gives a number again after the record that had it was acked."""
    _agent.Outbox = _NumbersAnew


class _SaysYes(Outbox):
    """Says that records are kept though the disk refused them."""

    def append(self, entries: Sequence[Entry], settler: SettlerState | None = None) -> Range:
        try:
            return super().append(entries, settler)
        except Exception:  # noqa: BLE001 - this is the bug
            return self.last + 1, self.last + len(entries)


def _refused_and_said_kept(config: Path) -> None:
    """An agent that goes on as if nothing were when its disk is full."""
    _agent.Outbox = _SaysYes


class _AcksFirst(Writer):
    """Acks what it is about to commit."""

    def _ack(self, step: Step) -> None:
        """Said already."""

    def _one(self, messages: list[Received], stop: object) -> None:
        step = self._ingest.step(messages)
        commit = self._commit
        assert isinstance(commit.ledger, Books)
        commit.ledger._accounts.update(step.accounts)
        Writer._ack(self, step)
        time.sleep(LATE_S)
        commit(step)


def _acked_before_commit(config: Path) -> None:
    """A hub that acks before its commit, which comes half a second later."""
    _hub.Writer = _AcksFirst


class _AcksAnyway(Commit):
    """Goes on as if a step had been written."""

    def __call__(self, step: Step) -> None:
        try:
            super().__call__(step)
        except StoreError:
            assert isinstance(self.ledger, Books)
            self.ledger._accounts.update(step.accounts)


def _acked_though_the_store_failed(config: Path) -> None:
    """A hub that acks what its store refused."""
    _hub.Commit = _AcksAnyway


class _AcksAllBelow(Writer):
    """Takes the highest number seen for the number up to which it has everything."""

    def _ack(self, step: Step) -> None:
        ledger = self._commit.ledger
        for (device, epoch), reply in step.replies.items():
            account = ledger.account_of(device, epoch)
            whole = msgspec.structs.replace(account, through=max(account.last, account.through), ranges=RangeSet())
            ack: Ack = whole.ack(ledger.generation, epoch, *reply)
            self._publish(device, Channel.ACK, encode(ack))


def _acked_everything_below(config: Path) -> None:
    """A hub whose ack names the highest number that it has seen, holes and all."""
    _hub.Writer = _AcksAllBelow


class _StoresTwice(Commit):
    """Writes readings in a transaction of their own, under the next number too."""

    def __call__(self, step: Step) -> None:
        self.store.write([row._replace(number=row.number + 1) for row in step.rows[-1:]])
        super().__call__(step)


def _stored_under_two_numbers(config: Path) -> None:
    """A hub that stores the last reading of each step under the next number too."""
    _hub.Commit = _StoresTwice


BUGS: dict[str, Bug] = {
    "outbox_in_memory": Bug("agent", _outbox_deleted_at_start),
    "forgotten_when_sent": Bug("agent", _forgotten_when_sent),
    "never_retried": Bug("agent", _never_retried),
    "number_used_twice": Bug("agent", _number_used_twice),
    "refused_and_said_kept": Bug("agent", _refused_and_said_kept),
    "acked_before_commit": Bug("hub", _acked_before_commit),
    "acked_though_the_store_failed": Bug("hub", _acked_though_the_store_failed),
    "acked_everything_below": Bug("hub", _acked_everything_below),
    "stored_under_two_numbers": Bug("hub", _stored_under_two_numbers),
}

if __name__ == "__main__":
    bug, configuration = BUGS[sys.argv[1]], Path(sys.argv[2])
    bug.plant(configuration)
    (edge.main if bug.whose == "agent" else hub.main).run(configuration)
