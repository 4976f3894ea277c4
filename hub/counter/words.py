"""What a counter's page says, in Japanese, やさしい日本語 and English."""

from __future__ import annotations

from typing import Final

from hub.judgement import Level
from hub.words import Words, read_after

LEVEL: Final[dict[Level, Words]] = {
    "good": Words(ja="空いています", easy="今（いま）、すいています。", en="Not busy"),
    "notice": Words(ja="やや混雑しています", easy="今（いま）、すこし こんでいます。", en="Fairly busy"),
    "warning": Words(ja="混雑しています", easy="今（いま）、こんでいます。", en="Busy"),
    "bad": Words(ja="非常に混雑しています", easy="今（いま）、とても こんでいます。", en="Very busy"),
}
NO_INFORMATION: Final = Words(ja="情報がありません", easy="今（いま）、わかりません。", en="No information")
CLOSED: Final = Words(ja="受付時間外です", easy="今（いま）、やっていません。", en="Closed now")
WAITING_AREA: Final = Words(ja="待合", easy="まつ ところ", en="waiting area")
RECEPTION_OVER: Final = Words(ja="受付終了", easy="今（いま）、うけつけは おわりました。", en="Reception closed")
CO2: Final = Words(ja="待合の二酸化炭素", easy="空気（くうき）の よごれ", en="CO₂ in the waiting area")
CO2_HIGH: Final = Words(
    ja="待合の二酸化炭素が高くなっています。換気してください。",
    easy="空気（くうき）が よごれています。まどを あけてください。",
    en="CO₂ in the waiting area is high: please ventilate.",
)
TICKETS_SILENT: Final = Words(
    ja="番号発券機からの通信が途絶えています。配線と電源を確認してください。",
    easy="番号（ばんごう）の 機械（きかい）が へんじを しません。線（せん）と 電気（でんき）を 見（み）てください。",
    en="The ticket machine's line is silent: check its cable and power.",
)
SENSOR_SILENT: Final = Words(
    ja="待合のセンサーからの通信が途絶えています。配線と電源を確認してください。",
    easy="センサーが へんじを しません。線（せん）と 電気（でんき）を 見（み）てください。",
    en="The waiting area's sensor is silent: check its cable and power.",
)
CLOCK_AHEAD: Final = Words(
    ja="窓口の端末の時計が進んでいます。時刻合わせを確認してください。",
    easy="機械（きかい）の 時計（とけい）が すすんでいます。時間（じかん）を なおしてください。",
    en="The counter device's clock is ahead: check how it gets its time.",
)
LINE_REVERSED: Final = Words(
    ja="入口のセンサーの向きが逆のようです（出た人が入った人より多くなっています）。取り付けを確認してください。",
    easy="入口（いりぐち）の センサーが さかさまかもしれません。つけかたを 見（み）てください。",
    en="The entrance sensor seems to be mounted the wrong way round (more people left than came): check it.",
)
MODEL_NOT_RUNNING: Final = Words(
    ja="推定モデルを読み込めないため、簡易な計算で推定しています。",
    easy="かんたんな 計算（けいさん）で 数（かず）を 出（だ）しています。",
    en="A model could not be loaded; a plain rule estimates instead.",
)
_BY_PEOPLE_ONLY: Final = Words(
    ja="（待合の人数による目安）",
    easy="（まっている 人（ひと）の 数（かず）で 見（み）ています。）",
    en=" (by people waiting only)",
)


def level_by_people(level: Level) -> Words:
    """The level's words, with the remark that only the people in the waiting area tell it."""
    return _joined(LEVEL[level], _BY_PEOPLE_ONLY)


def wait_label(service: Words) -> Words:
    """Label of the estimated wait."""
    return Words(
        ja=f"{service.ja}の待ち時間（目安）",
        easy=f"{service.easy}：まつ 時間（じかん）",
        en=f"{service.en}: estimated wait",
    )


def waiting_label(service: Words) -> Words:
    """Label of the number of tickets that wait."""
    return Words(
        ja=f"{service.ja}でお待ちの組数",
        easy=f"{service.easy}：まっている 人（ひと）",
        en=f"{service.en}: tickets waiting",
    )


def level_label(service: Words) -> Words:
    """Label of a service's congestion."""
    return Words(ja=f"{service.ja}の混雑状況", easy=f"{service.easy}：こんでいるか", en=f"{service.en}: how busy")


def called_label(service: Words) -> Words:
    """Label of the number called last."""
    return Words(
        ja=f"{service.ja}の最新の呼出番号",
        easy=f"{service.easy}：今（いま）の 番号（ばんごう）",
        en=f"{service.en}: last number called",
    )


def rate_label(service: Words, window: int | None = None) -> Words:
    """Label of the tickets served an hour, of all windows together or of one."""
    if window is None:
        return Words(
            ja=f"{service.ja}の受付ペース（1時間あたり）",
            easy=f"{service.easy}：1時間（じかん）に おわる 人（ひと）",
            en=f"{service.en}: served an hour",
        )
    return Words(
        ja=f"　うち{window}番窓口",
        easy=f"　{window}番（ばん）の 窓口（まどぐち）",
        en=f"　of these at window {window}",
    )


def people_label(zone: Words) -> Words:
    """Label of the people in a waiting area."""
    return Words(ja=f"{zone.ja}の人数", easy=f"{zone.easy}に いる 人（ひと）", en=f"People in the {zone.en}")


def wait_minutes(median_min: float) -> Words:
    """A wait as one says it: in steps that its own uncertainty allows."""
    if median_min < 2.5:
        return Words(ja="すぐにご案内できます", easy="すぐ よばれます。", en="Almost no wait")
    minutes = round(median_min / 5) * 5 if median_min >= 7.5 else round(median_min)
    return Words(
        ja=f"約{minutes}分",
        easy=read_after(minutes, f"{minutes}分（ふん）くらい まちます。"),
        en=f"about {minutes} min",
    )


def people_at_least(people: int) -> Words:
    """Said when the sensor cannot tell people apart any more."""
    return Words(
        ja=f"{people}人以上",
        easy=read_after(people, f"{people}人（にん）より たくさん います。"),
        en=f"{people} or more",
    )


def _joined(first: Words, second: Words) -> Words:
    return Words(ja=first.ja + second.ja, easy=first.easy + second.easy, en=first.en + second.en)
