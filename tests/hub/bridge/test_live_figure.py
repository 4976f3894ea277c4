"""The plan's figure from what a hub has stored, asked through the API of a hub with a real file."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import date, datetime
from math import pi, sin
from zoneinfo import ZoneInfo

import httpx
import msgspec
import pytest

from edge.contract.records import Record
from edge.contract.records.bridge import BridgeMode, BridgeSpectrum, BridgeTemperature
from hub.api import drawn as drawn_module
from hub.api.drawn import KEPT_BYTES, REST, DrawnFigures
from hub.city import City, LoggedEvent
from hub.display.language import Language
from hub.display.span_figure import Draw, Question, Span, SpanFigure, SpanFigureOffer
from hub.display.spectrogram import COLUMNS, NOTHING
from hub.display.svg_png import png_apart
from hub.errors import BusyError, DrawingError
from hub.words import Words
from tests.hub.display.test_drawings import pixels
from tests.hub.station import Station, open_city

BRIDGE = "bridge-01"
TOKYO = ZoneInfo("Asia/Tokyo")
MINUTE_US, HOUR_US, DAY_US = 60_000_000, 3_600_000_000, 86_400_000_000
END = round(datetime(2026, 10, 20, 12, tzinfo=TOKYO).timestamp() * 1e6)
BEGIN = END - 10 * DAY_US + 7 * MINUTE_US
SILENT = (END - 4 * DAY_US, END - 3 * DAY_US)
EVENTS = {
    date(2026, 10, 5): Words(ja="計測前の点検", easy="点検（てんけん）", en="Inspection before"),
    date(2026, 10, 12): Words(ja="支承の取替え", easy="支（ささ）えを かえた", en="Bearing replaced"),
    date(2026, 10, 18): Words(ja="舗装", easy="道（みち）を なおした", en="Paving"),
}
ADDRESS = f"/api/v1/devices/{BRIDGE}/figure"


def city() -> City:
    """The demo's city with three entries in the log of its bridge."""
    made = open_city()
    events = [LoggedEvent(date=day, kind="structure", text=text) for day, text in EVENTS.items()]
    devices = [msgspec.structs.replace(each, events=events) if each.name == BRIDGE else each for each in made.device]
    return msgspec.structs.replace(made, device=devices)


def spectrum(t: int, tone_hz: float = 3.5, step_hz: float = 0.125) -> BridgeSpectrum:
    levels = [-90.0 + (50.0 if abs(step_hz * number - tone_hz) < 0.3 else 0.0) for number in range(160)]
    return BridgeSpectrum(t=t, channel="a2", f_first_hz=0.0, f_step_hz=step_hz, levels_db=levels, averages=24.0)


def ten_days() -> Iterator[Record]:
    """Two modes and two temperatures each ten minutes, a spectrum each half hour; a day of silence in between."""
    for number, t in enumerate(range(BEGIN, END, 10 * MINUTE_US)):
        if SILENT[0] <= t < SILENT[1]:
            continue
        degc = 15.0 + 6.0 * sin(number / 144.0 * 2.0 * pi)
        for mode, hertz in (("m1", 3.5), ("m2", 5.25)):
            shift = 1.0 - 0.0005 * (degc - 15.0)
            yield BridgeMode(t=t, mode=mode, frequency_hz=hertz * shift, frequency_std_hz=0.003)
        yield BridgeTemperature(t=t, sensor="air", temperature_degc=degc)
        yield BridgeTemperature(t=t, sensor="structure", temperature_degc=0.5 * degc)
        if number % 3 == 0:
            yield spectrum(t)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    made = Station(tmp_path_factory.mktemp("figure") / "hub.db", city())
    made.ahead_us = END - time.time_ns() // 1000
    made.send(BRIDGE, list(ten_days()))
    while made.roller.work(made.now()):
        pass
    yield made
    made.database.close()


@pytest.fixture(scope="module")
def hub(filled: Station) -> Iterator[httpx.Client]:
    with filled.served() as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    made = Station(tmp_path_factory.mktemp("empty") / "hub.db", city())
    yield made
    made.database.close()


