"""What the API and the pages answer from, put together by the hub's composition root."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from fastapi import Request

from hub.blobs import BlobFiles
from hub.errors import BusyError
from hub.ledger_port import LedgerAnswers
from hub.live import Live
from hub.store.port import Series, SeriesQuery, Store
from hub.writer import Counters

QUERIES_AT_ONCE = 3
"""Most answers with many rows that are made at the same time: what they hold in memory is bounded by it."""
QUEUE_S = 5.0
"""How long such an answer waits for its turn before it is refused [s]."""


@dataclass
class Parts:
    """What the API answers from; ``groups_served`` is a worker's of a cluster.

    ``is_ending`` ends the event streams, so that the hub need not wait for them.
    """

    live: Live
    ledger: LedgerAnswers
    store: Store
    series: Callable[[SeriesQuery], list[Series]]
    blobs: BlobFiles
    counters: Counters
    now: Callable[[], int]
    inbox_bytes: Callable[[], int]
    broker_connected: Callable[[], bool]
    groups_served: Callable[[], int] | None = None
    is_ending: bool = False
    turns: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(QUERIES_AT_ONCE))

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Make an answer with many rows within this.

        Raises:
            BusyError: others take too long; try again.
        """
        if not self.turns.acquire(timeout=QUEUE_S):
            raise BusyError(f"{QUERIES_AT_ONCE} large answers are being made: try again in some seconds")
        try:
            yield
        finally:
            self.turns.release()


def parts_of(request: Request) -> Parts:
    """The parts of the application that got the request."""
    parts: Parts = request.app.state.parts
    return parts
