"""A cabinet's printer that is asked by itself: what it answers to Get-Printer-Attributes (RFC 8010, RFC 8011)."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import Final

GET_PRINTER_ATTRIBUTES: Final = 0x000B
VERSION: Final = 0x0200
_OK, _BAD_REQUEST, _NOT_SUPPORTED = 0x0000, 0x0400, 0x0501
_OPERATION, _PRINTER, _END = 0x01, 0x04, 0x03
_BOOLEAN, _ENUM, _OCTETS, _TEXT, _NAME, _KEYWORD, _CHARSET, _LANGUAGE = 0x22, 0x23, 0x30, 0x41, 0x42, 0x44, 0x47, 0x48
_STATES: Final = {"idle": 3, "processing": 4, "stopped": 5}
Levels = Mapping[str, tuple[int, int, str]]
"""Left, capacity and word of each supply by name; the toner's is ``black``."""


def answer(request: bytes, words: Mapping[str, object], levels: Levels, slips: str | None) -> bytes:
    """The answer to one request, made of the words on paths under ``ipp`` and the levels."""
    if len(request) < 8:
        return struct.pack(">HHIBB", VERSION, _BAD_REQUEST, 0, _OPERATION, _END)
    _, operation, request_id = struct.unpack_from(">HHI", request)
    known = operation == GET_PRINTER_ATTRIBUTES
    head = struct.pack(">HHIB", VERSION, _OK if known else _NOT_SUPPORTED, request_id, _OPERATION)
    parts = [head, _attribute(_CHARSET, "attributes-charset", b"utf-8")]
    parts.append(_attribute(_LANGUAGE, "attributes-natural-language", b"en"))
    if known:
        parts += [bytes([_PRINTER]), *_printer(words, levels, slips)]
    return b"".join([*parts, bytes([_END])])


def _printer(words: Mapping[str, object], levels: Levels, slips: str | None) -> Iterator[bytes]:
    reasons = [*_faults(words), *_shortages(levels)]
    state = "stopped" if any(reason.endswith("-error") for reason in reasons) else str(words["ipp.state"])
    yield _attribute(_ENUM, "printer-state", struct.pack(">i", _STATES[state]))
    yield _attribute(_KEYWORD, "printer-state-reasons", *(reason.encode() for reason in reasons or ["none"]))
    yield _attribute(_BOOLEAN, "printer-is-accepting-jobs", b"\x01")
    if slips is not None:
        yield _attribute(_TEXT, "printer-state-message", f"printing {slips}.pdf".encode())
        yield _attribute(_NAME, "job-originating-user-name", slips.encode()[:255])
    trays = [(name, left, most) for name, (left, most, _) in levels.items() if name != "black"]
    yield _attribute(
        _OCTETS, "printer-input-tray",
        *(f"type=sheetFeedAutoRemovableTray;maxcapacity={most};level={_level(left)};name={name};".encode()
          for name, left, most in trays),
    )  # fmt: skip
    for left, most, _ in [levels["black"]] if "black" in levels else []:
        supply = f"type=toner;class=supplyThatIsConsumed;maxcapacity={most};level={_level(left)};colorantname=black;"
        yield _attribute(_OCTETS, "printer-supply", supply.encode())


def _faults(words: Mapping[str, object]) -> Iterator[str]:
    for path, word in words.items():
        if path.startswith("ipp.") and path != "ipp.state" and word:
            yield f"{path.removeprefix('ipp.')}-{word}"


def _shortages(levels: Levels) -> Iterator[str]:
    """Reasons of levels: an error only where nothing more can be printed."""
    trays = [word for name, (_, _, word) in levels.items() if name != "black"]
    if "out" in trays:
        yield "media-empty-error" if set(trays) == {"out"} else "media-empty-warning"
    if "low" in trays:
        yield "media-low-warning"
    toner = levels["black"][2] if "black" in levels else "full"
    if toner != "full":
        yield "marker-supply-empty-error" if toner == "out" else "marker-supply-low-warning"


def _level(left: int) -> int:
    return left if left >= 0 else -2


def _attribute(kind: int, name: str, *values: bytes) -> bytes:
    """One attribute, nothing without a value; further values of one bear an empty name."""
    parts = []
    for number, value in enumerate(values):
        called = b"" if number else name.encode()
        parts.append(struct.pack(">BH", kind, len(called)) + called + struct.pack(">H", len(value)) + value)
    return b"".join(parts)
