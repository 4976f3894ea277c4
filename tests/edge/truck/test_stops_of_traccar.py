"""Twelve published cases of trips and stops (facts of traccar's ReportUtilsTest) through our motion's rules.

All twelve hold. The two with an ignition line are driven without it, which no truck here has, and give the same. Trips
are the times between stops.
"""

from __future__ import annotations

import json
import math
from datetime import datetime
from typing import Any, NamedTuple

import pytest

from edge.truck.fix import EARTH_RADIUS_M, Fix
from edge.truck.motion import Motion, MotionSettings
from tests.data_folder import DATA, real

FILE = "fleet/traccar_trip_stop_vectors.json"
NAMES = [
    "testDetectTripsSimple", "testDetectStopsSimple", "testDetectTripsSimpleWithIgnition",
    "testDetectStopsSimpleWithIgnition", "testDetectTripsWithFluctuation", "testDetectStopsWithFluctuation",
    "testDetectStopsOnly", "testDetectStopsWithTripCut", "testDetectStopsStartedFromTrip", "testDetectStopsMoving",
    "testDetectTripByGap", "testDetectStopByGap",
]  # fmt: skip
KNOT = 1852 / 3600


class Span(NamedTuple):
    start: int
    end: int


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1e6)


def fixes_of(case: dict[str, Any]) -> list[Fix]:
    """The positions along a meridian, as far as their total distance says."""
    return [
        Fix(
            mono=at(position["time"]),
            kind="3d",
            lat_deg=math.degrees(position["total_distance_m"] / EARTH_RADIUS_M),
            speed_m_s=position["speed_knots"] * KNOT,
        )
        for position in case["positions"]
    ]


def stops_of(fixes: list[Fix], config: dict[str, Any]) -> list[Span]:
    motion = Motion(
        MotionSettings(
            still_m_s=0.0,
            moving_m_s=0.01,
            leave_m=config["minimal_trip_distance_m"],
            dwell_s=config["minimal_parking_duration_s"],
            depart_s=config["minimal_trip_duration_s"],
            depart_m=config["minimal_trip_distance_m"],
            no_data_s=config["minimal_no_data_duration_s"],
        )
    )
    ended = [over for fix in fixes for over in motion.take(fix)]
    stops = [Span(over.stand.began, over.ended) for over in ended]
    return stops + ([Span(motion.stand.began, fixes[-1].mono)] if motion.stand else [])


def trips_of(fixes: list[Fix], stops: list[Span]) -> list[Span]:
    edges = [fixes[0].mono, *(time for stop in stops for time in stop), fixes[-1].mono]
    return [Span(*pair) for pair in zip(edges[::2], edges[1::2], strict=True) if pair[1] > pair[0]]


def case_of(name: str) -> dict[str, Any]:
    cases: list[dict[str, Any]] = json.loads(real(FILE).read_text())["cases"]
    return next(case for case in cases if case["name"] == name)


@pytest.mark.parametrize("name", NAMES)
def test_a_published_case_gives_its_stops_or_trips(name: str) -> None:
    case = case_of(name)
    fixes = fixes_of(case)

    stops = stops_of(fixes, case["config"])
    found = stops if case["kind"] == "stops" else trips_of(fixes, stops)

    expected = [Span(at(item["start"]), at(item["end"])) for item in case["expected_first_items"]]
    assert found[: len(expected)] == expected
    assert bool(found) != case["expected_empty"]


@pytest.mark.parametrize("name", [name for name in NAMES if "Trip" in name.removesuffix("Cut") and "Stops" not in name])
def test_a_published_trip_has_its_distance(name: str) -> None:
    case = case_of(name)
    if case["kind"] != "trips":
        pytest.skip("a case of stops")
    fixes = fixes_of(case)
    lat = {fix.mono: fix.lat_deg for fix in fixes}

    trip = trips_of(fixes, stops_of(fixes, case["config"]))[0]

    way_m = math.radians(lat[trip.end] - lat[trip.start]) * EARTH_RADIUS_M
    assert way_m == pytest.approx(case["expected_first_items"][0]["distance_m"], abs=0.01)


@pytest.mark.skipif(not (DATA / FILE).exists(), reason="no real recordings; set MACHIKADO_DATA")
def test_no_published_case_is_left_out() -> None:
    assert [case["name"] for case in json.loads((DATA / FILE).read_text())["cases"]] == NAMES
