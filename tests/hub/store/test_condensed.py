"""A long question has one answer, whether readings or condensed windows give it, also while late records wait."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from edge.contract.records.gate import GateSeats
from hub.condensed import Condensed
from hub.errors import QueryError
from hub.rollup import Marks, Roller
from hub.store.port import Aggregate, Rollup, Rollups, Row, Series, SeriesQuery, Store, Stored
from hub.store.sqlite_rollup import SqliteRollups
from tests.hub.store.conftest import sqlite_store
from tests.hub.store.rows import MINUTE_US, SECOND_US, T0, row_of, vibration

HOUR_US = 60 * MINUTE_US
START = T0 - T0 % HOUR_US
END = START + 30 * HOUR_US
AGGREGATES: tuple[Aggregate, ...] = ("mean", "min", "max", "sum", "count", "last")


class Counted:
    """The SQLite store, counting the readings that it gives."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.readings = 0

    def numbers(self, device: str, kind: str, t_from: int, t_to: int, limit: int) -> list[Stored]:
        found = self._store.numbers(device, kind, t_from, t_to, limit)
        self.readings += len(found)
        return found

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


class Place:
    """A store with condensed windows beside it, and both ways to an answer."""

    def __init__(self, store: Store, rollups: Rollups, marks: Marks) -> None:
        self.store = store
        self.rollups = rollups
        self.roller = Roller(store, rollups, marks)
        self.condensed = Condensed(store, rollups, self.roller)

    def commit(self, rows: Sequence[Row]) -> None:
        with self.roller.writing(rows):
            assert self.store.write(rows) == []

    def differ(self, query: SeriesQuery) -> list[str]:
        """Where the two answers are not the same."""
        raw, condensed = self.store.series(query), self.condensed.series(query)
        if [shape(one) for one in raw] != [shape(one) for one in condensed]:
            return [f"{query}: series or times"]
        pairs = [
            (x, y) for one, two in zip(raw, condensed, strict=True) for x, y in zip(one.points, two.points, strict=True)
        ]
        return [
            f"{query.aggregate} {query.every_us}: {x} {y}"
            for x, y in pairs
            if type(x.value) is not type(y.value) or y.value != pytest.approx(x.value, rel=1e-12)
        ]


def shape(series: Series) -> tuple[dict[str, str], list[int], bool]:
    return series.tags, [point.t for point in series.points], series.truncated


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with sqlite_store(tmp_path / "hub.sqlite") as store:
        rollups = SqliteRollups(tmp_path / "rollups")
        yield Place(store, rollups, rollups)
        rollups.close()


def thirty_hours(generator: random.Random, count: int = 4000) -> list[Row]:
    """Levels of two channels at random times, in bursts and with hours of nothing, numbered at random."""
    times = generator.sample(range(START, END, 1000), count)
    times = [t for t in times if not START + 11 * HOUR_US <= t < START + 13 * HOUR_US]
    numbers = generator.sample(range(1, 10 * count), len(times))
    return [
        vibration(number, t, rms=generator.uniform(0, 2), channel=generator.choice(("z1", "z2")))
        for number, t in zip(numbers, times, strict=True)
    ]


def query(
    t_from: int, t_to: int, every_us: int | None, aggregate: Aggregate = "mean", **changes: object
) -> SeriesQuery:
    asked = SeriesQuery("bridge-01", "bridge_vibration", "rms_m_s2", t_from, t_to, {}, every_us, aggregate, 100_000)
    return asked._replace(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(3))
def test_both_ways_give_the_same_on_random_readings_with_late_ones(place: Place, seed: int) -> None:
    generator = random.Random(seed)
    rows = thirty_hours(generator)
    generator.shuffle(rows)
    worked_until = START + generator.randrange(20, 30) * HOUR_US + 17 * SECOND_US
    cut = generator.randrange(HOUR_US), generator.randrange(HOUR_US)
    intervals = ((START, END), (START + cut[0], END - cut[1]), (START - cut[1], END + HOUR_US))

    place.commit(rows[:3000])
    place.roller.work(worked_until)
    place.commit(rows[3000:3400])
    place.roller.work(worked_until)
    place.commit(rows[3400:3420])

    asked = [
        query(*interval, every_min * MINUTE_US, aggregate)
        for aggregate in AGGREGATES
        for every_min in (1, 7, 60, 180, 1440)
        for interval in intervals
    ]
    assert place.roller.waiting() > 0
    assert [wrong for one in asked for wrong in place.differ(one)] == []


