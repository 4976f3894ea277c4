"""Sections of the monthly report about the structure: modes, law and changes, the month's events, the digital twin."""

from __future__ import annotations

from typing import Final

import numpy as np

from hub.bridge import residual_figure
from hub.bridge.campaign_answer import Analysed, Told
from hub.bridge.drift import DatedChange, Drift
from hub.bridge.long_term import LongTerm, logged_near
from hub.bridge.month import LEAD_DAYS, local
from hub.bridge.month_judged import JudgedMonth
from hub.bridge.plan_figure import circled
from hub.bridge.report_parts import (
    CONFIDENCE_95,
    UNKNOWN,
    Cell,
    mode_name,
    note,
    number,
    section,
    signed,
    table,
    with_interval,
)
from hub.bridge.wording import temperature_label
from hub.display.markup import Markup, joined, tag

CLASSES: Final = {
    "structure": "構造（剛性・支持条件）",
    "mass": "質量（荷重）",
    "undetermined": "判別不能（構造か質量か）",
}
KINDS: Final = {"structure": "構造", "load": "荷重", "structure_and_load": "構造・荷重", "other": "その他"}
CHANGES_TOLD: Final = 20
FIGURE_DAYS: Final = 90


def modes(judged: JudgedMonth, at: int) -> Markup:
    """A row a mode, and the temperatures of the month."""
    rows: list[list[Cell]] = [
        [
            mode_name(one.label), with_interval(one.frequency_hz, CONFIDENCE_95 * one.uncertainty_hz, 4),
            number(one.scatter_hz, 4), number(100.0 * one.scatter_hz / one.frequency_hz, 2),
            UNKNOWN if one.damping is None
            else with_interval(100.0 * one.damping, CONFIDENCE_95 * 100.0 * one.damping_std, 2)
            if one.damping_std is not None
            else f"{number(100.0 * one.damping, 2)}（不確かさ不明）",
            UNKNOWN if one.level_m_s2 is None else number(1000.0 * one.level_m_s2, 2),
            f"{one.windows:,}", number(100.0 * one.hours / max(1, judged.facts.month.hours), 0),
        ]
        for one in judged.modes
    ]  # fmt: skip
    rows += [
        [mode_name(label), *["当月は未検出", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, "0", "0"]] for label in judged.missed
    ]
    warmth: list[list[Cell]] = []
    for series in judged.facts.temperatures:
        values = [float(point.value) for point in series.points]
        if values:
            name = str(temperature_label(series.tags["sensor"]).ja)
            warmth.append(
                [name, *(number(value, 1) for value in (min(values), sum(values) / len(values), max(values)))]
            )
    return section(
        at, "固有振動数と減衰",
        table(
            [
                "モード", "固有振動数 [Hz]", "標準偏差 [Hz]", "変動係数 [%]", "減衰定数 [%]", "振動レベル [mm/s²]",
                "同定 [回]", "充足 [%]",
            ],
            rows, "当月に同定された固有振動数はない。", range(1, 8),
        ),
        note(
            "固有振動数は月平均、± は 1 回の同定の 95 % 信頼区間の半幅（中央値）。標準偏差は月内の変動で、温度による変化を含む。"
            "減衰定数は臨界減衰比の中央値、± は 1 回の同定の 95 % 信頼区間の半幅。"
            "振動レベルは同定に用いた区間の加速度実効値の中央値。充足は 1 回以上同定された時間の割合。"
        ),
        tag("h3", "温度（1 時間平均）"),
        table(["測点", "最低 [°C]", "平均 [°C]", "最高 [°C]"], warmth, "温度は当月に報告されていない。", range(1, 4)),
    )  # fmt: skip


def verdict(judged: JudgedMonth) -> str:
    """The month in one sentence: changed, not changed, or not judged and why."""
    chart = judged.long_term
    if chart.drift is None:
        return not_judged(chart, judged)
    first, end = judged.facts.month.t_from / 1e6, judged.facts.month.t_to / 1e6
    inside = (chart.times_s >= first) & (chart.times_s < end)
    if not np.isfinite(chart.drift.judged.score[inside]).any():
        return "当月は判定できた時間がない（固有振動数または温度の記録がない）。"
    if chart.drift.judged.alarm[inside].any():
        hours = int(chart.drift.judged.alarm[inside].sum())
        return f"温度の影響を除いた固有振動数が、基準期間から変化している（警報の状態：当月 {hours:,} 時間）。"
    return "温度の影響を除いた固有振動数に、基準期間からの変化は認められない。"


def not_judged(chart: LongTerm, judged: JudgedMonth) -> str:
    """Why nothing is judged."""
    if chart.period is None:
        return "固有振動数の記録が一つもないため、判定していない。"
    end = local(round(chart.period.end_s * 1e6), judged.zone, "%Y-%m-%d")
    if chart.why == "learning":
        return f"基準期間（{end} まで）の途中のため、温度の法則がまだなく、変化は判定していない。"
    return "温度の法則を作れないため、変化は判定していない。"


