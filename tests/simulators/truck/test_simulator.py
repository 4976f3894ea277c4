"""The simulated truck: true sentences, a believable drive, and a pipeline that finds the truth again."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from edge.contract.records import Record
from edge.contract.records.truck import TruckCollection, TruckFix, TruckOdometer, TruckPosition, TruckStop
from edge.pipeline import Tick
from edge.truck.fix import distance_m
from edge.truck.lines import SentenceLines
from edge.truck.nmea import Gga, Gsa, Rmc, decode
from edge.truck.pipeline import Config, pipeline
from edge.truck.steps.serve_points import Point as ConfiguredPoint
from simulators.errors import SimulatorError
from simulators.truck.roads import Plane, Spot, way
from simulators.truck.simulator import KAMATA, Point, Settings, TruckSimulator, simulator

START_US = 1_795_000_000_000_000
S = 1_000_000
DEPOT = Point(name="depot", lat_deg=35.5560, lon_deg=139.7290)


def drive(seconds: int, seed: int = 3, settings: Settings | None = None) -> tuple[list[bytes], list[dict[str, Any]]]:
    truck = TruckSimulator(settings or Settings(depot=DEPOT), np.random.default_rng(seed), START_US)
    said = [emission.data for emission in truck.advance(START_US + seconds * S)]
    return said, truck.truth()


def records_of(said: list[bytes]) -> list[Record]:
    points = [ConfiguredPoint(name=one.name, lat_deg=one.lat_deg, lon_deg=one.lon_deg) for one in KAMATA]
    made = pipeline(Config(round="kamata", points=points))
    lines = SentenceLines()
    records: list[Record] = []
    for second, data in enumerate(said):
        for sentence in lines.feed(data):
            records += made.process(second * S, sentence)
        records += made.process(second * S + S // 2, Tick())
    assert lines.bad == 0
    return records


def facts(truth: list[dict[str, Any]], what: str) -> list[dict[str, Any]]:
    return [fact for fact in truth if fact["what"] == what]


def test_the_same_seed_says_the_same_bytes_and_the_same_truth() -> None:
    assert drive(300) == drive(300)
    assert drive(300)[0] != drive(300, seed=4)[0]


def test_a_second_of_the_receiver_is_whole_sentences_that_agree_with_the_truth() -> None:
    said, truth = drive(120, settings=Settings(error_m=0.0, canyons=0))

    meanings = [decode(line) for line in said[100].splitlines()]

    true = facts(truth, "position")[100]
    assert [type(meaning) for meaning in meanings[:3]] == [Gga, Gsa, Rmc]
    assert isinstance(meanings[0], Gga)
    assert isinstance(meanings[2], Rmc)
    assert meanings[0].lat_deg == pytest.approx(true["lat_deg"], abs=1e-7)
    assert meanings[2].lon_deg == pytest.approx(true["lon_deg"], abs=1e-7)
    assert meanings[2].speed_m_s == pytest.approx(true["speed_m_s"], abs=0.5)
    assert meanings[2].time_s == (START_US // S + 100) % 86_400


def test_the_truck_never_speeds_brakes_or_turns_harder_than_a_truck_can() -> None:
    _, truth = drive(1500)
    speeds = np.array([fact["speed_m_s"] for fact in facts(truth, "position")])

    assert speeds.max() <= 9.0
    assert np.diff(speeds).max() <= 1.0 + 0.5
    assert np.diff(speeds).min() >= -1.6 - 0.5


def test_the_way_driven_is_the_way_between_the_places() -> None:
    _, truth = drive(1500)
    places = facts(truth, "position")

    way_m = sum(
        distance_m(one["lat_deg"], one["lon_deg"], other["lat_deg"], other["lon_deg"])
        for one, other in itertools.pairwise(places)
    )

    assert way_m == pytest.approx(places[-1]["distance_m"], rel=0.02)


def test_the_receivers_error_wanders_with_the_size_and_time_it_was_given() -> None:
    settings = Settings(points=KAMATA[:1], stand_s=20_000, canyons=0, error_m=3.0)
    said, truth = drive(12_000, seed=1, settings=settings)
    true = facts(truth, "position")[0]["lat_deg"]
    sentences = [decode(data.splitlines()[0]) for data in said]
    north = np.array([(one.lat_deg - true) * 111_195 for one in sentences if isinstance(one, Gga) and one.lat_deg])

    after_a_minute = np.corrcoef(north[:-60], north[60:])[0, 1]

    assert north.std() == pytest.approx(3.0, rel=0.25)
    assert after_a_minute == pytest.approx(math.exp(-1), abs=0.15)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_pipeline_finds_every_collection_that_was_made_and_no_other(seed: int) -> None:
    said, truth = drive(3600, seed)

    made = [(record.t, record.point) for record in records_of(said) if isinstance(record, TruckCollection)]

    true = [(fact["t"] - START_US, fact["point"]) for fact in facts(truth, "collection")]
    under_way = made[len(true) :]
    assert [point for _, point in made[: len(true)]] == [point for _, point in true]
    assert len(under_way) <= 1, "the truth tells a collection when the truck leaves it"
    late_s = [((t or 0) - arrived) / S for (t, _), (arrived, _) in zip(made, true, strict=False)]
    assert max(late_s) < 30
    assert min(late_s) > -75, "a wait at a light within reach (45 s at most) is taken for the service"
    assert np.median(late_s) == pytest.approx(16, abs=3)


def test_the_pipeline_finds_the_stops_at_points_with_their_place_and_end() -> None:
    """A wait at a light a few metres before or after a point is one stand with it: then the end is the light's."""
    said, truth = drive(3600)
    true = [fact for fact in facts(truth, "stop") if fact["point"] != "none"]

    stops = [record for record in records_of(said) if isinstance(record, TruckStop)]

    late_s = []
    for fact in true:
        near = min(stops, key=lambda stop: abs((stop.t or 0) - (fact["t"] - START_US)))
        late_s.append(((near.t or 0) - (fact["t"] - START_US)) / S)
        assert near.point == fact["point"]
        assert distance_m(near.lat_deg, near.lon_deg, fact["lat_deg"], fact["lon_deg"]) < 30
    assert np.median(np.abs(late_s)) < 3
    assert max(np.abs(late_s)) < 60
    assert len(stops) <= len(facts(truth, "stop"))


