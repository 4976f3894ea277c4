"""The checker of `delivery`: every kind of damage turns its own figure red, and nothing else is needed to be green."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from benchmarks.delivery_check import Verdict, check, shared_times
from benchmarks.ticket_feed import Fed
from tests.chaos.books import Held, Ledger, Outbox, read_ledger, read_outbox, sqlite_store
from tests.edge.outboxes import OnDisk, airs
from tests.hub.devices import DEVICE, EPOCH, Hub, air, batch, gap
from tests.hub.devices import airs as lines_of_air

COUNT = 5
FED = [Fed("tax", number, float(number), True) for number in range(1, COUNT + 1)]


def line(number: int, **changes: Any) -> dict[str, Any]:
    """The line of a ticket whose number is the record's."""
    return {
        "kind": "counter_ticket",
        "t": 100 + number,
        "service": "tax",
        "event": "issued",
        "ticket": number,
        **changes,
    }


def held(number: int, **changes: Any) -> Held:
    """The same in the store."""
    says = line(number, **changes)
    return Held(EPOCH, number, says["t"], "counter_ticket", says)


OUTBOX = Outbox(EPOCH, {number: line(number) for number in range(1, COUNT + 1)}, COUNT)
STORED = [held(number) for number in range(1, COUNT + 1)]
ALL = set(range(1, COUNT + 1))


def red(
    stored: list[Held], ledger: Ledger | None = None, outbox: Outbox = OUTBOX, due: list[int] | None = None
) -> set[str]:
    """Which figures of the verdict are not zero."""
    verdict = check(outbox, stored, ledger or Ledger(accounted=set(ALL)), FED, due or [])
    return {one.name for one in fields(Verdict) if getattr(verdict, one.name)}


def test_a_whole_delivery_is_green() -> None:
    assert red(STORED, due=[1, 2, 3]) == set()


@pytest.mark.parametrize(
    ("stored", "turned"),
    [
        (STORED[:-1], {"lost", "undeclared"}),
        ([*STORED, held(2)], {"doubled", "reordered"}),
        ([*STORED[:-1], held(5, ticket=4)], {"doubled", "altered", "reordered"}),
        ([*STORED[:-1], held(5, t=999)], {"altered"}),
        ([*STORED[:-1], held(5, event="called")], {"altered"}),
        ([*STORED, Held("f" * 16, 9, 1, "counter_air", {})], {"altered"}),
        ([*STORED, Held(EPOCH, 6, 1, "counter_air", {"kind": "counter_air"})], {"altered"}),
        ([held(1, ticket=2), held(2, ticket=1), *STORED[2:]], {"altered", "reordered"}),
    ],
)
def test_damage_in_the_store_turns_red(stored: list[Held], turned: set[str]) -> None:
    assert red(stored) == turned


def test_a_hole_in_the_ledger_turns_red() -> None:
    assert red(STORED, Ledger(accounted=ALL - {3})) == {"holes"}


def test_a_number_that_is_declared_lost_is_not_undeclared_but_lost() -> None:
    assert red(STORED[:-1], Ledger(accounted=set(ALL), declared_lost={5})) == {"lost"}


def test_a_conflict_turns_red() -> None:
    assert red(STORED, Ledger(accounted=set(ALL), conflicts=1)) == {"conflicts"}


def test_a_reading_that_the_agent_had_time_to_commit_and_did_not_turns_red() -> None:
    outbox = Outbox(EPOCH, {number: line(number) for number in range(1, COUNT)}, COUNT - 1)

    assert "vanished" in red(STORED[:-1], outbox=outbox, due=[4, 5])


def test_tickets_of_one_service_and_time_are_counted() -> None:
    assert shared_times([held(1), held(2, t=101), held(3, t=101), held(4, t=101, service="seal")]) == 2


def test_outbox_ledger_and_store_are_read_as_they_stand_while_they_are_in_use(disk: OnDisk, hub: Hub) -> None:
    disk.outbox.append(airs(1, 3))
    hub.take(batch(1, lines_of_air(1, 3)), batch(9, [gap((4, 5)), b'{"kind":"counter_air","co2_ppm":"x"}', air(11)]))

    outbox = read_outbox(disk.path)
    ledger = read_ledger(hub.path, DEVICE, EPOCH)
    stored = sqlite_store(hub.path, DEVICE)

    assert (outbox.last, [outbox.lines[number]["co2_ppm"] for number in (2, 3, 4)]) == (4, [1.0, 2.0, 3.0])
    assert (ledger.accounted, ledger.declared_lost, ledger.refused) == ({1, 2, 3, 4, 5, 9, 10, 11}, {4, 5}, {10})
    assert sorted(one.number for one in stored) == [1, 2, 3, 9, 11]


@pytest.fixture
def disk(tmp_path: Path) -> OnDisk:
    made = OnDisk(tmp_path / "outbox.sqlite")
    made.open()
    return made


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub(tmp_path / "hub.sqlite")
