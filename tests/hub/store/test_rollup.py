"""Condensed windows over every store: a device that was offline ends with the aggregates of one that was not."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.contract.ranges import RangeSet
from hub.errors import StoreError
from hub.rollup import RANGES_MAX, Key, Roller, windows_of
from hub.store.influx import InfluxStore
from hub.store.influx_rollup import InfluxRollups
from hub.store.port import Rollup, Rollups, Row, Store, Summary
from hub.store.sqlite_rollup import SqliteRollups
from tests.hub.store.conftest import STORES, Servers, fresh_target, sqlite_store
from tests.hub.store.rows import MINUTE_US, SECOND_US, T0, air, vibration

HOUR_US = 60 * MINUTE_US
START = T0 - T0 % HOUR_US
END = START + 48 * HOUR_US


class Place:
    """A store, its windows and the marks, wherever they are."""

    def __init__(self, store: Store, rollups: Rollups, marks: SqliteRollups) -> None:
        self.store = store
        self.rollups = rollups
        self.marks = marks
        self.roller = Roller(store, rollups, marks)

    def commit(self, rows: list[Row]) -> None:
        with self.roller.writing(rows):
            self.store.write(rows)

    def windows(self, kind: str, device: str) -> list[Rollup]:
        return [one for width in ("1m", "1h") for one in self.rollups.rollups(device, kind, width, START, END)]


@pytest.fixture(params=STORES)
def places(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path) -> Iterator[list[Place]]:
    """Two places of one kind, each empty."""
    made = []
    opened = []
    for name in ("one", "other"):
        marks = SqliteRollups(tmp_path / f"{name}-rollup.sqlite")
        if request.param == "sqlite":
            holder = sqlite_store(tmp_path / f"{name}.sqlite")
            made.append(Place(holder.__enter__(), marks, marks))
            opened.append(holder)
        else:
            target = fresh_target(servers.server(request.param))
            made.append(Place(InfluxStore(target), InfluxRollups(target), marks))
    yield made
    for holder in opened:
        holder.__exit__(None, None, None)


def two_days() -> list[Row]:
    """Forty-eight hours of two channels every ten minutes and of the air every five, numbered in order of time."""
    random_level = random.Random(7)
    rows: list[Row] = []
    for at in range(START + 3 * SECOND_US, END, 5 * MINUTE_US):
        rows.append(air(len(rows) + 1, at, co2=400 + 300 * random_level.random()))
        if at % (10 * MINUTE_US) < 5 * MINUTE_US:
            for channel in ("z1", "z2"):
                rows.append(vibration(len(rows) + 1, at + 7, rms=random_level.random(), channel=channel))
    return rows


def test_a_device_offline_for_36_hours_ends_with_the_aggregates_of_an_undisturbed_run(places: list[Place]) -> None:
    undisturbed, disturbed = places
    rows = two_days()
    offline_from, offline_to = START + 4 * HOUR_US, START + 40 * HOUR_US
    late = [row for row in rows if offline_from <= row.t < offline_to]
    in_time = [row for row in rows if row not in late]

    for at in range(0, len(rows), 50):
        undisturbed.commit(rows[at : at + 50])
        undisturbed.roller.work(rows[min(at + 50, len(rows)) - 1].t)
    undisturbed.roller.work(END)
    for row_list in (in_time[:50], in_time[50:], late[len(late) // 2 :], late[: len(late) // 2]):
        disturbed.commit(row_list)
        disturbed.roller.work(END)

    for kind, device in (("bridge_vibration", "bridge-01"), ("counter_air", "counter-01")):
        expected = undisturbed.windows(kind, device)
        assert len(expected) > 300
        assert disturbed.windows(kind, device) == expected
    assert disturbed.roller.waiting() == 0


def test_a_window_says_what_its_readings_say(places: list[Place]) -> None:
    place = places[0]
    levels = [0.5, 0.25, 2.0, 0.75]
    rows = [vibration(n, START + n * 10 * SECOND_US, rms=level) for n, level in enumerate(levels)]
    place.commit(rows[1:])

    place.roller.work(START + HOUR_US)
    [minute] = place.rollups.rollups("bridge-01", "bridge_vibration", "1m", START, END)
    [hour] = place.rollups.rollups("bridge-01", "bridge_vibration", "1h", START, END)

    assert (minute.start, minute.tags) == (START, {"channel": "z1"})
    assert minute.fields["rms_m_s2"] == Summary(3, 0.25, 2.0, 1.0, 3.0, 0.75)
    assert minute.fields["samples"] == Summary(3, 256.0, 256.0, 256.0, 768.0, 256.0)
    assert hour.fields == minute.fields


def test_a_window_that_has_not_ended_waits(places: list[Place]) -> None:
    place = places[0]
    place.commit([vibration(1, START + 5 * SECOND_US)])

    place.roller.work(START + MINUTE_US - 1)
    before = place.windows("bridge_vibration", "bridge-01")
    place.roller.work(START + MINUTE_US)

    assert before == []
    assert [one.width for one in place.windows("bridge_vibration", "bridge-01")] == ["1m"]


def test_marks_outlive_a_hub_that_is_killed_after_the_commit(places: list[Place]) -> None:
    place = places[0]
    place.commit([vibration(1, START + 5 * SECOND_US)])

    reborn = Roller(place.store, place.rollups, place.marks)
    reborn.work(END)

    assert [one.width for one in place.windows("bridge_vibration", "bridge-01")] == ["1m", "1h"]
    assert place.marks.load() == {}


def test_a_window_is_marked_durably_before_its_records_are_committed(places: list[Place]) -> None:
    place = places[0]

    with place.roller.writing([vibration(1, START + 5 * SECOND_US)]):
        marked = {key.width: list(windows) for key, windows in place.marks.load().items()}

    assert marked == {"1m": [(START // MINUTE_US,) * 2], "1h": [(START // HOUR_US,) * 2]}


def test_a_turn_between_mark_and_commit_does_not_lose_the_window(places: list[Place]) -> None:
    place = places[0]
    rows = [vibration(1, START + 5 * SECOND_US)]

    place.commit([vibration(2, START + 6 * SECOND_US)])
    with place.roller.writing(rows):
        place.roller.work(END)
        marks_meanwhile = place.marks.load()
        place.store.write(rows)
    place.roller.work(END)

    [minute] = place.rollups.rollups("bridge-01", "bridge_vibration", "1m", START, END)
    assert marks_meanwhile
    assert minute.fields["rms_m_s2"].readings == 2


def test_a_store_that_is_away_leaves_the_window_waiting(servers: Servers, tmp_path: Path) -> None:
    server = servers.server("influxdb-1.8.3")
    target = fresh_target(server)
    marks = SqliteRollups(tmp_path / "rollup.sqlite")
    place = Place(InfluxStore(target), InfluxRollups(target), marks)
    place.commit([vibration(1, START + 5 * SECOND_US)])

    server.kill()
    with pytest.raises(StoreError):
        place.roller.work(END)
    waiting = place.roller.waiting()
    server.start()
    place.roller.work(END)

    assert waiting == 2
    assert len(place.windows("bridge_vibration", "bridge-01")) == 2


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=400, unique=True))
def test_what_waits_is_bounded_and_holds_every_touched_window(minutes: list[int]) -> None:
    rows = [air(number, minute * MINUTE_US) for number, minute in enumerate(minutes, 1)]

    waiting = windows_of(rows)[Key("counter-01", "counter_air", "1m")]

    assert len(waiting) <= RANGES_MAX
    assert all(minute in waiting for minute in minutes)


def test_more_readings_than_one_answer_holds_are_condensed_all_the_same(tmp_path: Path) -> None:
    marks = SqliteRollups(tmp_path / "rollup.sqlite")
    with sqlite_store(tmp_path / "hub.sqlite") as store:
        place = Place(store, marks, marks)
        rows = [vibration(number, START + number * 500, rms=1.0 + number / 2**20) for number in range(25_000)]
        place.commit(rows[1:])
        place.roller.work(END)

        [minute] = marks.rollups("bridge-01", "bridge_vibration", "1m", START, END)

    expected = math.fsum(1.0 + number / 2**20 for number in range(1, 25_000))
    assert minute.fields["rms_m_s2"].readings == 24_999
    assert minute.fields["rms_m_s2"].sum == pytest.approx(expected, rel=1e-12)


def test_one_kind_that_is_too_large_to_condense_does_not_hold_up_the_others(tmp_path: Path) -> None:
    marks = SqliteRollups(tmp_path / "rollup.sqlite", values_max=3)
    with sqlite_store(tmp_path / "hub.sqlite") as store:
        place = Place(store, marks, marks)
        place.commit([vibration(1, START), air(2, START), air(3, START + MINUTE_US)])

        with pytest.raises(StoreError, match="bridge_vibration of bridge-01"):
            place.roller.work(END)

        [hour] = marks.rollups("counter-01", "counter_air", "1h", START, END)
    assert hour.fields["co2_ppm"].readings == 2
    assert place.roller.waiting() == 1


def test_kinds_without_a_number_have_no_windows() -> None:
    assert windows_of([]) == {}
    assert all(isinstance(windows, RangeSet) for windows in windows_of([air(1, T0)]).values())
