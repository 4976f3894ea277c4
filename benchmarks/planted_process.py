"""An agent or a hub with a bug planted in it: `python -m benchmarks.planted_process BUG CONFIG.toml`.

Each is a mistake that real gateways make. `delivery_planted.py` runs them to show that the checker sees them.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import edge.main
import hub.main
from edge.config import load
from edge.link import Link, Publish
from hub.books import Books
from hub.step import Received, Step
from hub.writer import Commit, Writer

LATE_S = 0.5


def outbox_deleted_at_start(config: Path) -> None:
    """An agent whose outbox lies in a folder that is emptied at each start."""
    path = load(config).config.outbox.path
    for suffix in ("", "-wal", "-shm"):
        Path(path + suffix).unlink(missing_ok=True)
    edge.main.run(config)


class _ForgetsOnSend(Link):
    """Takes what was handed to the broker as delivered."""

    def next_batches(self, now: float, mono_us: int) -> list[Publish]:
        sent = super().next_batches(now, mono_us)
        for batch in sent:
            self._outbox.account(0, [(batch.first, batch.last)])
        return sent


def forgotten_when_sent(config: Path) -> None:
    """An agent for which publishing is delivering."""
    edge.main.Link = _ForgetsOnSend  # type: ignore[attr-defined]
    edge.main.run(config)


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


def acked_before_commit(config: Path) -> None:
    """A hub that acks before its commit, which comes half a second later."""
    hub.main.Writer = _AcksFirst  # type: ignore[attr-defined]
    hub.main.run(config)


class _StoresTwice(Commit):
    """Writes readings in a transaction of their own, under the next number too."""

    def __call__(self, step: Step) -> None:
        self.store.write([row._replace(number=row.number + 1) for row in step.rows[-1:]])
        super().__call__(step)


def stored_under_two_numbers(config: Path) -> None:
    """A hub that stores the last reading of each step under the next number too."""
    hub.main.Commit = _StoresTwice  # type: ignore[attr-defined]
    hub.main.run(config)


BUGS: dict[str, Callable[[Path], None]] = {
    bug.__name__: bug
    for bug in (outbox_deleted_at_start, forgotten_when_sent, acked_before_commit, stored_under_two_numbers)
}

if __name__ == "__main__":
    BUGS[sys.argv[1]](Path(sys.argv[2]))
