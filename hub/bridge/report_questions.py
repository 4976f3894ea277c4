"""What the month's data cannot say: the open questions of the report, each a sentence that names what would settle it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from hub.bridge.drift import FEWEST_DAYS
from hub.bridge.long_term import logged_near
from hub.bridge.month import HOUR_US, local
from hub.bridge.month_judged import JudgedMonth
from hub.bridge.report_parts import mode_name, number
from hub.bridge.report_structure import not_judged

LONG_HOLE_US: Final = 24 * HOUR_US
SELDOM: Final = 0.5
CLOCK_PPM: Final = 20.0
YEAR_DAYS: Final = 350.0


def open_questions(judged: JudgedMonth) -> list[str]:
    """All of them, in the order of the report's sections."""
    return [*_records(judged), *_sensors(judged), *_modes(judged), *_law(judged), *_causes(judged), *_waveforms(judged)]


def _records(judged: JudgedMonth) -> Iterator[str]:
    facts = judged.facts
    if not facts.month.whole:
        yield f"月の途中（{local(facts.month.t_to, judged.zone)} まで）の報告である。月末の後に作り直す必要がある。"
    missing = sum(last - first + 1 for one in facts.epochs for first, last in one.missing)
    if missing:
        yield f"台帳に {missing:,} 件の欠番がある。端末から届けば結果が変わることがある。"
    if facts.lost:
        yield "端末が失ったと申告した記録があり、その内容は今後も分からない。"
    holes = [hole for hole in facts.coverage[0].holes if hole[1] - hole[0] >= LONG_HOLE_US]
    if holes:
        hours = sum(end - first for first, end in holes) // HOUR_US
        yield f"固有振動数が 1 日以上途切れた期間が {len(holes)} か所（計 {hours:,} 時間）あり、その間の変化は時期が分からない。"


def _sensors(judged: JudgedMonth) -> Iterator[str]:
    for one in judged.facts.sensors:
        if one.newest is None:
            yield f"測点 {one.channel} は当月に健全性の報告がなく、正常かどうか分からない。"
        elif one.newest[1] != "ok":
            yield f"測点 {one.channel} は月末に異常のままである。点検が必要。"
    clock = judged.facts.sampling
    if clock is None:
        yield "サンプリング時計の測定がなく、固有振動数の目盛りの誤差を確かめられない。"
    elif max(abs(clock.low_ppm), abs(clock.high_ppm)) > CLOCK_PPM:
        yield (
            f"サンプリング周波数の公称値との差が {CLOCK_PPM:.0f} ppm を超えた。端末が補正していない場合、"
            "同じ割合だけ固有振動数がずれる。"
        )


def _modes(judged: JudgedMonth) -> Iterator[str]:
    for label in judged.missed:
        yield f"{mode_name(label)} は以前に検出されたが、当月は一度も検出されていない。加振の不足か、構造の変化かは判別できない。"
    for one in judged.modes:
        share = one.hours / max(1, judged.facts.month.hours)
        if share < SELDOM:
            yield f"{mode_name(one.label)} は当月の {number(100.0 * share, 0)} % の時間でしか検出されておらず、代表性が低い。"
    if not judged.facts.temperatures:
        yield "当月の温度がなく、温度の影響を除けない。"


def _law(judged: JudgedMonth) -> Iterator[str]:
    chart = judged.long_term
    if chart.period is None or chart.drift is None:
        yield not_judged(chart, judged)
        return
    days = (chart.period.end_s - chart.period.begin_s) / 86_400.0
    if not chart.period.chosen:
        yield "基準期間は市の設定によるものではない。健全であったことを管理者が確認していない。"
    if days < FEWEST_DAYS:
        yield f"基準期間が {days:.0f} 日と短く、誤った警報が起こりやすい。"
    elif days < YEAR_DAYS:
        yield f"基準期間（{days:.0f} 日）は一年に満たず、経験していない季節の温度では法則が校正されていない。"
    known = judged.facts.hours.series().modes
    for label in known:
        if label not in chart.drift.modes:
            yield f"{mode_name(label)} は基準期間にほとんど検出されておらず、変化の判定に用いていない。"
    inside = chart.times_s >= judged.facts.month.t_from / 1e6
    blind = int((~np.isfinite(chart.drift.judged.score[inside])).sum())
    if blind:
        yield f"当月の {blind:,} 時間は、6 時間以内の温度または判定に用いるモードの値がなく、判定していない。"


def _causes(judged: JudgedMonth) -> Iterator[str]:
    if judged.context.girder is None:
        yield "桁のモデルがないため、変化が構造によるか質量（荷重）によるかは、固有振動数だけからは判別できない。"
    chart = judged.long_term
    first = judged.facts.month.t_from / 1e6
    for change in chart.drift.changes if chart.drift is not None else []:
        at_s = chart.date_of(change)
        if at_s < first:
            continue
        day = local(round(at_s * 1e6), judged.zone, "%m-%d")
        if not logged_near(at_s, judged.context.events, judged.zone):
            yield f"{day} の変化に対応する工事・出来事の記録がない。現地の確認が必要。"
        if change.kind == "undetermined" and judged.context.girder is not None:
            yield f"{day} の変化は、構造か質量かをモデルからも判別できない。"
    if judged.campaign is None:
        yield "当月だけの前後比較ができず、当月の出来事の影響は大きさを示せない。"
        return
    if judged.campaign.judged.calibration is not None and not judged.campaign.judged.calibration.fits:
        yield "桁のモデルが測定した固有振動数に合わない。支間・剛性・質量と、モードの対応を確認する必要がある。"
    for t, one in judged.month_changes:
        day = local(t, judged.zone, "%m-%d")
        if one.says == "changed" and not one.events:
            yield f"当月の測定だけの解析では {day} に記録にない変化がある。現地の確認が必要。"
        if one.sum:
            yield f"{'＋'.join(event.partition(' ')[2] for event in one.events)}（{day}）は近接しており、影響を分けられない。"
    if judged.not_compared:
        yield f"{'、'.join(judged.not_compared)}は前または後の測定がなく、当月の記録からは影響を評価できない。"


def _waveforms(judged: JudgedMonth) -> Iterator[str]:
    gone = sum(not one.whole for one in judged.facts.waveforms)
    if gone:
        yield f"予告された波形のうち {gone:,} 件は全部が手元にない。"
