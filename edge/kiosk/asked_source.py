"""A partner that is asked in turns, a printer or a power supply: its answer as items, or that it does not answer.

Rules it keeps:
- One that does not answer is known not to: the items of ``lost`` say so, and it is asked again at the next turn.
- That is logged once, and nothing that the partner said goes into an error or the log.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from threading import Event

from edge.kiosk.items import Item
from edge.source import Emit

_log = logging.getLogger(__name__)


class Unanswered(Exception):
    """There was no answer, or none that can be used; the message says why in words of our own."""


class AskedSource(ABC):
    """Asks every ``poll_s``; ``where`` names the partner in the log."""

    def __init__(self, name: str, where: str, poll_s: float) -> None:
        self.name = name
        self._where = where
        self._poll_s = poll_s
        self._was_well = True

    def run(self, emit: Emit, stop: Event) -> None:
        """See ``Source.run``."""
        while not stop.is_set():
            for item in self.ask():
                emit(item)
            stop.wait(self._poll_s)

    def ask(self) -> list[Item]:
        """One question and what came of it."""
        try:
            items = self.answered()
        except Unanswered as problem:
            if self._was_well:
                _log.warning("source %s: %s: %s", self.name, self._where, problem)
            self._was_well = False
            return self.lost()
        self._was_well = True
        return items

    @abstractmethod
    def answered(self) -> list[Item]:
        """The items of one answer.

        Raises:
            Unanswered: there was none.
        """

    @abstractmethod
    def lost(self) -> list[Item]:
        """The items that say that there was none."""
