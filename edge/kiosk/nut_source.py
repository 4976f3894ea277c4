"""An uninterruptible power supply, asked of NUT's ``upsd`` on this machine or beside it."""

from __future__ import annotations

import socket
from typing import Annotated, Final

import msgspec

from edge.contract.quantity import Code
from edge.errors import SourceError
from edge.kiosk.asked_source import AskedSource, Unanswered
from edge.kiosk.items import Item
from edge.kiosk.nut import MAX_ANSWER_BYTES, comm_lost, is_whole, items_of, question

_CHUNK: Final = 4096


class NutSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="nut"):
    """A supply of ``upsd``, asked every ``poll_s``."""

    ups: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    name: Code = "ups"
    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 3493
    poll_s: Annotated[float, msgspec.Meta(ge=0.05, le=300)] = 5.0
    timeout_s: Annotated[float, msgspec.Meta(ge=0.5, le=60)] = 3.0


class NutSource(AskedSource):
    """A supply's flags and battery as items; *comm lost* when ``upsd`` does not answer, or does not hear the supply."""

    def __init__(self, settings: NutSettings) -> None:
        super().__init__(settings.name, f"{settings.host}:{settings.port} {settings.ups}", settings.poll_s)
        self._settings = settings

    def lost(self) -> list[Item]:
        """See ``AskedSource``."""
        return [comm_lost(self.name)]

    def answered(self) -> list[Item]:
        """See ``AskedSource``."""
        try:
            return items_of(self._variables(), self.name)
        except SourceError as problem:
            raise Unanswered(str(problem)) from problem
        except OSError as problem:
            raise Unanswered(problem.strerror or type(problem).__name__) from problem

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
