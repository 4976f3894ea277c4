"""The link's rules, over an outbox on a real file and the ledger that really answers."""

from __future__ import annotations

import msgspec

from edge.contract.batch import decode_batch
from edge.contract.codec import decode_record, digest_of
from edge.contract.control import Ack
from edge.contract.ranges import RangeSet
from edge.contract.records import EpochOpened
from edge.link import Link, LinkConfig, Publish
from tests.edge.outboxes import OnDisk, air, airs, alarm, gaps, values, waiting

CONFIG = LinkConfig(window_batches=4, batch_records=10, ack_timeout_s=10.0, hello_every_s=5.0, backlog_delay_s=60.0)
EPOCH = f"{1:016x}"
HELLO = f"{2:016x}"


def ack(through: int, *ranges: tuple[int, int], generation: int = 1, last: int | None = None, **more: object) -> Ack:
    """The answer to our greeting, or a later ack; ``last`` is its highest number unless it is given."""
    more.setdefault("hello", HELLO)
    highest = max([through, *(end for _, end in ranges)]) if last is None else last
    return Ack(generation=generation, epoch=EPOCH, through=through, ranges=list(ranges), last=highest, **more)  # type: ignore[arg-type]


def open_link(disk: OnDisk, config: LinkConfig = CONFIG, through: int = 1) -> Link:
    """A link that is connected and that the hub has greeted, everything up to ``through`` accounted."""
    link = Link(disk.outbox, config, lambda: HELLO)
    link.connected(0.0)
    link.hello_due(0.0)
    link.ack(ack(0), 0.0)
    link.ack(ack(through), 0.0)
    return link


def numbers(batches: list[Publish]) -> list[tuple[int, int]]:
    """First and last number of each."""
    return [(batch.first, batch.last) for batch in batches]


# ---------------------------------------------------------------- greeting


def test_nothing_but_the_greeting_is_sent_until_the_hub_has_answered(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 3))
    link = Link(disk.outbox, CONFIG, lambda: HELLO)

    before_connection = link.hello_due(0.0), link.next_batches(0.0, 0)
    link.connected(1.0)
    greeting = link.hello_due(1.0), link.next_batches(1.0, 0)
    link.ack(ack(0), 2.0)

    assert before_connection == (False, [])
    assert greeting == (True, [])
    assert numbers(link.next_batches(2.0, 0)) == [(1, 4)]


def test_the_greeting_is_said_again_until_it_is_answered(disk: OnDisk) -> None:
    link = Link(disk.outbox, CONFIG, lambda: HELLO)
    link.connected(0.0)

    said = [link.hello_due(now) for now in (0.0, 4.9, 5.0, 9.0, 10.0)]

    assert said == [True, False, True, False, True]


def test_an_answer_about_another_epoch_is_no_greeting(disk: OnDisk) -> None:
    link = Link(disk.outbox, CONFIG, lambda: HELLO)
    link.connected(0.0)

    link.ack(msgspec.structs.replace(ack(0), epoch="f" * 16), 1.0)

    assert not link.is_open


def test_an_ack_that_was_owed_to_another_life_of_the_card_is_no_answer(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 3))
    link = Link(disk.outbox, CONFIG, lambda: HELLO)
    link.connected(0.0)
    of_another = digest_of(b"what the card that was taken away had sent")

    for hello in (None, "f" * 16):
        link.ack(ack(2, digest=of_another, hello=hello), 1.0)
    judged_before_the_answer = disk.outbox.epoch != EPOCH, link.is_open
    link.ack(ack(4, digest=of_another), 2.0)

    assert judged_before_the_answer == (False, False)
    assert disk.outbox.epoch != EPOCH
    assert not link.is_open


def test_each_connection_has_a_greeting_of_its_own(disk: OnDisk) -> None:
    drawn = iter([HELLO, "f" * 16])
    link = Link(disk.outbox, CONFIG, lambda: next(drawn))
    link.connected(0.0)
    link.disconnected()
    link.connected(1.0)

    link.ack(ack(0), 1.0)
    late = link.is_open
    link.ack(ack(0, hello="f" * 16), 1.0)

    assert (late, link.is_open) == (False, True)


# ---------------------------------------------------------------- window and resending


