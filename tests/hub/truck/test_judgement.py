"""What the pages say of a truck, from its records."""

from __future__ import annotations

from pathlib import Path

import pytest

import hub
from edge.contract.records import Health
from edge.contract.records.truck import TruckCollection, TruckFix, TruckOdometer, TruckPosition, TruckStop
from hub.city import DeviceContext, context_of
from hub.city_file import load_city
from hub.judgement import Figure, Place, Status
from hub.truck.judgement import Judgement
from hub.truck.place import from_way_m

S = 1_000_000
T = 1_795_000_000_000_000
OTA = Path(hub.__file__).parent / "cities" / "ota.toml"


def at(second: float) -> int:
    return T + round(second * S)


def position(speed: float | None = 8.0, lat: float = 35.5606, lon: float = 139.7240) -> TruckPosition:
    return TruckPosition(lat_deg=lat, lon_deg=lon, speed_m_s=speed)


def served(point: str, sequence: int) -> TruckCollection:
    return TruckCollection(point=point, round="kamata-burnable", sequence=sequence)


def stop(point: str) -> TruckStop:
    return TruckStop(lat_deg=35.5606, lon_deg=139.7240, dwell_s=40.0, point=point)


@pytest.fixture
def truck() -> Judgement:
    return Judgement(context())


def context() -> DeviceContext:
    return context_of(load_city(OTA), "truck-01")


def figure(status: Status, key: str) -> Figure:
    return next(one for one in status.figures if one.key == key)


def test_a_truck_that_was_never_heard_is_unknown_and_shows_no_number(truck: Judgement) -> None:
    status = truck.status(at(0))

    assert status.level == "unknown"
    assert status.place is None
    assert [one.value for one in status.figures if one.key != "round" and one.key != "next_point"] == [None] * 6
    assert truck.alerts(at(0)) == []


def test_a_truck_in_motion_is_where_it_was_seen_and_moving(truck: Judgement) -> None:
    truck.observe(position(8.0), at(0))

    status = truck.status(at(30))

    assert (status.level, status.headline.ja, status.headline.en) == ("good", "走行中", "Moving")
    assert status.place == Place(lat_deg=35.5606, lon_deg=139.7240, t=at(0))
    assert figure(status, "speed_km_h").value == pytest.approx(28.8)


def test_a_truck_at_a_point_collects_until_it_leaves(truck: Judgement) -> None:
    truck.observe(position(0.1), at(0))
    truck.observe(served("kb2", 2), at(15))
    collecting = truck.status(at(20))
    truck.observe(stop("kb2"), at(40))
    truck.observe(position(6.0), at(45))

    moving = truck.status(at(50))

    assert collecting.headline.ja == "蒲田四丁目で収集中"
    assert collecting.headline.easy == "蒲田（かまた）4丁目（ちょうめ）で ごみを 集（あつ）めて います"
    assert collecting.headline.en == "Collecting at Kamata 4"
    assert moving.headline.en == "Moving"


def test_a_standing_truck_that_collected_earlier_stands(truck: Judgement) -> None:
    truck.observe(served("kb1", 1), at(0))
    truck.observe(stop("kb1"), at(30))
    truck.observe(position(0.0), at(90))

    assert truck.status(at(100)).headline.ja == "停車中"


def test_the_round_shows_its_progress_and_the_next_point(truck: Judgement) -> None:
    for number, point in enumerate(["kb1", "kb2", "kb3"], 1):
        truck.observe(served(point, number), at(number * 60))

    status = truck.status(at(200))

    assert figure(status, "points_served").value == 3
    assert figure(status, "points_served").text is not None
    assert figure(status, "points_served").text.ja == "6か所中3か所"  # type: ignore[union-attr]
    assert figure(status, "progress_percent").value == 50.0
    assert figure(status, "round").value == "kamata-burnable"
    assert figure(status, "next_point").value == "kb4"


def test_a_new_round_begins_with_its_own_points(truck: Judgement) -> None:
    for number in range(1, 7):
        truck.observe(served(f"kb{number}", number), at(number * 60))
    full = truck.status(at(400))
    truck.observe(served("kb1", 1), at(5000))

    anew = truck.status(at(5010))

    assert figure(full, "progress_percent").value == 100.0
    assert [one.key for one in full.figures if one.key == "next_point"] == []
    assert figure(anew, "points_served").value == 1
    assert figure(anew, "next_point").value == "kb2"


