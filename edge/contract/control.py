"""What the two ends say to each other about the records: acks, the device's state, configuration, commands."""

from __future__ import annotations

import functools
from typing import Annotated, Literal, TypeVar

import msgspec

from edge.contract import limits
from edge.contract.errors import ContractError
from edge.contract.families import Family
from edge.contract.quantity import HEX_16_PATTERN, SHA256_PATTERN, Code, Digest, Epoch
from edge.contract.records import ClockQuality

VERSION = 1
Number = Annotated[int, msgspec.Meta(ge=0, le=limits.NUMBER_MAX)]
Hello = Annotated[str, msgspec.Meta(pattern=HEX_16_PATTERN)]
Sha256 = Annotated[str, msgspec.Meta(pattern=SHA256_PATTERN)]
Time = Annotated[int, msgspec.Meta(ge=0, le=limits.TIME_MAX_US)]


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Every control message begins with the version of the contract."""

    v: int = VERSION


class BlobAck(msgspec.Struct, frozen=True, kw_only=True):
    """What the hub has of a blob on its disk.

    Attributes:
        have: bytes from the beginning; the next chunk begins there.
        outcome: ``partial`` until it is ``whole``; ``unannounced``: no manifest is stored, send the blob later;
            ``refused``: it is not what its manifest says, or too large; not to be sent again.
    """

    sha256: Sha256
    have: Number = 0
    outcome: Literal["partial", "whole", "unannounced", "refused"] = "partial"


class Ack(Message, frozen=True, kw_only=True):
    """Every number up to ``through``, and those of ``ranges``, is accounted: stored, refused or declared lost.

    Attributes:
        generation: raised by each restore of the hub; a lower one than seen before is ignored.
        epoch: whose numbers are meant.
        through: every number up to this is accounted.
        ranges: numbers above ``through`` that are accounted too, sorted and disjoint.
        last: highest number that the hub knows of this epoch, 0 for none.
        digest: of the line that has the number ``last``, by which a cloned or restored card is found out.
        fill: the hub keeps no more ranges: send the holes first.
        conflict: the hub holds another record under a number that was sent.
        hello: of the greeting that this answers: the hub has taken all that reached it before. None where it answers none.
        unreadable: digest of a payload that could not be attributed, so that the device finds the culprit by halving.
        blob: the ack is about a blob's chunk and says nothing of numbers.
    """

    generation: Number
    epoch: Epoch
    through: Number = 0
    ranges: Annotated[list[tuple[Number, Number]], msgspec.Meta(max_length=limits.ACK_RANGES)] = []
    last: Number = 0
    digest: Digest | None = None
    fill: bool = False
    conflict: bool = False
    hello: Hello | None = None
    unreadable: Digest | None = None
    blob: BlobAck | None = None


class State(Message, frozen=True, kw_only=True):
    """The retained state of a device: its birth when it connects; ``offline`` by itself or as its last will.

    Attributes:
        hello: drawn anew for each connection; the ack that names it is the answer to this birth.
    """

    status: Literal["online", "offline"]
    why: Literal["connected", "stopped", "lost"] = "connected"
    family: Family | None = None
    epoch: Epoch | None = None
    last: Number = 0
    digest: Digest | None = None
    hello: Hello | None = None
    agent_version: Code | None = None
    models: dict[Code, Code] = {}
    config_hash: Digest | None = None
    clock_quality: ClockQuality | None = None
    t: int | None = None


class DesiredConfig(Message, frozen=True, kw_only=True):
    """The configuration that the hub wants a device to have: the family's table of its TOML as an object."""

    revision: Number
    pipeline: dict[str, object]


class ReportedConfig(Message, frozen=True, kw_only=True):
    """What became of a desired configuration; ``refused`` and ``rolled_back`` leave the former one in force."""

    revision: Number
    outcome: Literal["adopted", "refused", "rolled_back"]
    config_hash: Digest
    reason: Annotated[str, msgspec.Meta(max_length=limits.REASON_CHARS)] = ""


class Command(Message, frozen=True, kw_only=True):
    """A request to a device, outside the stream of records.

    Attributes:
        name: ``ping``: answer; ``keep``: put what was observed from ``t_from`` to ``t_to`` [µs UTC] into a blob.
    """

    id: Digest
    name: Literal["ping", "keep"]
    t_from: Time = 0
    t_to: Time = 0


class CommandReply(Message, frozen=True, kw_only=True):
    """The answer to a command; ``blob``: what was put aside for it."""

    id: Digest
    outcome: Literal["done", "refused"]
    reason: Annotated[str, msgspec.Meta(max_length=limits.REASON_CHARS)] = ""
    blob: Sha256 | None = None


Kind = TypeVar("Kind", bound=Message)

_encode = msgspec.json.Encoder().encode


@functools.cache
def _decoder(kind: type[Kind]) -> msgspec.json.Decoder[Kind]:
    return msgspec.json.Decoder(kind)


def encode(message: Message) -> bytes:
    """A control message as JSON."""
    return _encode(message)


def decode(kind: type[Kind], payload: bytes) -> Kind:
    """A control message of the given kind.

    Raises:
        ContractError: it is too large, not JSON of that kind, or of another version of the contract.
    """
    if len(payload) > limits.CONTROL_BYTES:
        raise ContractError(f"{kind.__name__} of {len(payload)} bytes: at most {limits.CONTROL_BYTES}")
    try:
        message: Kind = _decoder(kind).decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise ContractError(f"{kind.__name__}: {problem}") from problem
    if message.v != VERSION:
        raise ContractError(f"{kind.__name__} of contract version {message.v}: this end speaks version {VERSION}")
    return message
