"""Which series a record belongs to: its kind and the values of its tag fields."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Final

import msgspec

from edge.contract.records import ALL, ENVELOPE, Record, kind_of


def _roles(kind: type[Record]) -> dict[str, str]:
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)
    return {field.name: str(_extra(field.type).get("role", "")) for field in info.fields if field.name not in ENVELOPE}


def _extra(kind: msgspec.inspect.Type) -> dict[str, object]:
    return (kind.extra or {}) if isinstance(kind, msgspec.inspect.Metadata) else {}


TAG_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    kind_of(kind): tuple(name for name, role in _roles(kind).items() if role == "tag") for kind in ALL
}
"""Names of the tag fields of each kind, in the order of its fields."""

VALUE_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    kind_of(kind): tuple(name for name, role in _roles(kind).items() if role != "tag") for kind in ALL
}
"""Names of the other fields of each kind: what is measured."""


def _getter(names: tuple[str, ...]) -> Callable[[Record], tuple[object, ...]]:
    if not names:
        return lambda record: ()
    if len(names) == 1:
        only = operator.attrgetter(names[0])
        return lambda record: (only(record),)
    return operator.attrgetter(*names)


_GETTERS: Final = {kind: _getter(TAG_FIELDS[kind_of(kind)]) for kind in ALL}


def tags_of(record: Record) -> tuple[object, ...]:
    """The values of a record's tag fields, in the order of ``TAG_FIELDS``."""
    return _GETTERS[type(record)](record)


def tags_by_name(record: Record) -> dict[str, str]:
    """The tag fields with their values."""
    return {name: str(value) for name, value in zip(TAG_FIELDS[kind_of(record)], tags_of(record), strict=True)}
