"""Every service that an XFS4IoT service publisher names, found at each start and watched like a source of its own."""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterator, Sequence
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from edge.contract.quantity import Code
from edge.errors import SourceError
from edge.kiosk.items import ProviderLink
from edge.kiosk.publisher import MOST_SERVICES, Named, named_in, services_command, usable
from edge.kiosk.xfs4iot import MAX_MESSAGE_BYTES
from edge.kiosk.xfs4iot_source import Xfs4IotSettings, Xfs4IotSource, why
from edge.source import Emit

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

_LOOK_UP_S: Final = 0.5
MESSAGES_MOST: Final = 256
"""More than these, and waits of half a second among them, are no answer to one question."""
_log = logging.getLogger(__name__)


class PublisherSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="xfs4iot_publisher"
):
    """A service publisher; its services are ``NAME-1``, ``NAME-2``, … and each is asked every ``poll_s``."""

    url: Annotated[str, msgspec.Meta(pattern=r"^wss?://")]
    name: Annotated[Code, msgspec.Meta(max_length=24)] = "xfs"
    poll_s: Annotated[float, msgspec.Meta(ge=1, le=300)] = 10.0
    timeout_s: Annotated[float, msgspec.Meta(ge=0.5, le=60)] = 5.0


class PublisherSource:
    """The items of all services.

    Rules it keeps:
    - A service that breaks is said by its own link and tried again every ``poll_s``; the others go on.
    - When none of them is up any more it gives up, and the publisher is asked anew: they may have moved.
    - Nothing that the publisher or a service says goes into an error or the log; a service is named by its number there.
    """

    def __init__(self, settings: PublisherSettings) -> None:
        self._settings = settings

    @property
    def name(self) -> str:
        return self._settings.name

    def run(self, emit: Emit, stop: Event) -> None:
        """See ``Source.run``."""
        services = self._services(self._addresses(stop))
        standing = _Standing(emit, len(services), self._settings.poll_s)
        threads = [Thread(target=standing.watch, args=(service,), daemon=True) for service in services]
        for thread in threads:
            thread.start()
        while not stop.wait(_LOOK_UP_S) and standing.any_up():
            pass
        standing.leave.set()
        for thread in threads:
            thread.join()
        if not stop.is_set():
            raise SourceError(f"source {self.name}: none of {len(services)} services of {self._settings.url} answers")

    def _services(self, addresses: Sequence[str]) -> list[Xfs4IotSource]:
        given, most = self._settings, len(addresses)
        return [
            Xfs4IotSource(
                Xfs4IotSettings(url=url, name=f"{given.name}-{number}", poll_s=given.poll_s, timeout_s=given.timeout_s),
                f"service {number} of {most} of {given.url}",
            )
            for number, url in enumerate(addresses, 1)
        ]

    def _addresses(self, stop: Event) -> list[str]:
        """What the publisher names: it is asked once, and then heard until its answer is complete."""
        from websockets.exceptions import WebSocketException
        from websockets.sync.client import connect

        given, found = self._settings, set[str]()
        try:
            with connect(
                given.url, open_timeout=given.timeout_s, close_timeout=1.0, max_size=MAX_MESSAGE_BYTES, compression=None,
                proxy=None,
            ) as connection:  # fmt: skip
                connection.send(services_command(1, round(given.timeout_s * 1000)))
                for named in self._answers(connection, stop):
                    found.update(named.addresses)
                    if named.last or len(found) > MOST_SERVICES:
                        break
            return usable(given.url, found)
        except (OSError, WebSocketException) as problem:
            raise SourceError(
                f"source {self.name}: {given.url}: {why(problem)}; is the service publisher running?"
            ) from None
        except SourceError as problem:
            raise SourceError(f"source {self.name}: {problem}") from None

    def _answers(self, connection: ClientConnection, stop: Event) -> Iterator[Named]:
        """Its messages, while it says one within ``timeout_s``; time is counted in waits, so that no clock is needed."""
        patience = waits = max(1, round(self._settings.timeout_s / _LOOK_UP_S))
        for _ in range(MESSAGES_MOST):
            try:
                yield named_in(connection.recv(timeout=_LOOK_UP_S))
                waits = patience
            except TimeoutError:
                waits -= 1
                if waits == 0 or stop.is_set():
                    break
        raise TimeoutError(errno.ETIMEDOUT, "it does not complete its answer")


class _Standing:
    """Which services are up; ``leave`` ends them all."""

    def __init__(self, emit: Emit, services: int, again_s: float) -> None:
        self._emit = emit
        self._services = services
        self._again_s = again_s
        self._down: set[str] = set()
        self._lock = Lock()
        self.leave = Event()

    def any_up(self) -> bool:
        """Whether one is up, or not yet known to be down."""
        with self._lock:
            return len(self._down) < self._services

    def watch(self, service: Xfs4IotSource) -> None:
        """Run one service's source, again and again."""

        def pass_on(item: object) -> None:
            if isinstance(item, ProviderLink) and item.up:
                self._is_up(service.name)
            self._emit(item)

        while not self.leave.is_set():
            try:
                service.run(pass_on, self.leave)
            except SourceError as problem:
                self._fell(service.name, problem)
                self.leave.wait(self._again_s)

    def _is_up(self, name: str) -> None:
        with self._lock:
            was_down, self._down = name in self._down, self._down - {name}
        if was_down:
            _log.warning("source %s: is up again", name)

    def _fell(self, name: str, problem: SourceError) -> None:
        with self._lock:
            was_down, self._down = name in self._down, self._down | {name}
        if not was_down:
            _log.warning("%s", problem)
