"""Messages of CEN XFS4IoT to items: JSON objects with a header and a payload, over a WebSocket.

What is sent is one command, and what is read is

- its completion, ``Common.Status`` (success in the header, as version 3.0 of the header has it, or in the payload, as 2.0);
- ``Common.StatusChangedEvent``, unsolicited, with only what changed;
- ``Printer.MediaAutoRetractedEvent`` and ``CardReader.CardActionEvent``: that something was kept, not whose;
- events of the cabinet's own application, in the same envelope:
  ``Kiosk.SupplyEvent``, payload ``{"supplies": {"upper": {"left": 137, "capacity": 500}, "toner": {…}}}`` (−1: unknown),
  ``Kiosk.JobStartedEvent``, payload ``{"jobId": …}``,
  ``Kiosk.SessionEndedEvent``, payload ``{"certificate": "residence", "outcome": "issued", "durationMs": 92000,
  "copies": 1, "jobId": …, "savedMs": …}``,
  ``Kiosk.TakingsEvent``, payload ``{"takings": {"emoney": {"payments": 3, "amountYen": 900}}}``.

A status payload may have a member ``kiosk`` with ``backend``, ``network``, ``supplies`` and ``battery``
(``{"chargePercent": 63, "runtimeMs": …}``), and the members ``terminal`` and ``robot``. Only words on paths that a
cabinet's table knows are kept, and only words of the contract: nothing else of what a provider says goes into an item, a
recording or a record. A job's name, whatever an application puts there, ends in ``JobNumbers``.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Final, get_args

import msgspec

from edge.contract.records.kiosk import Certificate, Means
from edge.errors import SourceError
from edge.kiosk.cabinets import KNOWN, NEW_WORD, kept
from edge.kiosk.items import (
    BatteryRead,
    DocumentRetained,
    Item,
    JobStarted,
    Outcome,
    PaymentTaken,
    ProviderStatus,
    SessionEnded,
    SupplyCounted,
    SupplyName,
)

STATUS: Final = "Common.Status"
STATUS_CHANGED: Final = "Common.StatusChangedEvent"
SUPPLY: Final = "Kiosk.SupplyEvent"
JOB_STARTED: Final = "Kiosk.JobStartedEvent"
SESSION_ENDED: Final = "Kiosk.SessionEndedEvent"
TAKINGS: Final = "Kiosk.TakingsEvent"
RETRACTED: Final = "Printer.MediaAutoRetractedEvent"
CARD_MOVED: Final = "CardReader.CardActionEvent"
VERSION: Final = "2.0"
MAX_MESSAGE_BYTES: Final = 64 * 1024
JOBS_REMEMBERED: Final = 64
_CARD_GOES_OUT: Final = ("exit", "transport")
_SUPPLIES: Final = frozenset(get_args(SupplyName))
_CERTIFICATES: Final = frozenset(get_args(Certificate))
_OUTCOMES: Final = frozenset(get_args(Outcome))
_MEANS: Final = frozenset(get_args(Means))


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


class Battery(msgspec.Struct, frozen=True, rename="camel"):
    charge_percent: float | None = None
    runtime_ms: float | None = None


class Sum(msgspec.Struct, frozen=True, rename="camel"):
    payments: int = 0
    amount_yen: int = 0


class KioskPart(msgspec.Struct, frozen=True):
    supplies: dict[str, Supply] = {}
    battery: Battery | None = None


class Payload(msgspec.Struct, frozen=True, rename="camel"):
    """The members of all payloads that are read beside the status words."""

    completion_code: str | None = None
    kiosk: KioskPart | None = None
    supplies: dict[str, Supply] = {}
    certificate: str = ""
    outcome: str = ""
    duration_ms: float = 0.0
    copies: int = 0
    job_id: str | int | None = None
    saved_ms: float | None = None
    takings: dict[str, Sum] = {}
    to: str = "exit"


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


class JobNumbers:
    """An application's names of its jobs, counted: the number goes on, the name never leaves this object."""

    def __init__(self) -> None:
        self._numbers: OrderedDict[str | int, int] = OrderedDict()
        self._last = 0

    def of(self, name: str | int) -> int:
        """The number of a job; the same name gives the same number while it is among the last ``JOBS_REMEMBERED``."""
        if name not in self._numbers:
            self._last += 1
            self._numbers[name] = self._last
            if len(self._numbers) > JOBS_REMEMBERED:
                self._numbers.popitem(last=False)
        return self._numbers[name]


