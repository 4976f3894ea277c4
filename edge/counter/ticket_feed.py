"""The ticket machine's feed by HTTP: the very lines of its serial line, asked for again and again.

    GET <url>                      the newest line
    GET <url>?after=<number>       the lines after that number, oldest first; nothing where there is none

Answers are ``text/plain``; lines, numbers and checksums are those of ``ticket_line.py``, heartbeats included, so that what
the machine no longer holds shows as lost, and what is damaged is counted. An event is timed when it is fetched, at most
``every_s`` after it happened.
"""

from __future__ import annotations

from threading import Event
from typing import Annotated, Final

import msgspec

from edge.contract.quantity import Code
from edge.counter.ticket_line import TicketLineDecoder
from edge.errors import SourceError
from edge.source import Emit

TIMEOUT_S: Final = 5.0
ANSWER_MAX_BYTES: Final = 262_144


class TicketFeedSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="ticket_feed"
):
    """The feed of a ticket machine or of the terminal that drives it."""

    url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s?#]+$")]
    name: Code = "tickets"
    every_s: Annotated[float, msgspec.Meta(ge=0.2, le=30)] = 1.0


class TicketFeedSource:
    """The feed's events and heartbeats as items."""

    def __init__(self, settings: TicketFeedSettings) -> None:
        self._settings = settings
        self._decoder = TicketLineDecoder()

    @property
    def name(self) -> str:
        return self._settings.name

    @property
    def frames_bad(self) -> int:
        """See ``CountsFrames``."""
        return self._decoder.counters.damaged + self._decoder.counters.too_long

    @property
    def frames_lost(self) -> int:
        """See ``CountsFrames``."""
        return self._decoder.counters.lost

    def run(self, emit: Emit, stop: Event) -> None:
        """See ``Source.run``; after a pause it goes on where it was."""
        while not stop.is_set():
            for item in self._decoder.feed(self._ask()):
                emit(item)
            stop.wait(self._settings.every_s)

    def _ask(self) -> bytes:
        import http.client
        import urllib.error
        import urllib.request

        number = self._decoder.last_number
        url = self._settings.url if number is None else f"{self._settings.url}?after={number}"
        try:
            with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:
                received: bytes = answer.read(ANSWER_MAX_BYTES + 1)
        except (OSError, http.client.HTTPException) as problem:
            raise SourceError(
                f"source {self.name}: {url}: {problem}; check the ticket machine and the network"
            ) from problem
        if len(received) > ANSWER_MAX_BYTES:
            raise SourceError(
                f"source {self.name}: {url}: answers more than {ANSWER_MAX_BYTES} bytes; it should hold fewer lines"
            )
        return received
