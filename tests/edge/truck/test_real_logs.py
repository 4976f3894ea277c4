"""Logs of real receivers: our decoder against gpsd 3.22's own answers to the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edge.errors import SourceError
from edge.pipeline import Tick
from edge.truck.fix import Fix
from edge.truck.log import read_log
from edge.truck.steps.decode import Decode
from tests.data_folder import real

AGREE_DEG = 2e-9
"""gpsd prints nine decimals; half of the last one, on both sides of a rounding."""

LOGS = {
    "bt451.log": (18, 18, 0),
    "garmin-10x.log": (17, 17, 0),
    "haicom-305N.log": (134, 134, 0),
    "motorola-t805.log": (31, 31, 0),
    "navika-100-fix.log": (23, 23, 0),
    "nmea-fuzzy-cases.log": (15, 15, 0),
    "quectel.log": (68, 68, 0),
    "ublox-8.log": (76, 76, 1),
    "tcp-torture.log": (3, 1, 1),
}
"""gpsd's fixes, how many of them we have, damaged sentences.

tcp-torture's GGA is cut by marks of gpsd's test harness, which we refuse: gpsd's two fixes from it are not ours. ublox-8
begins in the middle of a sentence.
"""


def our_fixes(path: Path) -> list[Fix]:
    decode = Decode()
    delivered = [*read_log(path).deliveries()]
    made = [fix for mono, sentence in delivered for fix in decode(mono, sentence)]
    made += decode(delivered[-1][0] + 2_000_000, Tick())
    return [fix for fix in made if isinstance(fix, Fix) and fix.kind != "none"]


def gpsds_fixes(path: Path) -> list[tuple[float, float]]:
    lines = path.with_name(path.name + ".chk").read_bytes().decode("latin-1").splitlines()
    reports = [json.loads(line) for line in lines if line.startswith('{"class":"TPV"')]
    return [(report["lat"], report["lon"]) for report in reports if report["mode"] >= 2 and "lat" in report]


def same(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return abs(one[0] - other[0]) < AGREE_DEG and abs(one[1] - other[1]) < AGREE_DEG


@pytest.mark.parametrize("name", LOGS)
def test_every_fix_that_gpsd_finds_is_found_at_the_same_place(name: str) -> None:
    path = real(f"gps/{name}")
    theirs, found, damaged = LOGS[name]

    ours = [(fix.lat_deg, fix.lon_deg) for fix in our_fixes(path)]
    agreeing = [fix for fix in gpsds_fixes(path) if any(same(fix, our) for our in ours)]

    assert len(gpsds_fixes(path)) == theirs
    assert len(agreeing) == found
    assert read_log(path).bad == damaged


@pytest.mark.parametrize(
    "name", ["garmin-10x.log", "motorola-t805.log", "navika-100-fix.log", "quectel.log", "ublox-8.log"]
)
def test_no_fix_is_found_that_gpsd_does_not_find(name: str) -> None:
    path = real(f"gps/{name}")

    theirs = gpsds_fixes(path)
    alone = [fix for fix in our_fixes(path) if not any(same((fix.lat_deg, fix.lon_deg), their) for their in theirs)]

    assert theirs
    assert alone == []


def test_the_speed_of_a_moving_receiver_is_gpsds() -> None:
    path = real("gps/nmea-fuzzy-cases.log")
    expected = json.loads((path.parent / "expected_summary.json").read_text())[path.name]["max_speed_ms"]

    fastest = max(fix.speed_m_s or 0.0 for fix in our_fixes(path))

    assert fastest == pytest.approx(expected, abs=6e-4)


def test_a_void_position_with_coordinates_is_no_fix() -> None:
    path = real("gps/haicom-305N.log")
    decode = Decode()
    made = [fix for mono, sentence in read_log(path).deliveries() for fix in decode(mono, sentence)]

    first = made[0]

    assert isinstance(first, Fix)
    assert first.kind == "none"


def test_a_log_of_a_receivers_binary_protocol_is_refused() -> None:
    path = real("gps/bu303-moving.log")

    with pytest.raises(SourceError, match="no intact NMEA sentence"):
        read_log(path)


@pytest.mark.parametrize(
    ("name", "utc_us"),
    [("ublox-8.log", 1_484_006_981_000_000), ("bt451.log", 1_260_372_304_500_000)],
)
def test_a_logs_own_date_gives_the_utc_of_its_beginning(name: str, utc_us: int) -> None:
    assert read_log(real(f"gps/{name}")).utc_offset_us() == utc_us
