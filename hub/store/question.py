"""Whether a question to a store can be answered at all, the same for every store."""

from __future__ import annotations

import msgspec

from edge.contract.records import BY_KIND, Record
from edge.contract.shapes import FieldShape, RecordShape, shape_of
from hub.errors import QueryError
from hub.store.port import Latest, SeriesQuery

POINTS_MAX = 100_000
"""Most points that one question may ask for."""


def numeric_fields(kind: str) -> tuple[FieldShape, ...]:
    """Fields of a kind that are condensed: numbers, and flags as 0 or 1.

    Raises:
        QueryError: the kind is unknown.
    """
    record = BY_KIND.get(kind)
    if record is None:
        raise QueryError(f"kind {kind[:40]!r}: no record type has it; see the data dictionary")
    return tuple(field for field in shape_of(record).fields if field.numeric)


def check_query(query: SeriesQuery) -> tuple[RecordShape, FieldShape]:
    """The shapes of the kind and the field that a query names.

    Raises:
        QueryError: one of them is unknown, a tag is not of the kind, the limit, interval or window is
            not usable, or an aggregate needs a number.
    """
    record = BY_KIND.get(query.kind)
    if record is None:
        raise QueryError(f"kind {query.kind[:40]!r}: no record type has it; see the data dictionary")
    shape = shape_of(record)
    field = shape.field(query.field)
    if field is None:
        known = ", ".join(one.name for one in shape.fields) or "none"
        raise QueryError(f"field {query.field[:40]!r}: {query.kind} has {known}")
    for tag in query.tags:
        if tag not in {one.name for one in shape.tags}:
            known = ", ".join(one.name for one in shape.tags) or "none"
            raise QueryError(f"tag {tag[:40]!r}: {query.kind} has {known}")
    if not 1 <= query.limit <= POINTS_MAX:
        raise QueryError(f"limit {query.limit}: wanted 1–{POINTS_MAX} points")
    if not 0 <= query.t_from < query.t_to:
        raise QueryError(f"from {query.t_from} to {query.t_to} µs: wanted an interval that is not empty")
    if query.every_us is not None:
        if query.every_us < 1000 or query.every_us % 1000:
            raise QueryError(f"window of {query.every_us} µs: wanted whole milliseconds")
        if query.aggregate not in ("count", "last") and field.base not in ("float", "int"):
            raise QueryError(f"{query.aggregate} of {query.kind}.{query.field}: it is {field.base}, not a number")
    return shape, field


def record_type(kind: str) -> type[Record]:
    """The type of a kind's records.

    Raises:
        QueryError: the kind is unknown.
    """
    found = BY_KIND.get(kind)
    if found is None:
        raise QueryError(f"kind {kind!r} is unknown; see docs/data-dictionary.md")
    return found


def record_of(latest: Latest) -> Record:
    """The record that a store's answer tells of, made whole again."""
    content = {"kind": latest.kind, **latest.tags, **latest.fields, "t": latest.t}
    return msgspec.convert(content, record_type(latest.kind), strict=False)
