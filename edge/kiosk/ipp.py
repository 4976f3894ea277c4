"""The Internet Printing Protocol's encoding: one question out, an answer's attributes in (RFC 8010, section 3).

Only what a status needs: Get-Printer-Attributes (RFC 8011, section 4.2.5) is asked, and of an answer flat attributes are
kept; the members of collections are read over. Text is kept as it came, for the words that are made of it to be chosen
from tables; it never goes further.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from edge.errors import SourceError

GET_PRINTER_ATTRIBUTES: Final = 0x000B
VERSION: Final = 0x0200
MAX_ANSWER_BYTES: Final = 256 * 1024

_OPERATION, _END, _LAST_DELIMITER = 0x01, 0x03, 0x0F
_INTEGER, _BOOLEAN, _ENUM, _OCTETS = 0x21, 0x22, 0x23, 0x30
_BEGIN_COLLECTION, _END_COLLECTION, _MEMBER_NAME = 0x34, 0x37, 0x4A
_URI, _CHARSET, _LANGUAGE, _KEYWORD = 0x45, 0x47, 0x48, 0x44
_TEXT_WITH_LANGUAGE = (0x35, 0x36)
_FIRST_TEXT, _LAST_TEXT = 0x41, 0x5F

Value = int | bool | str | bytes | None
"""None: out of band (unknown, no-value, unsupported) or of a form that no status needs."""


class Answer(NamedTuple):
    """An answer's status code (0–0xff: successful) and its attributes by name, those of the operation aside."""

    status: int
    attributes: dict[str, list[Value]]


def question(printer_uri: str, wanted: Sequence[str], request_id: int) -> bytes:
    """A Get-Printer-Attributes request for the ``wanted`` attributes."""
    parts = [struct.pack(">HHIB", VERSION, GET_PRINTER_ATTRIBUTES, request_id, _OPERATION)]
    parts.append(_attribute(_CHARSET, "attributes-charset", "utf-8"))
    parts.append(_attribute(_LANGUAGE, "attributes-natural-language", "en"))
    parts.append(_attribute(_URI, "printer-uri", printer_uri))
    for number, name in enumerate(wanted):
        parts.append(_attribute(_KEYWORD, "" if number else "requested-attributes", name))
    return b"".join([*parts, bytes([_END])])


def _attribute(tag: int, name: str, value: str) -> bytes:
    name_bytes, value_bytes = name.encode(), value.encode()
    return struct.pack(
        f">BH{len(name_bytes)}sH{len(value_bytes)}s", tag, len(name_bytes), name_bytes, len(value_bytes), value_bytes
    )


def answer(data: bytes) -> Answer:
    """What a printer answered.

    Raises:
        SourceError: it is cut, or it is not IPP.
    """
    if len(data) < 9:
        raise SourceError(f"IPP answer of {len(data)} bytes: cut; wanted at least 9")
    _, status, _ = struct.unpack_from(">HHI", data)
    attributes: dict[str, list[Value]] = {}
    for group, name, value in _flat(data):
        if group != _OPERATION:
            attributes.setdefault(name, []).append(value)
    return Answer(status, attributes)


def _flat(data: bytes) -> Iterator[tuple[int, str, Value]]:
    """Group, name and value of every attribute outside collections; another value of one bears its name again."""
    at, group, name, depth = 8, 0, "", 0
    while at < len(data):
        tag = data[at]
        at += 1
        if tag == _END:
            return
        if tag <= _LAST_DELIMITER:
            group, name, depth = tag, "", 0
            continue
        name_bytes, at = _counted(data, at)
        value, at = _counted(data, at)
        if depth == 0 and name_bytes:
            name = name_bytes.decode("ascii", "replace")
        if tag == _BEGIN_COLLECTION:
            depth += 1
        elif tag == _END_COLLECTION:
            depth = max(0, depth - 1)
        elif depth == 0 and tag != _MEMBER_NAME:
            yield group, name, _value(tag, value)
    raise SourceError(f"IPP answer of {len(data)} bytes: has no end of attributes; was it cut?")


def _counted(data: bytes, at: int) -> tuple[bytes, int]:
    """A length of two bytes and so many bytes behind it, and where the next begins."""
    if at + 2 > len(data):
        raise SourceError(f"IPP answer of {len(data)} bytes: cut in a length at byte {at}")
    end = at + 2 + int.from_bytes(data[at : at + 2], "big")
    if end > len(data):
        raise SourceError(f"IPP answer of {len(data)} bytes: cut in a value that ends at byte {end}")
    return data[at + 2 : end], end


def _value(tag: int, value: bytes) -> Value:
    if tag in (_INTEGER, _ENUM) and len(value) == 4:
        return int.from_bytes(value, "big", signed=True)
    if tag == _BOOLEAN and len(value) == 1:
        return value != b"\x00"
    if tag == _OCTETS:
        return value
    if tag in _TEXT_WITH_LANGUAGE:
        _, at = _counted(value, 0)
        value = _counted(value, at)[0]
        return value.decode("utf-8", "replace")
    return value.decode("utf-8", "replace") if _FIRST_TEXT <= tag <= _LAST_TEXT else None
