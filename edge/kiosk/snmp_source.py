"""A printer, asked for its MIBs by SNMP version 1 or 2c: for printers that speak no IPP."""

from __future__ import annotations

import socket
from itertools import islice
from threading import Event
from typing import Annotated, Final, Literal

import msgspec

from edge.contract.quantity import Code
from edge.errors import SourceError
from edge.kiosk.asked_source import AskedSource, Unanswered
from edge.kiosk.conditions import IPP_STATE
from edge.kiosk.items import Item, ProviderStatus
from edge.kiosk.printer_mib import COLUMNS, MibValue, items_of
from edge.source import Emit

ROWS_MOST: Final = 64


class SnmpSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="snmp"):
    """A printer, asked every ``poll_s``. Asked in the clear, as these versions are: give it a community that only reads."""

    host: Annotated[str, msgspec.Meta(pattern=r"^[^\s/]+$", max_length=253)]
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 161
    community: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] = "public"
    version: Literal["1", "2c"] = "2c"
    name: Code = "printer"
    poll_s: Annotated[float, msgspec.Meta(ge=0.05, le=300)] = 10.0
    timeout_s: Annotated[float, msgspec.Meta(ge=0.1, le=60)] = 2.0


class SnmpSource(AskedSource):
    """A printer's MIBs as items, at most ``ROWS_MOST`` rows a column; one that does not answer is *unreachable*.

    The community, a secret of a kind, goes into no error and no log.
    """

    def __init__(self, settings: SnmpSettings) -> None:
        super().__init__(settings.name, f"{settings.host} port {settings.port}", settings.poll_s)
        self._settings = settings

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
        super().run(emit, stop)

    def lost(self) -> list[Item]:
        """See ``AskedSource``."""
        return [ProviderStatus({IPP_STATE: "unreachable"}, whole=True, source=self.name)]

    def answered(self) -> list[Item]:
        """See ``AskedSource``."""
        from gufo.snmp import SnmpError

        try:
            return items_of(self._columns(), self.name)
        except TimeoutError as problem:
            raise Unanswered(
                "no answer; check the address, the community and that the printer speaks SNMP"
            ) from problem
        except (OSError, SourceError) as problem:
            raise Unanswered(str(problem)) from problem
        except SnmpError as problem:
            raise Unanswered(f"unreadable answer ({type(problem).__name__})") from problem

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