@pytest.mark.parametrize("limit", [1, 7, 30, 31, 60, 61, 1000])
def test_a_limit_cuts_both_the_same(place: Place, limit: int) -> None:
    place.commit(thirty_hours(random.Random(5)))
    place.roller.work(END)

    assert place.differ(query(START, END, HOUR_US, limit=limit)) == []


@pytest.mark.parametrize("aggregate", AGGREGATES)
def test_whole_numbers_stay_whole_and_a_tag_chooses(place: Place, aggregate: Aggregate) -> None:
    place.commit(thirty_hours(random.Random(6)))
    place.roller.work(END - HOUR_US)

    assert place.differ(query(START, END, HOUR_US, aggregate, field="samples", tags={"channel": "z2"})) == []


class Asked(SqliteRollups):
    """Windows in a file; while ``asks`` is set, that is called before each is written."""

    asks: Callable[[], None] | None = None

    def write_rollups(self, rollups: Sequence[Rollup]) -> None:
        if self.asks is not None:
            self.asks()
        super().write_rollups(rollups)


def test_windows_that_are_being_computed_are_read_as_they_came(tmp_path: Path) -> None:
    """Asked in the middle of the condensing, when old windows stand beside new readings."""
    rows = thirty_hours(random.Random(8), 1000)
    wrong: list[list[str]] = []
    with sqlite_store(tmp_path / "hub.sqlite") as store:
        rollups = Asked(tmp_path / "rollups")
        place = Place(store, rollups, rollups)
        place.commit(rows[:900])
        place.roller.work(END)
        place.commit(rows[900:])
        rollups.asks = lambda: wrong.append(place.differ(query(START, END, HOUR_US, "sum")))

        place.roller.work(END)

        rollups.close()
    assert len(wrong) > 20
    assert [one for one in wrong if one] == []


def test_a_condensed_answer_reads_only_the_readings_that_it_must(place: Place) -> None:
    place.commit(thirty_hours(random.Random(9)))
    place.roller.work(END)
    place.commit([vibration(100_000, START + 90 * SECOND_US)])
    counted = Counted(place.store)
    condensed = Condensed(counted, place.rollups, place.roller)  # type: ignore[arg-type]

    condensed.series(query(START, END, 10 * MINUTE_US))

    assert 1 <= counted.readings < 20


def test_what_is_not_long_or_not_of_whole_minutes_or_no_number_is_asked_of_the_store(place: Place) -> None:
    place.commit(thirty_hours(random.Random(10)))
    place.roller.work(END)
    seats = GateSeats(t=START, area="study", seats=10, occupied=3, silent=0)
    place.commit([row_of(200_000, seats)])

    assert place.differ(query(START, START + 6 * HOUR_US, HOUR_US)) == []
    assert place.differ(query(START, END, 90 * SECOND_US)) == []
    assert place.differ(query(START, END, None)) == []
    with pytest.raises(QueryError, match="field"):
        place.condensed.series(query(START, END, HOUR_US, field="colour"))


def test_more_windows_than_an_answer_may_look_at_are_asked_of_the_store(place: Place) -> None:
    place.commit(thirty_hours(random.Random(11)))
    place.roller.work(END)
    place.condensed = Condensed(place.store, place.rollups, place.roller, windows_most=50)

    assert place.differ(query(START, END, HOUR_US, "sum")) == []


def test_windows_that_one_question_may_not_hold_are_asked_in_parts(tmp_path: Path) -> None:
    with sqlite_store(tmp_path / "hub.sqlite") as store:
        few = SqliteRollups(tmp_path / "rollups", values_max=200)
        place = Place(store, few, few)
        place.commit(thirty_hours(random.Random(12), 1500))
        place.roller.work(END)

        assert place.differ(query(START, END, 5 * MINUTE_US, "last")) == []
        few.close()
