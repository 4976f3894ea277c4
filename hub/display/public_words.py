"""What board and phone say, in Japanese, やさしい日本語 and English: short, the conclusion first.

The browser gets one dictionary a language, made of these by ``dictionary``; ``{}`` is where a number goes.
"""

from __future__ import annotations

from typing import Final

from hub.display.language import Language, said
from hub.display.markup import Markup, text
from hub.display.ruby import ruby
from hub.words import Words

BOARD_TITLE: Final = Words(ja="窓口の混雑", easy="窓口（まどぐち）は こんでいますか", en="How busy the counters are")
PHONE_TITLE: Final = Words(
    ja="いま空いている窓口", easy="今（いま） すいている 窓口（まどぐち）", en="Counters free now"
)

SAID: Final[dict[str, Words]] = {
    "good": Words(ja="空いています", easy="すいています。", en="Not busy"),
    "notice": Words(ja="やや混雑", easy="すこし こんでいます。", en="Fairly busy"),
    "warning": Words(ja="混雑", easy="こんでいます。", en="Busy"),
    "bad": Words(ja="非常に混雑", easy="とても こんでいます。", en="Very busy"),
    "closed": Words(ja="受付終了", easy="今日（きょう）は おわりました。", en="Closed"),
    "opens": Words(ja="{}から受付", easy="{}から はじまります。", en="Opens at {}"),
    "unknown": Words(ja="情報がありません", easy="わかりません。", en="No information"),
    "old": Words(ja="古い情報", easy="ふるいです。", en="old"),
    "people": Words(ja="人数による目安", easy="人（ひと）の 数（かず）から", en="by headcount"),
    "tickets": Words(ja="お待ちの数から", easy="人（ひと）の 数（かず）から", en="by queue only"),
    "soon": Words(ja="すぐ", easy="すぐです。", en="No wait"),
    "about": Words(ja="約{}分", easy="{}分（ふん）くらい", en="about {} min"),
    "range": Words(ja="{}〜{}分", easy="{}〜{}ふん", en="{}–{} min"),
    "groups": Words(ja="{}組", easy="{}人（にん）", en="{}"),
    "ahead": Words(ja="{}分後", easy="{}分（ふん） あと", en="in {} min"),
    "wait": Words(ja="待ち時間", easy="まつ 時間（じかん）", en="Wait"),
    "called": Words(ja="呼出番号", easy="番号（ばんごう）", en="Number"),
    "waiting": Words(ja="お待ち", easy="まつ 人（ひと）", en="Waiting"),
    "now": Words(ja="いま", easy="今（いま）", en="now"),
    "s": Words(ja="{}秒前", easy="{}秒（びょう）まえ", en="{} s ago"),
    "m": Words(ja="{}分前", easy="{}分（ふん）まえ", en="{} min ago"),
    "cut": Words(
        ja="通信が切れています。表示は古い情報です",
        easy="つながりません。ここは 古（ふる）い 情報（じょうほう）です。",
        en="Connection lost: this is old information",
    ),
    "cut_short": Words(ja="通信が切れました", easy="つながりません。", en="Connection lost"),
    "note": Words(
        ja="待ち時間の範囲には10回中8回入ります",
        easy="だいたいの 時間（じかん）です。",
        en="8 of 10 waits lie in the range shown",
    ),
    "demo": Words(ja="デモ（模擬データ）", easy="デモ（ほんものでは ありません）", en="Demo (simulated)"),
}

KIOSK_SAID: Final[dict[str, Words]] = {
    "good": Words(ja="発行できます", easy="つかえます。", en="Working"),
    "notice": Words(ja="発行できます", easy="つかえます。", en="Working"),
    "bad": Words(ja="発行できません", easy="今（いま）は つかえません。", en="Out of service"),
    "closed": Words(ja="時間外です", easy="今（いま）は おわりました。", en="Closed"),
    "opens": SAID["opens"],
    "unknown": SAID["unknown"],
}
"""The same levels, of a kiosk's certificates."""