def test_the_window_is_bounded_in_batches(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 100))
    link = open_link(disk)

    first = link.next_batches(0.0, 0)
    link.ack(ack(11), 1.0)

    assert numbers(first) == [(2, 11), (12, 21), (22, 31), (32, 41)]
    assert numbers(link.next_batches(1.0, 0)) == [(42, 51)]


def test_the_window_is_bounded_in_bytes(disk: OnDisk) -> None:
    link = open_link(disk, msgspec.structs.replace(CONFIG, window_bytes=1_000))
    disk.outbox.append(airs(1, 100))

    link.next_batches(0.0, 0)

    assert 1_000 <= link.in_flight_bytes < 2_000


def test_a_batch_is_bounded_in_bytes(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 100))
    link = open_link(disk, msgspec.structs.replace(CONFIG, batch_bytes=300))

    assert all(len(batch.payload) < 500 for batch in link.next_batches(0.0, 0))


def test_what_is_not_acked_in_time_is_sent_again_when_the_hub_acks_anything_with_a_longer_wait(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 3))
    link = open_link(disk)
    link.next_batches(0.0, 0)

    waited = link.next_batches(9.9, 0)
    silent = link.next_batches(10.0, 0)
    asked = link.hello_due(10.0)
    link.ack(ack(1, hello=None), 11.0)
    again = link.next_batches(11.0, 0)
    link.next_batches(30.9, 0)
    within_twice_as_long = link.is_open
    link.next_batches(31.0, 0)

    assert (waited, silent, asked) == ([], [], True)
    assert numbers(again) == [(2, 4)]
    assert within_twice_as_long
    assert not link.is_open


def test_a_puback_is_no_proof_of_storage(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 3))
    link = open_link(disk)
    link.next_batches(0.0, 0)

    link.puback()

    assert list(disk.outbox.open_numbers()) == [(2, 4)]


def test_a_batch_that_was_overtaken_by_an_acked_one_is_sent_again_at_once(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 30))
    link = open_link(disk)
    sent = link.next_batches(0.0, 0)

    link.ack(ack(1, (12, 21)), 1.0)

    assert numbers(sent) == [(2, 11), (12, 21), (22, 31)]
    assert numbers(link.next_batches(1.0, 0)) == [(2, 11)]


def test_a_batch_that_the_hub_had_no_room_for_is_not_sent_again_at_once(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 30))
    link = open_link(disk)
    link.next_batches(0.0, 0)

    link.ack(ack(1, (12, 21), fill=True), 1.0)

    assert link.next_batches(1.0, 0) == []


def test_everything_under_way_is_sent_again_on_a_new_connection(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 3))
    link = open_link(disk)
    link.next_batches(0.0, 0)

    link.disconnected()
    closed = link.next_batches(1.0, 0)
    link.connected(2.0)
    link.ack(ack(1), 2.0)

    assert closed == []
    assert numbers(link.next_batches(2.0, 0)) == [(2, 4)]


def test_what_was_lost_before_the_hub_answered_a_greeting_gets_no_longer_time_for_it(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 3))
    link = open_link(disk)

    for lost_at in (0.0, 10.0, 20.0, 30.0):
        assert numbers(link.next_batches(lost_at, 0)) == [(2, 4)]
        assert link.next_batches(lost_at + 9.9, 0) == []
        assert link.next_batches(lost_at + 10.0, 0) == []
        assert link.hello_due(lost_at + 10.0)
        link.ack(ack(1), lost_at + 10.0)


def test_pubacks_without_acks_for_minutes_are_an_alarm(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 3))
    link = open_link(disk)
    link.next_batches(0.0, 0)
    quiet = link.no_acks(1000.0)
    link.puback()

    assert (quiet, link.no_acks(180.0), link.no_acks(180.1)) == (False, False, True)
    link.ack(ack(4), 200.0)
    assert not link.no_acks(1000.0)


# ---------------------------------------------------------------- order


def test_alarms_leave_first(disk: OnDisk) -> None:
    disk.outbox.append([*airs(1, 30), alarm(), *airs(31, 60)])
    link = open_link(disk)

    assert numbers(link.next_batches(0.0, 0))[0] == (32, 32)


