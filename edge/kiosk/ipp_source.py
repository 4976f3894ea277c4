"""A printer, asked for its attributes by IPP over HTTP (RFC 8010, section 4); also a queue of CUPS."""

from __future__ import annotations

import http.client
from typing import Annotated, Final
from urllib.parse import urlsplit

import msgspec

from edge.contract.quantity import Code
from edge.errors import SourceError
from edge.kiosk.asked_source import AskedSource, Unanswered
from edge.kiosk.conditions import IPP_STATE
from edge.kiosk.ipp import MAX_ANSWER_BYTES, answer, question
from edge.kiosk.ipp_words import WANTED, items_of
from edge.kiosk.items import Item, ProviderStatus

_PORT: Final = 631
_UNSUCCESSFUL: Final = 0x0100
_MAX_REQUEST_ID: Final = 2**31 - 1


class IppSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="ipp"):
    """A printer, asked every ``poll_s``. Asked in the clear: the question and its answer name nobody."""

    url: Annotated[str, msgspec.Meta(pattern=r"^ipp://[^/\s]+/\S*$")]
    name: Code = "printer"
    poll_s: Annotated[float, msgspec.Meta(ge=0.05, le=300)] = 10.0
    timeout_s: Annotated[float, msgspec.Meta(ge=0.5, le=60)] = 5.0


class IppSource(AskedSource):
    """A printer's attributes as items; one that does not answer is *unreachable*."""

    def __init__(self, settings: IppSettings) -> None:
        super().__init__(settings.name, settings.url, settings.poll_s)
        self._settings = settings
        self._request_id = 0

    def lost(self) -> list[Item]:
        """See ``AskedSource``."""
        return [ProviderStatus({IPP_STATE: "unreachable"}, whole=True, source=self.name)]

    def answered(self) -> list[Item]:
        """See ``AskedSource``."""
        try:
            return items_of(self._attributes(), self.name)
        except SourceError as problem:
            raise Unanswered(str(problem)) from problem
        except (OSError, http.client.HTTPException) as problem:
            told = problem.strerror if isinstance(problem, OSError) else None
            raise Unanswered(told or type(problem).__name__) from problem

    def _attributes(self) -> dict[str, list[int | bool | str | bytes | None]]:
        self._request_id = self._request_id % _MAX_REQUEST_ID + 1
        place = urlsplit(self._settings.url)
        connection = http.client.HTTPConnection(
            place.hostname or "", place.port or _PORT, timeout=self._settings.timeout_s
        )
        try:
            body = question(self._settings.url, WANTED, self._request_id)
            connection.request("POST", place.path or "/", body, {"Content-Type": "application/ipp"})
            response = connection.getresponse()
            if response.status != http.client.OK:
                raise SourceError(f"HTTP status {response.status}; is the path one of a printer?")
            data = response.read(MAX_ANSWER_BYTES + 1)
        finally:
            connection.close()
        if len(data) > MAX_ANSWER_BYTES:
            raise SourceError(f"IPP answer above {MAX_ANSWER_BYTES} bytes: refused")
        said = answer(data)
        if said.status >= _UNSUCCESSFUL:
            raise SourceError(f"IPP status 0x{said.status:04x}: the printer refuses the question")
        return said.attributes
