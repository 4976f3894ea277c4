"""A set of whole numbers kept as few ranges: what is accounted, what is missing, what was lost.

Rules it keeps:
- Ranges are closed, sorted, disjoint and never adjacent.
- It is a value: every operation gives a new set.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

Range = tuple[int, int]


class RangeSet:
    """Closed ranges of integers, e.g. ``RangeSet([(1, 5), (8, 8)])``."""

    __slots__ = ("_ranges",)

    def __init__(self, ranges: Iterable[Range] = ()) -> None:
        merged: list[Range] = []
        for first, last in sorted(ranges):
            if first > last:
                raise ValueError(f"range {first}–{last}: the first number is above the last")
            if merged and first <= merged[-1][1] + 1:
                if last > merged[-1][1]:
                    merged[-1] = (merged[-1][0], last)
            else:
                merged.append((first, last))
        self._ranges: tuple[Range, ...] = tuple(merged)

    @classmethod
    def _of(cls, ranges: Iterable[Range]) -> RangeSet:
        """Wrap ranges that already keep the rules."""
        made = cls.__new__(cls)
        made._ranges = tuple(ranges)
        return made

    def __iter__(self) -> Iterator[Range]:
        return iter(self._ranges)

    def __len__(self) -> int:
        """Number of ranges (not of numbers; see ``count``)."""
        return len(self._ranges)

    def __bool__(self) -> bool:
        return bool(self._ranges)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RangeSet) and self._ranges == other._ranges

    def __hash__(self) -> int:
        return hash(self._ranges)

    def __repr__(self) -> str:
        return f"RangeSet({list(self._ranges)})"

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self._ranges, (number, float("inf"))) - 1
        return at >= 0 and self._ranges[at][1] >= number

    @property
    def count(self) -> int:
        """How many numbers the set holds."""
        return sum(last - first + 1 for first, last in self._ranges)

    def covers(self, first: int, last: int) -> bool:
        """Whether every number of ``first``–``last`` is in the set."""
        at = bisect_right(self._ranges, (first, float("inf"))) - 1
        return at >= 0 and self._ranges[at][1] >= last

    def add(self, first: int, last: int) -> RangeSet:
        """The set with ``first``–``last`` added; cheap when it extends the last range."""
        if self._ranges:
            low, high = self._ranges[-1]
            if low <= first <= high + 1:
                return RangeSet._of((*self._ranges[:-1], (low, max(high, last))))
        return RangeSet((*self._ranges, (first, last)))

    def union(self, other: Iterable[Range]) -> RangeSet:
        """Every number that is in either."""
        return RangeSet((*self._ranges, *other))

    def intersection(self, other: RangeSet) -> RangeSet:
        """Every number that is in both."""
        found: list[Range] = []
        for first, last in other:
            for low, high in self._ranges:
                if high < first:
                    continue
                if low > last:
                    break
                found.append((max(first, low), min(last, high)))
        return RangeSet(found)

    def missing_in(self, first: int, last: int) -> RangeSet:
        """The numbers of ``first``–``last`` that are not in the set."""
        holes: list[Range] = []
        at = first
        for low, high in self._ranges:
            if high < at:
                continue
            if low > last:
                break
            if low > at:
                holes.append((at, low - 1))
            at = high + 1
        if at <= last:
            holes.append((at, last))
        return RangeSet(holes)

    def difference(self, other: RangeSet) -> RangeSet:
        """Every number of this set that is not in ``other``."""
        return RangeSet(hole for first, last in self._ranges for hole in other.missing_in(first, last))
