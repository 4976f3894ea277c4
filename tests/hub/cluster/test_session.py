"""The lease session by itself: shares, takeovers, pauses, and what is left to nobody."""

from __future__ import annotations

from hub.cluster.session import Action, Bury, Claim, Lease, Lost, Release, Seen, Session, Timing

TIMING = Timing(lease_s=2.0)
GROUPS = 4


def session(*held: int) -> Session:
    made = Session("a", GROUPS, TIMING)
    made.confirmed(0.0)
    for group in held:
        made.claimed(group, 10 + group)
    return made


def leases(**owners: str) -> dict[int, Lease]:
    return {int(group[1:]): Lease(owner, 10 + int(group[1:])) for group, owner in owners.items()}


def looks(made: Session, seconds: int, seen: Seen) -> list[Action]:
    """Looks every fifth of a second, with beats of its own confirmed; the last look's actions."""
    actions: list[Action] = []
    for tick in range(seconds * 5 + 1):
        made.confirmed(tick / 5)
        actions = made.look(tick / 5, seen)
    return actions


def test_one_alone_claims_everything() -> None:
    assert session().look(0.1, Seen({}, {"a": 1})) == [Claim(group, 0) for group in range(GROUPS)]


def test_two_share_and_the_first_gives_back_what_is_above_its_share() -> None:
    first = session(0, 1, 2, 3)

    actions = first.look(0.1, Seen(leases(g0="a", g1="a", g2="a", g3="a"), {"a": 1, "b": 2}))

    assert actions == [Release(2, 12), Release(3, 13)]


def test_a_dead_owner_is_taken_over_when_it_stood_still_for_a_lease() -> None:
    seen = Seen(leases(g0="a", g1="a", g2="b", g3="b"), {"a": 1, "b": 2})

    assert looks(session(0, 1), 1, seen) == []
    assert looks(session(0, 1), 3, seen) == [Claim(2, 12), Claim(3, 13)]


def test_time_in_which_nothing_could_be_read_kills_nobody() -> None:
    made = session(0, 1)
    seen = Seen(leases(g0="a", g1="a", g2="b", g3="b"), {"a": 1, "b": 2})
    made.look(0.0, seen)
    made.confirmed(100.0)

    assert made.look(100.0, seen) == []


def test_who_has_no_confirmation_pauses_and_goes_on_under_the_same_number() -> None:
    made = session(0)
    acted = [made.may_act(0, now) for now in (0.5, 1.5)]
    made.confirmed(1.6)

    assert [*acted, made.may_act(0, 1.7)] == [True, False, True]
    assert made.held == {0: 10}


def test_a_lease_that_another_holds_is_lost_at_once() -> None:
    made = session(0, 1)

    actions = made.look(0.1, Seen(leases(g0="a", g1="b"), {"a": 1, "b": 2}))

    assert actions == [Lost(1, "b"), Claim(2, 0)]
    assert made.held == {0: 10}
    assert not made.may_act(1, 0.2)


def test_a_claim_that_was_written_without_our_hearing_of_it_is_given_back_when_we_have_our_share() -> None:
    made = session(0, 1)

    actions = made.look(0.1, Seen(leases(g0="a", g1="a", g2="a", g3="b"), {"a": 1, "b": 2}))

    assert actions == [Release(2, 12)]


def test_a_worker_long_dead_is_buried() -> None:
    seen = Seen(leases(g0="a", g1="a", g2="a", g3="a"), {"a": 1, "b": 2})

    assert looks(session(0, 1, 2, 3), 21, seen) == [Bury("b")]
