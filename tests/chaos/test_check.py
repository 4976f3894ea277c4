"""The chaos harness's checker: each kind of wrong is found when it is planted, and a whole delivery is green."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.books import Held, Ledger, Outbox, Refused
from tests.chaos.check import Card, Device, Tally, Verdict, check
from tests.chaos.panel import Had, Journalled
from tests.chaos.readings import says_of

EPOCH, LATER = "a" * 16, "b" * 16
COUNT = 6
HEALTH = {"kind": "health", "t": 900, "uptime_s": 3.0}


def says(number: int, **changes: Any) -> dict[str, Any]:
    """The line of the reading whose number is the record's."""
    return {"kind": "counter_ticket", "t": 100 + number, **says_of("a", number), **changes}


def held(number: int, epoch: str = EPOCH, at: int | None = None, **changes: Any) -> Held:
    """The same in the store."""
    line = says(number, **changes)
    return Held(epoch, at or number, line["t"], "counter_ticket", line)


def had(number: int, settled: bool = True, at: int | None = None) -> Had:
    """The same in the journal; what is at number 10 stands at byte 10 of it."""
    return Had(EPOCH, at or number, json.dumps(says(number)).encode(), settled, number)


LINES = [json.dumps(says(number)).encode() for number in range(1, COUNT + 1)]
CARD = Card(
    stream="a",
    journal=Journalled([had(number) for number in range(1, COUNT + 1)], LINES, [1]),
    outbox=Outbox(EPOCH, {number: says(number) for number in range(1, COUNT + 1)}, COUNT),
    next=COUNT + 1,
)
STORED = [held(number) for number in range(1, COUNT + 1)]
ALL = set(range(1, COUNT + 1))
WHOLE = Device("counter-01", (CARD,), False, STORED, {EPOCH: Ledger(accounted=ALL)}, (), says_of)


def found(device: Device) -> dict[str, int]:
    """What of the verdict is not zero."""
    verdict, _ = check([device])
    return {name: getattr(verdict, name) for name in Verdict.__slots__ if name != "examples" and getattr(verdict, name)}


def with_card(**changes: Any) -> Device:
    return replace(WHOLE, cards=(replace(CARD, **changes),))


def test_a_whole_delivery_is_green() -> None:
    verdict, tally = check([WHOLE])

    assert (verdict.is_red, str(verdict)) == (False, "green")
    assert tally == Tally(readings=COUNT, records=COUNT, stored=COUNT)


@pytest.mark.parametrize(
    ("stored", "wrong"),
    [
        (STORED[:-1], {"lost": 1, "silent": 1}),
        ([*STORED, held(2)], {"doubled": 1}),
        ([*STORED, held(2, at=7)], {"doubled": 1}),
        ([*STORED, held(2, epoch=LATER, at=1)], {"doubled": 1}),
        ([*STORED[:-1], held(6, window=5)], {"altered": 1, "lost": 1}),
        ([*STORED[:-1], held(6, t=999)], {"altered": 1}),
        ([*STORED[:-1], held(6, step=1)], {"altered": 1}),
        ([*STORED, held(9, at=9)], {"altered": 1}),
        ([*STORED, Held(EPOCH, 9, 1, "health", HEALTH)], {"altered": 1}),
        ([*STORED[:2], held(4, at=3), held(3, at=4), *STORED[4:]], {"altered": 2, "reordered": 1}),
    ],
)
def test_damage_in_the_store_is_found(stored: list[Held], wrong: dict[str, int]) -> None:
    assert found(replace(WHOLE, stored=stored)) == wrong


def test_the_outbox_makes_gaps_and_epochs_of_its_own() -> None:
    opened = Held(EPOCH, 7, 1, "epoch_opened", {"kind": "epoch_opened", "why": "first"})

    assert found(replace(WHOLE, stored=[*STORED, opened])) == {}


@pytest.mark.parametrize(("taken", "wrong"), [(((6, 9),), {}), (((1, 5),), {"altered": 1, "lost": 1})])
def test_a_gap_may_have_the_number_of_a_record_that_went_with_a_card(
    taken: tuple[tuple[int, int], ...], wrong: dict[str, int]
) -> None:
    gap = Held(EPOCH, COUNT, 1, "gap", {"kind": "gap", "ranges": [[1, 2]], "records": 2, "why": "outbox_full"})
    left = Outbox(EPOCH, {number: says(number) for number in range(1, COUNT)}, COUNT)

    assert found(replace(with_card(taken=taken, outbox=left), stored=[*STORED[:-1], gap])) == wrong


def test_a_number_that_the_ledger_does_not_account_is_silent() -> None:
    assert found(replace(WHOLE, ledgers={EPOCH: Ledger(accounted=ALL - {3})})) == {"silent": 1}