def test_a_late_record_does_not_turn_the_truck_back(truck: Judgement) -> None:
    truck.observe(position(8.0, lat=35.57), at(100))
    truck.observe(served("kb3", 3), at(90))

    truck.observe(position(0.0, lat=35.55), at(10))
    truck.observe(served("kb1", 1), at(20))
    truck.observe(TruckOdometer(distance_m=900.0, moving_s=100.0), at(30))

    status = truck.status(at(110))
    assert status.place == Place(lat_deg=35.57, lon_deg=139.7240, t=at(100))
    assert figure(status, "points_served").value == 3
    assert figure(status, "distance_km").value == 0.9


def test_records_in_any_order_give_the_same_status() -> None:
    records = [(position(8.0), at(1)), (served("kb1", 1), at(2)), (stop("kb1"), at(40)), (position(7.0), at(50))]
    one, other = Judgement(context()), Judgement(context())

    for record, t in records:
        one.observe(record, t)
    for record, t in reversed(records):
        other.observe(record, t)

    assert one.status(at(60)) == other.status(at(60))


def test_a_silent_truck_is_shown_as_silent_with_an_alert_since_its_last_word(truck: Judgement) -> None:
    truck.observe(position(8.0), at(0))

    status = truck.status(at(181))

    assert (status.level, status.headline.ja) == ("warning", "車両からの通信が途絶えています")
    assert [(alert.key, alert.since) for alert in truck.alerts(at(181))] == [("truck_silent", at(0))]
    assert truck.alerts(at(180)) == []


def test_a_health_record_is_a_word_too(truck: Judgement) -> None:
    truck.observe(position(8.0), at(0))
    truck.observe(Health(clock_quality="synchronised", uptime_s=1.0, outbox_records=0, outbox_bytes=0), at(170))

    assert truck.alerts(at(200)) == []


def test_a_truck_without_a_fix_keeps_its_last_place_and_alerts_after_five_minutes(truck: Judgement) -> None:
    truck.observe(position(8.0), at(0))
    truck.observe(TruckFix(fix="none"), at(5))
    truck.observe(Health(clock_quality="synchronised", uptime_s=1.0, outbox_records=0, outbox_bytes=0), at(300))

    soon, later = truck.status(at(60)), truck.status(at(310))

    assert (soon.level, later.level) == ("notice", "warning")
    assert soon.headline.easy == "車（くるま）の 場所（ばしょ）が わかりません"
    assert later.place == Place(lat_deg=35.5606, lon_deg=139.7240, t=at(0))
    assert [(alert.key, alert.since) for alert in truck.alerts(at(310))] == [("truck_no_fix", at(5))]
    assert truck.alerts(at(60)) == []


def test_a_fix_found_again_ends_the_alert(truck: Judgement) -> None:
    truck.observe(TruckFix(fix="none"), at(0))
    truck.observe(TruckFix(fix="3d"), at(400))
    truck.observe(position(8.0), at(401))

    assert truck.alerts(at(410)) == []
    assert truck.status(at(410)).level == "good"


def test_a_truck_far_from_its_round_alerts_until_it_is_back(truck: Judgement) -> None:
    truck.observe(position(8.0, lat=35.60, lon=139.70), at(0))
    truck.observe(position(8.0, lat=35.60, lon=139.70), at(10))
    away = truck.alerts(at(11))
    truck.observe(position(8.0), at(20))

    assert [(alert.key, alert.since) for alert in away] == [("truck_off_round", at(0))]
    assert truck.alerts(at(21)) == []


def test_a_truck_that_the_city_does_not_know_is_judged_without_a_round() -> None:
    truck = Judgement()
    truck.observe(position(0.0), at(0))
    truck.observe(served("kb2", 2), at(1))

    status = truck.status(at(2))

    assert status.headline.en == "Collecting at kb2"
    assert figure(status, "points_served").value == 2
    assert figure(status, "points_served").text is None


def test_the_distance_from_a_way_is_that_from_its_nearest_piece() -> None:
    way = [(35.0, 139.0), (35.0, 139.1)]

    assert from_way_m(35.01, 139.05, way) == pytest.approx(1112, rel=2e-3)
    assert from_way_m(35.0, 138.99, way) == pytest.approx(911, rel=2e-3)
    assert from_way_m(35.01, 139.0, way[:1]) == pytest.approx(1112, rel=2e-3)
    with pytest.raises(ValueError, match="no place"):
        from_way_m(35.0, 139.0, [])
