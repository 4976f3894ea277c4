"""The hub's inbox: bounded in bytes at both ends."""

from __future__ import annotations

from threading import Thread

from hub.mqtt import Inbox
from hub.step import Received


def messages(*sizes: int) -> list[Received]:
    """Messages of so many bytes, told apart by their arrival."""
    return [Received("topic", b"x" * size, at) for at, size in enumerate(sizes)]


def test_a_commit_gets_no_more_messages_once_it_has_its_bytes() -> None:
    inbox = Inbox(10_000)
    inbox.put(messages(400, 400, 400, 400))

    taken = [[one.arrival_us for one in inbox.take(10, 500, 0.0)] for _ in range(3)]

    assert taken == [[0, 1], [2, 3], []]
    assert inbox.waiting_bytes == 0


def test_a_commit_gets_no_more_than_its_messages_in_the_order_of_their_arrival() -> None:
    inbox = Inbox(10_000)
    inbox.put(messages(*[1] * 5))

    assert [[one.arrival_us for one in inbox.take(3, 10_000, 0.0)] for _ in range(2)] == [[0, 1, 2], [3, 4]]


def test_who_puts_into_a_full_inbox_waits_until_something_was_taken() -> None:
    inbox = Inbox(1_000)
    inbox.put(messages(600, 600))
    late = Thread(target=inbox.put, args=(messages(600),), daemon=True)

    late.start()
    late.join(0.2)
    waited = late.is_alive(), inbox.waiting_bytes
    inbox.take(10, 1_000, 0.0)
    late.join(5.0)

    assert waited == (True, 1_200)
    assert not late.is_alive()
    assert inbox.waiting_bytes == 600


def test_who_waits_for_room_goes_on_when_the_inbox_closes() -> None:
    inbox = Inbox(1_000)
    inbox.put(messages(600, 600))
    late = Thread(target=inbox.put, args=(messages(600),), daemon=True)

    late.start()
    late.join(0.2)
    waited = late.is_alive()
    inbox.close()
    late.join(5.0)

    assert waited
    assert not late.is_alive()
    assert inbox.waiting_bytes == 1_200
