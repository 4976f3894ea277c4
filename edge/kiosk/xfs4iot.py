"""Messages of CEN XFS4IoT to items: JSON objects with a header and a payload, over a WebSocket.

What is sent is one command, and what is read is

- its completion, ``Common.Status`` (success in the header, as version 3.0 of the header has it, or in the payload, as 2.0);
- ``Common.StatusChangedEvent``, unsolicited, with only what changed;
- two events of the kiosk application, in the same envelope:
  ``Kiosk.SupplyEvent``, payload ``{"supplies": {"upper": {"left": 137, "capacity": 500}, "toner": {…}}}`` (−1: unknown),
  and ``Kiosk.SessionEndedEvent``, payload ``{"certificate": "residence", "outcome": "issued", "durationMs": 92000,
  "copies": 1}``: counts only, and nothing else of them is read.

A status payload may have a member ``kiosk`` with ``backend``, ``network`` and ``supplies``. Only words on paths that
``conditions.py`` knows are kept, so that nothing else of what a provider says goes into an item, a recording or a record.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from edge.errors import SourceError
from edge.kiosk.conditions import FINE, TABLE
from edge.kiosk.items import Item, ProviderStatus, SessionEnded, SupplyCounted

STATUS: Final = "Common.Status"
STATUS_CHANGED: Final = "Common.StatusChangedEvent"
SUPPLY: Final = "Kiosk.SupplyEvent"
SESSION_ENDED: Final = "Kiosk.SessionEndedEvent"
VERSION: Final = "2.0"
MAX_MESSAGE_BYTES: Final = 64 * 1024
NEW_WORD: Final = "new"
"""Kept in place of a word that the table does not know: that there was one matters, its letters do not."""


class Header(msgspec.Struct, frozen=True, rename="camel"):
    """Header of a message; what is not of use here is not read."""

    type: str
    name: str
    request_id: int | None = None
    status: str | None = None
    completion_code: str | None = None


class Supply(msgspec.Struct, frozen=True):
    left: int = -1
    capacity: int = -1


class KioskPart(msgspec.Struct, frozen=True):
    supplies: dict[str, Supply] = {}


class Payload(msgspec.Struct, frozen=True, rename="camel"):
    """The members of all payloads that are read beside the status words."""

    completion_code: str | None = None
    kiosk: KioskPart | None = None
    supplies: dict[str, Supply] = {}
    certificate: str = ""
    outcome: str = ""
    duration_ms: float = 0.0
    copies: int = 0


class Message(msgspec.Struct, frozen=True):
    header: Header
    payload: Payload | None = None


class _Raw(msgspec.Struct, frozen=True):
    payload: dict[str, object] | None = None


_decoder = msgspec.json.Decoder(Message)
_raw_decoder = msgspec.json.Decoder(_Raw)


def status_command(request_id: int, timeout_ms: int) -> str:
    """The command that asks for the whole status."""
    header = {"type": "command", "name": STATUS, "requestId": request_id, "version": VERSION, "timeout": timeout_ms}
    return msgspec.json.encode({"header": header, "payload": {}}).decode()


def items_of(text: str | bytes) -> list[Item]:
    """The items in one message; none when it is of no use here.

    Raises:
        SourceError: it is not an XFS4IoT message, or the provider refuses our command.
    """
    try:
        message = _decoder.decode(text)
        payload = _raw_decoder.decode(text).payload or {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise SourceError(
            f"XFS4IoT message of {len(text)} bytes: {_place(problem)}; is it a service provider?"
        ) from None
    return list(_items(message, payload))


def _place(problem: Exception) -> str:
    """Where a message is wrong, without its content: msgspec's words name types and paths only."""
    return str(problem) if isinstance(problem, msgspec.DecodeError) else "not JSON, or nested too deep"


def _items(message: Message, payload: dict[str, object]) -> Iterator[Item]:
    header, body = message.header, message.payload or Payload()
    kind = (header.type, header.name)
    if header.type == "acknowledge" and header.status is not None:
        raise SourceError("the service provider refuses Common.Status; check its version and its load")
    if kind == ("completion", STATUS):
        if (header.completion_code or body.completion_code or "success") == "success":
            yield ProviderStatus(words_of(payload), whole=True)
            yield from _supplies(body.kiosk.supplies if body.kiosk else {})
    elif kind == ("unsolicited", STATUS_CHANGED):
        yield ProviderStatus(words_of(payload), whole=False)
        yield from _supplies(body.kiosk.supplies if body.kiosk else {})
    elif kind == ("unsolicited", SUPPLY):
        yield from _supplies(body.supplies)
    elif kind == ("unsolicited", SESSION_ENDED):
        yield SessionEnded(body.certificate[:32], body.outcome[:32], body.duration_ms / 1000, body.copies)


def _supplies(supplies: dict[str, Supply]) -> Iterator[Item]:
    for name, supply in supplies.items():
        yield SupplyCounted(name[:32], supply.left, supply.capacity)


def words_of(payload: dict[str, object]) -> dict[str, str]:
    """Status words by path, of the paths that matter; a word that is not known becomes ``new``."""
    words: dict[str, str] = {}
    for path, fine in FINE.items():
        value: object = payload
        for member in path.split("."):
            value = value.get(member) if isinstance(value, dict) else None
        if value is None:
            continue
        word = str(value).lower() if isinstance(value, bool) else value if isinstance(value, str) else NEW_WORD
        words[path] = word if word in fine or (path, word) in TABLE else NEW_WORD
    return words
