"""A delivery: what one source, the second's tick or the runtime itself hands to the way into the outbox, with its times."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from edge.contract.records import COMMON, Record

if TYPE_CHECKING:
    OwnRecord = Record
else:
    OwnRecord: Any = functools.reduce(operator.or_, COMMON)


class Own(msgspec.Struct, frozen=True, tag="own"):
    """A record that the runtime itself made: health, states of sources, alarms.

    It is kept in recordings because it is settled in one row with what the pipeline makes, and a clock that goes
    backward is noticed by whichever record comes first.
    """

    record: OwnRecord


class Delivery(NamedTuple):
    """An item, when it was delivered [µs since boot] and UTC − monotonic then [µs], None while UTC is not known."""

    mono_us: int
    offset_us: int | None
    item: object
