"""Settling: a record's UTC is given once, and a wrong clock merges nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.contract import limits
from edge.contract.codec import decode_record
from edge.contract.records import DeviceAlarm, Health, Record
from edge.contract.records.counter import CounterAir, CounterHeartbeat, CounterTicket
from edge.late_times import let_the_hub_time, settle_what_waited
from edge.settle import NUDGE_US, Settler, SettlerState
from tests.edge.outboxes import LARGE, T0, OnDisk, waiting

OFFSET = T0 - 1_000_000
HOUR_US = 3_600_000_000


def settled(settler: Settler, mono: int, offset: int = OFFSET, service: str = "a") -> tuple[int, int]:
    """Time and step of a ticket observed then."""
    record = settler.settle(CounterTicket(t=mono, service=service, event="issued", ticket=1), offset)
    assert record is not None
    assert record.t is not None
    return record.t, record.step


def test_a_record_gets_the_time_at_which_it_was_observed() -> None:
    assert settled(Settler(SettlerState()), 5_000_000) == (OFFSET + 5_000_000, 0)


def test_equal_times_of_a_series_move_apart_by_a_microsecond() -> None:
    settler = Settler(SettlerState())

    assert [settled(settler, 7) for _ in range(3)] == [(OFFSET + 7, 0), (OFFSET + 8, 0), (OFFSET + 9, 0)]


def test_equal_times_of_two_series_stay_equal() -> None:
    settler = Settler(SettlerState())

    assert settled(settler, 7, service="a") == settled(settler, 7, service="b") == (OFFSET + 7, 0)


def test_a_clock_set_back_an_hour_raises_the_step_once_and_time_goes_on_from_there() -> None:
    settler = Settler(SettlerState())
    before = settled(settler, 10_000_000)

    after = [settled(settler, mono, OFFSET - HOUR_US) for mono in (11_000_000, 12_000_000)]

    assert before == (OFFSET + 10_000_000, 0)
    assert after == [(OFFSET + 11_000_000 - HOUR_US, 1), (OFFSET + 12_000_000 - HOUR_US, 1)]


def test_a_clock_set_back_by_less_than_a_millisecond_raises_no_step() -> None:
    settler = Settler(SettlerState())
    settled(settler, 10_000_000)

    assert settled(settler, 10_000_000, OFFSET - NUDGE_US) == (OFFSET + 10_000_001, 0)


def test_a_restart_with_the_clock_behind_raises_the_step() -> None:
    settler = Settler(SettlerState())
    settled(settler, 10_000_000)

    after = settled(Settler(settler.state), 1_000_000, OFFSET)

    assert after == (OFFSET + 1_000_000, 1)


@given(st.lists(st.tuples(st.integers(0, 10_000_000), st.sampled_from([0, 1, -HOUR_US, HOUR_US]), st.booleans())))
def test_no_two_records_of_a_series_ever_have_step_and_time_in_common(
    observations: list[tuple[int, int, bool]],
) -> None:
    settler, mono, given_times = Settler(SettlerState()), 0, []
    for passed, error, restarts in observations:
        if restarts:
            settler = Settler(settler.state)
        mono += passed
        given_times.append(settled(settler, mono, OFFSET + error)[::-1])

    assert given_times == sorted(set(given_times))


def test_while_the_clock_is_unknown_alarms_and_health_leave_timed_by_the_hub() -> None:
    settler = Settler(SettlerState())
    health = Health(t=5, clock_quality="unknown", uptime_s=1.0, outbox_records=0, outbox_bytes=0)

    alarm = settler.settle(DeviceAlarm(t=7, code="overheated", active=True), None)
    kept = settler.settle(health, None)

    assert alarm == DeviceAlarm(code="overheated", active=True, clock="hub", mono=7)
    assert kept is not None
    assert (kept.t, kept.clock, kept.mono) == (None, "hub", 5)


def test_while_the_clock_is_unknown_everything_else_waits() -> None:
    settler = Settler(SettlerState())

    assert settler.settle(CounterAir(t=7, co2_ppm=1.0), None) is None
    assert settler.settle(CounterHeartbeat(t=7, source="mcu"), None) is None
    assert settler.state == SettlerState()


def test_a_record_of_an_earlier_boot_lies_in_the_middle_of_its_bounds_and_says_how_wide_they_are() -> None:
    record = Settler(SettlerState()).settle_bounded(CounterAir(t=7, co2_ppm=1.0), T0, T0 + 4_000_000)

    assert (record.t, record.clock, record.t_error_s) == (T0 + 2_000_000, "bounded", 2.0)


def test_a_time_outside_the_contract_is_held_at_its_end() -> None:
    assert settled(Settler(SettlerState()), 5, limits.TIME_MAX_US) == (limits.TIME_MAX_US, 0)


def test_a_pipeline_that_gives_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="counter_air"):
        Settler(SettlerState()).settle(CounterAir(co2_ppm=1.0), 0)


def stored(disk: OnDisk) -> dict[int, Record]:
    """Every line as it stands on disk, by number."""
    found: dict[int, Record] = {}
    for first, last in disk.outbox.open_numbers():
        for number in range(first, last + 1):
            record = decode_record(disk.outbox.read(number, number, LARGE).lines[0])
            assert isinstance(record, Record)
            found[number] = record
    return found


def test_when_the_clock_comes_this_boots_records_get_exact_times_and_an_earlier_boots_bounds(disk: OnDisk) -> None:
    settler = Settler(SettlerState(0, T0 - 10_000_000))
    disk.outbox.append([waiting(1, "earlier"), waiting(2, "earlier")])
    disk.outbox.append([waiting(3, "this")])

    settle_what_waited(disk.outbox, settler, "this", T0)

    found = stored(disk)
    assert [found[number].clock for number in (2, 3, 4)] == ["bounded", "bounded", "settled"]
    assert [found[number].t_error_s for number in (2, 3, 4)] == [5.0, 5.0, None]
    assert found[4].t == T0 + 3_000_000
    assert found[2].t == T0 - 5_000_000


def test_what_was_settled_is_the_same_after_a_restart(disk: OnDisk) -> None:
    disk.outbox.append([waiting(1, "this")])
    settle_what_waited(disk.outbox, Settler(SettlerState()), "this", T0)
    before = stored(disk)

    disk.again()

    assert stored(disk) == before


def test_what_waits_for_a_clock_that_does_not_come_leaves_timed_by_the_hub_when_it_asks_for_the_holes(
    disk: OnDisk,
) -> None:
    disk.outbox.append([waiting(1, "earlier"), waiting(2, "this")])

    let_the_hub_time(disk.outbox, SettlerState(2, T0), "this")

    found = stored(disk)
    assert [(found[number].t, found[number].clock, found[number].mono) for number in (2, 3)] == [
        (None, "hub", None),
        (None, "hub", 2_000_000),
    ]
    assert disk.outbox.settler_state == SettlerState(2, T0)