def test_an_outage_between_houses_is_said_and_gives_no_position() -> None:
    said, truth = drive(1500)
    records = records_of(said)
    hidden = {fact["t"] - START_US for fact in facts(truth, "position") if not fact["fix"]}

    assert hidden
    assert [record.fix for record in records if isinstance(record, TruckFix)][:3] == ["3d", "none", "3d"]
    assert not [record for record in records if isinstance(record, TruckPosition) and record.t in hidden]


def test_the_odometer_agrees_with_the_road_to_five_percent() -> None:
    said, truth = drive(3600)

    odometer = [record for record in records_of(said) if isinstance(record, TruckOdometer)][-1]

    at = (odometer.t or 0) // S
    assert odometer.distance_m == pytest.approx(facts(truth, "position")[at]["distance_m"], rel=0.05)


def test_thinning_keeps_less_than_an_eighth_of_the_fixes() -> None:
    said, _ = drive(3600)

    kept = [record for record in records_of(said) if isinstance(record, TruckPosition)]

    assert len(kept) < len(said) / 8


def test_streets_lead_where_they_should_at_right_angles() -> None:
    corners = [Spot(0, 0), *way(Spot(0, 0), Spot(400, 250), turned_deg=18, block_m=90)]

    pieces = [(b.east - a.east, b.north - a.north) for a, b in itertools.pairwise(corners)]
    directions = {round(math.degrees(math.atan2(north, east))) % 90 for east, north in pieces}
    assert corners[-1] == pytest.approx(Spot(400, 250))
    assert directions == {18}


def test_a_plane_gives_back_the_place_it_was_given() -> None:
    plane = Plane(35.56, 139.72)

    assert plane.degrees(plane.spot(35.57, 139.71)) == pytest.approx((35.57, 139.71), abs=1e-12)


def test_settings_of_another_family_are_refused() -> None:
    with pytest.raises(SimulatorError, match="truck's Settings"):
        simulator(object(), np.random.default_rng(0), 0)
