"""A bridge's monthly report says what the hub has, what it lacks, and what cannot be told; it can be filed as HTML and PDF."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from math import pi, sin
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pytest

from edge.contract.records import BlobManifest, Record
from edge.contract.records.bridge import (
    BridgeMode,
    BridgePassage,
    BridgeSampling,
    BridgeSensor,
    BridgeTemperature,
    BridgeVibration,
)
from hub.bridge import month, month_judged, report_page
from hub.bridge.report_questions import open_questions
from hub.bridge.twin_file import Girder
from hub.city import City, LoggedEvent, context_of
from hub.display.pdf import pdf
from hub.errors import ConfigError
from hub.words import Words
from tests.hub.station import Station, open_city

BRIDGE = "bridge-01"
TOKYO = ZoneInfo("Asia/Tokyo")
HOUR_US = 3_600_000_000
FIRST = round(datetime(2026, 9, 22, tzinfo=TOKYO).timestamp() * 1e6)
OCTOBER = round(datetime(2026, 10, 1, tzinfo=TOKYO).timestamp() * 1e6)
NOVEMBER = round(datetime(2026, 11, 1, tzinfo=TOKYO).timestamp() * 1e6)
STEP = round(datetime(2026, 10, 15, 12, tzinfo=TOKYO).timestamp() * 1e6)
EVENT = Words(ja="伸縮装置の取替え", easy="つぎめを 新（あたら）しく した", en="Expansion joint replaced")
PASSED = Words(ja="点検", easy="点検（てんけん）", en="Inspection")


def city() -> City:
    """The demo's city, with a girder and two entries in the log of its bridge."""
    made = open_city()
    events = [
        LoggedEvent(date=datetime(2026, 10, 15).date(), kind="structure", text=EVENT),  # noqa: DTZ001
        LoggedEvent(date=datetime(2026, 10, 25).date(), kind="other", text=PASSED),  # noqa: DTZ001
    ]
    girder = Girder(spans_m=[30.0, 42.0, 34.0], bending_stiffness_nm2=8e10, mass_kg_m=9000.0, shear_stiffness_n=6e10)
    devices = [
        msgspec.structs.replace(each, events=events, girder=girder) if each.name == BRIDGE else each
        for each in made.device
    ]
    return msgspec.structs.replace(made, device=devices)


def months(until: int) -> list[Record]:
    """Hourly records from ``FIRST`` on: two modes that follow temperature, of which one falls by 1.5 % at ``STEP``."""
    generator = np.random.default_rng(3)
    records: list[Record] = []
    for number, t in enumerate(range(FIRST + HOUR_US // 2, until, HOUR_US)):
        if OCTOBER + 60 * HOUR_US <= t < OCTOBER + 96 * HOUR_US:
            continue
        degc = 15.0 + 6.0 * sin(number / 24.0 * 2.0 * pi) + 3.0 * sin(number / 101.0)
        for label, hertz, loss in (("m1", 3.44, 1.5), ("m2", 5.36, 0.0)):
            percent = -0.05 * degc - (loss if t >= STEP else 0.0) + 0.08 * float(generator.normal())
            records.append(
                BridgeMode(
                    t=t, mode=label, frequency_hz=hertz * (1.0 + percent / 100.0), frequency_std_hz=0.003,
                    damping_ratio=0.012, damping_std=0.001, level_m_s2=0.002,
                )
            )  # fmt: skip
        records.append(BridgeTemperature(t=t, sensor="air", temperature_degc=degc))
        records.append(BridgeVibration(t=t, channel="a1", rms_m_s2=0.002, peak_m_s2=0.02, window_s=60.0, samples=6000))
        records.append(BridgeSensor(t=t, channel="a1", finding="ok", used=True, noise_floor_m_s2=2.5e-5))
        records.append(BridgeSensor(t=t, channel="a2", finding="stuck" if t > STEP else "ok", used=t <= STEP))
    for t, lost, jumps in ((OCTOBER + HOUR_US, 7, 1), (STEP, 9, 2)):
        records.append(
            BridgeSampling(
                t=t, rate_hz=200.0, deviation_ppm=4.0, samples_lost=lost, deviation_std_ppm=0.5, jumps=jumps
            )
        )  # fmt: skip
    records.append(BridgePassage(t=STEP, duration_s=5.0, peak_m_s2=0.31, channels=3))
    records.append(
        BlobManifest(t=STEP, sha256="ab" * 32, size=163_840, form="miniseed", t_from=STEP, t_to=STEP + 90_000_000)
    )
    return records


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    made = Station(tmp_path_factory.mktemp("report") / "hub.db", city())
    made.send(BRIDGE, months(NOVEMBER))
    made.send(BRIDGE, [BridgePassage(t=NOVEMBER, duration_s=5.0, peak_m_s2=0.1, channels=2)], first=9000)
    yield made
    made.database.close()


def judged_month(station: Station, asked: str = "2026-10", now: int = NOVEMBER + HOUR_US) -> month_judged.JudgedMonth:
    parts = station.parts
    sources = month.Sources(parts.store, parts.ledger, parts.blobs.where)
    context = context_of(station.live.city, BRIDGE)
    wanted = month.month_of(asked, TOKYO, now)
    return month_judged.judge(month.gather(sources, BRIDGE, wanted, [part.code for part in context.channels]), context)


@pytest.fixture(scope="module")
def october(station: Station) -> month_judged.JudgedMonth:
    return judged_month(station)


@pytest.fixture(scope="module")
def page(october: month_judged.JudgedMonth) -> str:
    return report_page.page(october, None, "大田区", True, NOVEMBER + HOUR_US)


def plain(page: str) -> str:
    """What a reader sees, without spaces."""
    return re.sub(r"\s+", "", unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)))


