"""Prompt commits: a change that people watch leaves at once, a repetition never, and no more of them than is allowed."""

from __future__ import annotations

from edge.contract.records.counter import CounterAir, CounterQueue
from edge.prompt import Prompt


def queue(waiting: int, called: int | None = None, service: str = "residence", windows: int = 1) -> CounterQueue:
    return CounterQueue(t=1, service=service, waiting=waiting, windows_open=windows, last_called=called)


def test_a_changed_queue_is_prompt_and_a_repeated_one_is_not() -> None:
    prompt = Prompt(a_minute=30)

    granted = [
        prompt.grants(record, 100.0)
        for record in (queue(1), queue(1), queue(1, called=7), queue(1, called=7, windows=2), queue(1, service="tax"))
    ]

    assert granted == [True, False, True, False, True]


def test_a_reading_that_nobody_waits_for_is_never_prompt() -> None:
    assert not Prompt(a_minute=30).grants(CounterAir(t=1, co2_ppm=500.0), 100.0)


def test_no_more_are_granted_in_a_minute_than_allowed_however_many_ask() -> None:
    prompt = Prompt(a_minute=6)

    at = [second / 10 for second in range(6000) if prompt.grants(queue(second), second / 10)]

    assert sum(t < 60 for t in at) <= 12
    assert {sum(minute * 60 <= t < minute * 60 + 60 for t in at) for minute in range(1, 10)} == {6}


def test_none_are_granted_where_none_are_allowed() -> None:
    assert not Prompt(a_minute=0).grants(queue(1), 100.0)