def drawing(hub: httpx.Client, **asked: str) -> str:
    answer = hub.get(f"{ADDRESS}.svg", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/svg+xml"
    return answer.text


def texts(svg: str) -> list[str]:
    return ["".join(one.itertext()) for one in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def lines_of(svg: str, panel: int) -> list[str]:
    """The paths within a panel."""
    group = re.search(rf'<g clip-path="url\(#panel-{panel}\)">(.*?)</g>', svg)
    assert group
    return re.findall(r'<path d="([^"]*)"', group[1])


def columns_of(svg: str) -> list[set[int]]:
    """The colours in each column of the spectrogram's picture."""
    found = re.search(r'href="data:image/png;base64,([^"]+)"', svg)
    assert found
    rows = pixels(base64.b64decode(found[1]))
    return [{row[column] for row in rows} for column in range(COLUMNS)]


def test_the_figure_of_a_week_has_its_days_sensor_frequencies_temperatures_and_the_logs_entries(
    hub: httpx.Client,
) -> None:
    said = texts(drawing(hub))

    assert said[0].startswith("橋の振動モニタリング 2026-10-13 ～ 2026-10-20")
    assert any("第2径間 1/4点" in one for one in said)
    assert {"モード1 3.50 Hz", "モード2 5.25 Hz", "橋体温度", "気温", "③"} <= set(said)
    assert "③ 2026-10-18：舗装（構造）" in said
    assert not any("支承の取替え" in one for one in said)


def test_a_day_without_data_breaks_the_lines_and_is_grey(hub: httpx.Client) -> None:
    svg = drawing(hub, span="7d")

    for panel, lines in ((0, 4), (1, 2), (2, 2)):
        assert [path.count("M") for path in lines_of(svg, panel)] == [2] * lines
    # The last window may not have its spectrum yet.
    grey = [number for number, colours in enumerate(columns_of(svg)[:-2]) if colours == {NOTHING}]
    begin, end = (COLUMNS * (1.0 - (END - t) / (7 * DAY_US)) for t in SILENT)
    assert begin - 3 <= grey[0] <= begin + 3
    assert end - 6 <= grey[-1] <= end + 1
    assert grey == list(range(grey[0], grey[-1] + 1))


def test_a_window_of_ten_minutes_that_lacks_breaks_a_days_line_when_it_is_longer_than_half_an_hour(
    empty: Station,
) -> None:
    now = empty.now() // (10 * MINUTE_US) * 10 * MINUTE_US
    kept = [minute for minute in range(600, 0, -10) if not 100 <= minute < 140]
    empty.send(
        BRIDGE,
        [BridgeMode(t=now - m * MINUTE_US, mode="m1", frequency_hz=3.5 + m / 1e4, frequency_std_hz=0.01) for m in kept],
    )

    svg = figure_of(empty, "1d").svg

    assert [path.count("M") for path in lines_of(svg, 2)] == [2]


def test_a_measurement_that_stands_alone_is_drawn(empty: Station) -> None:
    t = empty.now() - 10 * HOUR_US
    empty.send(BRIDGE, [BridgeMode(t=t, mode="m1", frequency_hz=3.5, frequency_std_hz=0.01)])

    (path,) = lines_of(figure_of(empty, "1d").svg, 2)

    assert re.fullmatch(r"M[\d.]+ [\d.]+h0", path)


def test_a_campaign_begins_with_its_first_measurement_and_has_all_its_entries(hub: httpx.Client) -> None:
    svg = drawing(hub, span="campaign", lang="en")

    said = texts(svg)
    assert said[0] == "Monitoring of the bridge's vibration 2026-10-10 to 2026-10-20"
    assert "From 2026-10-10 12:07 to 2026-10-20 12:00" in svg
    assert [one[0] for one in said if one[1:2] == " "] == ["②", "③"]


def test_a_campaign_of_some_minutes_is_drawn_by_seconds(empty: Station) -> None:
    now = empty.now()
    times = range(now - 5 * MINUTE_US, now, 5_000_000)
    empty.send(BRIDGE, [BridgeTemperature(t=t, sensor="air", temperature_degc=10.0) for t in times])

    figure = figure_of(empty, "campaign", "en")

    (path,) = lines_of(figure.svg, 1)
    assert path.count("M") == 1
    assert 29 <= path.count("L") <= 31
    assert "Lines are means over 10 s." in figure.says[0]
    assert sum(re.fullmatch(r"\d\d:\d\d", one) is not None for one in texts(figure.svg)) in (4, 5, 6)


def test_spectra_with_other_frequencies_than_the_newest_ones_are_not_drawn_as_if_they_had_them(empty: Station) -> None:
    now = empty.now()
    old = [spectrum(now - minute * MINUTE_US, step_hz=0.5) for minute in range(720, 360, -10)]
    new = [spectrum(now - minute * MINUTE_US) for minute in range(360, 0, -10)]
    empty.send(BRIDGE, [*old, *new])

    columns = columns_of(figure_of(empty, "1d").svg)

    drawn = [number for number, colours in enumerate(columns) if colours != {NOTHING}]
    assert COLUMNS * 0.75 - 4 <= drawn[0] <= COLUMNS * 0.75 + 2


def test_a_bridge_that_said_nothing_has_a_figure_that_says_so(empty: Station) -> None:
    for span in ("1d", "7d", "30d", "campaign"):
        figure = figure_of(empty, span)
        assert texts(figure.svg).count("この期間のデータはありません") == 3
        assert [one.t for one in figure.newest] == [None, None, None]


def test_the_png_is_the_drawing_and_of_its_width(hub: httpx.Client) -> None:
    answer = hub.get(f"{ADDRESS}.png", params={"span": "7d", "lang": "en"})

    assert answer.headers["content-type"] == "image/png"
    assert answer.content[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(answer.content[16:20], "big") == 1800


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        (f"{ADDRESS}.svg?span=2w", 400, "span '2w': input should be '1d', '7d', '30d' or 'campaign'"),
        (f"{ADDRESS}.png?span=", 400, "span '': input should be '1d', '7d', '30d' or 'campaign'"),
        (f"{ADDRESS}.svg?lang=fr", 400, "lang 'fr': input should be 'ja', 'easy' or 'en'"),
        (f"/device/{BRIDGE}?span=7", 400, "span '7': input should be '1d', '7d', '30d' or 'campaign'"),
        ("/api/v1/devices/nowhere/figure.svg", 404, "device 'nowhere': not in the city file"),
        ("/api/v1/devices/counter-01/figure.png", 404, "device 'counter-01': a counter has no figure over a span"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(hub: httpx.Client, address: str, status: int, said: str) -> None:
    answer = hub.get(address)

    assert (answer.status_code, answer.json()) == (status, {"error": said})


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("ja", ("固有振動数（モード1）：中央値 3.50", "最低 4.5 °C、最高 10.5 °C", "2026-10-18 舗装（構造）", "期間の 86 %")),
        ("easy", ("ゆれの 速（はや）さ 1：まんなか 3.50", "道（みち）を なおした", "データが ありません")),
        ("en", ("Natural frequency, mode 1: median 3.50", "lowest 4.5 °C, highest 10.5 °C", "2026-10-18 Paving", "86 % of")),
    ],
)  # fmt: skip
def test_the_page_says_the_essential_in_words_without_a_script(
    hub: httpx.Client, language: str, wanted: tuple[str, ...]
) -> None:
    page = hub.get(f"/device/{BRIDGE}", params={"lang": language}).text

    section = page[page.index('id="figure"') :]
    assert [one for one in wanted if one not in section] == []
    assert section.count('<time datetime="2026-10-20T02:') == 3
    assert 'alt="' in section
    assert all(f"span={span}" in section for span in ("1d", "30d", "campaign"))


def test_a_figure_of_many_modes_and_dense_spectra_stays_small(empty: Station) -> None:
    now = empty.now()
    records = [
        BridgeMode(
            t=now - minute * MINUTE_US,
            mode=f"m{mode}",
            frequency_hz=mode + sin(minute + mode) / 50,
            frequency_std_hz=0.01,
        )
        for minute in range(0, 10_080, 30)
        for mode in range(1, 13)
    ]
    spectra = [
        BridgeSpectrum(
            t=now - minute * MINUTE_US, channel="a1", f_first_hz=0.1, f_step_hz=0.1, averages=10.0,
            levels_db=[round(-80 + 20 * sin(minute * bin_), 1) for bin_ in range(512)],
        )
        for minute in range(0, 10_080, 30)
    ]  # fmt: skip
    empty.send(BRIDGE, records)
    for at in range(0, len(spectra), 10):
        empty.send(BRIDGE, spectra[at : at + 10])

    figure = figure_of(empty, "7d")

    assert len(figure.svg) < 600_000
    assert len(lines_of(figure.svg, 2)) == 8
    assert "ほか4本" in texts(figure.svg)


def test_the_hub_draws_without_scipy_or_a_plotting_library() -> None:
    script = "import sys, hub.main, hub.bridge.page; print([n for n in ('scipy', 'matplotlib', 'resvg_py') if n in sys.modules])"

    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"


# ------------------------------------------------------------------------ what is kept


class Counting:
    """An offer that counts how often it is read, and how many read at once; each reading takes ``cost_us`` by the hub's clock."""

    def __init__(self, station: Station, cost_us: int = 0, size: int = 100) -> None:
        self._station, self._cost_us, self._size = station, cost_us, size
        self._lock = threading.Lock()
        self._now, self.most, self.reads = 0, 0, 0
        self.offer = SpanFigureOffer(title=Words(ja="図", easy="図（ず）", en="figure"), read=self.read)

    def read(self, question: Question) -> Draw:
        with self._lock:
            self._now, self.reads = self._now + 1, self.reads + 1
            self.most = max(self.most, self._now)
        time.sleep(0.05)
        self._station.ahead_us += self._cost_us
        with self._lock:
            self._now -= 1
        return lambda language: SpanFigure(language * self._size, "", [], [])


def figure_of(station: Station, span: Span, language: Language = "ja") -> SpanFigure:
    drawn: DrawnFigures = station.app.state.drawn
    offer = drawn.offer(BRIDGE)
    assert isinstance(offer, SpanFigureOffer)
    return drawn.svg(offer, BRIDGE, span, language)


def mode(station: Station) -> BridgeMode:
    return BridgeMode(t=station.now(), mode="m1", frequency_hz=3.5, frequency_std_hz=0.01)


def test_many_who_ask_at_once_get_one_drawing(empty: Station) -> None:
    counting, drawn = Counting(empty), DrawnFigures(empty.parts)
    threads = [threading.Thread(target=drawn.svg, args=(counting.offer, BRIDGE, "7d", "ja")) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (counting.reads, counting.most) == (1, 1)


def test_a_figure_is_drawn_anew_when_something_came_or_it_is_ten_minutes_old_and_not_before(empty: Station) -> None:
    counting, drawn = Counting(empty), DrawnFigures(empty.parts)
    reads = []

    def look() -> None:
        drawn.svg(counting.offer, BRIDGE, "7d", "en")
        reads.append(counting.reads)

    look()
    empty.ahead_us += 120_000_000
    look()
    empty.send(BRIDGE, [mode(empty)])
    look()
    empty.ahead_us += 601_000_000
    look()

    assert reads == [1, 1, 2, 3]


def test_after_a_drawing_that_took_long_it_rests(empty: Station) -> None:
    counting, drawn = Counting(empty, cost_us=2_000_000), DrawnFigures(empty.parts)
    drawn.svg(counting.offer, BRIDGE, "7d", "en")
    empty.send(BRIDGE, [mode(empty)])

    empty.ahead_us += (REST - 5) * 2_000_000
    drawn.svg(counting.offer, BRIDGE, "7d", "en")
    resting = counting.reads
    empty.ahead_us += 6 * 2_000_000
    drawn.svg(counting.offer, BRIDGE, "7d", "en")

    assert (resting, counting.reads) == (1, 2)


def test_the_newest_rows_are_in_the_next_figure(empty: Station) -> None:
    before = figure_of(empty, "1d")
    empty.send(BRIDGE, [mode(empty)])
    empty.ahead_us += 30_000_000

    after = figure_of(empty, "1d")

    assert "モード1 3.50 Hz" not in before.svg
    assert "モード1 3.50 Hz" in after.svg
    assert after.newest[2].t is not None


def test_who_waits_too_long_for_a_drawing_is_told_to_come_again(
    empty: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawn_module, "QUEUE_S", 0.02)
    drawn, begun, go_on = DrawnFigures(empty.parts), threading.Event(), threading.Event()

    def read(_: Question) -> Draw:
        begun.set()
        go_on.wait(10)
        return lambda language: SpanFigure("", "", [], [])

    offer = SpanFigureOffer(title=Words(ja="図", easy="図（ず）", en="figure"), read=read)
    first = threading.Thread(target=drawn.svg, args=(offer, BRIDGE, "7d", "ja"))
    first.start()
    begun.wait(10)
    try:
        with pytest.raises(BusyError, match=r"bridge-01 over 7d: it is being drawn: try again"):
            drawn.svg(offer, BRIDGE, "7d", "en")
    finally:
        go_on.set()
        first.join()


def test_of_what_was_drawn_no_more_is_kept_than_allowed(empty: Station) -> None:
    counting, drawn = Counting(empty, size=KEPT_BYTES // 5), DrawnFigures(empty.parts)
    spans: tuple[Span, ...] = ("1d", "7d", "30d", "campaign")

    for span in spans:
        drawn.svg(counting.offer, BRIDGE, span, "en")
    drawn.svg(counting.offer, BRIDGE, "campaign", "en")
    kept = counting.reads
    drawn.svg(counting.offer, BRIDGE, "1d", "en")

    assert (kept, counting.reads) == (4, 5)


def test_a_drawing_that_cannot_be_rendered_is_one_line() -> None:
    with pytest.raises(DrawingError, match=r"^PNG: [^\n]+$"):
        png_apart("this is no drawing")


def test_a_hub_without_a_renderer_says_so_and_gives_the_svg(filled: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_: str) -> bytes:
        raise DrawingError("PNG: a PNG needs resvg-py (pip install 'machikado[hub]'), or take the SVG")

    monkeypatch.setattr(filled.app.state, "drawn", DrawnFigures(filled.parts, none))
    with filled.served() as address, httpx.Client(base_url=address, timeout=30) as client:
        png, svg = client.get(f"{ADDRESS}.png"), client.get(f"{ADDRESS}.svg")

    assert (png.status_code, svg.status_code) == (503, 200)
    assert "take the SVG" in png.json()["error"]
