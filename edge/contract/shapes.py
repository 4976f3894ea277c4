"""The shape of every record type, read from its annotations: what the dictionary, the documents and the stores share."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import msgspec

from edge.contract.records import ENVELOPE, Priority, Record, kind_of

Base = Literal["float", "int", "bool", "text", "list"]
Role = Literal["tag", "field"]


class FieldShape(NamedTuple):
    """One field of a record type.

    Attributes:
        base: how a store keeps it; a list is kept as one JSON text.
        role: a tag tells series of one kind apart, a field is what was observed.
        unit: SI or stated unit, empty where there is none.
        low, high: the credible range, None where it is open.
        choices: the words that an enumeration allows.
        items: most items of a list.
        optional: it may be left out, which means that it has its default.
        default: what a field that was left out says; None says that it is not known.
    """

    name: str
    base: Base
    role: Role
    unit: str
    meaning: str
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    items: int | None
    optional: bool
    default: object

    @property
    def numeric(self) -> bool:
        """Whether aggregates of it mean something; a flag counts as 0 or 1."""
        return self.role == "field" and self.base in ("float", "int", "bool")


class RecordShape(NamedTuple):
    """One record type: its kind, what it says, its tags and its fields, the envelope left out."""

    kind: str
    meaning: str
    priority: Priority
    tags: tuple[FieldShape, ...]
    fields: tuple[FieldShape, ...]

    def field(self, name: str) -> FieldShape | None:
        """The field of that name, or None."""
        return next((field for field in self.fields if field.name == name), None)


@functools.cache
def shape_of(record: type[Record]) -> RecordShape:
    """What a record type's annotations say.

    Raises:
        TypeError: a field has a type that no store keeps: neither number, flag, text nor list of them.
    """
    info = msgspec.inspect.type_info(record)
    if not isinstance(info, msgspec.inspect.StructType):
        raise TypeError(f"{record.__name__}: wanted a msgspec struct")
    fields = [_field(field) for field in info.fields if field.name not in ENVELOPE]
    first_paragraph = " ".join((record.__doc__ or "").split("\n\n")[0].split())
    return RecordShape(
        kind=kind_of(record),
        meaning=first_paragraph,
        priority=record.priority,
        tags=tuple(field for field in fields if field.role == "tag"),
        fields=tuple(field for field in fields if field.role == "field"),
    )


@functools.cache
def envelope() -> tuple[FieldShape, ...]:
    """The fields that every record has about its time."""
    info = msgspec.inspect.type_info(Record)
    if not isinstance(info, msgspec.inspect.StructType):
        raise TypeError("Record: wanted a msgspec struct")
    return tuple(_field(field) for field in info.fields)


def _layers(node: Any) -> Iterator[Any]:
    """A type and everything it wraps by annotation or by ``| None``, outermost first."""
    yield node
    if isinstance(node, msgspec.inspect.Metadata):
        yield from _layers(node.type)
    elif isinstance(node, msgspec.inspect.UnionType):
        for inner in node.types:
            if not isinstance(inner, msgspec.inspect.NoneType):
                yield from _layers(inner)


def _field(field: msgspec.inspect.Field) -> FieldShape:
    layers = list(_layers(field.type))
    innermost = layers[-1]
    extra: dict[str, Any] = {}
    described: list[str] = []
    for layer in layers:
        if isinstance(layer, msgspec.inspect.Metadata):
            extra = {**(layer.extra or {}), **extra}
            text = (layer.extra_json_schema or {}).get("description")
            described += [text] if text else []
    role: Role = "tag" if _is_tag(layers) else "field"
    return FieldShape(
        name=field.name,
        base=_base(field.name, innermost),
        role=role,
        unit=str(extra.get("unit", "")),
        meaning=described[0] if described else "",
        low=_bound(innermost, "ge", "gt"),
        high=_bound(innermost, "le", "lt"),
        choices=tuple(str(value) for value in getattr(innermost, "values", ())),
        items=getattr(innermost, "max_length", None) if isinstance(innermost, msgspec.inspect.ListType) else None,
        optional=not field.required,
        default=None if field.default is msgspec.NODEFAULT else field.default,
    )


def _is_tag(layers: list[Any]) -> bool:
    return any(
        isinstance(node, msgspec.inspect.Metadata) and (node.extra or {}).get("role") == "tag" for node in layers
    )


def _bound(node: Any, *names: str) -> float | None:
    for name in names:
        value: float | None = getattr(node, name, None)
        if value is not None:
            return value
    return None


def _base(name: str, node: Any) -> Base:
    bases: list[tuple[type, Base]] = [
        (msgspec.inspect.FloatType, "float"),
        (msgspec.inspect.IntType, "int"),
        (msgspec.inspect.BoolType, "bool"),
        (msgspec.inspect.StrType, "text"),
        (msgspec.inspect.LiteralType, "text"),
        (msgspec.inspect.ListType, "list"),
    ]
    for wanted, base in bases:
        if isinstance(node, wanted):
            return base
    raise TypeError(f"field {name}: no store keeps a {type(node).__name__}")
