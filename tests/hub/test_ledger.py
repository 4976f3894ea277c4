"""The ledger's rules: what an account says of a device's numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edge.contract import limits
from edge.contract.ranges import RangeSet
from hub.ledger import Account

DIGEST = "0" * 16
RANGES = st.lists(
    st.tuples(st.integers(1, 80), st.integers(0, 9)).map(lambda one: (one[0], one[0] + one[1])), min_size=1, max_size=20
)


def stored(*ranges: tuple[int, int]) -> Account:
    """An account of these numbers, taken in this order."""
    account = Account()
    for first, last in ranges:
        account = account.stored_numbers(first, last, account.missing_in(first, last).count, DIGEST)
    return account


def every_other(count: int) -> Account:
    """``count`` single numbers with holes between: 2, 4, …."""
    return stored(*((2 * at, 2 * at) for at in range(1, count + 1)))


def test_through_moves_over_ranges_that_it_reaches() -> None:
    account = stored((1, 3), (5, 6), (9, 9), (4, 4))

    assert (account.through, list(account.ranges), account.last) == (6, [(9, 9)], 9)


def test_a_number_is_accounted_once() -> None:
    account = stored((1, 5), (3, 7), (3, 4))

    assert (account.stored, list(account.holes())) == (7, [])


def test_refused_numbers_are_accounted_and_counted_apart() -> None:
    account = Account().stored_numbers(1, 5, 5, DIGEST, refused=2)

    assert (account.through, account.stored, account.refused) == (5, 3, 2)
    assert account.with_refused(1).refused == 3


def test_the_digest_is_that_of_the_highest_number() -> None:
    account = Account().stored_numbers(5, 9, 5, "a" * 16).stored_numbers(1, 4, 4, "b" * 16)

    assert (account.last, account.digest) == (9, "a" * 16)


def test_numbers_declared_lost_fill_holes_but_not_what_is_accounted_already() -> None:
    account, new = stored((1, 2), (5, 6), (9, 9)).declared_lost([(2, 8)])

    assert (account.through, account.lost, list(new)) == (9, 4, [(3, 4), (7, 8)])


def test_numbers_that_were_not_seen_yet_cannot_be_lost() -> None:
    account, new = stored((1, 2), (5, 6)).declared_lost([(3, 100)])

    assert (account.through, account.lost, list(new)) == (6, 2, [(3, 4)])


def test_past_the_bound_on_ranges_a_batch_that_would_add_one_is_not_taken() -> None:
    account = every_other(limits.ACK_RANGES)

    assert not account.takes(account.stored_numbers(500, 500, 1, DIGEST))
    assert account.takes(account.stored_numbers(1, 1, 1, DIGEST))
    assert account.takes(account.stored_numbers(129, 140, 12, DIGEST))


def test_past_the_bound_a_gap_that_declares_the_lowest_hole_lost_is_taken() -> None:
    account = every_other(limits.ACK_RANGES)

    later, _ = account.stored_numbers(500, 500, 1, DIGEST).declared_lost([(1, 1)])

    assert account.takes(later)


def test_ranges_never_exceed_twice_the_bound() -> None:
    account = every_other(2 * limits.ACK_RANGES)

    later, _ = account.stored_numbers(998, 998, 1, DIGEST).stored_numbers(1000, 1000, 1, DIGEST).declared_lost([(1, 1)])

    assert not account.takes(later)


def test_an_ack_names_only_what_is_accounted_and_is_bounded() -> None:
    account = every_other(2 * limits.ACK_RANGES)

    ack = account.ack(3, "f" * 16, fill=True)

    assert (ack.generation, ack.through, ack.last, ack.fill) == (3, 0, 256, True)
    assert len(ack.ranges) == limits.ACK_RANGES
    assert all(account.has(first) and account.has(last) for first, last in ack.ranges)


def test_an_epoch_that_was_closed_stays_closed() -> None:
    assert stored((1, 3)).with_end().stored_numbers(4, 4, 1, DIGEST).closed


@given(RANGES, RANGES)
def test_the_account_is_the_set_of_what_it_was_given_in_any_order(
    batches: list[tuple[int, int]], losses: list[tuple[int, int]]
) -> None:
    account = stored(*batches)
    account, _ = account.declared_lost(losses)

    highest = max(last for _, last in batches)
    wanted = {number for first, last in batches for number in range(first, last + 1)}
    lost = {n for first, last in losses for n in range(first, last + 1) if n <= highest} - wanted
    assert {number for number in range(1, 200) if account.has(number)} == wanted | lost
    assert (account.stored, account.lost) == (len(wanted), len(lost))
    assert account.holes() == RangeSet([(1, highest)]).difference(RangeSet((n, n) for n in wanted | lost))