PHONE_SAID: Final[dict[str, Words]] = {
    "find": Words(
        ja="近くの空いている窓口", easy="近（ちか）くの すいている 窓口（まどぐち）", en="Nearest counter that is free"
    ),
    "service": Words(ja="用件", easy="したい こと", en="What for"),
    "any": Words(ja="どれでも", easy="どれでも", en="anything"),
    "place": Words(ja="いまいる場所", easy="今（いま） いる ところ", en="Where you are"),
    "anywhere": Words(ja="選んでください", easy="えらんで ください", en="choose"),
    "here": Words(ja="現在地を使う", easy="今（いま） いる ところを つかう", en="Use my position"),
    "refused": Words(
        ja="現在地がわかりません。上の欄で場所を選んでください",
        easy="今（いま） いる ところが わかりません。上（うえ）で えらんで ください。",
        en="Your position is not known. Choose where you are above",
    ),
    "private": Words(
        ja="場所はこの端末の中だけで使い、送信しません",
        easy="場所（ばしょ）は おくりません。",
        en="Your place stays on this phone and is never sent",
    ),
    "far": Words(ja="約{}km", easy="{}キロメートルくらい", en="about {} km"),
    "free": Words(ja="空いています：", easy="すいています：", en="Free: "),
    "shortest": Words(
        ja="空いている窓口はありません。待ちが短いのは：",
        easy="すいている ところは ありません。はやいのは：",
        en="None is free. Shortest wait: ",
    ),
    "none": Words(
        ja="いま案内できる窓口がありません", easy="今（いま）は ありません。", en="No counter can be told now"
    ),
    "mine": Words(ja="私の番号", easy="わたしの 番号（ばんごう）", en="My number"),
    "number": Words(ja="番号", easy="番号（ばんごう）", en="Number"),
    "keep": Words(ja="調べる", easy="しらべる", en="Check"),
    "forget": Words(ja="消す", easy="けす", en="Clear"),
    "kept": Words(
        ja="番号はこの端末の中だけに保存します",
        easy="番号（ばんごう）は おくりません。",
        en="Your number is kept on this phone only",
    ),
    "mine_now": Words(
        ja="呼ばれています。窓口へお進みください",
        easy="よばれました。窓口（まどぐち）へ 行（い）って ください。",
        en="You are being called: go to the counter",
    ),
    "mine_ahead": Words(ja="あと{}番目です", easy="あと {}ばんめです。", en="Number {} from now"),
    "mine_past": Words(
        ja="すでに呼ばれたようです。窓口でお尋ねください",
        easy="もう よばれました。窓口（まどぐち）で 聞（き）いて ください。",
        en="It seems to have been called: ask at the counter",
    ),
    "mine_unsure": Words(
        ja="この番号は分かりません。窓口でお確かめください",
        easy="この 番号（ばんごう）は わかりません。窓口（まどぐち）で 聞（き）いて ください。",
        en="We cannot tell for this number: ask at the counter",
    ),
    "offices": Words(ja="窓口ごとの混雑", easy="窓口（まどぐち）", en="Every counter"),
    "kiosks": Words(
        ja="証明書を発行できる機械", easy="証明書（しょうめいしょ）の 機械（きかい）", en="Certificate kiosks"
    ),
    "forecast": Words(ja="これからの予想", easy="これから", en="Forecast"),
    "by_calendar": Words(
        ja="曜日と時刻からの目安", easy="だいたいの 予想（よそう）", en="a rough guess by weekday and hour"
    ),
}

CERTIFICATES: Final[dict[str, Words]] = {
    "residence": Words(ja="住民票の写し", easy="住民票（じゅうみんひょう）", en="residence"),
    "seal": Words(ja="印鑑登録証明", easy="印鑑（いんかん）", en="seal"),
    "family_register": Words(ja="戸籍証明", easy="戸籍（こせき）", en="family register"),
    "tax": Words(ja="課税・納税証明", easy="税金（ぜいきん）", en="tax"),
}
NOTHING: Final = "—"


def spoken(words: Words, language: Language) -> Markup:
    """A text in one language, with furigana in やさしい日本語."""
    return ruby(words.easy) if language == "easy" else text(said(words, language))


def dictionary(said_: dict[str, Words], language: Language) -> dict[str, str]:
    """What a script says, as HTML, in one language."""
    return {key: "".join(spoken(words, language)) for key, words in said_.items()}
