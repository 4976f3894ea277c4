"""An uninterruptible power supply, asked of NUT's ``upsd`` on this machine or beside it."""

from __future__ import annotations

import logging
import socket
from threading import Event
from typing import Annotated, Final

import msgspec

from edge.contract.quantity import Code
from edge.errors import SourceError
from edge.kiosk.items import Item
from edge.kiosk.nut import MAX_ANSWER_BYTES, comm_lost, is_whole, items_of, question
from edge.source import Emit

_CHUNK: Final = 4096
_log = logging.getLogger(__name__)


class NutSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="nut"):
    """A supply of ``upsd``, asked every ``poll_s``."""

    ups: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    name: Code = "ups"
    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 3493
    poll_s: Annotated[float, msgspec.Meta(ge=0.05, le=300)] = 5.0
    timeout_s: Annotated[float, msgspec.Meta(ge=0.5, le=60)] = 3.0


class NutSource:
    """A supply's flags and battery as items.

    Rules it keeps:
    - An ``upsd`` that does not answer, or does not hear the supply, is *comm lost*; it is asked again at the next turn.
    - Nothing that it says goes into an error or the log.
    """

    def __init__(self, settings: NutSettings) -> None:
        self._settings = settings
        self._was_well = True

    @property
    def name(self) -> str:
        return self._settings.name

    def run(self, emit: Emit, stop: Event) -> None:
        """See ``Source.run``."""
        while not stop.is_set():
            for item in self.ask():
                emit(item)
            stop.wait(self._settings.poll_s)

    def ask(self) -> list[Item]:
        """One question and what came of it."""
        settings = self._settings
        try:
            items = items_of(self._variables(), self.name)
            self._was_well = True
            return items
        except (OSError, SourceError) as problem:
            told = problem.strerror or type(problem).__name__ if isinstance(problem, OSError) else str(problem)
            if self._was_well:
                _log.warning("source %s: %s:%d %s: %s", self.name, settings.host, settings.port, settings.ups, told)
            self._was_well = False
            return [comm_lost(self.name)]

    def _variables(self) -> bytes:
        settings = self._settings
        with socket.create_connection((settings.host, settings.port), timeout=settings.timeout_s) as line:
            line.sendall(question(settings.ups))
            data = b""
            while not is_whole(data):
                chunk = line.recv(_CHUNK)
                if not chunk or len(data) > MAX_ANSWER_BYTES:
                    raise SourceError(f"answer of {len(data)} bytes: cut, or above {MAX_ANSWER_BYTES}; is it upsd?")
                data += chunk
        return data
