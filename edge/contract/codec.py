"""Records to lines of JSON and back, one line a record, each decodable alone."""

from __future__ import annotations

import functools
import hashlib
import operator
from typing import Any

import msgspec

from edge.contract import limits
from edge.contract.errors import LimitError, RecordError
from edge.contract.quantity import CODE_PATTERN
from edge.contract.records import ALL, Record, Time


class UnknownRecord(msgspec.Struct, frozen=True):
    """A kind of a newer contract: kept aside as the line it came in, never judged."""

    kind: str
    t: Time | None = None


class _Kind(msgspec.Struct, frozen=True):
    kind: str = msgspec.field(default="")


_union: Any = functools.reduce(operator.or_, ALL)
_encoder = msgspec.json.Encoder()
_record_decoder: msgspec.json.Decoder[Record] = msgspec.json.Decoder(_union)
_kind_decoder = msgspec.json.Decoder(_Kind)
_unknown_decoder = msgspec.json.Decoder(UnknownRecord)
_KNOWN = frozenset(str(record.__struct_config__.tag) for record in ALL)


def encode_record(record: Record) -> bytes:
    """One record as a line of JSON, without the line's end.

    Raises:
        RecordError: a value is outside its range, of another type, or not a finite number.
        LimitError: the line is longer than ``limits.RECORD_BYTES``.
    """
    try:
        line = _encoder.encode(record)
        if b":null" in line or b"[null" in line or b",null" in line:
            raise RecordError(f"{type(record).__name__}: a number is not finite; leave an unknown value out")
        decode_record(line)
    except (TypeError, ValueError) as problem:
        if isinstance(problem, RecordError | LimitError):
            raise
        raise RecordError(f"{type(record).__name__}: {problem}") from problem
    return line


def decode_record(line: bytes) -> Record | UnknownRecord:
    """What one line says; a kind that this version does not know is an ``UnknownRecord``.

    Raises:
        RecordError: the line is not JSON of a record, or a value is outside its type or range.
        LimitError: the line is longer than ``limits.RECORD_BYTES``.
    """
    if len(line) > limits.RECORD_BYTES:
        raise LimitError(f"record of {len(line)} bytes: at most {limits.RECORD_BYTES}; send large content as a blob")
    try:
        return _record_decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        return _decode_unknown(line, problem)


def _decode_unknown(line: bytes, problem: Exception) -> UnknownRecord:
    try:
        kind = _kind_decoder.decode(line).kind
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise RecordError(f"not a record: {problem}") from problem
    if kind in _KNOWN:
        raise RecordError(f"{kind}: {problem}") from problem
    if not _is_code(kind):
        raise RecordError(f"kind {kind[:40]!r}: wanted a kind of the contract or {CODE_PATTERN}") from problem
    try:
        return _unknown_decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as inner:
        raise RecordError(f"{kind}: {inner}") from inner


def _is_code(text: str) -> bool:
    return 0 < len(text) <= 32 and text.isascii() and text.replace("_", "").replace(".", "").isalnum()


def decode_clean(lines: list[bytes], body: bytes) -> list[Record] | None:
    """What the lines say when every one of them is a known record, ``body`` being all of them joined by line ends.

    None when any is not: ``decode_each`` then says which.
    """
    if len(body) > limits.RECORD_BYTES and max(map(len, lines)) > limits.RECORD_BYTES:
        return None
    try:
        records = _record_decoder.decode_lines(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return records if len(records) == len(lines) else None


def decode_each(lines: list[bytes]) -> list[Record | UnknownRecord | RecordError | LimitError]:
    """What each line says; a bad line spoils only itself."""
    return [_decode_or_problem(line) for line in lines]


def _decode_or_problem(line: bytes) -> Record | UnknownRecord | RecordError | LimitError:
    try:
        return decode_record(line)
    except (RecordError, LimitError) as problem:
        return problem


def digest_of(content: bytes) -> str:
    """Sixteen hexadecimal digits by which both ends compare a line or a payload (BLAKE2b, 8 bytes)."""
    return hashlib.blake2b(content, digest_size=8).hexdigest()
