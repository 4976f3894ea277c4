"""Ingest's rules: what is stored, refused, repeated and answered."""

from __future__ import annotations

import pytest

from edge.contract import limits
from edge.contract.codec import digest_of
from edge.contract.records import DeviceAlarm, EpochClosed
from edge.contract.topics import Channel, topic
from hub.step import Received, Reply
from tests.hub.devices import ARRIVAL, DEVICE, EPOCH, T0, Hub, air, airs, batch, birth, gap, line

UP = topic(DEVICE, Channel.UP)
NOTHING = Reply()


def account(hub: Hub) -> tuple[int, int, int, int]:
    """Through, stored, refused, lost."""
    found = hub.books.account_of(DEVICE, EPOCH)
    return found.through, found.stored, found.refused, found.lost


def test_a_batch_is_stored_accounted_and_answered(hub: Hub) -> None:
    step = hub.take(batch(1, airs(1, 3)))

    assert hub.numbers() == [1, 2, 3]
    assert account(hub) == (3, 3, 0, 0)
    assert step.replies == {(DEVICE, EPOCH): NOTHING}


def test_a_batch_that_came_before_is_answered_and_not_stored_again(hub: Hub) -> None:
    hub.take(batch(1, airs(1, 3)))

    step = hub.take(batch(1, airs(1, 3)))

    assert (step.rows, step.quarantined, step.replies) == ([], [], {(DEVICE, EPOCH): NOTHING})


def test_of_a_batch_that_came_in_part_only_the_rest_is_stored(hub: Hub) -> None:
    hub.take(batch(1, airs(1, 3)), batch(6, airs(6, 7)))

    step = hub.take(batch(2, airs(2, 8)))

    assert [row.number for row in step.rows] == [4, 5, 8]
    assert account(hub) == (8, 8, 0, 0)


def test_a_birth_is_answered_with_what_is_known(hub: Hub) -> None:
    step = hub.take(birth())

    assert step.replies == {(DEVICE, EPOCH): NOTHING}
    assert step.states[DEVICE][0].family == "counter"


def test_a_bad_record_refuses_itself_only(hub: Hub) -> None:
    bad = b'{"kind":"counter_air","t":1795000002000000,"co2_ppm":-5.0}'

    hub.take(batch(1, [air(1), bad, air(3)]))

    assert hub.numbers() == [1, 3]
    assert account(hub) == (3, 2, 1, 0)
    ((number, reason),) = hub.quarantined()
    assert number == 2
    assert "co2_ppm" in reason


def test_a_record_from_before_the_contract_is_refused_with_what_to_do(hub: Hub) -> None:
    early = b'{"kind":"counter_air","t":86400000000,"co2_ppm":5.0}'

    hub.take(batch(1, [early]))

    assert account(hub) == (1, 0, 1, 0)
    assert "set the device's clock" in hub.quarantined()[0][1]


def test_a_kind_of_a_newer_device_is_stored_as_it_came(hub: Hub) -> None:
    newer = b'{"kind":"counter_smell","t":1795000002000000,"nice":true}'

    hub.take(batch(1, [newer]))

    assert hub.numbers() == [1]
    assert hub.quarantined() == []


def test_a_payload_that_cannot_be_read_is_quarantined_and_answered_with_its_digest(hub: Hub) -> None:
    good = batch(1, airs(1, 3))
    damaged = good._replace(payload=good.payload[:-3] + b"xyz")

    step = hub.take(damaged, batch(4, airs(4, 5)))

    assert step.unreadable == [(DEVICE, digest_of(damaged.payload))]
    assert "checksum" in hub.quarantined()[0][1]
    assert hub.numbers() == [4, 5]


@pytest.mark.parametrize("name", ["machikado/v1/zz/x/up", "machikado/v1/00/counter-01/up", "other"])
def test_a_message_on_a_topic_that_is_none_is_quarantined(hub: Hub, name: str) -> None:
    step = hub.take(Received(name, b"{}", ARRIVAL))

    assert (step.replies, step.unreadable) == ({}, [])
    assert len(hub.quarantined()) == 1


def test_a_record_without_a_time_gets_that_of_its_arrival_less_its_age(hub: Hub) -> None:
    alarm = line(DeviceAlarm(code="overheated", active=True, clock="hub", mono=4_000_000))

    step = hub.take(batch(1, [alarm], mono=10_000_000))

    assert [row.t for row in step.rows] == [ARRIVAL - 6_000_000]