def changes(judged: JudgedMonth, at: int) -> Markup:
    """The law, the chart of the month, and changes since the reference."""
    chart = judged.long_term
    parts: list[Cell] = [tag("p", verdict(judged), class_="verdict"), tag("p", _reference(chart, judged))]
    if chart.drift is None and chart.refusal:
        parts.append(note(f"計算の記録（英文）：{chart.refusal}"))
    if chart.drift is not None:
        span_s = judged.facts.month.t_to / 1e6 - FIGURE_DAYS * 86_400.0, judged.facts.month.t_to / 1e6
        figure = residual_figure.svg(chart, judged.context.events, judged.zone, span_s)
        if figure is not None:
            parts.append(tag("div", figure, class_="figure"))
            parts.append(note(f"月末までの {FIGURE_DAYS} 日。縦の破線と（ ）は工事・出来事の記録とその通し番号。"))
        parts += [_month_of_chart(chart, chart.drift, judged), _changes(chart, chart.drift, judged)]
    return section(at, "温度の法則と基準期間からの変化", *parts)


def _reference(chart: LongTerm, judged: JudgedMonth) -> str:
    if chart.period is None:
        return "基準期間：なし。"
    first, last = (
        local(round(t * 1e6), judged.zone, "%Y-%m-%d") for t in (chart.period.begin_s, chart.period.end_s - 1.0)
    )
    days = round((chart.period.end_s - chart.period.begin_s) / 86_400.0)
    chosen = "市の設定による" if chart.period.chosen else "設定がないため、計測の初めの日数を用いた"
    return (
        f"基準期間：{first} ～ {last}（{days:,} 日、{chosen}）。"
        "固有振動数と温度の関係（氷点付近で折れる双線形、熱の遅れを含む）を基準期間から学習し、その後は予測からの外れ（残差）を管理図で判定する。"
    )


def _month_of_chart(chart: LongTerm, drift: Drift, judged: JudgedMonth) -> Markup:
    first, end = judged.facts.month.t_from / 1e6, judged.facts.month.t_to / 1e6
    inside = (chart.times_s >= first) & (chart.times_s < end)
    score = drift.judged.score[inside]
    known = np.isfinite(score)
    rows: list[list[Cell]] = []
    for column, label in enumerate(drift.modes):
        residual, unsure = drift.residuals[inside, column], drift.uncertainty[inside, column]
        there = np.isfinite(residual)
        if not there.any():
            rows.append([mode_name(label), "当月は判定なし", UNKNOWN, "0"])
            continue
        typical = CONFIDENCE_95 * 100.0 * float(np.median(unsure[there]))
        rows.append(
            [
                mode_name(label), signed(100.0 * float(np.median(residual[there])), 2), number(typical, 2),
                f"{int(there.sum()):,}",
            ]
        )  # fmt: skip
    flagged, alarm = int(drift.judged.flagged[inside].sum()), int(drift.judged.alarm[inside].sum())
    return joined(
        [
            tag("h3", "当月の管理図"),
            table(
                ["モード", "残差の中央値 [%]", "1 時間の値の 95 % 範囲 [±%]", "判定した時間"], rows,
                "判定したモードがない。", range(1, 4),
            ),
            tag(
                "p",
                f"判定した {int(known.sum()):,} 時間のうち、限界を超えた時間 {flagged:,}、警報の状態にあった時間 {alarm:,}。"
                "警報は、健全な橋でも平均して 1 年以上に 1 回しか起こらない水準に置いている。",
            ),
        ]
    )  # fmt: skip


def _changes(chart: LongTerm, drift: Drift, judged: JudgedMonth) -> Markup:
    rows: list[list[Cell]] = []
    for one in drift.changes[-CHANGES_TOLD:]:
        at_s = chart.date_of(one)
        near = "、".join(entry.text.ja for entry in logged_near(at_s, judged.context.events, judged.zone))
        rows.append(
            [
                local(round(at_s * 1e6), judged.zone, "%Y-%m-%d %H:%M"),
                _effects(one, drift.modes),
                CLASSES[one.kind],
                near or "記録なし",
            ]
        )
    return joined(
        [
            tag("h3", "基準期間の後の変化（当月末まで）"),
            table(
                ["時期", "変化 [%]（95 % 信頼区間）", "区分", "工事・出来事の記録"], rows, "変化は検出されていない。"
            ),
        ]
    )


def _effects(one: DatedChange, names: tuple[str, ...]) -> str:
    effect, std = 100.0 * one.change.effect, 100.0 * one.change.std
    return "、".join(
        f"{mode_name(names[k])} {signed(float(effect[k]), 2)} ± {number(CONFIDENCE_95 * float(std[k]), 2)}"
        for k in one.change.modes
        if np.isfinite(effect[k])
    )


