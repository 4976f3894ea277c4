"""A counter's judgement learns from the hours that the hub has stored, and forecasts with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.contract.records.counter import CounterQueue, CounterTicket
from hub.errors import StoreError
from hub.history import EVERY_US, HOUR_US, NEWEST_DAYS, HistoryTeller
from hub.judgement import Figure
from hub.store.port import Series, SeriesQuery
from tests.hub.station import Station, open_city

COUNTER = "counter-01"
MINUTE_US = 60_000_000
DAY_US = 24 * HOUR_US


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    made = Station(tmp_path / "hub.db", open_city())
    yield made
    made.database.close()


def queue(t: int, waiting: int) -> CounterQueue:
    return CounterQueue(t=t, service="residence", waiting=waiting, windows_open=2)


def days_of(waiting: int, now: int, days: int) -> list[CounterQueue]:
    """So many waiting at every hour of every day."""
    return [queue(now - hour * HOUR_US, waiting) for hour in range(24 * days, 0, -1)]


def an_hour_of_calls(now: int) -> list[CounterQueue | CounterTicket]:
    records: list[CounterQueue | CounterTicket] = []
    for nth in range(20):
        t = now - (20 - nth) * 3 * MINUTE_US
        records += [CounterTicket(t=t, service="residence", event="called", ticket=nth, window=1), queue(t, 2)]
    return records


def wait(station: Station) -> Figure:
    view = station.live.view(COUNTER, station.now())
    assert view is not None
    return next(each for each in view.status.figures if each.key == "wait_residence")


def test_a_forecast_rests_on_the_calendar_until_the_stored_days_are_told(station: Station) -> None:
    now = station.now()
    station.send(COUNTER, [*days_of(12, now - HOUR_US, 5), *an_hour_of_calls(now)])

    before = wait(station)
    HistoryTeller(station.live, station.parts.series).work(station.now())
    after = wait(station)

    assert (before.ahead_by, after.ahead_by) == ("calendar", "days")
    assert [each.minutes for each in after.ahead] == [15, 30, 60, 90, 120]
    assert after.ahead[-1].value > 1.5 * before.ahead[-1].value
    assert all(each.low <= each.value <= each.high for each in after.ahead)


def test_days_are_told_again_only_now_and_then_and_after_a_failure_at_once(station: Station) -> None:
    asked: list[SeriesQuery] = []

    def failing_first(query: SeriesQuery) -> list[Series]:
        asked.append(query)
        if len(asked) == 1:
            raise StoreError("store: does not answer")
        return []

    teller = HistoryTeller(station.live, failing_first)
    now = station.now()

    with pytest.raises(StoreError):
        teller.work(now)
    teller.work(now + 1)
    told = len(of_counter(asked))
    teller.work(now + EVERY_US - MINUTE_US)
    told_before = len(of_counter(asked))
    teller.work(now + EVERY_US + MINUTE_US)

    assert told == told_before > 1
    assert len(of_counter(asked)) == 2 * told


def of_counter(asked: list[SeriesQuery]) -> list[SeriesQuery]:
    return [one for one in asked if one.kind.startswith("counter")]


def test_what_is_wanted_hourly_is_told_again_when_an_hour_has_ended_and_its_newest_days_only(station: Station) -> None:
    asked: list[SeriesQuery] = []

    def noted(query: SeriesQuery) -> list[Series]:
        asked.append(query)
        return []

    teller = HistoryTeller(station.live, noted)
    hour = station.now() // HOUR_US * HOUR_US
    teller.work(hour)
    asked.clear()

    teller.work(hour + HOUR_US - 1)
    nothing = len(asked)
    teller.work(hour + HOUR_US)

    assert nothing == 0
    assert {(one.kind, one.t_from, one.t_to) for one in asked} == {
        (kind, hour + HOUR_US - NEWEST_DAYS * 24 * HOUR_US, hour + HOUR_US)
        for kind in ("bridge_mode", "bridge_temperature")
    }
    assert {query.every_us for query in asked} == {HOUR_US}