def test_a_record_without_any_time_of_this_boot_gets_that_of_its_arrival(hub: Hub) -> None:
    alarm = line(DeviceAlarm(code="overheated", active=True, clock="hub", mono=4_000_000))

    step = hub.take(batch(1, [alarm]))

    assert [row.t for row in step.rows] == [ARRIVAL]


# ---------------------------------------------------------------- conflicts


def test_another_record_under_an_accounted_number_is_a_conflict_and_quarantined(hub: Hub) -> None:
    hub.take(batch(1, airs(1, 3)))

    step = hub.take(batch(2, [air(2, value=99.0), air(3)]))

    assert step.replies == {(DEVICE, EPOCH): Reply(conflict=True)}
    assert [number for number, _ in hub.quarantined()] == [2]
    assert "two devices with one identity" in hub.quarantined()[0][1]
    assert hub.numbers() == [1, 2, 3]


def test_two_records_under_one_number_in_one_step_are_a_conflict(hub: Hub) -> None:
    step = hub.take(batch(1, [air(1)]), batch(1, [air(1, value=99.0)]))

    assert step.replies == {(DEVICE, EPOCH): Reply(conflict=True)}


def test_a_refused_record_that_comes_twice_in_one_step_is_no_conflict(hub: Hub) -> None:
    early = b'{"kind":"counter_air","t":86400000000,"co2_ppm":5.0}'

    step = hub.take(batch(1, [early]), batch(1, [early]))

    assert step.replies == {(DEVICE, EPOCH): NOTHING}
    assert account(hub) == (1, 0, 1, 0)


def test_a_refused_record_that_comes_again_later_is_no_conflict(hub: Hub) -> None:
    early = b'{"kind":"counter_air","t":86400000000,"co2_ppm":5.0}'
    hub.take(batch(1, [early]))

    assert hub.take(batch(1, [early])).replies == {(DEVICE, EPOCH): NOTHING}


@pytest.mark.parametrize("in_one_step", [True, False])
def test_a_record_that_arrives_after_it_was_declared_lost_is_no_conflict(hub: Hub, in_one_step: bool) -> None:
    declared, late = batch(4, [gap((2, 3))]), batch(1, airs(1, 3))
    steps = [hub.take(declared, late)] if in_one_step else [hub.take(declared), hub.take(late)]

    assert [step.replies for step in steps] == [{(DEVICE, EPOCH): NOTHING}] * len(steps)
    assert account(hub) == (4, 2, 0, 2)
    assert hub.quarantined() == []


# ---------------------------------------------------------------- declarations


def test_a_gap_accounts_what_it_declares_lost(hub: Hub) -> None:
    hub.take(batch(1, [air(1)]))

    hub.take(batch(9, [gap((2, 8))]))

    assert account(hub) == (9, 2, 0, 7)
    assert hub.database.execute("SELECT first, last, why FROM lost").fetchall() == [(2, 8, "outbox_full")]


def test_a_gap_does_not_unstore_what_arrived_before_it(hub: Hub) -> None:
    hub.take(batch(1, airs(1, 5)))

    hub.take(batch(6, [gap((3, 4))]))

    assert account(hub) == (6, 6, 0, 0)
    assert hub.database.execute("SELECT count(*) FROM lost").fetchone() == (0,)


def test_a_hub_with_as_many_ranges_as_it_keeps_asks_for_the_holes(hub: Hub) -> None:
    for number in range(2, 2 * limits.ACK_RANGES + 2, 2):
        hub.take(batch(number, [air(number)]))

    step = hub.take(batch(500, [air(500)]))

    assert step.replies == {(DEVICE, EPOCH): Reply(fill=True)}
    assert 500 not in hub.numbers()


def test_a_night_of_alarms_and_evictions_is_not_stuck_at_the_bound_on_ranges(hub: Hub) -> None:
    for number in range(2, 2 * limits.ACK_RANGES + 2, 2):
        hub.take(batch(number, [air(number)]))
    evicted = [(number, number) for number in range(1, 2 * limits.ACK_RANGES, 2)]

    hub.take(batch(500, [gap(*evicted)]))

    assert account(hub)[0] == 2 * limits.ACK_RANGES
    assert 500 in hub.numbers()


def test_a_closed_epoch_says_that_nothing_follows(hub: Hub) -> None:
    hub.take(batch(1, [air(1), line(EpochClosed(t=T0))]))

    assert hub.books.account_of(DEVICE, EPOCH).closed


def test_a_step_that_was_not_committed_changes_no_account(hub: Hub) -> None:
    hub.ingest.step([batch(1, airs(1, 3))])

    again = hub.ingest.step([batch(1, airs(1, 3))])

    assert [row.number for row in again.rows] == [1, 2, 3]
