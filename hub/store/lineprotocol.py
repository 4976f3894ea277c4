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
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from edge.contract.codec import UnknownRecord
from edge.contract.records import Record, kind_of
from edge.contract.series import TAG_FIELDS, tags_of
from edge.contract.shapes import shape_of
from hub.errors import StoreRefused
from hub.store.port import Row

UNKNOWN = "unknown_kind"
"""Measurement of records whose kind this version does not know: fields ``kind`` and ``raw_line``."""

KEY_TAGS = ("device", "epoch", "page", "clock")
"""Tags of every point, before the record's own."""

OWN_FIELDS = ("number", "t", "step", "t_error_s", "mono", "raw_line")
"""Fields of every point, beside the record's own; all but the first two only where they say something."""

PAGE_NUMBERS = 1_000_000
TEXT_BYTES_MAX = 60_000
"""Longest text field [bytes]; InfluxDB takes 65,535."""

SERIES_REMEMBERED = 20_000
"""Series whose beginning of a line is kept ready."""

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


def _text(value: object) -> str:
    return text_field(str(value))


def _list(value: object) -> str:
    return text_field(_encode(value).decode())


_VALUE: dict[str, Callable[[Any], str]] = {
    "float": repr, "int": int_field, "bool": _flag, "text": _text, "list": _list,
}  # fmt: skip


class _Plan(NamedTuple):
    """How one record type becomes a line: the values of its fields, and name and writer of each."""

    values_of: Callable[[Record], tuple[object, ...]]
    fields: tuple[tuple[str, Callable[[Any], str]], ...]


@functools.cache
def _plan(record: type[Record]) -> _Plan:
    fields = shape_of(record).fields
    getters = [operator.attrgetter(field.name) for field in fields]

    def one_by_one(record: Record) -> tuple[object, ...]:
        return tuple(get(record) for get in getters)

    # Of two names or more an attrgetter gives the tuple itself, which is faster.
    values_of = operator.attrgetter(*(field.name for field in fields)) if len(fields) > 1 else one_by_one
    return _Plan(values_of, tuple((f",{escape_key(field.name)}=", _VALUE[field.base]) for field in fields))


@functools.lru_cache(maxsize=SERIES_REMEMBERED)
def _series_key(measurement: str, tags: tuple[tuple[str, object], ...]) -> str:
    """A line up to its fields; made once a series, not once a point."""
    return escape_measurement(measurement) + "".join(
        f",{escape_key(key)}={escape_key(str(word))}" for key, word in tags
    )


def line_of(row: Row) -> str:
    """One row as one line.

    Raises:
        StoreRefused: line protocol cannot say a value of it.
    """
    device, epoch, number, t, record, line = row
    own: tuple[tuple[str, object], ...] = ()
    if isinstance(record, UnknownRecord):
        measurement, clock = UNKNOWN, "settled"
        fields = f",kind={text_field(record.kind)},raw_line={_line_field(row)}"
    else:
        measurement, clock = kind_of(record), record.clock
        plan = _plan(type(record))
        own = tuple(zip(TAG_FIELDS[measurement], tags_of(record), strict=True))
        fields = "".join(
            name + write(value)
            for (name, write), value in zip(plan.fields, plan.values_of(record), strict=True)
            if value is not None
        )
        fields += _about_time(record)
        if line != _encode(record):
            fields += f",raw_line={_line_field(row)}"
    if record.t is None:
        clock = "hub"
    named = zip(KEY_TAGS, (device, epoch, number // PAGE_NUMBERS, clock), strict=True)
    return f"{_series_key(measurement, (*named, *own))} number={number}i,t={t}i{fields} {time_ns(t, number)}"


def _about_time(record: Record) -> str:
    """Envelope fields, where they say something."""
    step = f",step={record.step}i" if record.step else ""
    error = f",t_error_s={record.t_error_s!r}" if record.t_error_s is not None else ""
    mono = f",mono={record.mono}i" if record.mono is not None else ""
    return step + error + mono


def _line_field(row: Row) -> str:
    try:
        return text_field(row.line.decode())
    except UnicodeDecodeError as problem:
        raise StoreRefused(f"record {row.number}: its line is not UTF-8: {problem}") from problem
