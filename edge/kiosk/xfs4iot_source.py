"""The XFS4IoT service provider of a cabinet, a WebSocket on the machine itself."""

from __future__ import annotations

import errno
import logging
from threading import Event
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from edge.contract.quantity import Code
from edge.errors import SourceError
from edge.kiosk.items import ProviderLink, ProviderStatus
from edge.kiosk.xfs4iot import MAX_MESSAGE_BYTES, JobNumbers, items_of, status_command
from edge.source import Emit

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

_LOOK_UP_S: Final = 0.5
_MAX_REQUEST_ID: Final = 2**31 - 1
_log = logging.getLogger(__name__)


class Xfs4IotSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="xfs4iot"
):
    """A service provider, asked for its whole status every ``poll_s``; its events come by themselves."""

    url: Annotated[str, msgspec.Meta(pattern=r"^wss?://")]
    name: Code = "xfs"
    poll_s: Annotated[float, msgspec.Meta(ge=1, le=300)] = 10.0
    timeout_s: Annotated[float, msgspec.Meta(ge=0.5, le=60)] = 5.0


class Xfs4IotSource:
    """A service provider's status and events as items.

    Rules it keeps:
    - That the connection came up or broke is an item, said before anything else and before it gives up.
    - A message that is not understood is left out; the connection lives on.
    - A provider that answers nothing for three polls is taken for gone.
    - Nothing that the provider says goes into an error or the log, the words with which it closes included.
    """

    def __init__(self, settings: Xfs4IotSettings, called: str | None = None) -> None:
        """``called`` names the provider in errors; its address where that is None."""
        self._settings = settings
        self._called = called or settings.url
        self._jobs = JobNumbers()

    @property
    def name(self) -> str:
        return self._settings.name

    def run(self, emit: Emit, stop: Event) -> None:
        """See ``Source.run``."""
        from websockets.exceptions import WebSocketException
        from websockets.sync.client import connect

        settings = self._settings
        try:
            with connect(
                settings.url,
                open_timeout=settings.timeout_s,
                close_timeout=1.0,
                max_size=MAX_MESSAGE_BYTES,
                compression=None,
                proxy=None,
            ) as connection:
                emit(ProviderLink(up=True, source=self.name))
                self._converse(connection, emit, stop)
        except (OSError, WebSocketException) as problem:
            emit(ProviderLink(up=False, source=self.name))
            raise SourceError(
                f"source {self.name}: {self._called}: {why(problem)}; is the service provider running?"
            ) from None

    def _converse(self, connection: ClientConnection, emit: Emit, stop: Event) -> None:
        """Ask, listen, ask again; time is counted in waits, so that no clock is needed."""
        waits_a_poll = max(1, round(self._settings.poll_s / _LOOK_UP_S))
        request_id, waits, unanswered, misunderstood = 0, waits_a_poll, 0, False
        while not stop.is_set():
            if waits >= waits_a_poll:
                if unanswered == 3:
                    raise TimeoutError(
                        errno.ETIMEDOUT, f"no answer to 3 requests, one every {self._settings.poll_s:g} s"
                    )
                request_id, waits, unanswered = request_id % _MAX_REQUEST_ID + 1, 0, unanswered + 1
                connection.send(status_command(request_id, round(self._settings.timeout_s * 1000)))
            try:
                text = connection.recv(timeout=_LOOK_UP_S)
            except TimeoutError:
                waits += 1
                continue
            try:
                items = items_of(text, self._jobs)
            except SourceError as problem:
                if not misunderstood:
                    _log.warning("source %s: %s", self.name, problem)
                misunderstood = True
                continue
            for item in items:
                named = isinstance(item, ProviderStatus)
                emit(msgspec.structs.replace(item, source=self.name) if named else item)
            unanswered = 0 if items else unanswered


def why(problem: Exception) -> str:
    """The kind of a problem, and the system's word for it; never the other side's."""
    told = problem.strerror if isinstance(problem, OSError) else None
    return told or type(problem).__name__
