"""The outbox's rules, each on a real file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from edge.contract.codec import digest_of, encode_record
from edge.contract.ranges import RangeSet
from edge.contract.records import DeviceAlarm, EpochOpened, Health, Priority, Record
from edge.contract.records.counter import CounterAir
from edge.errors import OutboxError
from edge.outbox import RESERVE_BYTES, Outbox
from edge.outbox_rows import Entry
from edge.settle import SettlerState
from tests.edge.outboxes import LARGE, T0, OnDisk, air, airs, alarm, gaps, lines, records, values, waiting

DATABASES = Path(__file__).parents[1] / "databases"


# ---------------------------------------------------------------- numbering


def test_the_first_record_of_an_epoch_says_why_it_began(disk: OnDisk) -> None:
    assert records(disk.outbox) == {1: EpochOpened(why="first", clock="hub")}


def test_numbers_go_on_after_a_restart(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 3))

    given = disk.again().append([air(4)])

    assert given == (5, 5)
    assert values(disk.outbox) == [1, 2, 3, 4]


def test_a_number_is_not_used_again_when_everything_was_accounted_and_evicted(small_disk: OnDisk) -> None:
    for block in range(60):
        _, last = small_disk.outbox.append(airs(10 * block, 10 * block + 9))
        small_disk.outbox.account(last, [])

    before = small_disk.outbox.last
    given = small_disk.again().append([air(1)])

    assert given == (before + 1, before + 1)


def test_an_append_that_the_disk_refuses_uses_no_number_and_keeps_nothing(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 2))
    disk.database.execute("CREATE TRIGGER full BEFORE INSERT ON runs BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END")
    with pytest.raises(OutboxError, match="disk I/O error"):
        disk.outbox.append(airs(3, 4))

    disk.database.execute("DROP TRIGGER full")
    given = disk.outbox.append([air(5)])

    assert given == (4, 4)
    assert values(disk.outbox) == [1, 2, 5]


def test_what_append_returned_survives_a_process_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; sys.path.insert(0, '.'); from pathlib import Path\n"
        "from tests.edge.outboxes import OnDisk, airs\n"
        "disk = OnDisk(Path(sys.argv[1])); disk.open(); disk.outbox.append(airs(1, 500))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = tmp_path / "outbox.sqlite"

    killed = subprocess.run([sys.executable, "-c", program, str(path)], check=False, timeout=60)
    disk = OnDisk(path)

    assert killed.returncode == -9
    assert values(disk.open()) == list(range(1, 501))
    disk.close()


def test_an_empty_append_is_refused(disk: OnDisk) -> None:
    with pytest.raises(ValueError, match="at least one"):
        disk.outbox.append([])


def test_the_settlers_state_is_kept_with_the_records_that_it_settled(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 1), SettlerState(3, T0))

    assert disk.again().settler_state == SettlerState(3, T0)


# ---------------------------------------------------------------- accounting


def test_an_ack_makes_exactly_what_it_names_no_longer_open(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 9))

    disk.outbox.account(3, [(5, 6), (9, 9)])

    assert list(disk.outbox.open_numbers()) == [(4, 4), (7, 8), (10, 10)]


def test_an_ack_of_numbers_that_were_not_given_says_nothing_of_those_to_come(disk: OnDisk) -> None:
    disk.outbox.account(100, [(200, 300)])

    disk.outbox.append(airs(1, 3))

    assert list(disk.outbox.open_numbers()) == [(2, 4)]


def test_an_ack_that_was_not_written_yet_means_sending_again(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 3))
    disk.outbox.account(4, [])

    assert list(disk.again().open_numbers()) == [(1, 4)]


def test_an_ack_is_on_disk_with_the_next_append(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 3))
    disk.outbox.account(4, [])
    disk.outbox.append([air(4)])

    assert list(disk.again().open_numbers()) == [(5, 5)]


def test_waiting_tells_how_many_and_the_time_of_the_oldest(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 3))
    disk.outbox.append(airs(7, 9))
    disk.outbox.account(4, [])

    assert disk.outbox.waiting() == (3, T0 + 7_000_000)


# ---------------------------------------------------------------- eviction


def test_a_full_outbox_evicts_accounted_records_first_and_says_nothing(small_disk: OnDisk) -> None:
    outbox = small_disk.outbox
    for block in range(20):
        outbox.append(airs(10 * block, 10 * block + 9))
    outbox.account(101, [])

    for block in range(20, 30):
        outbox.append(airs(10 * block, 10 * block + 9))

    assert gaps(outbox) == {}
    assert values(outbox) == list(range(100, 300))


def test_a_full_outbox_evicts_the_oldest_of_the_least_priority_and_numbers_a_gap(small_disk: OnDisk) -> None:
    outbox = small_disk.outbox
    health = Health(t=T0, clock_quality="unknown", uptime_s=1.0, outbox_records=0, outbox_bytes=0)
    outbox.append([Entry(encode_record(health), Priority.STATE, T0)])
    for block in range(100):
        outbox.append(airs(10 * block, 10 * block + 9))

    kept = values(outbox)
    (number, gap), *others = sorted(gaps(outbox).items())
    lost = gap.records + sum(other.records for _, other in others)

    assert kept == list(range(1000 - len(kept), 1000))
    assert any(isinstance(record, Health) for record in records(outbox).values())
    assert (gap.why, lost) == ("outbox_full", 1000 - len(kept))
    assert gap.t_from == T0
    assert number in outbox.urgent_numbers()


def test_everything_is_held_accounted_or_declared_lost_however_full(small_disk: OnDisk) -> None:
    outbox = small_disk.outbox
    for block in range(400):
        outbox.append([*airs(5 * block, 5 * block + 4), *([alarm(block)] if block % 37 == 0 else [])])

    declared = RangeSet(numbers for gap in gaps(outbox).values() for numbers in gap.ranges)

    assert outbox.open_numbers().union(declared) == RangeSet([(1, outbox.last)])
    assert outbox.bytes_held <= small_disk.quota_bytes


def test_many_unsent_gaps_become_one_and_the_quota_counts_what_is_on_disk(small_disk: OnDisk) -> None:
    outbox = small_disk.outbox
    for block in range(3000):
        outbox.append(airs(5 * block, 5 * block + 4))

    ((size,),) = small_disk.database.execute("SELECT sum(length(lines) + 64) FROM runs").fetchall()

    assert len(gaps(outbox)) <= 17
    assert outbox.bytes_held == size


def alarms_until_refused(outbox: Outbox) -> int:
    """How many alarms, one a commit, it takes."""
    for taken in range(1000):
        try:
            outbox.append([alarm(taken)])
        except OutboxError:
            return taken
    return 1000


def test_alarms_are_never_evicted_and_past_the_reserve_they_are_refused(small_disk: OnDisk) -> None:
    outbox = small_disk.outbox
    taken = alarms_until_refused(outbox)

    with pytest.raises(OutboxError, match="full of alarms"):
        outbox.append([alarm()])

    assert sum(isinstance(record, DeviceAlarm) for record in records(outbox).values()) == taken
    assert outbox.bytes_held <= small_disk.quota_bytes


def test_more_at_once_than_the_quota_leaves_is_refused_with_what_to_do(small_disk: OnDisk) -> None:
    with pytest.raises(OutboxError, match="raise \\[outbox\\] quota_mib"):
        small_disk.outbox.append(airs(1, 1000))


def test_a_reserve_stays_free_for_gaps(tmp_path: Path) -> None:
    disk = OnDisk(tmp_path / "outbox.sqlite", quota_bytes=1 << 20)
    outbox = disk.open()
    for block in range(300):
        outbox.append(airs(100 * block, 100 * block + 99))

    assert outbox.bytes_held <= (1 << 20) - RESERVE_BYTES + 1_000
    disk.close()


# ---------------------------------------------------------------- rewind and loss


def test_a_restored_hub_gets_again_what_is_held_and_a_gap_for_the_rest(small_disk: OnDisk) -> None:
    outbox = small_disk.outbox
    for block in range(60):
        _, last = outbox.append(airs(10 * block, 10 * block + 9))
        outbox.account(last, [])

    outbox.rewind(11, [], generation=2)

    ((_, gap),) = gaps(outbox).items()
    assert gap.why == "rewound_past_quota"
    assert gap.ranges[0][0] == 12
    assert values(outbox) == list(range(gap.ranges[-1][1] - 1, 600))
    assert small_disk.again().generation == 2


def test_numbers_that_the_disk_lost_are_declared_at_the_next_start(disk: OnDisk) -> None:
    for block in range(5):
        disk.outbox.append(airs(10 * block, 10 * block + 9))
    disk.database.execute("DELETE FROM runs WHERE first = 12")

    outbox = disk.again()

    ((number, gap),) = gaps(outbox).items()
    assert (number, gap.ranges, gap.why) == (52, [(12, 21)], "unreadable_on_disk")
    assert gaps(disk.again()).keys() == {52}


def test_a_record_given_up_is_declared_and_kept_in_the_devices_own_quarantine(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 3))
    (line,) = lines(disk.outbox, 3, 3)

    disk.outbox.give_up(3)

    ((_, gap),) = gaps(disk.outbox).items()
    assert (gap.ranges, gap.why) == ([(3, 3)], "refused_on_device")
    assert disk.database.execute("SELECT number, line FROM quarantine").fetchall() == [(3, line)]
    assert values(disk.outbox) == [1, 3]


def test_reading_what_is_not_held_is_an_error(disk: OnDisk) -> None:
    with pytest.raises(OutboxError, match="record 7 is not held"):
        disk.outbox.read(7, 9, LARGE)


def test_a_read_is_bounded_in_bytes_but_gives_at_least_one_line(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 50))

    assert len(disk.outbox.read(2, 51, 1).lines) == 1
    assert 2 <= len(disk.outbox.read(2, 51, 500).lines) < 10


def test_the_digest_is_that_of_the_line_and_none_for_what_waits_for_the_clock(disk: OnDisk) -> None:
    disk.outbox.append([air(1), waiting(2, "boot-1")])

    assert disk.outbox.digest(2) == digest_of(air(1).line)
    assert disk.outbox.digest(3) is None


# ---------------------------------------------------------------- epochs


def test_a_new_epoch_numbers_again_what_the_hub_does_not_have(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 5))
    disk.outbox.account(3, [])

    disk.outbox.begin_epoch("differs_from_the_hub", RangeSet([(1, 3)]), RangeSet())

    opened, *_ = records(disk.outbox).values()
    assert opened == EpochOpened(why="differs_from_the_hub", previous=f"{1:016x}", previous_last=6, clock="hub")
    assert values(disk.outbox) == [3, 4, 5]
    assert values(disk.again()) == [3, 4, 5]


def test_what_was_observed_since_the_start_is_kept_even_under_numbers_that_the_hub_has(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 5))
    outbox = disk.again()
    outbox.append(airs(6, 7))

    outbox.begin_epoch("behind_the_hub", RangeSet([(1, 100)]), RangeSet())

    assert values(outbox) == [6, 7]


def test_what_was_sent_and_is_known_is_not_numbered_again(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 5))

    disk.outbox.begin_epoch("differs_from_the_hub", RangeSet([(1, 4)]), RangeSet([(3, 6)]))

    assert values(disk.outbox) == [1, 4, 5]


def test_what_another_life_of_the_card_may_have_sent_is_set_aside_not_dropped(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 5))
    outbox = disk.again()

    outbox.begin_epoch("behind_the_hub", RangeSet([(1, 4)]), RangeSet())

    aside = disk.database.execute("SELECT epoch, number FROM quarantine ORDER BY number").fetchall()
    assert aside == [(f"{1:016x}", number) for number in (1, 2, 3, 4)]
    assert values(outbox) == [4, 5]


def test_a_gap_does_not_go_into_an_epoch_whose_numbers_it_does_not_mean(small_disk: OnDisk) -> None:
    outbox = small_disk.outbox
    for block in range(100):
        outbox.append(airs(10 * block, 10 * block + 9))
    assert gaps(outbox) != {}

    outbox.begin_epoch("differs_from_the_hub", RangeSet(), RangeSet())

    [gap] = gaps(outbox).values()
    assert gap.ranges == [(2, gap.records + 1)]


def test_what_had_to_go_is_declared_anew_when_its_epoch_ends(small_disk: OnDisk) -> None:
    outbox = small_disk.outbox
    for value in range(1, 400):
        outbox.append([air(value)])
    held = len(values(outbox))

    outbox.begin_epoch("behind_the_hub", RangeSet(), RangeSet())

    [gap] = gaps(outbox).values()
    assert len(values(outbox)) == held
    assert gap.records >= 399 - held
    assert RangeSet(gap.ranges).count == gap.records
    assert RangeSet(gap.ranges).intersection(outbox.open_numbers()).count == 0
    assert outbox.last == 1 + gap.records + held + 1
    small_disk.again()
    assert small_disk.outbox.last == outbox.last


# ---------------------------------------------------------------- settling


def test_a_record_without_a_time_is_held_but_not_offered(disk: OnDisk) -> None:
    disk.outbox.append([air(1), waiting(2, "boot-1"), air(3)])

    assert values(disk.outbox) == [1, 3]
    assert disk.outbox.unsettled_boots() == ["boot-1"]


def test_a_settled_record_keeps_its_number_and_is_offered(disk: OnDisk) -> None:
    disk.outbox.append([air(1), waiting(2, "boot-1"), air(3)])

    def at_noon(waits: list[Record]) -> list[Record]:
        return [CounterAir(t=T0 + 2, co2_ppm=2.0) for _ in waits]

    disk.outbox.settle("boot-1", at_noon, lambda: SettlerState(0, T0 + 2))

    assert values(disk.again()) == [1, 2, 3]
    assert disk.outbox.unsettled_boots() == []
    assert disk.outbox.settler_state == SettlerState(0, T0 + 2)


def test_monotonic_times_are_of_this_boot_only_from_where_it_began(disk: OnDisk) -> None:
    disk.outbox.begin_boot("a")
    disk.outbox.append(airs(1, 3))
    outbox = disk.again()
    outbox.begin_boot("a")
    same_boot = outbox.this_boot_from
    outbox = disk.again()
    outbox.begin_boot("b")

    assert (same_boot, outbox.this_boot_from) == (2, 5)
    assert disk.again().this_boot_from == 5
