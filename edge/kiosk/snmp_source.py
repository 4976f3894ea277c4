"""A printer, asked for its MIBs by SNMP version 1 or 2c: for printers that speak no IPP."""

from __future__ import annotations

import logging
import socket
from itertools import islice
from threading import Event
from typing import Annotated, Final, Literal

import msgspec

from edge.contract.quantity import Code
from edge.errors import SourceError
from edge.kiosk.conditions import IPP_STATE
from edge.kiosk.items import Item, ProviderStatus
from edge.kiosk.printer_mib import COLUMNS, MibValue, items_of
from edge.source import Emit

ROWS_MOST: Final = 64
_log = logging.getLogger(__name__)


class SnmpSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="snmp"):
    """A printer, asked every ``poll_s``. Asked in the clear, as these versions are: give it a community that only reads."""

    host: Annotated[str, msgspec.Meta(pattern=r"^[^\s/]+$", max_length=253)]
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 161
    community: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] = "public"
    version: Literal["1", "2c"] = "2c"
    name: Code = "printer"
    poll_s: Annotated[float, msgspec.Meta(ge=0.05, le=300)] = 10.0
    timeout_s: Annotated[float, msgspec.Meta(ge=0.1, le=60)] = 2.0


class SnmpSource:
    """A printer's MIBs as items.

    Rules it keeps:
    - A printer that does not answer is *unreachable*, which is known; it is asked again at the next turn.
    - Nothing that the printer says, nor the community, goes into an error or the log.
    - It reads at most ``ROWS_MOST`` rows a column.
    """

    def __init__(self, settings: SnmpSettings) -> None:
        self._settings = settings
        self._was_well = True

    @property
    def name(self) -> str:
        return self._settings.name

    def run(self, emit: Emit, stop: Event) -> None:
        """See ``Source.run``.

        Raises:
            SourceError: the SNMP client is not installed.
        """
        try:
            import gufo.snmp  # noqa: F401
        except ImportError as problem:
            raise SourceError(
                f'source {self.name}: no SNMP client; install: pip install "machikado[snmp]"'
            ) from problem
        while not stop.is_set():
            for item in self.ask():
                emit(item)
            stop.wait(self._settings.poll_s)

    def ask(self) -> list[Item]:
        """One round of questions and what came of it."""
        from gufo.snmp import SnmpError

        try:
            items = items_of(self._columns(), self.name)
            self._was_well = True
            return items
        except (OSError, SnmpError, SourceError) as problem:
            if self._was_well:
                _log.warning(
                    "source %s: %s port %d: %s", self.name, self._settings.host, self._settings.port, _why(problem)
                )
            self._was_well = False
            return [ProviderStatus({IPP_STATE: "unreachable"}, whole=True, source=self.name)]

    def _columns(self) -> dict[str, dict[str, MibValue]]:
        from gufo.snmp import SnmpVersion
        from gufo.snmp.sync import SnmpSession

        settings = self._settings
        session = SnmpSession(
            socket.gethostbyname(settings.host), settings.port, settings.community, timeout=settings.timeout_s,
            version=SnmpVersion.v1 if settings.version == "1" else SnmpVersion.v2c,
        )  # fmt: skip
        return {
            name: {
                identifier.removeprefix(column + "."): value
                for identifier, value in islice(session.fetch(column), ROWS_MOST)
            }
            for name, column in COLUMNS.items()
        }


def _why(problem: Exception) -> str:
    if isinstance(problem, TimeoutError):
        return "no answer; check the address, the community and that the printer speaks SNMP"
    return (
        str(problem) if isinstance(problem, OSError | SourceError) else f"unreadable answer ({type(problem).__name__})"
    )
