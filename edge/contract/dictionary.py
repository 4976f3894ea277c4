"""The data dictionary: every measurement with its tags, fields, units, ranges and meanings, from the record types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from edge.contract.records import COMMON, OF_FAMILY, Record
from edge.contract.shapes import FieldShape, RecordShape, envelope, shape_of

_TYPES = {"float": "float", "int": "integer", "bool": "boolean", "text": "string", "list": "string (JSON array)"}

_INTRODUCTION = """\
# Data dictionary

Generated from the contract by `python -m edge.contract.documents --write`; do not edit.

A record's `kind` is the measurement's name. In InfluxDB every point has these beside what its own table says:

| name | role | type | unit | meaning |
|---|---|---|---|---|
| `device` | tag | string | | name of the device |
| `epoch` | tag | string | | identity of the outbox that numbered the record, 16 hexadecimal digits |
| `page` | tag | string | | number // 1,000,000 (part of the point's key, see `docs/adr/0011-influx-keys.md`) |
| `clock` | tag | string | | how the time was had: `settled`, `bounded` or `hub` |
| `number` | field | integer | 1 | number of the record within its epoch |
| `t` | field | integer | µs | exact UTC of the observation since 1970; the point's own time is its millisecond |
| `step` | field | integer | 1 | how often the device's clock had gone backward; absent while it has not |
| `t_error_s` | field | float | s | half-width of the bounds of the time, with `clock=bounded` |
| `mono` | field | integer | µs | time since the device's boot, with `clock=hub` |
| `raw_line` | field | string | | the record as it came, where it says more than this version knows |

A field that is not known is absent, never 0. Measurement `unknown_kind` (fields `kind`, `raw_line`) keeps what newer devices
say and this version does not know.

The hub condenses every measurement that has a number into `<kind>_1m` and `<kind>_1h` (retention policy `rollup`, times
are the windows' beginnings, tags `device` and the record's own). For each field that is a number or a flag (0 or 1)
there are `<field>_count` (integer) and `<field>_min`, `_max`, `_mean`, `_sum`, `_last` (float).

Priority says who leaves a device first and is evicted last: alarm, state, normal, bulk.
"""


def dictionary() -> str:
    """The whole dictionary as Markdown."""
    parts = [_INTRODUCTION, _envelope(), *_chapter("Every family", COMMON)]
    for family, records in OF_FAMILY.items():
        parts += _chapter(f"Family `{family}`", records)
    return "\n".join(parts)


def _envelope() -> str:
    rows = [
        _row((f"`{field.name}`", _TYPES[field.base], field.unit, _range(field), field.meaning)) for field in envelope()
    ]
    head = _table_head(("name", "type", "unit", "range", "meaning"))
    return "\n".join(["## On the wire, in every record", "", *head, *rows, ""])


def _chapter(title: str, records: Iterable[type[Record]]) -> list[str]:
    return [f"## {title}\n", *(_measurement(shape_of(record)) for record in records)]


def _measurement(shape: RecordShape) -> str:
    lines = [f"### `{shape.kind}`", "", shape.meaning, "", f"Priority: {shape.priority.name.lower()}.", ""]
    if shape.tags or shape.fields:
        lines += _table_head(("name", "role", "type", "unit", "range", "meaning"))
        lines += [_field(field) for field in (*shape.tags, *shape.fields)]
        lines.append("")
    return "\n".join(lines)


def _field(field: FieldShape) -> str:
    meaning = field.meaning
    if field.default is not None and field.default != []:
        meaning += f"; {_default(field.default)} when left out"
    elif field.optional:
        meaning += "; absent when not known" if field.default is None else "; empty when left out"
    kind = _TYPES[field.base]
    return _row((f"`{field.name}`", field.role, kind, field.unit, _range(field), meaning))


def _default(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"`{value}`"


def _range(field: FieldShape) -> str:
    if field.choices:
        return ", ".join(f"`{choice}`" for choice in field.choices)
    if field.items is not None:
        return f"at most {field.items} items"
    low, high = (None if bound is None else _number(bound) for bound in (field.low, field.high))
    if low is not None and high is not None:
        return f"{low} to {high}"
    return f"from {low}" if low is not None else (f"up to {high}" if high is not None else "")


def _number(bound: float) -> str:
    return f"{int(bound):,}" if bound == int(bound) else f"{bound:g}"


def _table_head(names: Sequence[str]) -> list[str]:
    return [_row(names), _row(["---"] * len(names)).replace(" ", "")]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
