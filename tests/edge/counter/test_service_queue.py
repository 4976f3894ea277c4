"""The queue of one service through everything a ticket machine does wrong."""

from __future__ import annotations

import pytest

from edge.counter.items import TicketEvent, TicketWord
from edge.counter.service_queue import OVERTAKEN_BY, WAITING_MAX, ServiceQueue

SECOND = 1_000_000
HOUR = 3600 * SECOND


@pytest.fixture
def queue() -> ServiceQueue:
    return ServiceQueue(lifetime_us=4 * HOUR, window_open_us=HOUR // 3)


def event(word: TicketWord, ticket: int, window: int = 0) -> TicketEvent:
    return TicketEvent(service="residence", event=word, ticket=ticket, window=window)


def test_a_ticket_waits_from_its_issue_to_its_call(queue: ServiceQueue) -> None:
    queue.take(0, event("issued", 12))
    queue.take(10 * SECOND, event("issued", 13))
    queue.take(90 * SECOND, event("called", 12, window=2))

    assert queue.waiting == 1
    assert (queue.last_called, queue.last_wait_us) == (12, 90 * SECOND)
    assert queue.windows_open(90 * SECOND) == 1


def test_numbers_that_wrap_at_999_keep_the_queue_and_the_waits(queue: ServiceQueue) -> None:
    for place, ticket in enumerate((998, 999, 1, 2)):
        queue.take(place * SECOND, event("issued", ticket))
    for place, ticket in enumerate((998, 999, 1)):
        queue.take((60 + place) * SECOND, event("called", ticket, window=1))

    assert queue.waiting == 1
    assert (queue.last_called, queue.last_wait_us) == (1, 60 * SECOND)


def test_numbers_that_restart_at_noon_leave_the_morning_s_tickets_waiting(queue: ServiceQueue) -> None:
    queue.take(0, event("issued", 57))
    queue.take(1 * SECOND, event("issued", 58))
    queue.take(60 * SECOND, event("issued", 1))
    queue.take(120 * SECOND, event("called", 57, window=1))
    queue.take(180 * SECOND, event("called", 58, window=1))

    assert queue.waiting == 1

    queue.take(200 * SECOND, event("called", 1, window=1))

    assert queue.waiting == 0
    assert queue.last_wait_us == 140 * SECOND


def test_a_number_issued_again_is_a_new_ticket_and_the_old_one_no_longer_waits(queue: ServiceQueue) -> None:
    queue.take(0, event("issued", 5))
    queue.take(HOUR, event("issued", 5))
    queue.take(HOUR + 30 * SECOND, event("called", 5, window=1))

    assert queue.waiting == 0
    assert queue.last_wait_us == 30 * SECOND


def test_a_number_issued_again_waits_behind_those_issued_meanwhile(queue: ServiceQueue) -> None:
    queue.take(0, event("issued", 5))
    queue.take(10 * SECOND, event("issued", 6))
    queue.take(HOUR, event("issued", 5))

    queue.expire(4 * HOUR + 30 * SECOND)

    assert queue.waiting == 1


def test_a_called_ticket_that_was_never_issued_changes_no_count_and_has_no_wait(queue: ServiceQueue) -> None:
    queue.take(0, event("issued", 12))
    queue.take(60 * SECOND, event("called", 400, window=1))

    assert queue.waiting == 1
    assert (queue.last_called, queue.last_wait_us) == (400, None)


def test_two_windows_that_call_one_ticket_are_one_call(queue: ServiceQueue) -> None:
    queue.take(0, event("issued", 12))
    queue.take(0, event("issued", 13))
    queue.take(60 * SECOND, event("called", 12, window=1))
    queue.take(65 * SECOND, event("called", 12, window=2))

    assert queue.waiting == 1
    assert (queue.last_called, queue.last_wait_us) == (12, 60 * SECOND)
    assert queue.windows_open(65 * SECOND) == 2


def test_a_call_that_was_lost_on_the_line_is_noticed_when_the_ticket_is_finished(queue: ServiceQueue) -> None:
    queue.take(0, event("issued", 12))
    queue.take(300 * SECOND, event("finished", 12, window=1))

    assert queue.waiting == 0


def test_a_ticket_that_many_later_ones_overtook_no_longer_waits(queue: ServiceQueue) -> None:
    for ticket in range(OVERTAKEN_BY + 1):
        queue.take(ticket * SECOND, event("issued", ticket))
    for ticket in range(1, OVERTAKEN_BY + 1):
        queue.take((60 + ticket) * SECOND, event("called", ticket, window=1))

    assert queue.waiting == 0


def test_a_ticket_of_yesterday_no_longer_waits(queue: ServiceQueue) -> None:
    queue.take(0, event("issued", 12))

    queue.expire(16 * HOUR)

    assert queue.waiting == 0


def test_a_machine_gone_mad_cannot_fill_the_memory(queue: ServiceQueue) -> None:
    for ticket in range(2 * WAITING_MAX):
        queue.take(ticket, event("issued", ticket))

    assert queue.waiting <= WAITING_MAX + 1


def test_a_window_that_did_nothing_for_long_is_not_open(queue: ServiceQueue) -> None:
    queue.take(0, event("called", 12, window=1))

    assert queue.windows_open(HOUR) == 0
