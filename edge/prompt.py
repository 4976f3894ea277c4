"""Prompt commits: whether a record may leave ahead of the group commit, because somebody looks at what it changes.

Rules it keeps:
- Only a record whose ``shown`` fields differ from those of its series' last one asks; a repeated one never does.
- At most ``a_minute`` are granted a minute, twice as many in one after a quiet minute; the others leave with the group.
- It remembers ``SERIES_MOST`` series; a record of another asks each time.

It reads no clock.
"""

from __future__ import annotations

import operator
from typing import Final

from edge.contract.records import Record
from edge.contract.series import tags_of

SERIES_MOST: Final = 256
GATHER_S: Final = 0.05
"""How long a prompt commit waits for what belongs to the same moment [s]."""


class Prompt:
    """What was shown last of each series, and how many prompt commits are left."""

    def __init__(self, a_minute: int) -> None:
        self._a_minute = a_minute
        self._left = float(a_minute)
        self._counted = 0.0
        self._shown: dict[tuple[object, ...], tuple[object, ...]] = {}

    def grants(self, record: Record, now: float) -> bool:
        """Whether this record may be committed promptly at ``now`` [s, any clock that only goes forward]."""
        if not record.shown or not self._changes(record):
            return False
        self._left = min(self._a_minute, self._left + (now - self._counted) * self._a_minute / 60.0)
        self._counted = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True

    def _changes(self, record: Record) -> bool:
        series = (type(record), *tags_of(record))
        values = tuple(operator.attrgetter(name)(record) for name in record.shown)
        if self._shown.get(series) == values:
            return False
        if series in self._shown or len(self._shown) < SERIES_MOST:
            self._shown[series] = values
        return True
