"""What the pages say about a bridge, in Japanese, やさしい日本語 and English."""

from __future__ import annotations

from typing import Final

from edge.contract.records.bridge import SensorFinding
from hub.bridge.change_class import ChangeClass
from hub.words import Words

LEVEL: Final = Words(ja="振動（最大の測点）", easy="橋（はし）の ゆれ", en="Vibration (strongest sensor)")
TEMPERATURE: Final = Words(ja="温度", easy="温度（おんど）", en="Temperature")
PASSAGES: Final = Words(
    ja="直近1時間の車両通過", easy="1時間（じかん）に 通（とお）った 車（くるま）", en="Vehicles in the last hour"
)
NOVELTY: Final = Words(
    ja="スペクトルの珍しさ（参考）",
    easy="ゆれかたが いつもと ちがうか（参考（さんこう））",
    en="Novelty of the spectrum (for reference)",
)
SICK_SENSORS: Final = Words(ja="不調のセンサー", easy="調子（ちょうし）が 悪（わる）い センサー", en="Sensors not well")
NOTHING_YET: Final = Words(ja="まだ計測値が届いていません", easy="まだ データが ありません", en="No measurements yet")
SILENT: Final = Words(
    ja="計測値が届いていません", easy="センサーから データが 来（き）て いません", en="The bridge is silent"
)
NORMAL: Final = Words(
    ja="固有振動数に変化は見られません",
    easy="橋（はし）の ゆれかたは いつもと 同（おな）じです",
    en="Natural frequencies are as they were",
)
STALE: Final = Words(
    ja="固有振動数の判定が古くなっています",
    easy="ゆれかたを いま しらべて いません",
    en="Natural frequencies were not judged lately",
)
NO_LAW: Final = Words(
    ja="計測中（温度との関係がまだ分からず、変化は判定していません）",
    easy="いま はかって います。変（か）わったかは まだ わかりません",
    en="Measuring; no law of temperature yet, changes are not judged",
)
NO_MODES: Final = Words(
    ja="計測中（固有振動数はまだ求まっていません）",
    easy="いま はかって います",
    en="Measuring; no natural frequency identified yet",
)
FINDINGS: Final[dict[SensorFinding, Words]] = {
    "ok": Words(ja="正常", easy="ふつう", en="well"),
    "dropout": Words(ja="データ欠け", easy="データが とぎれる", en="drops out"),
    "stuck": Words(ja="値が固着", easy="数字（すうじ）が 動（うご）かない", en="stuck"),
    "clipping": Words(ja="振り切れ", easy="はかれる はんいを こえた", en="clipping"),
    "spikes": Words(ja="突発ノイズ", easy="へんな 数字（すうじ）が まざる", en="spikes"),
    "offset_jump": Words(ja="ゼロ点のずれ", easy="ゼロの 位置（いち）が ずれた", en="offset jumped"),
    "noisy": Words(ja="ノイズ過大", easy="ざつおんが 多（おお）い", en="too noisy"),
    "axis_swapped": Words(ja="軸の取り違え", easy="向（む）きが ちがう", en="axes swapped"),
    "out_of_family": Words(
        ja="ほかの測点と大きく異なる", easy="ほかの センサーと 大（おお）きく ちがう", en="unlike the other sensors"
    ),
}


def mode_label(mode: str) -> Words:
    """The frequency of a tracked mode; ``m1`` is the first."""
    number = mode[1:] if mode[:1] == "m" and mode[1:].isdigit() else mode
    return Words(
        ja=f"固有振動数（モード{number}）", easy=f"ゆれの 速（はや）さ {number}", en=f"Natural frequency, mode {number}"
    )


def temperature_label(sensor: str) -> Words:
    """Temperature at a sensor; the usual two have names."""
    known = {
        "structure": Words(ja="橋体温度", easy="橋（はし）の 温度（おんど）", en="Temperature of the structure"),
        "air": Words(ja="気温", easy="気温（きおん）", en="Air temperature"),
    }
    plain = Words(
        ja=f"{TEMPERATURE.ja}（{sensor}）", easy=f"{TEMPERATURE.easy}（{sensor}）", en=f"{TEMPERATURE.en} ({sensor})"
    )
    return known.get(sensor, plain)


