"""The counting of `peers-under-faults`: what is planted as lost and doubled is found, in the fault where it was given."""

from collections import Counter

import pytest

from benchmarks.errors import MeasurementFailed
from benchmarks.fault_books import Count, Phase, by_fault, numbers_of, together
from benchmarks.fault_chains import clients_in, numbers_on_disk

PHASES = (Phase("no-fault", 1), Phase("store-down", 11), Phase("publisher-killed", 21))
END = 31
NOBODY = range(0)
WHOLE = Counter(range(1, END))


def test_a_whole_store_has_lost_and_doubled_nothing() -> None:
    assert by_fault(PHASES, END, WHOLE, NOBODY) == {phase.fault: Count(10, 10, 0, 0, 0) for phase in PHASES}


def test_planted_losses_and_doubles_are_found_in_their_fault() -> None:
    stored = WHOLE + Counter([3, 25, 25])
    del stored[1], stored[15], stored[20]

    counts = by_fault(PHASES, END, stored, NOBODY)

    assert counts["no-fault"] == Count(10, 9, 1, 1, 0)
    assert counts["store-down"] == Count(10, 8, 2, 0, 0)
    assert counts["publisher-killed"] == Count(10, 10, 0, 2, 0)
    assert together(counts.values()) == Count(30, 27, 3, 3, 0)


def test_only_what_was_not_committed_is_excused() -> None:
    stored = Counter({number: 1 for number in WHOLE if number not in (22, 23, 24, 29)})

    count = by_fault(PHASES, END, stored, range(22, 26), committed={23})["publisher-killed"]

    assert (count.lost, count.uncommitted) == (2, 2)


def test_a_fault_without_a_reading_counts_nothing() -> None:
    counts = by_fault((Phase("first", 1), Phase("second", END)), END, WHOLE, NOBODY)

    assert counts["second"] == Count(0, 0, 0, 0, 0)


def test_a_reading_that_was_never_given_is_named() -> None:
    with pytest.raises(MeasurementFailed, match=f"holds reading {END}"):
        by_fault(PHASES, END, WHOLE + Counter([END]), NOBODY)


def test_numbers_come_back_from_the_values_of_a_field() -> None:
    assert numbers_of([0.125, 0.25, 0.25], 1 / 8) == {1: 1, 2: 2}


def test_only_readings_on_disk_are_committed() -> None:
    lines = [b'{"kind":"counter_ticket","ticket":7}', b'{"kind":"counter_queue","waiting":3}']

    assert list(numbers_on_disk(lines)) == [7]


def test_who_is_connected_is_read_from_the_log_since_the_last_start() -> None:
    log = (
        "1: mosquitto version 2.0.11 starting\n1: New client connected from 127.0.0.1:1 as gone-with-it (p2, c1, k60).\n"
        "2: mosquitto version 2.0.11 starting\n"
        "2: New client connected from 127.0.0.1:2 as auto-785C (p2, c1, k10).\n"
        "2: New client connected from 127.0.0.1:3 as telegraf (p2, c0, k30).\n"
        "2: New client connected from 127.0.0.1:4 as counter-01 (p2, c1, k60).\n"
        "3: Client counter-01 closed its connection.\n"
    )

    assert clients_in(log) == {"telegraf"}
