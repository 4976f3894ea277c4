"""A range set is a set of numbers: every operation agrees with Python's own set."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.contract.ranges import Range, RangeSet

RANGES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 8)).map(lambda at: (at[0], at[0] + at[1])), max_size=8)


def numbers(ranges: list[Range] | RangeSet) -> set[int]:
    return {number for first, last in ranges for number in range(first, last + 1)}


@given(RANGES)
def test_it_holds_exactly_the_numbers_given_sorted_disjoint_and_never_adjacent(ranges: list[Range]) -> None:
    made = RangeSet(ranges)

    runs = list(made)
    assert numbers(made) == numbers(ranges)
    assert made.count == len(numbers(ranges))
    assert all(after[0] > before[1] + 1 for before, after in itertools.pairwise(runs))


@given(RANGES, RANGES)
def test_operations_on_two_sets_agree_with_plain_sets(ours: list[Range], others: list[Range]) -> None:
    one, other = RangeSet(ours), RangeSet(others)

    assert numbers(one.union(other)) == numbers(ours) | numbers(others)
    assert numbers(one.intersection(other)) == numbers(ours) & numbers(others)
    assert numbers(one.difference(other)) == numbers(ours) - numbers(others)
    assert (one == other) == (numbers(ours) == numbers(others))
    assert one != other or hash(one) == hash(other)


@given(RANGES, st.integers(0, 60), st.integers(0, 10))
def test_questions_about_a_run_agree_with_plain_sets(ranges: list[Range], first: int, more: int) -> None:
    made, run = RangeSet(ranges), set(range(first, first + more + 1))

    assert numbers(made.add(first, first + more)) == numbers(ranges) | run
    assert made.covers(first, first + more) == (run <= numbers(ranges))
    assert numbers(made.missing_in(first, first + more)) == run - numbers(ranges)
    assert [number in made for number in sorted(run)] == [number in numbers(ranges) for number in sorted(run)]


@given(RANGES, st.integers(0, 60))
def test_an_added_run_keeps_the_rules_whichever_way_it_was_added(ranges: list[Range], first: int) -> None:
    by_one = RangeSet()
    for low, high in ranges:
        by_one = by_one.add(low, high)

    assert by_one == RangeSet(ranges)
    assert by_one.add(first, first) == RangeSet([*ranges, (first, first)])


def test_a_run_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="5–4"):
        RangeSet([(5, 4)])
