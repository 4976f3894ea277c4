"""What citizens are told of a counter whose ticket machine knows some of its services, or none."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from edge.contract.records.counter import CounterPeople, CounterQueue, CounterTicket
from hub.city import context_of
from hub.city_file import load_city
from hub.counter.judgement import Judgement
from hub.counter.public import services

CITY = Path(__file__).parents[3] / "hub" / "cities" / "ota.toml"
SECOND = 1_000_000
NOON = round(dt.datetime(2026, 11, 24, 3, tzinfo=dt.UTC).timestamp()) * SECOND
"""Of a Tuesday in Tokyo."""
SIX_MINUTES = 360 * SECOND


def crowd(people: float) -> CounterPeople:
    return CounterPeople(
        zone="waiting", people=people, low=people - 1, high=people + 1, method="model", saturated=False
    )


def told(judgement: Judgement, now: int) -> list[tuple[str, bool]]:
    context = context_of(load_city(CITY), "counter-01")
    return [(one.level, one.by_people) for one in services(judgement.status(now), context, now)]


def test_without_a_ticket_machine_the_people_there_tell_every_level_and_it_is_said() -> None:
    judgement = Judgement(context_of(load_city(CITY), "counter-01"))
    judgement.observe(crowd(1.0), NOON)

    assert told(judgement, NOON) == [("good", True)] * 4


def test_the_queue_of_one_service_is_never_told_as_the_people_of_another() -> None:
    judgement = Judgement(context_of(load_city(CITY), "counter-01"))
    judgement.observe(crowd(1.0), NOON)
    queue = CounterQueue(service="residence", waiting=40, windows_open=1, last_called=30, last_wait_s=240.0)
    judgement.observe(queue, NOON)

    assert told(judgement, NOON) == [("bad", False), *[("unknown", False)] * 3]


def test_when_the_ticket_machine_is_silent_the_people_there_tell_again() -> None:
    judgement = Judgement(context_of(load_city(CITY), "counter-01"))
    queue = CounterQueue(service="residence", waiting=40, windows_open=1, last_called=30, last_wait_s=240.0)
    judgement.observe(queue, NOON - SIX_MINUTES)
    judgement.observe(crowd(1.0), NOON)

    assert told(judgement, NOON) == [("good", True)] * 4


def test_while_no_wait_can_be_told_the_level_is_that_of_the_tickets_waiting() -> None:
    judgement = Judgement(context_of(load_city(CITY), "counter-01"))

    def queue(waiting: int) -> CounterQueue:
        return CounterQueue(service="residence", waiting=waiting, windows_open=1, last_called=None, last_wait_s=None)

    for at, event in ((-90, "called"), (-60, "finished")):
        judgement.observe(CounterTicket(service="residence", ticket=1, event=event, window=1), NOON + at * SECOND)
    for at, waiting in ((-50, 0), (-40, 2), (-30, 20), (0, 20)):
        judgement.observe(queue(waiting), NOON + at * SECOND)

    told_of = services(judgement.status(NOON), context_of(load_city(CITY), "counter-01"), NOON)[0]
    assert (told_of.level, told_of.wait_min, told_of.waiting) == ("bad", None, 20)
