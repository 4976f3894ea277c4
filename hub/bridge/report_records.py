"""Sections of the monthly report about the records themselves: completeness, sensors, waveforms, alerts."""

from __future__ import annotations

from typing import Final

from hub.bridge import wording
from hub.bridge.month import HOUR_US, Coverage, Facts, SensorMonth, Waveform, local
from hub.bridge.month_judged import JudgedMonth
from hub.bridge.report_parts import UNKNOWN, Cell, note, number, section, table
from hub.display.markup import Markup, tag

KINDS: Final = {
    "bridge_mode": "固有振動数",
    "bridge_temperature": "温度",
    "bridge_vibration": "振動レベル",
}
WHY_LOST: Final = {
    "outbox_full": "端末の保存容量の超過",
    "rewound_past_quota": "再送時に端末に残っていなかった",
    "unreadable_on_disk": "端末の記憶装置の読み取り不良",
    "refused_on_device": "端末での拒否",
}
WHY_DROPPED: Final = {"shelf_full": "送信前に端末の容量を超え、破棄", "refused_by_hub": "受信側が受け取らず、破棄"}
SEVERITY: Final = {"info": "情報", "warning": "注意", "critical": "重大"}
HOLES_TOLD: Final = 12
ROWS_TOLD: Final = 30


def completeness(judged: JudgedMonth, at: int) -> Markup:
    """What arrived, what is missing, what was refused, what was lost, and when nothing came."""
    facts, zone = judged.facts, judged.zone
    books: list[list[Cell]] = [
        [
            tag("code", one.epoch[:8]), f"{one.last:,}", f"{one.stored:,}", f"{_missing(one.missing):,}",
            f"{one.refused:,}", f"{one.lost:,}", "終了" if one.tail == "closed" else f"{one.last:,} より後は不明",
        ]
        for one in facts.epochs
    ]  # fmt: skip
    covered: list[list[Cell]] = [
        [
            KINDS[one.kind], f"{facts.month.hours:,}", f"{one.hours:,}",
            number(100.0 * one.hours / max(1, facts.month.hours), 1), _longest(one, judged),
        ]
        for one in facts.coverage
    ]  # fmt: skip
    lost: list[list[Cell]] = [
        [
            tag("code", one.epoch[:8]), f"{one.first:,}～{one.last:,}", WHY_LOST.get(one.why, one.why),
            _span(one.t_from, one.t_to, judged),
        ]
        for one in facts.lost[:ROWS_TOLD]
    ]  # fmt: skip
    refused: list[list[Cell]] = [
        [local(one.t, zone), UNKNOWN if one.number is None else f"{one.number:,}", one.reason]
        for one in facts.refused[:ROWS_TOLD]
    ]
    return section(
        at, "データの完全性",
        tag("h3", "時間の充足（当月）"),
        table(["種別", "対象 [時間]", "記録あり [時間]", "充足率 [%]", "最長の欠測"], covered, "", range(1, 4)),
        _holes(facts, judged),
        tag("h3", "受信台帳"),
        table(
            ["系列", "最終番号", "保存 [件]", "欠番 [件]", "拒否 [件]", "消失 [件]", "末尾"], books,
            "この装置からは何も受信していない。", range(1, 6),
        ),
        note(
            "台帳は番号で数える。系列は端末の通し番号の一続きで、件数は系列の初めから本報告の作成時までのもの（月別ではない）。"
            "欠番は未着、拒否は内容の不備により隔離したもの、消失は端末が失ったと申告したものである。"
        ),
        tag("h3", "当月の消失申告"),
        table(["系列", "番号", "理由", "期間"], lost, "当月にかかる消失の申告はない。"),
        _more(len(facts.lost)),
        tag("h3", "当月に拒否（隔離）したもの"),
        table(["受信時刻", "番号", "理由（英文は装置の記録）"], refused, "当月に拒否した記録はない。"),
        _more(len(facts.refused)),
    )  # fmt: skip


def _missing(ranges: list[tuple[int, int]]) -> int:
    return sum(last - first + 1 for first, last in ranges)


def _more(count: int) -> Markup | None:
    return note(f"ほか {count - ROWS_TOLD:,} 件。") if count > ROWS_TOLD else None


def _span(t_from: int | None, t_to: int | None, judged: JudgedMonth) -> str:
    ends = [UNKNOWN if t is None else local(t, judged.zone) for t in (t_from, t_to)]
    return "不明" if ends == [UNKNOWN, UNKNOWN] else "～".join(ends)


def _longest(coverage: Coverage, judged: JudgedMonth) -> str:
    if not coverage.holes:
        return "なし"
    first, end = max(coverage.holes, key=lambda hole: hole[1] - hole[0])
    return f"{_span(first, end, judged)}（{(end - first) // HOUR_US:,} 時間）"


def _holes(facts: Facts, judged: JudgedMonth) -> Markup:
    """Holes of the frequencies, the longest first."""
    holes = sorted(facts.coverage[0].holes, key=lambda hole: hole[0] - hole[1])
    if not holes:
        return tag("p", "固有振動数は当月のすべての時間で 1 回以上同定されている。")
    told = "、".join(
        f"{_span(first, end, judged)}（{(end - first) // HOUR_US:,} 時間）" for first, end in holes[:HOLES_TOLD]
    )
    more = f" ほか {len(holes) - HOLES_TOLD:,} か所。" if len(holes) > HOLES_TOLD else ""
    return tag("p", f"固有振動数の欠測（長い順、{len(holes):,} か所）：{told}。{more}")


