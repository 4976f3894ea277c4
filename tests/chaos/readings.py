"""The readings that the harness feeds: each is told by its number alone, so that a checker knows what it must say."""

from __future__ import annotations

import threading
from typing import Any

from edge.counter.items import TicketEvent
from edge.source import Emit
from tests.chaos.panel import Journal, Panel

TURN_S = 0.02
LATE_MOST_S = 1.0
"""What a sensor's end makes up for after it stood still."""


def ticket_event(stream: str, number: int) -> TicketEvent:
    """The ``number``-th reading of a stream: a call, so that the queue's record that follows tells its number, too."""
    return TicketEvent(service=f"{stream}{number % 3}", event="called", ticket=number, window=number % 7)


def says_of(stream: str, number: int) -> dict[str, Any]:
    """What a record of that reading must say, but for its time."""
    return {"service": f"{stream}{number % 3}", "event": "called", "ticket": number, "window": number % 7}


class NumberedSource:
    """A sensor in the agent's own process: a steady stream of numbered readings, as the panel says."""

    name = "numbered"

    def __init__(self, panel: Panel, journal: Journal, stream: str) -> None:
        self._panel = panel
        self._journal = journal
        self._stream = stream

    def run(self, emit: Emit, stop: threading.Event) -> None:
        """See ``Source.run``. A number is used up before its reading is given: none is given twice."""
        panel = self._panel
        self._journal.begins(panel.next)
        owed = 0.0
        while not stop.wait(TURN_S):
            owed = min(owed + panel.rate * TURN_S, panel.rate * LATE_MOST_S)
            while owed >= 1.0 and panel.next < panel.target and not stop.is_set():
                number = panel.next
                panel.next = number + 1
                emit(ticket_event(self._stream, number))
                owed -= 1.0
