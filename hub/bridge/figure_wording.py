"""What the plan's figure of a bridge says in Japanese, やさしい日本語 and English, when it is drawn from what a hub has."""

from __future__ import annotations

from typing import Final

from hub.words import Words

TITLE: Final = Words(
    ja="橋の振動モニタリング", easy="橋（はし）の ゆれの きろく", en="Monitoring of the bridge's vibration"
)
PERIOD: Final = Words(ja="{} ～ {}", easy="{} から {} まで", en="{} to {}")
SPECTROGRAM: Final = Words(
    ja="センサー「{}」のスペクトログラムと追跡中の固有振動数 [Hz]",
    easy="センサー「{}」の ゆれの 強（つよ）さ（色（いろ））と 速（はや）さ（線（せん）） [Hz]",
    en="Spectrogram of sensor “{}” and tracked natural frequencies [Hz]",
)
NO_SPECTROGRAM: Final = Words(
    ja="スペクトログラムと追跡中の固有振動数 [Hz]", easy="ゆれの 強（つよ）さと 速（はや）さ [Hz]",
    en="Spectrogram and tracked natural frequencies [Hz]",
)  # fmt: skip
TEMPERATURE: Final = Words(ja="センサー温度 [°C]", easy="温度（おんど） [°C]", en="Sensor temperature [°C]")
CHANGES: Final = Words(
    ja="固有振動数の変化 [%]（期間の中央値から。温度による変化を含む）",
    easy="ゆれの 速（はや）さの 変化（へんか） [%]（温度（おんど）で 変（か）わる 分（ぶん）も 入（はい）って います）",
    en="Change of natural frequencies [%] (from the span's median; what temperature does is in it)",
)
NOTHING: Final = Words(
    ja="この期間のデータはありません", easy="この 期間（きかん）の データは ありません", en="No data in this span"
)
MODE: Final = Words(ja="モード{} {:.2f} Hz", easy="速（はや）さ{} {:.2f} Hz", en="mode {} {:.2f} Hz")
MORE: Final = Words(ja="ほか{}本", easy="ほかに {}", en="{} more")
MORE_EVENTS: Final = Words(
    ja="ほか{}件（図の線のみ）", easy="ほかに {}（図（ず）の 線（せん）だけ）", en="{} more (lines only)"
)
KINDS: Final[dict[str, Words]] = {
    "structure": Words(ja="構造", easy="橋（はし）の つくり", en="structure"),
    "load": Words(ja="荷重", easy="重（おも）さ", en="load"),
    "structure_and_load": Words(ja="構造・荷重", easy="つくりと 重（おも）さ", en="structure and load"),
    "other": Words(ja="その他", easy="そのほか", en="other"),
}

SENSORS: Final[dict[str, Words]] = {
    "structure": Words(ja="橋体温度", easy="橋（はし）", en="structure"),
    "air": Words(ja="気温", easy="気温（きおん）", en="air"),
}
UNITS: Final = (
    (Words(ja="{}時間", easy="{}時間（じかん）", en="{} h"), 3600.0),
    (Words(ja="{}分", easy="{}分（ふん）", en="{} min"), 60.0),
    (Words(ja="{}秒", easy="{}秒（びょう）", en="{} s"), 1.0),
)
"""Of times, with their lengths [s]."""
SAYS_PERIOD: Final = Words(
    ja="{} から {} まで（{}）の記録です。線は{}ごとの平均です。灰色と線の切れ目は、データのない時間です。",
    easy="{} から {} まで（{}）の きろくです。線（せん）は {}ごとの 平均（へいきん）です。"
    "灰色（はいいろ）の ところと 線（せん）が 切（き）れた ところは データが ありません。",
    en="From {} to {} ({}). Lines are means over {}. Grey, and where a line breaks: nothing was measured.",
)
SAYS_TEMPERATURE: Final = Words(
    ja="{}：最低 {:.1f} °C、最高 {:.1f} °C、最後 {:.1f} °C。",
    easy="{}：いちばん 低（ひく）い {:.1f} °C、いちばん 高（たか）い {:.1f} °C、さいご {:.1f} °C。",
    en="{}: lowest {:.1f} °C, highest {:.1f} °C, last {:.1f} °C.",
)
SAYS_MODE: Final = Words(
    ja="{}：中央値 {:.3f} Hz、その {} % から {} %、最後 {:.3f} Hz。期間の {} % の時間に値があります。",
    easy="{}：まんなか {:.3f} Hz、{} % から {} %、さいご {:.3f} Hz。時間（じかん）の {} % に データが あります。",
    en="{}: median {:.3f} Hz, from {} % to {} % of it, last {:.3f} Hz. There are values in {} % of the time.",
)
SAYS_NO_MODE: Final = Words(
    ja="この期間に求まった固有振動数はありません。", easy="ゆれの 速（はや）さの データは ありません。",
    en="No natural frequency was identified in this span.",
)  # fmt: skip
SAYS_NO_TEMPERATURE: Final = Words(
    ja="この期間の温度の記録はありません。",
    easy="温度（おんど）の データは ありません。",
    en="No temperature was reported in this span.",
)
SAYS_NO_SPECTRUM: Final = Words(
    ja="この期間のスペクトルの記録はありません。",
    easy="ゆれの 強（つよ）さの データは ありません。",
    en="No spectrum was reported in this span.",
)
SAYS_EVENT: Final = Words(ja="{}：{} {}（{}）。", easy="{}：{} {}（{}）。", en="{}: {} {} ({}).")
SAYS_NO_EVENT: Final = Words(
    ja="この期間に、工事・出来事の記録はありません。",
    easy="この 期間（きかん）の 工事（こうじ）や できごとの きろくは ありません。",
    en="The owner's log has no entry in this span.",
)

FREQUENCIES: Final = Words(ja="固有振動数", easy="ゆれの 速（はや）さ", en="natural frequencies")
TEMPERATURES: Final = Words(ja="温度", easy="温度（おんど）", en="temperature")
SPECTRA: Final = Words(ja="スペクトル", easy="ゆれの 強（つよ）さ", en="spectrum")
