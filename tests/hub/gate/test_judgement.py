from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from edge.contract.records import Record, SourceState
from edge.contract.records.gate import GateAntenna, GateDetection, GateInside, GateSeats
from hub.city import DeviceContext, context_of
from hub.city_file import load_city
from hub.gate.judgement import Judgement
from hub.judgement import Figure, Status

SECOND = 1_000_000
NOON = 1_795_402_800 * SECOND
"""2026-11-23 12:00 in Tokyo, a Monday and a holiday: the library is asked about on the Wednesday after it."""
OPEN = NOON + 2 * 86_400 * SECOND


@pytest.fixture(scope="module")
def context() -> DeviceContext:
    city = load_city(Path(__file__).parents[3] / "hub" / "cities" / "ota.toml")
    name = next(device.name for device in city.device if device.family == "gate")
    return context_of(city, name)


def judged(*records: tuple[int, Record], context: DeviceContext | None = None) -> Judgement:
    judgement = Judgement(context)
    for t, record in records:
        judgement.observe(record, t)
    return judgement


def figure(status: Status, key: str) -> Figure:
    return next(each for each in status.figures if each.key == key)


def seats(occupied: int, silent: int = 0, area: str = "reading", of: int = 48) -> GateSeats:
    return GateSeats(area=area, seats=of, occupied=occupied, silent=silent)


@pytest.mark.parametrize(
    ("occupied", "level", "words"),
    [(0, "good", "空席があります"), (30, "notice", "席が埋まってきています"), (40, "warning", "空席が残りわずかです"),
     (46, "bad", "空席が残りわずかです"), (48, "bad", "満席です")],
)  # fmt: skip
def test_the_headline_says_whether_there_is_a_seat(
    context: DeviceContext, occupied: int, level: str, words: str
) -> None:
    status = judged((OPEN, seats(occupied)), context=context).status(OPEN + 10 * SECOND)

    assert (status.level, status.headline.ja) == (level, words)
    free = figure(status, "seats_free.reading")
    assert (free.value, free.text and free.text.ja, free.label.ja) == (
        48 - occupied,
        f"48席中 {48 - occupied}席",
        "閲覧席の空席",
    )


def test_nothing_heard_is_unknown_and_has_no_number() -> None:
    status = judged().status(OPEN)

    assert status.level == "unknown"
    assert figure(status, "people_inside").value is None


def test_old_seats_are_no_seats(context: DeviceContext) -> None:
    status = judged((OPEN, seats(3)), context=context).status(OPEN + 200 * SECOND)

    assert (status.level, status.headline.ja) == ("unknown", "最新の情報が届いていません")
    assert figure(status, "seats_free.reading").t == OPEN


def test_a_closed_library_says_so_whatever_its_seats(context: DeviceContext) -> None:
    night = OPEN + 12 * 3600 * SECOND

    assert judged((night, seats(0)), context=context).status(night).headline.ja == "閉館しています"


def test_the_interval_comes_with_the_people_inside() -> None:
    status = judged((OPEN, GateInside(people=40.0, low=36.5, high=44.0))).status(OPEN)

    inside = figure(status, "people_inside")
    assert (inside.value, inside.low, inside.high, inside.t) == (40.0, 36.5, 44.0, OPEN)


def test_records_in_any_order_give_the_same_status() -> None:
    records: list[tuple[int, Record]] = [
        (OPEN, seats(10)), (OPEN + 5 * SECOND, seats(12)), (OPEN + 9 * SECOND, seats(11)),
        (OPEN + 2 * SECOND, GateInside(people=40.0, low=36.5, high=44.0)),
    ]  # fmt: skip

    statuses = [judged(*order).status(OPEN + 20 * SECOND) for order in permutations(records)]

    assert all(status == statuses[0] for status in statuses)
    assert figure(statuses[0], "seats_free.reading").value == 37


def test_an_article_alarm_is_critical_for_ten_minutes_and_names_lane_and_time(context: DeviceContext) -> None:
    judgement = judged((OPEN, GateDetection(lane="l1", direction="out", articles=2)), context=context)

    (alert,) = judgement.alerts(OPEN + 60 * SECOND)
    assert (alert.key, alert.severity, alert.since) == ("article_alarm", "critical", OPEN)
    assert alert.text.ja == "12:00 レーン1で貸出手続きのない資料を2点検知しました。声かけをお願いします"
    assert judgement.alerts(OPEN + 601 * SECOND) == []
    later = figure(judgement.status(OPEN + 601 * SECOND), "article_alarm")
    assert (later.value, later.t) == (False, OPEN)


def test_trouble_lasts_from_its_first_record_until_it_ends() -> None:
    judgement = judged(
        (OPEN, GateAntenna(antenna="a1", state="detuned")),
        (OPEN + 60 * SECOND, GateAntenna(antenna="a1", state="detuned")),
        (OPEN + 10 * SECOND, SourceState(source="l1.inner", state="failed")),
        (OPEN + 20 * SECOND, SourceState(source="mcu", state="failed")),
        (OPEN + 30 * SECOND, seats(3, silent=2)),
    )

    alerts = {alert.key: (alert.severity, alert.since) for alert in judgement.alerts(OPEN + 100 * SECOND)}
    judgement.observe(GateAntenna(antenna="a1", state="ok"), OPEN + 120 * SECOND)
    judgement.observe(SourceState(source="l1.inner", state="delivering"), OPEN + 120 * SECOND)
    judgement.observe(seats(3), OPEN + 120 * SECOND)

    assert alerts == {
        "antenna.a1": ("warning", OPEN), "beam.l1.inner": ("warning", OPEN + 10 * SECOND),
        "seats.reading": ("info", OPEN + 30 * SECOND),
    }  # fmt: skip
    assert judgement.alerts(OPEN + 130 * SECOND) == []


def test_more_people_than_fit_is_said_only_when_the_whole_interval_is_above(context: DeviceContext) -> None:
    perhaps = judged((OPEN, GateInside(people=170.0, low=150.0, high=190.0)), context=context)
    surely = judged((OPEN, GateInside(people=190.0, low=170.0, high=210.0)), context=context)

    assert perhaps.alerts(OPEN) == []
    assert [alert.key for alert in surely.alerts(OPEN)] == ["over_capacity"]
