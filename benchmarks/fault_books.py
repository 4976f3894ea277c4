"""What a fault cost: numbered readings given against those in the store, by the fault during which each was given.

Readings are told by their numbers alone, which a system's publisher gives one by one. What was given in the last moments
before that publisher itself was killed may never have left its memory: it is counted apart, unless it is known to have
been committed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from benchmarks.errors import MeasurementFailed


class Phase(NamedTuple):
    """A part of the run, by the name of its fault; `first` is the number of the first reading given in it."""

    fault: str
    first: int


class Count(NamedTuple):
    """Readings: given, stored at least once, not stored, stored again, and not stored but excused."""

    given: int
    stored: int
    lost: int
    doubled: int
    uncommitted: int


def together(counts: Iterable[Count]) -> Count:
    """Several counts as one."""
    return Count(*(sum(column) for column in zip(*counts, strict=True)))


def by_fault(
    phases: Sequence[Phase], end: int, stored: Mapping[int, int], excused: range, committed: Collection[int] = ()
) -> dict[str, Count]:
    """Count each phase's readings; the last phase ends before the number `end`.

    `stored`: how often each number is in the store. `excused`: given in the last moments before the publisher was killed;
    those of them that are `committed` are not excused. Raises MeasurementFailed for a stored number that was never given.
    """
    strange = [number for number in stored if not phases[0].first <= number < end]
    if strange:
        raise MeasurementFailed(
            f"the store holds reading {strange[0]}, and those given are {phases[0].first} to {end - 1}; "
            "was its database empty before the run?"
        )
    ends = [after.first for after in phases[1:]] + [end]
    return {
        phase.fault: _count(range(phase.first, to), stored, excused, committed)
        for phase, to in zip(phases, ends, strict=True)
    }


def numbers_of(values: Sequence[float], a_reading: float = 1.0) -> Counter[int]:
    """How often each number is stored, from the values of its field; `a_reading` is the value's step between numbers."""
    return Counter(round(value / a_reading) for value in values)


def _count(given: range, stored: Mapping[int, int], excused: range, committed: Collection[int]) -> Count:
    missing = [number for number in given if number not in stored]
    uncommitted = sum(number in excused and number not in committed for number in missing)
    return Count(
        given=len(given),
        stored=len(given) - len(missing),
        lost=len(missing) - uncommitted,
        doubled=sum(stored[number] - 1 for number in given if number in stored),
        uncommitted=uncommitted,
    )
