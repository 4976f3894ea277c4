"""Random records of every type, within the contract, for property tests."""

from __future__ import annotations

import functools
import math
import string

from hypothesis import strategies as st

from edge.contract import limits
from edge.contract.records import ALL, Record
from edge.contract.shapes import FieldShape, shape_of

_FIRST = string.ascii_lowercase + string.digits
CODES = st.builds(str.__add__, st.sampled_from(_FIRST), st.text(_FIRST + "_.-", max_size=31))
HEX_16 = st.text("0123456789abcdef", min_size=16, max_size=16)
HEX_64 = st.text("0123456789abcdef", min_size=64, max_size=64)
NUMBERS = st.integers(1, limits.NUMBER_MAX)
TIMES = st.integers(limits.TIME_MIN_US, limits.TIME_MAX_US)
_TEXTS = {"previous": HEX_16, "digest": HEX_16, "sha256": HEX_64}


def values_of(field: FieldShape) -> st.SearchStrategy[object]:
    """Values that a field may have."""
    if field.base == "float":
        low = -math.inf if field.low is None else field.low
        high = math.inf if field.high is None else field.high
        return st.floats(max(low, -1e300), min(high, 1e300), allow_nan=False)
    if field.base == "int":
        return st.integers(int(field.low or 0), int(field.high or limits.NUMBER_MAX))
    if field.base == "bool":
        return st.booleans()
    if field.base == "list":
        return _lists(field)
    return st.sampled_from(field.choices) if field.choices else _TEXTS.get(field.name, CODES)


def _lists(field: FieldShape) -> st.SearchStrategy[object]:
    if field.name == "ranges":
        return st.lists(st.tuples(NUMBERS, NUMBERS).map(sorted).map(tuple), max_size=20)
    if field.name == "reasons":
        return st.lists(st.sampled_from(["paper_out", "door_open"]), max_size=3)
    return st.lists(st.floats(-1e6, 1e6, allow_nan=False), max_size=min(field.items or 20, 20))


@functools.cache
def of_type(record: type[Record]) -> st.SearchStrategy[Record]:
    """Records of one type, fields that may be left out now and then left out."""
    shape = shape_of(record)
    required: dict[str, st.SearchStrategy[object]] = {"t": TIMES, "step": st.integers(0, 5)}
    optional: dict[str, st.SearchStrategy[object]] = {}
    for field in (*shape.tags, *shape.fields):
        (optional if field.optional else required)[field.name] = values_of(field)
    return st.fixed_dictionaries(required, optional=optional).map(lambda values: record(**values))  # type: ignore[arg-type]


RECORDS: st.SearchStrategy[Record] = st.sampled_from(ALL).flatmap(of_type)
