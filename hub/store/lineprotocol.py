"""Rows to InfluxDB line protocol, each under a key of its own that no other record can take.

Rules it keeps (``docs/adr/0011-influx-keys.md``):
- A point's series holds the record's device, epoch, ``page`` (number // 1,000,000), ``clock`` and its own tags; its
  time is the millisecond of ``t`` plus (number % 1,000,000) nanoseconds. Two records of one epoch therefore never
  share series and time, whatever the device's clock did.
- The same row always gives the same line, so writing it twice leaves one point.
- A field's type follows the contract's type, never the value.

It knows nothing of HTTP.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from edge.contract.codec import UnknownRecord
from edge.contract.records import Record
from edge.contract.shapes import FieldShape, shape_of
from hub.errors import StoreRefused
from hub.store.port import Row

UNKNOWN = "unknown_kind"
"""Measurement of records whose kind this version does not know: fields ``kind`` and ``line``."""

KEY_TAGS = ("device", "epoch", "page", "clock")
"""Tags of every point, before the record's own."""

OWN_FIELDS = ("number", "t", "step", "t_error_s", "mono", "line")
"""Fields of every point, beside the record's own; all but the first two only where they say something."""

PAGE_NUMBERS = 1_000_000
TEXT_BYTES_MAX = 60_000
"""Longest text field [bytes]; InfluxDB takes 65,535."""

_INT_MAX = 2**63 - 1
_KEY_ESCAPES = str.maketrans({",": r"\,", "=": r"\=", " ": r"\ "})
_MEASUREMENT_ESCAPES = str.maketrans({",": r"\,", " ": r"\ "})
_TEXT_ESCAPES = str.maketrans({'"': r"\"", "\\": r"\\"})
_encode = msgspec.json.Encoder().encode


def time_ns(t: int, number: int) -> int:
    """The point's time [ns]: the millisecond of ``t`` [µs], and in it the place that the number alone has."""
    return t // 1000 * 1_000_000 + number % PAGE_NUMBERS


def page_of(number: int) -> int:
    """The page of a number: which million it is in."""
    return number // PAGE_NUMBERS


def escape_key(text: str) -> str:
    """A tag key, tag value or field key.

    Raises:
        StoreRefused: line protocol cannot say it: it is empty, has a line break or NUL, or a backslash.
    """
    _check_key(text)
    return text.translate(_KEY_ESCAPES)


def escape_measurement(text: str) -> str:
    """A measurement's name.

    Raises:
        StoreRefused: as ``escape_key``.
    """
    _check_key(text)
    if text.startswith("#"):
        raise StoreRefused(f"measurement {text[:40]!r}: line protocol would read it as a comment")
    return text.translate(_MEASUREMENT_ESCAPES)


def text_field(text: str) -> str:
    """A text field's value, in its quotation marks.

    Raises:
        StoreRefused: it is longer than ``TEXT_BYTES_MAX``.
    """
    size = len(text.encode())
    if size > TEXT_BYTES_MAX:
        raise StoreRefused(f"text of {size} bytes: InfluxDB takes at most {TEXT_BYTES_MAX}")
    return f'"{text.translate(_TEXT_ESCAPES)}"'


def int_field(value: int) -> str:
    """A whole number's value.

    Raises:
        StoreRefused: it does not fit 64 bits.
    """
    if not -_INT_MAX - 1 <= value <= _INT_MAX:
        raise StoreRefused(f"whole number {value}: InfluxDB keeps 64 bits")
    return f"{value}i"


def _check_key(text: str) -> None:
    if not text or any(mark in text for mark in ("\n", "\r", "\0", "\\")):
        raise StoreRefused(
            f"name or tag {text[:40]!r}: line protocol cannot say an empty one, a line break or a backslash"
        )


def _flag(value: object) -> str:
    return "true" if value else "false"


def _float(value: object) -> str:
    return repr(value)


def _int(value: object) -> str:
    return int_field(value) if isinstance(value, int) else str(value)


def _text(value: object) -> str:
    return text_field(str(value))


def _list(value: object) -> str:
    return text_field(_encode(value).decode())


_VALUE: dict[str, Callable[[object], str]] = {
    "float": _float, "int": _int, "bool": _flag, "text": _text, "list": _list,
}  # fmt: skip


class _Plan(NamedTuple):
    """How one record type becomes a line: its measurement, its tags' names, its fields' names and writers."""

    measurement: str
    tags: tuple[tuple[str, str], ...]
    fields: tuple[tuple[str, str, Callable[[object], str]], ...]


@functools.cache
def _plan(record: type[Record]) -> _Plan:
    shape = shape_of(record)

    def key(field: FieldShape) -> str:
        return escape_key(field.name)

    return _Plan(
        measurement=escape_measurement(shape.kind),
        tags=tuple((field.name, key(field)) for field in shape.tags),
        fields=tuple((field.name, key(field), _VALUE[field.base]) for field in shape.fields),
    )


def line_of(row: Row) -> str:
    """One row as one line.

    Raises:
        StoreRefused: line protocol cannot say a value of it.
    """
    record = row.record
    if isinstance(record, UnknownRecord):
        clock = "hub" if record.t is None else "settled"
        fields = f"kind={text_field(record.kind)},line={_line_field(row)}"
        return _point(UNKNOWN, row, clock, "", fields)
    plan = _plan(type(record))
    tags = "".join(f",{key}={escape_key(getattr(record, name))}" for name, key in plan.tags)
    values = [
        f"{key}={write(value)}" for name, key, write in plan.fields if (value := getattr(record, name)) is not None
    ]
    if record.step:
        values.append(f"step={record.step}i")
    if record.t_error_s is not None:
        values.append(f"t_error_s={record.t_error_s!r}")
    if record.mono is not None:
        values.append(f"mono={record.mono}i")
    if row.line != _encode(record):
        values.append(f"line={_line_field(row)}")
    clock = "hub" if record.t is None else record.clock
    return _point(plan.measurement, row, clock, tags, ",".join(values))


def _line_field(row: Row) -> str:
    try:
        return text_field(row.line.decode())
    except UnicodeDecodeError as problem:
        raise StoreRefused(f"record {row.number}: its line is not UTF-8: {problem}") from problem


def _point(measurement: str, row: Row, clock: str, tags: str, fields: str) -> str:
    comma = "," if fields else ""
    return (
        f"{measurement},device={escape_key(row.device)},epoch={escape_key(row.epoch)},page={page_of(row.number)},"
        f"clock={clock}{tags} number={row.number}i,t={row.t}i{comma}{fields} {time_ns(row.t, row.number)}"
    )