def month_events(judged: JudgedMonth, at: int, figure: Markup | None) -> Markup:
    """The month as a campaign of its own: a before and after of each event of the log, and the figure."""
    title = "当月の出来事と前後の比較"
    if judged.campaign is None:
        log = "、".join(f"{one.date} {one.text.ja}" for one in judged.log)
        return section(
            at, title, tag("p", "当月だけの変化の解析と図は作れなかった。"), note(f"計算の記録（英文）：{judged.refusal}"),
            tag("p", f"記録された出来事：{log}。") if log else None,
        )  # fmt: skip
    rows = [_event(t, one, judged) for t, one in judged.month_changes]
    return section(
        at, title,
        table(
            ["時期", "出来事（記録の区分）", "前後の差 [%]（95 % 信頼区間の半幅）", "結果・区分"], rows,
            "記録された出来事も、測定から見つかった変化も、当月にはない。",
        ),
        tag("p", f"前または後の測定がなく比べられない出来事：{'、'.join(judged.not_compared)}。")
        if judged.not_compared else None,
        note(
            f"前月末の {LEAD_DAYS} 日と当月の測定だけから、温度と振動レベルの影響を同時に推定して除き、前後の段差を求めたもの。"
            "区分は事後確率 95 % 以上のときだけ示す。丸数字は記録の通し番号。"
        ),
        tag("div", figure, class_="figure") if figure is not None else None,
    )  # fmt: skip


def _event(t: int, one: Told, judged: JudgedMonth) -> list[Cell]:
    events = []
    for event in one.events:
        number_, _, name = event.partition(" ")
        kind = KINDS[judged.numbered[int(number_)].kind]
        events.append(f"{circled(int(number_))} {name}（{kind}）")
    effects = "、".join(
        f"{mode_name(mode)} {signed(each.percent, 2)} ± {number((each.ci95[1] - each.ci95[0]) / 2.0, 2)}"
        for mode, each in one.effects.items()
    )
    says = CLASSES[one.kind] if one.says == "changed" else "検出できる影響なし"
    if one.sum:
        says += "（近接のため合計）"
    return [local(t, judged.zone), "＋".join(events) or "記録にない変化", effects, says]


def twin(judged: JudgedMonth, at: int) -> Markup:
    """Measured against predicted, and what moved in the model."""
    title = "デジタルツイン（桁の有限要素モデル）"
    if judged.context.girder is None:
        return section(at, title, tag("p", "市の設定に桁のモデル（girder）がないため、予測との比較はできない。"))
    if judged.campaign is None:
        return section(at, title, tag("p", "当月の解析ができなかったため、予測との比較はない。"))
    return section(at, title, *_twin(judged.campaign))


def _twin(campaign: Analysed) -> list[Cell]:
    rows: list[list[Cell]] = [
        [
            mode_name(one.mode), number(one.measured_hz, 3), number(one.designed_hz, 3),
            signed(100.0 * (one.designed_hz / one.measured_hz - 1.0), 1),
            with_interval(one.updated_hz, CONFIDENCE_95 * one.updated_std_hz, 3),
            signed(100.0 * (one.updated_hz / one.measured_hz - 1.0), 1),
        ]
        for one in campaign.answer.modes
    ]  # fmt: skip
    learnt = sorted(campaign.answer.parameters, key=lambda one: -one.learnt)[:8]
    moved: list[list[Cell]] = [
        [
            part_name(one.what), f"{signed(one.change, 2)} ± {number(CONFIDENCE_95 * one.std, 2)}",
            "4EI/L" if one.what.startswith("restraint") else "%", number(100.0 * one.learnt, 0),
        ]
        for one in learnt
    ]  # fmt: skip
    fits = campaign.judged.calibration is not None and campaign.judged.calibration.fits
    return [
        tag("p", f"モデルは期間の初めの固有振動数に{'合う。' if fits else '合わない。区分は示さない。'}"),
        table(
            [
                "モード", "測定 [Hz]", "予測（設計値）[Hz]", "差 [%]", "予測（更新後）[Hz]", "差 [%]",
            ],
            rows, "比べるモードがない。", range(1, 6),
        ),
        tag("h3", "更新で動いたもの（測定から分かった割合の大きい順）"),
        table(["部位", "変化（95 % 信頼区間の半幅）", "単位", "測定から分かった割合 [%]"], moved, "なし。", range(1, 4)),
        note("測定は解析した期間の最初の区間の、10 °C に換算した値。割合が小さい部位の変化は、測定ではなく事前の想定による。"),
    ]  # fmt: skip


def part_name(what: str) -> str:
    """A part of the twin in Japanese."""
    for english, japanese in (
        ("stiffness of ", "曲げ剛性 "), ("mass of ", "質量 "), ("restraint of ", "回転拘束 "),
        ("support ", "支点 "), (" and ", "・"), (" to ", "～"),
    ):  # fmt: skip
        what = what.replace(english, japanese)
    return what