def sensors(judged: JudgedMonth, at: int) -> Markup:
    """Findings of each channel, and the sampling clock."""
    facts = judged.facts
    names = {part.code: part.name.ja for part in judged.context.channels}
    rows: list[list[Cell]] = [
        [
            f"{one.channel} {names.get(one.channel, '')}".strip(), _state(one, judged), _well(one), _ailing(one),
            UNKNOWN if one.noise_floor_m_s2 is None else number(1e6 * one.noise_floor_m_s2, 1),
        ]
        for one in facts.sensors
    ]  # fmt: skip
    clock = facts.sampling
    ticking: list[list[Cell]] = [] if clock is None else [
        [
            f"{clock.readings:,}", number(clock.mean_ppm, 1), number(clock.std_ppm, 1),
            f"{number(clock.low_ppm, 1)}～{number(clock.high_ppm, 1)}",
            UNKNOWN if clock.jumps is None else f"{clock.jumps:,}", f"{clock.lost:,}",
        ]
    ]  # fmt: skip
    return section(
        at, "センサーの健全性",
        table(
            ["測点", "月末の状態", "正常 [時間]", "異常（時間）", "雑音レベル [µm/s²]"], rows,
            "測点の登録も報告もない。", range(4, 5),
        ),
        note("雑音レベルは最も静かな区間から推定した加速度の実効値の月平均。異常と判定された測点は解析から自動的に除外されている。"),
        tag("h3", "サンプリング時計"),
        table(
            [
                "測定 [回]", "公称値との差の平均 [ppm]", "標準不確かさ [ppm]", "最小～最大 [ppm]", "時計の飛び [回]",
                "失われた標本 [個]",
            ],
            ticking, "サンプリング時計の測定は当月に報告されていない。", range(6),
        ),
    )  # fmt: skip


def _state(one: SensorMonth, judged: JudgedMonth) -> str:
    if one.newest is None:
        return "報告なし"
    t, finding = one.newest
    return f"{_finding(finding)}（{local(t, judged.zone)}）"


def _finding(finding: str) -> str:
    found = wording.FINDINGS.get(finding)  # type: ignore[call-overload]
    return finding if found is None else str(found.ja)


def _well(one: SensorMonth) -> str:
    return f"{one.hours.get('ok', 0):,}" if one.hours else UNKNOWN


def _ailing(one: SensorMonth) -> str:
    ailing = [f"{_finding(name)} {hours:,}" for name, hours in sorted(one.hours.items()) if name != "ok"]
    return "、".join(ailing) or ("なし" if one.hours else UNKNOWN)


def waveforms(judged: JudgedMonth, at: int) -> Markup:
    """Vehicles, triggers, and which raw waveforms the hub has."""
    facts = judged.facts
    seen = facts.passages
    rows: list[list[Cell]] = [
        [
            local(one.manifest.t_from or one.t, judged.zone, "%m-%d %H:%M:%S"), _length(one),
            number(one.manifest.size / 1000.0, 1), one.manifest.form, tag("code", one.manifest.sha256[:12]), _held(one),
        ]
        for one in facts.waveforms[:ROWS_TOLD]
    ]  # fmt: skip
    peak = "" if seen.peak_m_s2 is None else f"（最大加速度 {number(seen.peak_m_s2, 3)} m/s²）"
    return section(
        at, "車両通過と送信された波形",
        tag("p", f"車両通過の記録 {seen.count:,} 件{peak}、橋の基準を超えたトリガー {seen.triggers:,} 件。"),
        table(
            ["開始", "長さ [s]", "大きさ [kB]", "形式", "SHA-256（先頭）", "受信の状態"], rows,
            "当月に送信が予告された波形はない。", range(1, 3),
        ),
        _more(len(facts.waveforms)),
        note("ここにない区間の波形も、端末の保存期間内であれば取り寄せられる（machikado hub keep）。"),
    )  # fmt: skip


def _length(one: Waveform) -> str:
    first, end = one.manifest.t_from, one.manifest.t_to
    return UNKNOWN if first is None or end is None else number((end - first) / 1e6, 0)


def _held(one: Waveform) -> str:
    if one.whole:
        return "全部あり"
    if one.dropped is not None:
        return WHY_DROPPED.get(one.dropped, one.dropped)
    share = number(100.0 * one.have / one.manifest.size, 0)
    return f"受信の途中（{share} %）" if one.have else "本体は手元にない"


def alerts(judged: JudgedMonth, at: int) -> Markup:
    """What was told to the operator in the month."""
    rows: list[list[Cell]] = [
        [
            SEVERITY[one.alert.severity],
            one.alert.text.ja,
            local(one.alert.since, judged.zone),
            "継続中" if one.until is None else local(one.until, judged.zone),
        ]
        for one in judged.facts.alerts[:ROWS_TOLD]
    ]
    return section(
        at, "当月の警報",
        table(["程度", "内容", "開始", "終了"], rows, "当月に警報はなかった。"),
        _more(len(judged.facts.alerts)),
        note("程度と文は警報が開いた時点のもの。「継続中」は本報告の作成時に続いていることをいう。") if rows else None,
    )  # fmt: skip