def test_live_records_and_the_backlog_share_the_link_by_weight(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 200))
    link = open_link(disk, msgspec.structs.replace(CONFIG, window_batches=8))
    disk.outbox.append(airs(201, 400))

    live = [batch.first > 201 for batch in link.next_batches(0.0, 0)]

    assert (live.count(True), live.count(False)) == (6, 2)


def test_what_waited_while_the_hub_was_silent_is_backlog_when_it_answers_again(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 3))
    link = open_link(disk)
    link.next_batches(0.0, 0)
    link.next_batches(10.0, 0)
    disk.outbox.append(airs(4, 200))

    link.ack(ack(1), 20.0)
    disk.outbox.append(airs(201, 400))

    assert any(batch.first > 201 for batch in link.next_batches(20.0, 0))


def test_the_backlog_alone_leaves_oldest_first(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 25))
    link = open_link(disk)

    assert numbers(link.next_batches(0.0, 0)) == [(2, 11), (12, 21), (22, 26)]


def test_a_hub_that_keeps_no_more_ranges_gets_the_holes_first(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 40))
    link = open_link(disk)
    disk.outbox.append(airs(41, 80))

    link.ack(ack(1, fill=True), 1.0)

    assert numbers(link.next_batches(1.0, 0)) == [(2, 11), (12, 21), (22, 31), (32, 41)]


# ---------------------------------------------------------------- time


def test_what_waits_for_the_clock_is_not_sent_but_what_came_after_is(disk: OnDisk) -> None:
    disk.outbox.append([waiting(1, "boot-1"), alarm()])
    link = open_link(disk)

    assert numbers(link.next_batches(0.0, 0)) == [(3, 3)]


def test_a_batch_of_an_earlier_boot_carries_no_monotonic_time_of_this_one(disk: OnDisk) -> None:
    disk.outbox.begin_boot("a")
    disk.outbox.append(airs(1, 3))
    disk.outbox.begin_boot("b")
    disk.outbox.append(airs(4, 6))
    link = open_link(disk)

    earlier, of_this_boot = (decode_batch(batch.payload).header for batch in link.next_batches(0.0, 77))

    assert (earlier.last, earlier.sent_mono) == (4, None)
    assert (of_this_boot.first, of_this_boot.sent_mono) == (5, 77)


# ---------------------------------------------------------------- what a hub may say


def test_an_ack_of_a_lower_generation_is_ignored(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 3))
    link = open_link(disk)
    link.ack(ack(1, generation=3), 1.0)

    link.ack(ack(4, generation=2), 2.0)

    assert list(disk.outbox.open_numbers()) == [(2, 4)]


def test_a_higher_generation_that_knows_less_is_a_rewind(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 9))
    link = open_link(disk, through=10)

    link.ack(ack(4, generation=2), 1.0)

    assert numbers(link.next_batches(1.0, 0)) == [(5, 10)]
    assert disk.outbox.generation == 2


def test_a_hub_that_knows_more_than_was_given_makes_a_restored_card_begin_a_new_epoch(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 3))
    link = Link(disk.outbox, CONFIG, lambda: HELLO)
    link.connected(0.0)

    link.ack(ack(4, last=90), 1.0)

    assert disk.outbox.epoch == f"{2:016x}"
    assert not link.is_open
    assert link.hello_due(1.0)
    assert not link.conflict


def test_a_hub_that_knows_a_number_that_waits_for_its_time_has_it_from_another_life_of_the_card(disk: OnDisk) -> None:
    disk.outbox.append([waiting(1, "boot-1"), waiting(2, "boot-1"), alarm(3)])
    link = Link(disk.outbox, CONFIG, lambda: HELLO)
    link.connected(0.0)

    link.ack(ack(2, digest=digest_of(b"what it observed before the image was put in")), 1.0)

    assert disk.outbox.epoch == f"{2:016x}"
    assert disk.outbox.never_sent().count >= 2
    assert link.conflict


def test_another_record_under_one_of_our_numbers_makes_a_cloned_card_begin_a_new_epoch(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 5))
    link = Link(disk.outbox, CONFIG, lambda: HELLO)
    link.connected(0.0)

    link.ack(ack(4, digest=digest_of(b"another")), 1.0)

    opened = decode_record(disk.outbox.read(1, 1, 1000).lines[0])
    assert opened == EpochOpened(why="differs_from_the_hub", previous=EPOCH, previous_last=6, clock="hub")
    assert link.conflict
    assert values(disk.outbox) == [1, 2, 3, 4, 5]


