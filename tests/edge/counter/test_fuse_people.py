"""People by line, thermal array and air together: a line that drifts is found out."""

from __future__ import annotations

import pytest

from edge.contract.records.counter import CounterOccupancy, CounterPassages, CounterPeople
from edge.counter.pipeline import Config, pipeline
from edge.counter.steps.fuse_people import FusePeople
from edge.errors import ConfigError

MINUTE = 60_000_000


def passed(minute: int, entered: int, left: int, line: str = "entrance") -> CounterPassages:
    return CounterPassages(t=minute * MINUTE, line=line, entered=entered, left=left, window_s=60.0)


def seen(minute: int, people: float, saturated: bool = False) -> CounterPeople:
    return CounterPeople(
        t=minute * MINUTE, zone="waiting", people=people, low=max(0.0, people - 0.6), high=people + 0.6,
        method="model", saturated=saturated,
    )  # fmt: skip


def told(step: FusePeople, *items: object) -> CounterPeople:
    """The last people that the step tells."""
    found = [record for item in items for record in step(0, item) if isinstance(record, CounterPeople)]
    return found[-1]


def settled(people: float, minutes: int = 30) -> FusePeople:
    step = FusePeople("waiting", "entrance")
    for minute in range(minutes):
        for _ in range(6):
            list(step(0, seen(minute, people)))
    return step


def test_a_crossing_counts_at_once_and_the_thermal_array_holds_it_to_what_is_there() -> None:
    step = settled(3.0)

    after = told(step, passed(31, entered=2, left=0), seen(31, 5.0))

    assert after.method == "fused"
    assert after.people == pytest.approx(5.0, abs=0.3)
    assert after.low < 5.0 < after.high


def test_a_line_that_counts_too_many_does_not_fill_the_room() -> None:
    step = settled(2.0)
    for minute in range(30, 510):
        list(step(0, passed(minute, entered=1 + (minute % 2), left=1)))
        for _ in range(6):
            last = told(step, seen(minute, 2.0))

    assert last.people == pytest.approx(2.0, abs=0.8)


def test_a_line_that_counts_more_out_than_in_never_gives_fewer_than_nobody() -> None:
    step = FusePeople("waiting", "entrance")

    last = [told(step, passed(minute, entered=0, left=3)) for minute in range(100)][-1]

    assert last.people == 0.0
    assert last.low == 0.0


def test_a_saturated_array_leaves_the_rest_to_the_line() -> None:
    step = settled(9.0)
    list(step(0, passed(31, entered=5, left=0)))

    after = told(step, seen(31, 10.4, saturated=True))

    assert after.people > 12.0
    assert not after.saturated


def test_dark_and_fresh_air_empty_the_room() -> None:
    step = settled(4.0)

    after = told(step, *[CounterOccupancy(occupied=False, probability=0.02, method="model")] * 10, passed(99, 0, 0))

    assert after.people < 0.4


def test_without_the_array_the_interval_grows_with_crossings() -> None:
    step = FusePeople("waiting", "entrance")
    widths = []
    for minute in range(10, 40):
        record = told(step, passed(minute, entered=3, left=3))
        widths.append(record.high - record.low)

    assert widths == sorted(widths)


def test_other_lines_and_zones_are_left_alone() -> None:
    step = FusePeople("waiting", "entrance")
    others = [passed(1, 5, 0, line="back"), CounterPeople(zone="hall", people=3.0, low=2.0, high=4.0, method="rule")]

    assert [record for item in others for record in step(0, item)] == others


def test_a_people_line_that_is_not_counted_is_refused() -> None:
    with pytest.raises(ConfigError, match="people_line 'door': not one of the lines entrance"):
        pipeline(Config(people_line="door"))
