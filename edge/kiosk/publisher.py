"""The service publisher of CEN XFS4IoT: the question which services there are, and their addresses in its answers.

It answers ``ServicePublisher.GetServices`` with a completion, and may name some earlier in a
``ServicePublisher.ServiceDetailEvent`` of the same request; both have ``{"vendorName": …, "services": [{"serviceURI": "wss://host:port/xfs4iot/v1.0/CardReader1"}]}``,
``services`` null where there are none.

Rules it keeps:
- At most ``MOST_SERVICES`` addresses of ``MOST_LETTERS`` letters; more are an error.
- Only addresses on the publisher's own host are of use: what an answer says does not send the agent elsewhere. The names of
  loopback are one host. A publisher that is asked over TLS has no services without.
"""

from __future__ import annotations

from typing import Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

import msgspec

from edge.errors import SourceError
from edge.kiosk.xfs4iot import VERSION, Header, place_of

GET_SERVICES: Final = "ServicePublisher.GetServices"
SERVICE_DETAIL: Final = "ServicePublisher.ServiceDetailEvent"
MOST_SERVICES: Final = 32
MOST_LETTERS: Final = 256
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Service(msgspec.Struct, frozen=True, rename={"service_uri": "serviceURI"}):
    """One service; what else is said of it is not read."""

    service_uri: str


class Payload(msgspec.Struct, frozen=True, rename="camel"):
    completion_code: str | None = None
    services: list[Service] | None = None


class Headed(msgspec.Struct, frozen=True):
    """A message, whatever it says."""

    header: Header


class Answer(msgspec.Struct, frozen=True):
    """A message of the answer."""

    payload: Payload | None = None


class Named(NamedTuple):
    """The addresses in one message, and whether it was the last of the answer."""

    addresses: tuple[str, ...]
    last: bool


_header_decoder = msgspec.json.Decoder(Headed)
_answer_decoder = msgspec.json.Decoder(Answer)
_ANSWERS: Final = (("completion", GET_SERVICES), ("event", SERVICE_DETAIL))


def services_command(request_id: int, timeout_ms: int) -> str:
    """The command that asks which services there are."""
    header = {
        "type": "command",
        "name": GET_SERVICES,
        "requestId": request_id,
        "version": VERSION,
        "timeout": timeout_ms,
    }
    return msgspec.json.encode({"header": header, "payload": {}}).decode()


def named_in(text: str | bytes) -> Named:
    """What one message of the publisher says; nothing when it is of no use here.

    Raises:
        SourceError: it is not an XFS4IoT message, or the publisher refuses the command.
    """
    try:
        header = _header_decoder.decode(text).header
        is_answer = (header.type, header.name) in _ANSWERS
        payload = (_answer_decoder.decode(text).payload if is_answer else None) or Payload()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise SourceError(
            f"XFS4IoT message of {len(text)} bytes: {place_of(problem)}; is it a service publisher?"
        ) from None
    if header.type == "acknowledge" and header.status is not None:
        raise SourceError(f"the publisher refuses {GET_SERVICES}; check its version and its load")
    if not is_answer:
        return Named((), last=False)
    if (header.completion_code or payload.completion_code or "success") != "success":
        raise SourceError(f"the publisher does not complete {GET_SERVICES}; is it starting?")
    return Named(tuple(one.service_uri for one in payload.services or ()), last=header.type == "completion")


def usable(publisher: str, addresses: set[str]) -> list[str]:
    """The addresses that may be opened, in order.

    Raises:
        SourceError: there are none, or too many.
    """
    if len(addresses) > MOST_SERVICES:
        raise SourceError(f"{publisher} names {len(addresses)} services: at most {MOST_SERVICES}")
    found = sorted(one for one in addresses if _may_be_opened(publisher, one))
    if not found:
        left_out = f"{len(addresses)} services, none on its own host" if addresses else "no services"
        raise SourceError(
            f"{publisher} names {left_out}; give the host that it publishes, or each service a [[source]]"
        )
    return found


def _may_be_opened(publisher: str, address: str) -> bool:
    try:
        ours, theirs = urlsplit(publisher), urlsplit(address)
        port = theirs.port
    except ValueError:
        return False
    secure = theirs.scheme == "wss" or theirs.scheme == ours.scheme == "ws"
    plain = address.isascii() and address.isprintable() and " " not in address and "@" not in theirs.netloc
    return secure and plain and len(address) <= MOST_LETTERS and port != 0 and _host(ours) == _host(theirs)


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    return "localhost" if host in _LOOPBACK else host