def test_hours_without_a_record_are_counted_and_their_hole_is_named(
    october: month_judged.JudgedMonth, page: str
) -> None:
    modes = october.facts.coverage[0]

    assert (october.facts.month.hours, modes.hours) == (31 * 24, 31 * 24 - 36)
    assert modes.holes == [(OCTOBER + 60 * HOUR_US, OCTOBER + 96 * HOUR_US)]
    assert "10-0312:00～10-0500:00（36時間）" in plain(page)


def test_missing_numbers_of_the_ledger_are_told_and_are_an_open_question(october: month_judged.JudgedMonth) -> None:
    (epoch,) = october.facts.epochs

    assert epoch.last == 9000
    assert any(f"{9000 - epoch.stored:,} 件の欠番" in one for one in open_questions(october))


def test_a_channel_that_stuck_one_that_never_spoke_and_a_jump_of_the_clock_are_in_it(
    october: month_judged.JudgedMonth, page: str
) -> None:
    by_name = {one.channel: one for one in october.facts.sensors}

    assert by_name["a2"].hours["stuck"] > 300
    assert by_name["a3"].newest is None
    assert "測点 a2 は月末に異常のままである。点検が必要。" in open_questions(october)
    assert "a3第2径間中央報告なし" in plain(page)
    assert october.facts.sampling is not None
    assert (october.facts.sampling.lost, october.facts.sampling.jumps) == (2, 1)


def test_a_mode_has_frequency_scatter_uncertainty_damping_level_and_count(october: month_judged.JudgedMonth) -> None:
    first = october.modes[0]

    assert (first.label, first.windows, first.uncertainty_hz) == ("m1", 31 * 24 - 36, 0.003)
    assert first.frequency_hz == pytest.approx(3.44 * (1.0 - 0.0075 - 0.008), rel=2e-3)
    assert (first.damping, first.damping_std, first.level_m_s2) == (0.012, 0.001, 0.002)


def test_the_logged_event_has_a_before_and_after_and_one_without_effect_is_said_to_have_none(
    october: month_judged.JudgedMonth, page: str
) -> None:
    by_event = {one.events[0]: (t, one) for t, one in october.month_changes}
    t, joint = by_event[f"1 {EVENT.ja}"]
    _, inspection = by_event[f"2 {PASSED.ja}"]

    assert abs(t - STEP) <= 24 * HOUR_US
    assert joint.effects["f1"].ci95[0] < -1.5 < joint.effects["f1"].ci95[1]
    assert inspection.says == "no detectable effect"
    assert "検出できる影響なし" in page


def test_before_a_law_can_exist_nothing_is_judged_and_that_is_said(
    october: month_judged.JudgedMonth, page: str
) -> None:
    assert october.long_term.why == "learning"
    assert "基準期間（2026-11-21まで）の途中のため、温度の法則がまだなく、変化は判定していない。" in plain(page)


def test_a_waveform_that_was_announced_and_is_not_here_is_said(october: month_judged.JudgedMonth, page: str) -> None:
    assert [(one.whole, one.have) for one in october.facts.waveforms] == [(False, 0)]
    assert "本体は手元にない" in page


def test_the_twins_predicted_and_measured_frequencies_stand_side_by_side(page: str) -> None:
    assert "予測（設計値）[Hz]" in plain(page)
    assert "部位変化（95%信頼区間の半幅）単位測定から分かった割合[%]回転拘束支点" in plain(page)


def test_a_month_without_any_record_says_so_and_claims_nothing(station: Station) -> None:
    empty = judged_month(station, "2026-08")
    page = plain(report_page.page(empty, None, "大田区", False, NOVEMBER))

    assert "固有振動数の記録が一つもないため、判定していない。" in page
    assert "当月に同定された固有振動数はない。" in page
    assert "充足率0.0%" in page
    assert empty.campaign is None


def test_a_month_that_goes_on_is_reported_as_far_as_it_has_gone(station: Station) -> None:
    half = judged_month(station, "2026-10", STEP)

    assert (half.facts.month.whole, half.facts.month.t_to) == (False, STEP)
    assert open_questions(half)[0].startswith("月の途中（10-15 12:00 まで）")


@pytest.mark.parametrize("text", ["2026-13", "October", "2027-01"])
def test_a_month_that_is_none_or_has_not_begun_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="month"):
        month.month_of(text, TOKYO, NOVEMBER)


def test_the_pdf_holds_the_pages_text_in_japanese_on_numbered_pages(page: str) -> None:
    pypdfium2 = pytest.importorskip("pypdfium2")

    document = pypdfium2.PdfDocument(pdf(page))
    texts = [re.sub(r"\s+", "", one.get_textpage().get_text_range()) for one in document]

    assert texts[0].startswith("橋梁モニタリング月報2026年10月")
    assert all(f"{number}/{len(texts)}" in text for number, text in enumerate(texts, 1))
    assert "伸縮装置の取替え" in "".join(texts)


def test_times_are_the_citys(october: month_judged.JudgedMonth) -> None:
    assert month.local(october.facts.month.t_from, october.zone, "%Y-%m-%d %H:%M") == "2026-10-01 00:00"
    assert datetime.fromtimestamp(october.facts.month.t_from / 1e6, UTC).hour == 15