def sensor_is(name: Words, finding: SensorFinding) -> Words:
    """A sensor and what is wrong with it."""
    what = FINDINGS[finding]
    return Words(
        ja=f"センサー「{name.ja}」に異常があります（{what.ja}）。解析から除外しています",
        easy=f"センサー「{name.easy}」の 調子（ちょうし）が 悪（わる）いです（{what.easy}）。"
        "計算（けいさん）に 使（つか）って いません",
        en=f"Sensor {name.en} is not well ({what.en}) and is left out",
    )


def sensors_are(count: int) -> Words:
    """Headline for sick sensors."""
    return Words(
        ja=f"センサー{count}個に異常があります",
        easy=f"センサー {count}こ の 調子（ちょうし）が 悪（わる）いです",
        en=f"{count} sensor{'s' if count > 1 else ''} not well",
    )


SCORE: Final = Words(
    ja="管理図（1を超えると限界の外）", easy="いつもとの ちがい（1より 大（おお）きいと 注意（ちゅうい））",
    en="Control chart (outside above 1)",
)  # fmt: skip
REFERENCE: Final = Words(ja="基準期間", easy="くらべる 期間（きかん）", en="Reference")
CLASSES: Final[dict[ChangeClass, Words]] = {
    "structure": Words(ja="構造の変化", easy="橋（はし）の 形（かたち）や 強（つよ）さ", en="structure"),
    "mass": Words(ja="質量の変化", easy="橋（はし）の 重（おも）さ", en="mass"),
    "undetermined": Words(
        ja="構造か質量かは判別不能", easy="理由（りゆう）は わかりません", en="structure or mass: undetermined"
    ),
}


def learning(until: str) -> Words:
    """The reference goes on until a day."""
    return Words(
        ja=f"計測中（{until}まで基準を学習中。変化はまだ判定していません）",
        easy=f"いま はかって います。{until}まで いつもの ゆれかたを おぼえて います",
        en=f"Measuring; learning the reference until {until}, changes are not judged yet",
    )


def reference(first: str, last: str, chosen: bool) -> Words:
    """The days of the reference, and who chose them."""
    if chosen:
        return Words(ja=f"{first}～{last}", easy=f"{first}～{last}", en=f"{first} to {last}")
    return Words(
        ja=f"{first}～{last}（設定がないため計測の初め）",
        easy=f"{first}～{last}（はかりはじめた ころ）",
        en=f"{first} to {last} (the first days, none is configured)",
    )


def departure_label(mode: str) -> Words:
    """How far a mode is from the law of temperature."""
    label = mode_label(mode)
    return Words(
        ja=f"{label.ja}の温度を除いた変化",
        easy=f"{label.easy}の 変化（へんか）",
        en=f"{label.en}: change, temperature removed",
    )


def frequency_changed(mode: str, percent: float, reach: float, kind: ChangeClass, event: Words | None) -> Words:
    """A natural frequency left its law of temperature, by so much with the half width of its interval."""
    label = mode_label(mode)
    way_ja, way_easy, way_en = (
        ("低下", "下（さ）がりました", "down") if percent < 0 else ("上昇", "上（あ）がりました", "up")
    )
    what = CLASSES[kind]
    near = Words(ja="", easy="", en="") if event is None else Words(
        ja=f"、記録：{event.ja}", easy=f"。{event.easy}", en=f"; in the log: {event.en}"
    )  # fmt: skip
    return Words(
        ja=f"{label.ja}が温度の影響を除いて{abs(percent):.1f}±{reach:.1f}%{way_ja}しています（{what.ja}{near.ja}）",
        easy=f"{label.easy}が いつもより {abs(percent):.1f}% {way_easy}（{what.easy}{near.easy}）",
        en=f"{label.en}: {abs(percent):.1f} ± {reach:.1f} % {way_en}, temperature removed ({what.en}{near.en})",
    )


def code_as_words(code: str) -> Words:
    """A channel that the city file does not name is called by its code."""
    return Words(ja=code, easy=code, en=code)
