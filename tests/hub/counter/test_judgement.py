"""What a counter's page says, from the records it gets."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import pytest

from edge.contract.records import ModelState, Record
from edge.contract.records.counter import (
    CounterAir,
    CounterHeartbeat,
    CounterPassages,
    CounterPeople,
    CounterQueue,
    CounterTicket,
)
from hub.city import Crowding, Thresholds, context_of
from hub.city_file import load_city
from hub.counter import words
from hub.counter.judgement import Judgement
from hub.counter.steady import Bounds, SteadyLevel
from hub.counter.waits import WaitEstimator
from hub.judgement import Figure, Status
from hub.opening import WEEKDAYS, Hours
from hub.words import Words
from tests.hub.counter.day import day

CITY = Path(__file__).parents[3] / "hub" / "cities" / "ota.toml"
START = 1_790_000_000_000_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


def figure(status: Status, key: str) -> Figure:
    return next(each for each in status.figures if each.key == key)


def queue(waiting: int) -> CounterQueue:
    return CounterQueue(service="residence", waiting=waiting, windows_open=1, last_called=30, last_wait_s=240.0)


def called(ticket: int) -> CounterTicket:
    return CounterTicket(service="residence", event="called", ticket=ticket, window=1)


def finished(ticket: int, window: int) -> CounterTicket:
    return CounterTicket(service="residence", event="finished", ticket=max(0, ticket), window=window)


def people(number: float, saturated: bool = False) -> CounterPeople:
    return CounterPeople(
        zone="waiting", people=number, low=number - 1, high=number + 1, method="model", saturated=saturated
    )


def steady_pace(judgement: Judgement, gap_s: int, calls: int, waiting: int) -> int:
    """A call every ``gap_s`` while ``waiting`` wait; the time of the last."""
    t = START
    for ticket in range(calls):
        t = START + ticket * gap_s * SECOND
        judgement.observe(called(ticket), t)
        judgement.observe(queue(waiting), t)
    return t


def test_nothing_known_is_said_as_no_information() -> None:
    status = Judgement().status(START)

    assert (status.level, status.headline) == ("unknown", words.NO_INFORMATION)


def test_a_wait_is_the_queue_times_the_pace_of_calls() -> None:
    judgement = Judgement()

    t = steady_pace(judgement, gap_s=120, calls=20, waiting=6)

    wait = figure(judgement.status(t), "wait_residence")
    assert wait.value == pytest.approx(6.5 * 2.0, abs=1.5)
    assert wait.low is not None
    assert wait.high is not None
    assert wait.low < 13.0 < wait.high
    assert wait.text == Words(ja="約15分", easy="15分（ふん）くらい まちます。", en="about 15 min")
    assert (wait.unit, wait.t) == ("min", t)


def test_a_pause_because_nobody_came_does_not_slow_the_pace() -> None:
    judgement = Judgement()
    t = steady_pace(judgement, gap_s=120, calls=10, waiting=3)
    judgement.observe(called(90), t + MINUTE)
    judgement.observe(queue(0), t + MINUTE)
    for ticket in range(5):
        judgement.observe(called(100 + ticket), t + (40 + 2 * ticket) * MINUTE)
        judgement.observe(queue(3), t + (40 + 2 * ticket) * MINUTE)

    wait = figure(judgement.status(t + 48 * MINUTE), "wait_residence")

    assert wait.value == pytest.approx(3.5 * 2.0, abs=1.5)


def test_a_counter_that_stands_still_makes_the_wait_grow() -> None:
    judgement = Judgement()
    t = steady_pace(judgement, gap_s=120, calls=10, waiting=4)
    before = figure(judgement.status(t), "wait_residence").value
    judgement.observe(CounterHeartbeat(source="tickets"), t + 30 * MINUTE)

    after = figure(judgement.status(t + 30 * MINUTE), "wait_residence").value

    assert isinstance(before, float)
    assert isinstance(after, float)
    assert after > 1.5 * before


def test_the_longer_a_counter_stands_still_the_longer_and_the_less_sure_is_the_wait() -> None:
    estimator = WaitEstimator()
    for nth in range(20):
        estimator.called(START + 2 * nth * MINUTE, nth, 1)
        estimator.queued(START + 2 * nth * MINUTE, 4)

    told = [estimator.estimate(START + (40 + minutes) * MINUTE) for minutes in range(0, 60, 10)]

    waits = [wait for wait in told if wait is not None]
    medians, widths = [wait.median_min for wait in waits], [wait.high_min - wait.low_min for wait in waits]
    assert len(waits) == 6
    assert medians == sorted(medians)
    assert widths == sorted(widths)
    assert widths[3] > waits[3].median_min


def test_a_free_window_and_an_empty_queue_are_no_wait() -> None:
    judgement = Judgement()
    judgement.observe(called(1), START)
    judgement.observe(CounterTicket(service="residence", event="finished", ticket=1, window=1), START + MINUTE)
    judgement.observe(queue(0), START + MINUTE)

    status = judgement.status(START + MINUTE)

    assert figure(status, "wait_residence").value == 0.0
    assert (status.level, status.headline) == ("good", words.LEVEL["good"])


def test_without_calls_the_wait_is_not_known_and_the_level_is_by_the_queue() -> None:
    judgement = Judgement()
    judgement.observe(queue(9), START)

    status = judgement.status(START)

    assert figure(status, "wait_residence").value is None
    assert status.level == "warning"


def test_without_tickets_the_people_tell_the_level_and_it_is_said() -> None:
    judgement = Judgement()
    judgement.observe(people(7.0), START)

    status = judgement.status(START)

    assert status.level == "notice"
    assert "待合の人数による目安" in status.headline.ja


def test_a_saturated_sensor_gives_at_least_so_many() -> None:
    judgement = Judgement()
    judgement.observe(people(11.2, saturated=True), START)

    assert figure(judgement.status(START), "people_waiting").text == words.people_at_least(10)


def test_a_heartbeat_keeps_an_unchanged_queue_fresh() -> None:
    judgement = Judgement()
    judgement.observe(queue(2), START)
    judgement.observe(CounterHeartbeat(source="tickets"), START + 20 * MINUTE)

    waiting = figure(judgement.status(START + 20 * MINUTE), "waiting_residence")

    assert (waiting.value, waiting.t, waiting.fresh_for_s) == (2, START + 20 * MINUTE, 20.0)


def test_five_minutes_without_news_are_no_information_and_an_alert() -> None:
    judgement = Judgement()
    judgement.observe(queue(2), START)
    judgement.observe(people(2.0), START)

    status = judgement.status(START + 5 * MINUTE)

    assert (status.level, status.headline) == ("unknown", words.NO_INFORMATION)
    assert all(each.value is None for each in status.figures)
    assert {alert.key for alert in judgement.alerts(START + 5 * MINUTE)} == {"tickets_silent", "board_silent"}


def test_records_in_any_order_give_the_same_status() -> None:
    told: list[tuple[int, Record]] = []
    for ticket in range(12):
        told.append((START + ticket * 2 * MINUTE, called(ticket)))
        told.append((START + ticket * 2 * MINUTE, queue(5)))
        told.append((START + ticket * 2 * MINUTE + SECOND, people(3.0 + ticket % 2)))
    in_order, shuffled = Judgement(), Judgement()
    for t, record in told:
        in_order.observe(record, t)
    newest_first = sorted(told, key=lambda entry: entry[0], reverse=True)
    for t, record in newest_first:
        shuffled.observe(record, t)
    now = told[-1][0]

    figures, other = (
        {each.key: (each.value, each.t) for each in judgement.status(now).figures} for judgement in (in_order, shuffled)
    )

    assert figures == other


def test_bad_air_is_an_alert_until_it_was_good_for_a_minute() -> None:
    judgement = Judgement()
    judgement.observe(CounterAir(co2_ppm=1800.0), START)
    assert [alert.key for alert in judgement.alerts(START)] == ["co2_high"]

    judgement.observe(CounterAir(co2_ppm=700.0), START + 2 * MINUTE)
    assert [alert.key for alert in judgement.alerts(START + 2 * MINUTE)] == ["co2_high"]
    judgement.observe(CounterAir(co2_ppm=700.0), START + 3 * MINUTE)

    assert judgement.alerts(START + 3 * MINUTE) == []


def test_a_model_that_does_not_run_is_an_alert_until_it_runs() -> None:
    judgement = Judgement()
    judgement.observe(ModelState(model="counter-people", version="1", running=False), START)
    assert [alert.severity for alert in judgement.alerts(START)] == ["info"]

    judgement.observe(ModelState(model="counter-people", version="1", running=True), START + MINUTE)

    assert judgement.alerts(START + MINUTE) == []


def test_the_city_s_names_thresholds_and_hours_are_used() -> None:
    context = context_of(load_city(CITY), "counter-01")
    judgement = Judgement(context)
    judgement.observe(queue(1), START)
    holiday_noon, tuesday_noon = (
        round(dt.datetime(2026, 11, day, 3, tzinfo=dt.UTC).timestamp()) * SECOND for day in (23, 24)
    )

    assert figure(judgement.status(START), "wait_residence").label.ja == "住民票の写しの待ち時間（目安）"
    assert judgement.status(holiday_noon).headline == words.CLOSED
    assert judgement.status(tuesday_noon).headline == words.NO_INFORMATION


def test_after_hours_reception_is_over_and_no_wait_is_told() -> None:
    context = context_of(load_city(CITY), "counter-01")
    judgement = Judgement(context)
    evening, night = (
        round(dt.datetime(2026, 11, day, hour, tzinfo=dt.UTC).timestamp()) * SECOND for day, hour in ((24, 9), (24, 16))
    )
    steady_pace(judgement, gap_s=120, calls=20, waiting=6)
    judgement.observe(queue(6), evening)

    status = judgement.status(evening)

    assert status.headline == words.RECEPTION_OVER
    assert judgement.status(night).headline == words.CLOSED
    assert figure(status, "level_residence").value == "closed"
    assert figure(status, "level_residence").text == words.RECEPTION_OVER
    assert figure(status, "wait_residence").value is None
    assert figure(status, "waiting_residence").value == 6


def test_a_forecast_ends_where_the_service_closes() -> None:
    judgement = Judgement(context_of(load_city(CITY), "counter-01"))
    closes = round(dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC).timestamp()) * SECOND
    t = closes - 70 * MINUTE
    for ticket in range(20):
        judgement.observe(called(ticket), t - (20 - ticket) * 2 * MINUTE)
        judgement.observe(queue(4), t - (20 - ticket) * 2 * MINUTE)

    wait = figure(judgement.status(t), "wait_residence")

    assert [each.minutes for each in wait.ahead] == [15, 30, 60]
    assert wait.ahead_by == "calendar"
    assert all(each.level in ("good", "notice", "warning", "bad") for each in wait.ahead)


def passages(entered: int, left: int) -> CounterPassages:
    return CounterPassages(line="entrance", entered=entered, left=left, window_s=60.0)


def a_day_s_line(judgement: Judgement, upside_down: bool, missed: int = 0, watched_before: int = 30) -> list[str]:
    """The keys of the alerts an hour after the first visitor; people stay ten minutes, every ``missed``-th is not seen."""
    for minute in range(-watched_before, 60):
        came = int(minute >= 0 and minute % 2 == 0 and (not missed or minute // 2 % missed > 0))
        went = int(minute >= 10 and minute % 2 == 0)
        crossed = passages(went, came) if upside_down else passages(came, went)
        judgement.observe(crossed, START + minute * MINUTE)
    return [alert.key for alert in judgement.alerts(START + 59 * MINUTE)]


def test_a_sensor_upside_down_is_found_by_people_who_leave_before_anybody_came() -> None:
    assert a_day_s_line(Judgement(), upside_down=True) == ["line_reversed_entrance"]
    assert a_day_s_line(Judgement(), upside_down=False) == []


def test_a_line_that_misses_a_quarter_of_who_comes_is_not_called_upside_down() -> None:
    assert a_day_s_line(Judgement(), upside_down=False, missed=4) == []


def test_a_device_that_starts_in_a_full_room_tells_nothing_of_its_sensor_s_side() -> None:
    assert a_day_s_line(Judgement(), upside_down=True, watched_before=0) == []


def test_a_clock_an_hour_ahead_is_said_and_does_not_hide_what_is_rightly_timed_afterwards() -> None:
    judgement = Judgement()
    judgement.observe(queue(9), START + HOUR)

    ahead = judgement.status(START)
    keys = [alert.key for alert in judgement.alerts(START)]
    judgement.observe(queue(2), START + MINUTE)

    assert (ahead.level, ahead.headline) == ("unknown", words.NO_INFORMATION)
    assert keys == ["clock_ahead"]
    assert figure(judgement.status(START + MINUTE), "waiting_residence").value == 2


def test_a_clock_an_hour_behind_is_no_information_and_never_an_old_queue() -> None:
    judgement = Judgement()
    judgement.observe(queue(9), START - HOUR)

    status = judgement.status(START)

    assert (status.level, status.headline) == ("unknown", words.NO_INFORMATION)
    assert figure(status, "waiting_residence").value is None


def test_a_value_that_swings_about_a_threshold_does_not_make_the_level_flicker() -> None:
    level = SteadyLevel(Bounds(10.0, 20.0, 40.0))
    levels = []
    for second in range(600):
        level.take(START + second * SECOND, 10.0 + (-1.0) ** second)
        levels.append(level.level)

    assert sum(before != after for before, after in pairwise(levels)) <= 1


def taken(values: list[float], every_s: int) -> list[str]:
    level = SteadyLevel(Bounds(10.0, 20.0, 40.0))
    seen = []
    for place, value in enumerate(values):
        level.take(START + place * every_s * SECOND, value)
        seen.append(level.level)
    return seen


def test_a_level_rises_at_once_where_it_is_sure_and_within_a_minute_otherwise() -> None:
    assert taken([5.0, 45.0, 51.0], every_s=30) == ["good", "bad", "bad"]
    assert taken([5.0, 10.5, 10.5, 10.5, 10.5], every_s=30) == ["good", "good", "good", "notice", "notice"]


def test_a_level_falls_when_it_has_been_well_below_for_ten_minutes() -> None:
    seen = taken([25.0, *[15.0] * 10, *[8.0] * 3, 16.0, *[8.0] * 12], every_s=60)

    assert seen[:-2] == ["warning"] * 25
    assert seen[-2:] == ["notice", "notice"]


def test_one_ticket_called_by_two_windows_does_not_quicken_the_pace() -> None:
    once, twice = WaitEstimator(), WaitEstimator()
    for ticket in range(10):
        t = START + ticket * 2 * MINUTE
        for estimator in (once, twice):
            estimator.called(t, ticket, 1)
            estimator.queued(t, 4)
        twice.called(t + SECOND, ticket, 2)

    assert once.estimate(START + 18 * MINUTE) == twice.estimate(START + 18 * MINUTE)


def test_a_window_that_takes_nobody_though_somebody_waits_counts_as_resting() -> None:
    judgement = Judgement()
    for ticket in range(20):
        t = START + ticket * 2 * MINUTE
        judgement.observe(finished(ticket - 1, 1 + (ticket - 1) % 2), t)
        judgement.observe(CounterTicket(service="residence", event="called", ticket=ticket, window=1 + ticket % 2), t)
        judgement.observe(queue(5), t)
    both = figure(judgement.status(t), "wait_residence").value
    judgement.observe(finished(19, 2), t + 10 * SECOND)
    judgement.observe(queue(5), t + 10 * SECOND)

    resting = figure(judgement.status(t + 100 * SECOND), "wait_residence").value

    assert isinstance(both, float)
    assert isinstance(resting, float)
    assert resting > 1.5 * both


def test_over_simulated_days_the_interval_holds_most_true_waits() -> None:
    days = [day(seed, hours=3.0) for seed in range(3)]

    compared = [each for one in days for each in one.compared if each.median_min > 0]
    held = np.mean([each.low_min <= each.true_min <= each.high_min for each in compared])
    error_min = np.mean([abs(each.median_min - each.true_min) for each in compared])

    assert len(compared) > 100
    assert 0.65 <= held <= 0.9
    assert error_min < 5.0
    assert max(one.level_changes for one in days) <= 12


@pytest.mark.parametrize("text", [*words.LEVEL.values(), words.NO_INFORMATION, words.CLOSED, words.wait_minutes(23.0)])
def test_every_text_is_there_in_all_three_languages(text: Words) -> None:
    assert all(msgspec.structs.astuple(text)[:3])
    assert text.easy != text.ja


def test_a_city_of_two_thresholds_has_no_worst_level() -> None:
    thresholds = Thresholds(wait_min=Crowding(notice=15, warning=30))
    weekly = {key: ["00:00-24:00"] for key in WEEKDAYS}
    always = Hours(code="always", weekly=weekly, holidays="open")
    context = context_of(load_city(CITY), "counter-01")
    judgement = Judgement(msgspec.structs.replace(context, thresholds=thresholds, services=[], hours=always))

    steady_pace(judgement, gap_s=120, calls=20, waiting=90)

    assert judgement.status(START + 39 * MINUTE).level == "warning"