def items_of(text: str | bytes, jobs: JobNumbers) -> list[Item]:
    """The items in one message; none when it is of no use here.

    Raises:
        SourceError: it is not an XFS4IoT message, or the provider refuses our command.
    """
    try:
        message = _decoder.decode(text)
        payload = _raw_decoder.decode(text).payload or {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise SourceError(
            f"XFS4IoT message of {len(text)} bytes: {place_of(problem)}; is it a service provider?"
        ) from None
    return list(_items(message, payload, jobs))


def place_of(problem: Exception) -> str:
    """Where a message is wrong, without its content: msgspec's words name types and paths only."""
    return str(problem) if isinstance(problem, msgspec.DecodeError) else "not JSON, or nested too deep"


def _items(message: Message, payload: dict[str, object], jobs: JobNumbers) -> Iterator[Item]:
    header, body = message.header, message.payload or Payload()
    if header.type == "acknowledge" and header.status is not None:
        raise SourceError("the service provider refuses Common.Status; check its version and its load")
    if (header.type, header.name) == ("completion", STATUS):
        if (header.completion_code or body.completion_code or "success") == "success":
            yield ProviderStatus(words_of(payload), whole=True)
            yield from _kiosk_part(body)
    elif header.type in ("unsolicited", "event"):
        yield from _event(header.name, body, payload, jobs)


def _event(name: str, body: Payload, payload: dict[str, object], jobs: JobNumbers) -> Iterator[Item]:
    if name == STATUS_CHANGED:
        yield ProviderStatus(words_of(payload), whole=False)
        yield from _kiosk_part(body)
    elif name == SUPPLY:
        yield from _supplies(body.supplies)
    elif name == JOB_STARTED and body.job_id is not None:
        yield JobStarted(jobs.of(body.job_id))
    elif name == SESSION_ENDED:
        yield from _session(body, jobs)
    elif name == TAKINGS:
        for means, taken in body.takings.items():
            if means in _MEANS:
                yield PaymentTaken(means, taken.payments, taken.amount_yen)  # type: ignore[arg-type]
    elif name == RETRACTED:
        yield DocumentRetained("document_retained")
    elif name == CARD_MOVED and body.to not in _CARD_GOES_OUT:
        yield DocumentRetained("card_retained")


def _session(body: Payload, jobs: JobNumbers) -> Iterator[Item]:
    """An ended session; words that are not the contract's end here."""
    if body.certificate in _CERTIFICATES and body.outcome in _OUTCOMES:
        yield SessionEnded(
            body.certificate,  # type: ignore[arg-type]
            body.outcome,  # type: ignore[arg-type]
            body.duration_ms / 1000,
            body.copies,
            None if body.job_id is None else jobs.of(body.job_id),
            None if body.saved_ms is None else body.saved_ms / 1000,
        )


def _kiosk_part(body: Payload) -> Iterator[Item]:
    if body.kiosk is None:
        return
    yield from _supplies(body.kiosk.supplies)
    battery = body.kiosk.battery
    if battery is not None:
        yield BatteryRead(
            battery.charge_percent
            if battery.charge_percent is not None and 0 <= battery.charge_percent <= 100
            else None,
            battery.runtime_ms / 1000 if battery.runtime_ms is not None and battery.runtime_ms >= 0 else None,
        )


def _supplies(supplies: dict[str, Supply]) -> Iterator[Item]:
    for name, supply in supplies.items():
        if name in _SUPPLIES:
            yield SupplyCounted(name, supply.left, supply.capacity)  # type: ignore[arg-type]


def words_of(payload: dict[str, object]) -> dict[str, str]:
    """Status words by path, of the paths that matter; a word that is not known becomes ``new``."""
    words: dict[str, str] = {}
    for path in KNOWN:
        value: object = payload
        for member in path.split("."):
            value = value.get(member) if isinstance(value, dict) else None
        if value is None or path.startswith("agent."):
            continue
        word = str(value).lower() if isinstance(value, bool) else value if isinstance(value, str) else NEW_WORD
        words[path] = kept(path, word)
    return words
