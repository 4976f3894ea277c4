"""Each step of the truck's pipeline by itself: the rules that its file names."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.contract.records.truck import TruckCollection, TruckFix, TruckOdometer, TruckPosition, TruckStop
from edge.pipeline import Step, Tick
from edge.truck.epoch import Epoch
from edge.truck.fix import EARTH_RADIUS_M, Fix, Kind, distance_m, local_m
from edge.truck.items import GpsdPosition, GpsdSky
from edge.truck.motion import LONGEST_STAND_US, MotionSettings, Stand, StandEnded
from edge.truck.nmea import decode, encode
from edge.truck.steps.decode import Decode
from edge.truck.steps.find_stops import FindStops, Seen
from edge.truck.steps.gate_fix import GateFix
from edge.truck.steps.measure_way import MeasureWay
from edge.truck.steps.refuse_jumps import RefuseJumps
from edge.truck.steps.serve_points import Point, ServePoints
from edge.truck.steps.thin import Thin

S = 1_000_000
METRE_DEG = math.degrees(1 / EARTH_RADIUS_M)


def fix(second: float, north_m: float = 0.0, east_m: float = 0.0, kind: Kind = "3d", speed: float | None = None) -> Fix:
    """A fix near 0° N 10° E."""
    return Fix(round(second * S), kind, north_m * METRE_DEG, 10 + east_m * METRE_DEG, speed)


def through(step: Step, items: Iterable[object]) -> list[object]:
    return [made for item in items for made in step(getattr(item, "mono", 0), item)]


def gga(clock: str, quality: int = 1, lat: str = "3533.00000") -> bytes:
    return encode(f"GPGGA,{clock},{lat},N,13943.00000,E,{quality},08,1.0,10.0,M,36.0,M,,")


def rmc(clock: str, state: str = "A", mode: str = "A", lat: str = "3533.00000") -> bytes:
    return encode(f"GPRMC,{clock},{state},{lat},N,13943.00000,E,10.0,90.0,231126,,,{mode}")


def fixes_from(*lines: tuple[int, bytes]) -> list[Fix]:
    epoch = Epoch()
    return [made for mono, line in lines for made in epoch.take(mono, decode(line))]


def test_a_moment_is_given_with_its_second_sentence_and_the_time_of_its_first() -> None:
    made = fixes_from((100, gga("120000")), (200, rmc("120000")))

    assert [(one.mono, one.kind, one.satellites) for one in made] == [(100, "3d", 8)]
    assert made[0].speed_m_s == pytest.approx(10 * 1852 / 3600)
    assert made[0].accuracy_m == pytest.approx(7.8)


def test_a_receiver_with_rmc_only_is_given_when_its_next_moment_begins() -> None:
    made = fixes_from((0, rmc("120000")), (S, rmc("120001")), (2 * S, rmc("120002")))

    assert [(one.mono, one.kind) for one in made] == [(0, "2d"), (S, "2d")]


def test_a_moment_that_nothing_follows_is_given_by_the_tick() -> None:
    epoch = Epoch()
    epoch.take(0, decode(rmc("120000")))

    assert epoch.tick(S) == []
    assert [one.mono for one in epoch.tick(2 * S)] == [0]
    assert epoch.tick(3 * S) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (gga("120000", quality=0), rmc("120000")),
        (gga("120000"), rmc("120000", state="V")),
        (gga("120000", quality=6), rmc("120000", mode="E")),
        (gga("120000"), rmc("120000", mode="E")),
        (gga("120000", quality=8), rmc("120000", mode="S")),
    ],
    ids=["no quality", "void", "dead reckoning", "estimated", "simulator"],
)
def test_a_moment_that_one_sentence_doubts_has_no_position(first: bytes, second: bytes) -> None:
    made = fixes_from((0, first), (1, second))

    assert [one.kind for one in made] == ["none"]


def test_zero_north_zero_east_is_no_position() -> None:
    sentence = encode("GPGGA,120000,0000.0000,N,00000.0000,E,1,08,1.0,10.0,M,36.0,M,,")

    made = fixes_from((0, sentence), (1, encode("GPRMC,120000,A,0000.0000,N,00000.0000,E,0.0,0.0,231126,,,A")))

    assert [one.kind for one in made] == ["none"]


def test_a_moment_that_gpsd_reports_twice_is_one_fix() -> None:
    report = GpsdPosition(mode=3, time="2026-11-23T00:00:00.000Z", lat=35.5, lon=139.7, eph=17.1)

    made = through(Decode(), [GpsdSky(used=9), report, report])

    assert made == [Fix(0, "3d", 35.5, 139.7, accuracy_m=17.1, satellites=9)]


def test_gpsd_without_coordinates_is_not_zero_north() -> None:
    assert through(Decode(), [GpsdPosition(mode=2, time="2026-11-23T00:00:00.000Z", lat=35.5)]) == []


def test_a_lost_fix_is_said_once_with_the_time_it_began_and_gives_no_position() -> None:
    gate = GateFix(hold_s=3, silent_s=10, worst_accuracy_m=100)

    made = through(gate, [fix(0), *(fix(second, kind="none") for second in range(1, 20)), fix(20), fix(24)])

    assert [one for one in made if isinstance(one, TruckFix)] == [
        TruckFix(t=0, fix="3d"), TruckFix(t=S, fix="none"), TruckFix(t=20 * S, fix="3d"),
    ]  # fmt: skip
    assert [one.mono for one in made if isinstance(one, Fix)] == [0, 20 * S, 24 * S]


def test_a_fix_lost_for_a_second_is_not_said() -> None:
    gate = GateFix(hold_s=3, silent_s=10, worst_accuracy_m=100)

    made = through(gate, [fix(0), fix(1, kind="none"), fix(2), fix(3), fix(4), fix(5)])

    assert [one.fix for one in made if isinstance(one, TruckFix)] == ["3d"]


def test_a_silent_receiver_has_no_fix() -> None:
    gate = GateFix(hold_s=3, silent_s=10, worst_accuracy_m=100)
    said = list(gate(0, fix(0)))

    for second in range(1, 20):
        said += gate(second * S, Tick())

    assert [(one.fix, one.t) for one in said if isinstance(one, TruckFix)] == [("3d", 0), ("none", 10 * S)]


def test_a_vague_position_is_no_fix() -> None:
    gate = GateFix(hold_s=3, silent_s=10, worst_accuracy_m=100)

    made = through(gate, [fix(0)._replace(accuracy_m=150.0)])

    assert made == [TruckFix(t=0, fix="none")]


def test_a_jump_is_refused_and_the_way_goes_on() -> None:
    step = RefuseJumps(fastest_m_s=40, slack_m=50, agree=5)

    made = through(step, [fix(0), fix(1, 10), fix(2, 5000), fix(3, 30)])

    assert [one.mono for one in made if isinstance(one, Fix)] == [0, S, 3 * S]
    assert step.refused == 1


def test_a_wrong_first_position_loses_against_five_that_agree() -> None:
    step = RefuseJumps(fastest_m_s=40, slack_m=50, agree=5)

    made = through(step, [fix(0, 90_000), *(fix(second, 10.0 * second) for second in range(1, 9))])

    assert [one.mono // S for one in made if isinstance(one, Fix)] == [0, 5, 6, 7, 8]


def test_jumps_that_disagree_never_win() -> None:
    step = RefuseJumps(fastest_m_s=40, slack_m=50, agree=5)

    made = through(step, [fix(0), *(fix(second, 5000.0 * second) for second in range(1, 30))])

    assert len(made) == 1


@given(st.lists(st.tuples(st.floats(-15, 15), st.floats(-15, 15)), min_size=2, max_size=120))
def test_what_thinning_leaves_out_lies_within_its_bounds(steps: list[tuple[float, float]]) -> None:
    moved_m, off_line_m, every_s = 50.0, 10.0, 60.0
    north = east = 0.0
    fixes = []
    for second, (up, right) in enumerate(steps):
        north, east = north + up, east + right
        fixes.append(fix(second, north, east))
    thin = Thin(moved_m, off_line_m, every_s)
    kept: list[TruckPosition] = []

    for one in fixes:
        kept += [made for made in thin(one.mono, one) if isinstance(made, TruckPosition)]
        last = kept[-1]
        assert distance_m(last.lat_deg, last.lon_deg, one.lat_deg, one.lon_deg) <= moved_m + 0.02
        assert one.mono - (last.t or 0) <= every_s * S

    times = [position.t or 0 for position in kept]
    assert times == sorted(set(times))
    assert _farthest_off_m(fixes, kept) <= off_line_m + 0.05


def _farthest_off_m(fixes: list[Fix], kept: list[TruckPosition]) -> float:
    """Largest distance of a fix between two reported ones from the line between them [m]."""
    worst = 0.0
    for one, other in itertools.pairwise(kept):
        end = local_m(one.lat_deg, one.lon_deg, other.lat_deg, other.lon_deg)
        for each in fixes:
            if (one.t or 0) < each.mono < (other.t or 0):
                point = local_m(one.lat_deg, one.lon_deg, each.lat_deg, each.lon_deg)
                worst = max(worst, _off_m(end, point))
    return worst


def _off_m(end: tuple[float, float], point: tuple[float, float]) -> float:
    length = end[0] ** 2 + end[1] ** 2
    along = 0.0 if length == 0 else min(1.0, max(0.0, (point[0] * end[0] + point[1] * end[1]) / length))
    return math.hypot(point[0] - along * end[0], point[1] - along * end[1])


def test_a_corner_is_reported_where_it_was() -> None:
    way = [fix(second, 8.0 * second) for second in range(6)] + [fix(6 + n, 40.0, 8.0 * (n + 1)) for n in range(5)]

    kept = [made for made in through(Thin(500, 5, 60), way) if isinstance(made, TruckPosition)]

    assert [position.t for position in kept][:2] == [0, 5 * S]


def test_a_standing_truck_reports_once_a_minute() -> None:
    kept = [made for made in through(Thin(50, 10, 60), (fix(n) for n in range(181))) if isinstance(made, TruckPosition)]

    assert [(position.t or 0) // S for position in kept] == [0, 60, 120, 180]


def stood(began: float, until: float, north_m: float = 0.0) -> list[object]:
    stand = Stand(round(began * S), north_m * METRE_DEG, 10.0)
    seen: list[object] = [Seen(fix(second, north_m), False, stand) for second in range(int(began), int(until))]
    return [*seen, StandEnded(stand, round(until * S))]


POINTS = [Point(name="a", lat_deg=0.0, lon_deg=10.0), Point(name="b", lat_deg=100 * METRE_DEG, lon_deg=10.0)]


def served(items: Iterable[object]) -> list[tuple[str, int]]:
    step = ServePoints("r1", POINTS, reach_m=30, serve_s=15, pause_s=3600)
    return [(made.point, made.sequence) for made in through(step, items) if isinstance(made, TruckCollection)]


def test_a_point_is_served_once_a_round_and_a_full_round_begins_anew() -> None:
    assert served(stood(0, 40) + stood(60, 90) + stood(100, 140, 95) + stood(200, 240)) == [
        ("a", 1),
        ("b", 2),
        ("a", 1),
    ]


def test_a_short_stand_or_one_out_of_reach_serves_nothing() -> None:
    assert served(stood(0, 14) + stood(60, 120, 50)) == []


def test_a_long_stand_at_the_last_point_does_not_begin_the_next_round() -> None:
    assert served(stood(0, 40) + stood(100, 400, 100)) == [("a", 1), ("b", 2)]


def test_after_a_long_pause_the_round_begins_anew() -> None:
    assert served(stood(0, 40) + stood(5000, 5040)) == [("a", 1), ("a", 1)]


def test_a_stop_names_the_point_within_reach() -> None:
    step = ServePoints("r1", POINTS, reach_m=30, serve_s=15, pause_s=3600)

    stops = [made for made in through(step, stood(0, 40, 90) + stood(60, 90, 50)) if isinstance(made, TruckStop)]

    assert [(stop.point, stop.dwell_s, stop.t) for stop in stops] == [("b", 40.0, 40 * S), ("none", 30.0, 90 * S)]


def test_the_odometer_adds_the_way_but_not_the_noise_of_standing() -> None:
    step = MeasureWay(piece_m=10, every_s=60, no_data_s=900)
    driven = [Seen(fix(second, 8.0 * second), True, None) for second in range(101)]
    stand = Stand(101 * S, 800 * METRE_DEG, 10.0)
    noisy = [Seen(fix(101 + n, 800 + 20 * (-1) ** n), False, stand) for n in range(100)]

    odometer = [made for made in through(step, [*driven, *noisy]) if isinstance(made, TruckOdometer)]

    assert odometer[-1].distance_m == pytest.approx(800, abs=16)
    assert odometer[-1].moving_s == 100.0


def test_a_stand_of_a_day_is_cut_there() -> None:
    step = FindStops(
        MotionSettings(still_m_s=0.7, moving_m_s=1.5, leave_m=40, dwell_s=15, depart_s=10, depart_m=30, no_data_s=900)
    )

    ended = [made for made in through(step, (fix(n * 600.0) for n in range(300))) if isinstance(made, StandEnded)]

    assert [(one.stand.began, one.ended) for one in ended] == [
        (0, LONGEST_STAND_US),
        (LONGEST_STAND_US, 2 * LONGEST_STAND_US),
    ]


def test_distance_on_the_ground_is_that_of_a_minute_of_latitude() -> None:
    nautical_mile_m = 1852.0

    assert distance_m(35.0, 139.0, 35.0 + 1 / 60, 139.0) == pytest.approx(nautical_mile_m, rel=2e-3)
    assert distance_m(0.0, 179.9999, 0.0, -179.9999) == pytest.approx(22.24, rel=1e-3)
