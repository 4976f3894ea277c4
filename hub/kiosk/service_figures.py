"""Figures of how a kiosk served, and of how many citizens what is wrong now affects."""

from __future__ import annotations

from typing import Final, Literal

from edge.contract.records.kiosk import KioskState
from hub.judgement import Figure
from hub.kiosk import wording
from hub.kiosk.certificates import CAN
from hub.kiosk.failures import Between
from hub.kiosk.service_book import ServiceBook
from hub.words import Words

AFFECTED: Final = "affected"
CONFIGURATION: Final = "configuration."
"""Keys by which the list of what to mend finds its figures."""
FRESH_S: Final = 3600.0
AHEAD_US: Final = 4 * 3_600_000_000
"""How far ahead citizens are counted who will not be served."""


class ServiceFigures:
    """Figures of a book, computed once a minute: a page asks for them every half second."""

    def __init__(self, book: ServiceBook) -> None:
        self._book = book
        self._minute = -1
        self._figures: list[Figure] = []
        self._rate: float | None = None

    def at(self, now: int) -> list[Figure]:
        """Availability and time between failures at ``now`` [µs UTC]; none before the first window."""
        self._look(now)
        return self._figures

    def affected(self, state: KioskState | None, since: int | None, empty_at: int | None, now: int) -> Figure:
        """Citizens not served since ``since``, or who will not be within ``AHEAD_US``, at this kiosk's own rate.

        Args:
            state: None when it is not known, and then neither is this.
            since: when what is wrong began [µs UTC].
            empty_at: when the next supply is forecast to be empty [µs UTC].
            now: [µs UTC].
        """
        self._look(now)
        value: float | None = None
        if state is not None and self._rate is not None:
            serves = state.state in CAN
            begins = (since or now) if not serves else now + AHEAD_US if empty_at is None else max(now, empty_at)
            value = self._rate * self._book.open_hours(begins, now + AHEAD_US) if begins < now + AHEAD_US else 0.0
        return Figure(key=AFFECTED, label=wording.AFFECTED, value=value, t=now, fresh_for_s=FRESH_S)

    def _look(self, now: int) -> None:
        if now // 60_000_000 != self._minute:
            self._minute = now // 60_000_000
            self._figures = [*_availability(self._book), *_between_failures(self._book)]
            self._rate = self._book.sessions_an_hour()


def _availability(book: ServiceBook) -> list[Figure]:
    found = book.availability()
    if found is None or book.newest is None:
        return []
    return [
        Figure(
            key="availability", label=wording.AVAILABILITY, value=None if found.share is None else 100 * found.share,
            unit="%", t=book.newest, fresh_for_s=FRESH_S, low=100 * found.low, high=100 * found.high, digits=1,
        )
    ]  # fmt: skip


def _between_failures(book: ServiceBook) -> list[Figure]:
    found = book.between_failures()
    if found is None or book.newest is None:
        return []
    mean_h = None if found.mean_s is None else found.mean_s / 3600
    value: float | Literal["too_few"] = "too_few" if mean_h is None else mean_h
    return [
        Figure(
            key="between_failures", label=wording.BETWEEN_FAILURES, value=value, unit="" if mean_h is None else "h",
            t=book.newest, fresh_for_s=FRESH_S, text=_too_few(found), low=None if mean_h is None else found.low_s / 3600,
            high=None if mean_h is None or found.high_s is None else found.high_s / 3600,
        )
    ]  # fmt: skip


def _too_few(found: Between) -> Words | None:
    return wording.too_few_failures(found.failures, found.low_s / 3600) if found.mean_s is None else None
