"""Charts, spectrogram and map put things where they belong."""

from __future__ import annotations

import math
import re
import struct
import zlib
from zoneinfo import ZoneInfo

import pytest

from hub.display.chart import Axes, Line, line_chart, ticks
from hub.display.family_page import Chart
from hub.display.map import METRES_A_DEGREE, frame_of
from hub.display.png import indexed_png
from hub.display.spectrogram import COLUMNS, NOTHING, Spectra, picture
from hub.words import Words
from tests.hub.station import open_city

TOKYO = ZoneInfo("Asia/Tokyo")
T0 = 1_795_000_020_000_000
MINUTE_US = 60_000_000
CHART = Chart(kind="counter_air", field="co2_ppm", title=Words(ja="空気", easy="空気", en="air"), unit="ppm")


def pixels(png: bytes) -> list[bytes]:
    """Rows of palette indices of a PNG without filters."""
    width, height = struct.unpack(">II", png[16:24])
    at, body = 8, b""
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            body += png[at + 8 : at + 8 + length]
        at += 12 + length
    raw = zlib.decompress(body)
    return [raw[row * (width + 1) + 1 : (row + 1) * (width + 1)] for row in range(height)]


def test_an_image_has_the_pixels_and_colours_that_were_given() -> None:
    png = indexed_png([b"\x00\x01", b"\x01\x00"], [(1, 2, 3), (4, 5, 6)])

    assert pixels(png) == [b"\x00\x01", b"\x01\x00"]
    assert b"PLTE\x01\x02\x03\x04\x05\x06" in png


@pytest.mark.parametrize("rows", [[], [b""], [b"\x00", b"\x00\x00"]])
def test_an_image_of_no_or_unequal_rows_is_refused(rows: list[bytes]) -> None:
    with pytest.raises(ValueError, match="wanted equal rows"):
        indexed_png(rows, [(0, 0, 0)])


def column(minute: float) -> int:
    return int(minute / 60 * COLUMNS)


def test_a_tone_is_bright_at_its_frequency_and_time_and_a_gap_is_grey() -> None:
    span = (T0, T0 + 60 * MINUTE_US)
    quiet, tone = [-90.0] * 100, [-90.0] * 30 + [-30.0] + [-90.0] * 69
    times = [T0 + minute * MINUTE_US for minute in (*range(1, 11), *range(31, 41))]
    spectra = Spectra(times, [quiet] * 10 + [tone] * 10, 0.1, 0.1)

    rows = pixels(picture(spectra, span))

    tone_row = rows[100 - 1 - 30]
    assert {len(row) for row in rows} == {COLUMNS}
    assert set(tone_row[column(30.2) : column(39.8)]) == {254}
    assert set(tone_row[column(0.2) : column(9.8)]) == {0}
    assert set(tone_row[column(10.5) : column(29.5)]) == {NOTHING}
    assert all(set(row[column(31) : column(39)]) == {0} for row in rows if row is not tone_row)


def test_a_line_breaks_where_readings_are_missing() -> None:
    points = [(T0 + minute * MINUTE_US, 500.0) for minute in (0, 1, 2, 30, 31)]

    drawn = line_chart(CHART, [Line("", points)], (T0, T0 + 60 * MINUTE_US), 2.5 * MINUTE_US, TOKYO, "en")

    found = re.search(r'<path d="([^"]+)"', drawn)
    assert found
    assert re.sub(r"[^ML]", "", found[1]) == "MLLML"


def test_a_chart_without_points_says_so_instead_of_drawing_nought() -> None:
    drawn = line_chart(CHART, [Line("", [])], (T0, T0 + MINUTE_US), 1e6, TOKYO, "en")

    assert "No data in this period" in drawn
    assert "<svg" not in drawn


def test_axes_put_the_ends_of_time_and_value_at_the_edges() -> None:
    axes = Axes(T0, T0 + 100, 10.0, 20.0)

    assert (axes.x(T0), axes.x(T0 + 100)) == (52.0, 628.0)
    assert (axes.y(10.0), axes.y(20.0)) == (176.0, 12.0)


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [(0, 10, [0, 2.5, 5, 7.5, 10]), (0, 0.04, [0, 0.01, 0.02, 0.03, 0.04]), (2.29, 2.33, [2.29, 2.3, 2.31, 2.32, 2.33]),
     (-3, 3, [-2, 0, 2]), (0, 1e5, [0, 25_000, 50_000, 75_000, 100_000])],
)  # fmt: skip
def test_an_axis_has_round_numbers_within_its_ends(low: float, high: float, wanted: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(wanted)


def test_the_map_keeps_distances_alike_in_both_directions_and_holds_every_point() -> None:
    city = open_city()
    frame = frame_of(city)
    assert frame is not None
    lat, lon = 35.5613, 139.7160

    x, y = frame.at(lat, lon)
    _, north = frame.at(lat + 500 / METRES_A_DEGREE, lon)
    east, _ = frame.at(lat, lon + 500 / METRES_A_DEGREE / math.cos(math.radians(lat)))

    assert y - north == pytest.approx(500 * frame.units_a_metre, abs=0.2)
    assert east - x == pytest.approx(500 * frame.units_a_metre, abs=0.5)
    assert all(frame.holds(point.lat_deg, point.lon_deg) for one in city.round for point in one.points)
    assert not frame.holds(35.0, 139.7)