def test_the_same_record_under_the_hubs_last_number_changes_nothing(disk: OnDisk) -> None:
    link = open_link(disk)
    disk.outbox.append(airs(1, 5))
    link.next_batches(0.0, 0)
    link.disconnected()
    link.connected(1.0)

    link.ack(ack(4, digest=digest_of(air(3).line)), 1.0)

    assert disk.outbox.epoch == EPOCH
    assert link.is_open


def test_a_hub_that_knows_what_was_observed_without_a_link_has_it_from_another_life_of_the_card(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 5))
    disk.again()
    disk.outbox.append(airs(6, 9))
    link = Link(disk.outbox, CONFIG, lambda: HELLO)
    link.connected(0.0)

    # The hub's digest is of a number that is not held here any more: it tells nothing.
    link.ack(ack(4, last=4), 1.0)

    assert disk.outbox.epoch != EPOCH
    assert link.conflict


def test_what_was_sent_before_a_kill_is_no_other_life_of_the_card(disk: OnDisk) -> None:
    link = open_link(disk)
    disk.outbox.append(airs(1, 5))
    link.next_batches(0.0, 0)
    disk.again()
    link = Link(disk.outbox, CONFIG, lambda: HELLO)
    link.connected(5.0)

    link.ack(ack(6), 5.0)

    assert disk.outbox.epoch == EPOCH


def test_a_conflict_that_the_hub_found_begins_a_new_epoch(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 5))
    link = open_link(disk)

    link.ack(ack(4, conflict=True), 1.0)

    assert link.conflict
    assert disk.outbox.epoch == f"{2:016x}"


def test_an_unreadable_payload_is_halved_until_the_culprit_is_alone_and_given_up(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 10))
    link = open_link(disk)
    culprit, rounds = 7, 0
    while not gaps(disk.outbox) and rounds < 20:
        rounds += 1
        for batch in link.next_batches(float(rounds), 0):
            if batch.first <= culprit <= batch.last:
                unreadable = Ack(generation=1, epoch="0" * 16, unreadable=digest_of(batch.payload))
                link.ack(unreadable, float(rounds))
            else:
                stored = RangeSet([(1, 1), (batch.first, batch.last)])
                link.ack(ack(0, *stored, last=1), float(rounds))

    ((_, gap),) = gaps(disk.outbox).items()
    assert (gap.ranges, gap.why) == ([(culprit, culprit)], "refused_on_device")
    assert rounds < 10


def test_a_complaint_about_a_payload_that_was_never_sent_changes_nothing(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 3))
    link = open_link(disk)
    link.next_batches(0.0, 0)

    link.ack(Ack(generation=1, epoch="0" * 16, unreadable="0" * 16), 1.0)

    assert link.next_batches(1.0, 0) == []
    assert gaps(disk.outbox) == {}


# ---------------------------------------------------------------- a hub that is slow


def test_a_slow_hub_gets_less_backlog_at_once_and_live_records_and_alarms_all_the_same(disk: OnDisk) -> None:
    disk.outbox.append(airs(1, 4_000))
    link = open_link(disk, LinkConfig())
    for second in range(0, 300, 30):
        sent = link.next_batches(float(second), 0)
        link.ack(ack(sent[-1].last), second + 2.5)

    backlog = link.next_batches(320.0, 0)
    disk.outbox.append([*airs(4_001, 4_003), alarm()])
    meanwhile = link.next_batches(320.1, 0)

    assert len(backlog) == 1
    assert len(backlog[0].payload) < 9_000
    assert numbers(meanwhile) == [(4_005, 4_005), (4_002, 4_004)]


def test_a_prompt_hub_gets_the_backlog_in_large_batches_up_to_the_window(disk: OnDisk) -> None:
    config = LinkConfig()
    disk.outbox.append(airs(1, 40_000))
    link = open_link(disk, config)
    for tenth in range(7):
        sent = link.next_batches(tenth / 10, 0)
        link.ack(ack(sent[-1].last), tenth / 10 + 0.01)

    assert len(link.next_batches(2.0, 0)) >= config.window_bytes // config.batch_bytes