@pytest.mark.parametrize(("may_drop", "wrong"), [(True, {}), (False, {"lost": 1})])
def test_only_a_small_outbox_may_declare_lost(may_drop: bool, wrong: dict[str, int]) -> None:
    ledger = Ledger(accounted=ALL, declared_lost={6})

    assert found(replace(WHOLE, stored=STORED[:-1], may_drop=may_drop, ledgers={EPOCH: ledger})) == wrong


def test_what_stands_in_a_quarantine_is_said() -> None:
    exchanged = with_card(taken=((0, 0),))
    refused = replace(
        exchanged,
        stored=STORED[:-1],
        ledgers={EPOCH: Ledger(accounted=ALL, refused={6})},
        refused=(Refused("two devices", LINES[-1]),),
    )
    aside = replace(
        with_card(outbox=replace(CARD.outbox, aside=(LINES[-1],)), taken=((0, 0),)),
        stored=STORED[:-1],
        ledgers={EPOCH: Ledger(accounted=ALL, refused={6})},
    )

    assert (found(refused), check([refused])[1].refused) == ({}, 1)
    assert (found(aside), check([aside])[1].aside) == ({}, 1)
    assert found(replace(refused, cards=(CARD,))) == {"lost": 1}
    assert found(replace(aside, cards=(replace(aside.cards[0], taken=()),))) == {"lost": 1}


def test_an_epoch_needs_an_exchanged_card() -> None:
    ledgers = {EPOCH: Ledger(accounted=ALL), LATER: Ledger()}

    assert found(replace(WHOLE, ledgers=ledgers)) == {"unfounded": 1}
    assert found(replace(with_card(taken=((0, 0),)), ledgers=ledgers)) == {}


@pytest.mark.parametrize(("taken", "wrong"), [(((5, 9),), {}), (((1, 5),), {"lost": 1})])
def test_what_went_with_a_card_is_not_lost_and_no_more_than_that(
    taken: tuple[tuple[int, int], ...], wrong: dict[str, int]
) -> None:
    left = Outbox(EPOCH, {number: says(number) for number in range(1, COUNT)}, COUNT - 1)
    device = replace(
        with_card(taken=taken, outbox=left), stored=STORED[:-1], ledgers={EPOCH: Ledger(accounted=ALL - {6})}
    )

    assert found(device) == wrong


def test_a_record_that_was_numbered_again_in_a_new_epoch_is_found() -> None:
    device = replace(
        WHOLE,
        stored=[*STORED[:-1], held(6, epoch=LATER, at=2)],
        ledgers={EPOCH: Ledger(accounted=ALL - {6})},
        cards=(replace(CARD, outbox=Outbox(LATER, {2: says(6)}, 0), taken=((0, 0),)),),
    )

    assert found(device) == {}


def test_a_number_given_twice_loses_one_of_the_two_records() -> None:
    journal = CARD.journal._replace(had=[*CARD.journal.had, had(7, at=6)], tried=[*LINES, json.dumps(says(7)).encode()])

    assert found(with_card(journal=journal, next=8)) == {"lost": 1}


def test_a_record_without_its_time_yet_is_compared_without_it() -> None:
    journal = CARD.journal._replace(had=[had(number, settled=number != 6) for number in range(1, COUNT + 1)])
    outbox = replace(CARD.outbox, lines={**CARD.outbox.lines, 6: says(6, t=5000)})
    device = replace(with_card(journal=journal, outbox=outbox), stored=[*STORED[:-1], held(6, t=5000)])

    assert found(device) == {}


def test_a_reading_that_was_fed_before_one_that_was_kept_has_vanished() -> None:
    without = [one for one in CARD.journal.had if one.number != 3]
    outbox = replace(CARD.outbox, lines={number: line for number, line in CARD.outbox.lines.items() if number != 3})
    device = replace(
        with_card(journal=CARD.journal._replace(had=without), outbox=outbox),
        stored=[one for one in STORED if one.number != 3],
        ledgers={EPOCH: Ledger(accounted=ALL, refused={3})},
    )

    assert found(device) == {"vanished": 1}


def test_what_an_agent_had_not_committed_when_it_died_is_told_apart() -> None:
    device = with_card(next=COUNT + 4, journal=CARD.journal._replace(lives=[1, COUNT + 3]))

    assert found(device) == {}
    assert check([device])[1].uncommitted == 3


def test_a_second_agent_and_a_late_device_are_wrong() -> None:
    assert Verdict(intruders=1).is_red
    assert str(Verdict(unfinished=2)) == "RED: unfinished 2"


@pytest.mark.parametrize("change", [lambda says: says | {"window": 0}, lambda says: says | {"step": 0}])
def test_defaults_that_a_store_spells_out_are_no_difference(change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    seventh = json.dumps({key: value for key, value in says(7).items() if value}).encode()
    journal = Journalled([*CARD.journal.had, Had(EPOCH, 7, seventh, True, 7)], [*LINES, seventh], [1])
    device = replace(
        with_card(journal=journal, next=8), stored=[*STORED, Held(EPOCH, 7, 107, "counter_ticket", change(says(7)))]
    )

    assert found(device) == {}
