"""A bridge's monthly monitoring report as one HTML page in Japanese that needs nothing beside itself."""

from __future__ import annotations

from pathlib import Path

from hub.bridge import campaign_figure, report_records, report_structure
from hub.bridge.month import local
from hub.bridge.month_judged import JudgedMonth
from hub.bridge.report_parts import number, section
from hub.bridge.report_questions import open_questions
from hub.display.markup import Markup, joined, tag
from hub.display.spectrogram import Spectra

STYLE = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")


def page(judged: JudgedMonth, spectra: tuple[str, Spectra] | None, city: str, demo: bool, made: int) -> Markup:
    """The whole page.

    Args:
        spectra: of one channel in the month, with its name.
        city: its name; demo: its data are invented.
        made: when the report is made [µs UTC].
    """
    month = judged.facts.month
    title = f"橋梁モニタリング月報 {month.year}年{month.month}月"
    questions = open_questions(judged)
    body = [
        tag("h1", title),
        tag("p", "【デモ】架空のデータによる見本であり、実在の橋の記録ではない。", class_="demo") if demo else None,
        _head(judged, city, made),
        _summary(judged, questions),
        report_records.completeness(judged, 1),
        report_records.sensors(judged, 2),
        report_structure.modes(judged, 3),
        report_structure.changes(judged, 4),
        report_structure.month_events(judged, 5, _figure(judged, spectra)),
        report_structure.twin(judged, 6),
        report_records.waveforms(judged, 7),
        report_records.alerts(judged, 8),
        section(
            9, "未解決の事項（データから言えないこと）",
            tag("ol", *(tag("li", each) for each in questions)) if questions else tag("p", "なし。"),
        ),
        tag(
            "p", "本報告は記録から自動で作成した。判定は振動から分かる範囲に限られ、目視などの点検に代わるものではない。",
            class_="note",
        ),
    ]  # fmt: skip
    head = tag(
        "head", tag("meta", charset="utf-8"), tag("meta", name="viewport", content="width=device-width"),
        tag("title", f"{title} {judged.context.facility_name.ja}"), tag("style", Markup(STYLE)),
    )  # fmt: skip
    return joined([Markup("<!DOCTYPE html>\n"), tag("html", head, tag("body", *body), lang="ja")])


def _head(judged: JudgedMonth, city: str, made: int) -> Markup:
    facts, zone = judged.facts, judged.zone
    first, last = (local(t, zone, "%Y-%m-%d %H:%M") for t in (facts.month.t_from, facts.month.t_to))
    rows = (
        ("管理者", city),
        ("橋", f"{judged.context.facility_name.ja}　{judged.context.place.ja}"),
        ("装置", judged.context.device),
        ("対象期間", f"{first} ～ {last}（{judged.context.time_zone}）{'' if facts.month.whole else '　月の途中'}"),
        ("作成", local(made, zone, "%Y-%m-%d %H:%M")),
    )
    return tag(
        "table", *(tag("tr", tag("th", name, scope="row"), tag("td", value)) for name, value in rows), class_="head"
    )


def _summary(judged: JudgedMonth, questions: list[str]) -> Markup:
    facts = judged.facts
    covered = facts.coverage[0]
    share = number(100.0 * covered.hours / max(1, facts.month.hours), 1)
    sick = [one.channel for one in facts.sensors if one.newest is not None and one.newest[1] != "ok"]
    silent = [one.channel for one in facts.sensors if one.newest is None]
    missing = sum(last - first + 1 for one in facts.epochs for first, last in one.missing)
    lines = (
        report_structure.verdict(judged),
        f"固有振動数の充足率 {share} %。欠番 {missing:,} 件、当月の拒否 {len(facts.refused):,} 件、当月にかかる消失の申告 "
        f"{len(facts.lost):,} 件。",
        f"月末に異常の測点：{'、'.join(sick) or 'なし'}。健全性の報告がない測点：{'、'.join(silent) or 'なし'}。",
        f"当月の警報 {len(facts.alerts):,} 件、未解決の事項 {len(questions):,} 件。",
    )
    return tag("section", tag("h2", "要約"), tag("ul", *(tag("li", line) for line in lines)), class_="summary")


def _figure(judged: JudgedMonth, spectra: tuple[str, Spectra] | None) -> Markup | None:
    if judged.campaign is None:
        return None
    sensor, held = spectra if spectra is not None else ("", None)
    return campaign_figure.svg(judged.campaign, held, judged.zone, sensor)
