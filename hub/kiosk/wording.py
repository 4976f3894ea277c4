"""What the pages say of a certificate kiosk, in three languages: for citizens, and what the staff shall do."""

from __future__ import annotations

from typing import Final, NamedTuple

from edge.contract.records.kiosk import Reason
from hub.words import Words

NOTHING_YET: Final = Words(ja="まだ情報がありません", easy="まだ わかりません", en="No data yet")
STALE: Final = Words(
    ja="現在の状態を確認できません",
    easy="今（いま） つかえるか わかりません",
    en="It is not known whether the kiosk works now",
)
CLOSED: Final = Words(
    ja="ただいま利用時間外です", easy="今（いま）は つかえない 時間（じかん）です", en="Outside service hours"
)
CAN: Final = Words(
    ja="証明書を発行できます",
    easy="証明書（しょうめいしょ）を とることが できます",
    en="Certificates can be issued here",
)
CANNOT: Final = Words(
    ja="現在、証明書を発行できません",
    easy="今（いま）は 証明書（しょうめいしょ）を とることが できません",
    en="No certificates can be issued here now",
)
MAINTENANCE: Final = Words(
    ja="ただいま点検・補充中です",
    easy="今（いま） 機械（きかい）を なおしています。すこし まってください",
    en="Being serviced; please wait a little",
)

AVAILABLE: Final = Words(ja="証明書の発行", easy="証明書（しょうめいしょ）", en="Certificates")
YES: Final = Words(ja="できます", easy="とれます", en="available")
NO: Final = Words(ja="できません", easy="とれません", en="not available")
WHY: Final = Words(ja="理由", easy="どうして", en="Reason")
NO_REASON: Final = Words(ja="異常なし", easy="もんだい ありません", en="All well")
SESSIONS_TODAY: Final = Words(ja="本日の利用件数", easy="今日（きょう） つかった 回数（かいすう）", en="Sessions today")
ISSUED_TODAY: Final = Words(ja="本日の発行枚数", easy="今日（きょう） 出（で）た まいすう", en="Sheets issued today")
POWER: Final = Words(ja="電源", easy="電気（でんき）", en="Power")
POWER_OF: Final = {
    "mains": Words(ja="商用電源", easy="ふつうの 電気（でんき）", en="mains"),
    "battery": Words(ja="予備電池で動作中", easy="電池（でんち）で うごいています", en="on battery"),
    "battery_low": Words(
        ja="予備電池の残量が少なくなっています", easy="電池（でんち）が もうすぐ なくなります", en="battery is low"
    ),
}
SUPPLY_STATUS: Final = {
    "full": Words(ja="十分", easy="たくさん あります", en="enough"),
    "low": Words(ja="残りわずか", easy="すこしだけ あります", en="low"),
    "out": Words(ja="なし", easy="ありません", en="empty"),
}


class Trouble(NamedTuple):
    """A reason as citizens read it, and what the staff shall do."""

    said: Words
    to_do: Words


TROUBLES: Final[dict[Reason, Trouble]] = {
    "paper_low": Trouble(
        Words(ja="用紙が残りわずかです", easy="紙（かみ）が すこししか ありません", en="paper is low"),
        Words(ja="用紙を補充してください", easy="紙（かみ）を 入（い）れてください", en="Refill the paper"),
    ),
    "paper_out": Trouble(
        Words(ja="用紙がなくなりました", easy="紙（かみ）が ありません", en="out of paper"),
        Words(
            ja="用紙をすぐに補充してください",
            easy="すぐ 紙（かみ）を 入（い）れてください",
            en="Refill the paper at once",
        ),
    ),
    "paper_jam": Trouble(
        Words(ja="用紙が詰まっています", easy="紙（かみ）が つまっています", en="paper is jammed"),
        Words(
            ja="本体を開けて、詰まった用紙を取り除いてください",
            easy="機械（きかい）を あけて、つまった 紙（かみ）を とってください",
            en="Open the kiosk and take out the jammed paper",
        ),
    ),
    "toner_low": Trouble(
        Words(ja="トナーが残りわずかです", easy="インクが すこししか ありません", en="toner is low"),
        Words(
            ja="交換用のトナーを用意してください",
            easy="新（あたら）しい インクを 用意（ようい）してください",
            en="Have a toner cartridge ready",
        ),
    ),
    "toner_out": Trouble(
        Words(ja="トナーがなくなりました", easy="インクが ありません", en="out of toner"),
        Words(ja="トナーを交換してください", easy="インクを かえてください", en="Replace the toner cartridge"),
    ),
    "printer_offline": Trouble(
        Words(ja="プリンターが応答しません", easy="プリンターが うごきません", en="the printer does not answer"),
        Words(
            ja="プリンターの電源とケーブルを確認してください",
            easy="プリンターの 電源（でんげん）と 線（せん）を 見（み）てください",
            en="Check the printer's power and cable",
        ),
    ),
    "card_reader_fault": Trouble(
        Words(
            ja="カード読み取り機の不具合です",
            easy="カードを よむ 機械（きかい）が こわれています",
            en="the card reader has a fault",
        ),
        Words(
            ja="カードが残っていないか確認し、改善しなければ保守会社に連絡してください",
            easy="カードが のこっていないか 見（み）てください。なおらないときは 会社（かいしゃ）に 電話（でんわ）してください",
            en="Look for a card left inside; if that does not help, call the maintenance company",
        ),
    ),
    "payment_fault": Trouble(
        Words(
            ja="料金の支払い機の不具合です",
            easy="お金（かね）を はらう 機械（きかい）が こわれています",
            en="payment does not work",
        ),
        Words(
            ja="現金の詰まりを確認し、改善しなければ保守会社に連絡してください",
            easy="お金（かね）が つまっていないか 見（み）てください。"
            "なおらないときは 会社（かいしゃ）に 電話（でんわ）してください",
            en="Look for jammed coins or notes; if that does not help, call the maintenance company",
        ),
    ),
    "network_lost": Trouble(
        Words(ja="通信が途切れています", easy="ネットワークが つながりません", en="the network is down"),
        Words(
            ja="通信機器の電源とケーブルを確認してください",
            easy="ネットワークの 機械（きかい）の 電源（でんげん）と 線（せん）を 見（み）てください",
            en="Check the network equipment's power and cables",
        ),
    ),
    "power_on_battery": Trouble(
        Words(ja="予備電池で動いています", easy="電池（でんち）で うごいています", en="running on battery"),
        Words(
            ja="停電かどうか、ブレーカーを確認してください",
            easy="電気（でんき）が きているか 見（み）てください",
            en="Check for a power cut and the circuit breaker",
        ),
    ),
    "door_open": Trouble(
        Words(ja="本体の扉が開いています", easy="機械（きかい）の とびらが あいています", en="its door is open"),
        Words(
            ja="作業後は扉を閉めて施錠してください",
            easy="とびらを しめて、かぎを かけてください",
            en="Close and lock the door when done",
        ),
    ),
    "maintenance": Trouble(
        Words(ja="点検中です", easy="点検（てんけん）しています", en="being serviced"),
        Words(
            ja="点検が終わったら運用に戻してください",
            easy="おわったら、もとに もどしてください",
            en="Put it back into service when done",
        ),
    ),
    "backend_unreachable": Trouble(
        Words(
            ja="証明書の発行システムにつながりません",
            easy="証明書（しょうめいしょ）の システムに つながりません",
            en="the certificate system cannot be reached",
        ),
        Words(
            ja="証明書発行センターの運用状況を確認してください",
            easy="証明書（しょうめいしょ）の センターに 聞（き）いてください",
            en="Ask the certificate centre about its operation",
        ),
    ),
    "unknown": Trouble(
        Words(ja="原因を確認しています", easy="どうしてか しらべています", en="the cause is being looked into"),
        Words(
            ja="端末の画面と、端末内の制御プログラムが動いているか確認してください",
            easy="機械（きかい）の 画面（がめん）を 見（み）てください",
            en="Look at the kiosk's screen, and whether its service provider runs",
        ),
    ),
}


def because(headline: Words, reasons: list[Reason]) -> Words:
    """A headline with the first reason behind it."""
    if not reasons:
        return headline
    said = TROUBLES[reasons[0]].said
    return Words(ja=f"{headline.ja}（{said.ja}）", easy=f"{headline.easy}。{said.easy}", en=f"{headline.en}: {said.en}")


def all_of(reasons: list[Reason]) -> Words:
    """Every reason in one line."""
    if not reasons:
        return NO_REASON
    said = [TROUBLES[reason].said for reason in reasons]
    return Words(
        ja="、".join(each.ja for each in said),
        easy="。".join(each.easy for each in said),
        en=", ".join(each.en for each in said),
    )


def empty_in(status: Words, empty_in_s: float) -> Words:
    """A supply's status with its forecast."""
    hours = empty_in_s / 3600
    if hours < 1:
        return Words(
            ja=f"{status.ja}（1時間以内になくなる見込み）",
            easy=f"{status.easy}。1時間（じかん）くらいで なくなります",
            en=f"{status.en}, empty within an hour",
        )
    if hours < 48:
        return Words(
            ja=f"{status.ja}（約{hours:.0f}時間でなくなる見込み）",
            easy=f"{status.easy}。{hours:.0f}時間（じかん）くらいで なくなります",
            en=f"{status.en}, empty in about {hours:.0f} h",
        )
    return Words(
        ja=f"{status.ja}（約{hours / 24:.0f}日でなくなる見込み）",
        easy=f"{status.easy}。{hours / 24:.0f}日（にち）くらいで なくなります",
        en=f"{status.en}, empty in about {hours / 24:.0f} days",
    )


def supply_soon_empty(name: Words, empty_in_s: float) -> Words:
    """A supply that will be empty soon, as a request to the staff."""
    minutes = max(1, round(empty_in_s / 60))
    return Words(
        ja=f"{name.ja}は約{minutes}分でなくなる見込みです。補充の準備をしてください",
        easy=f"{name.easy}は {minutes}分（ふん）くらいで なくなります。用意（ようい）してください",
        en=f"{name.en} will be empty in about {minutes} min; get ready to refill",
    )


def to_do(reason: Reason) -> Words:
    """What is wrong, and what the staff shall do."""
    said, do = TROUBLES[reason]
    return Words(ja=f"{said.ja}。{do.ja}", easy=f"{said.easy}。{do.easy}", en=f"{said.en.capitalize()}. {do.en}")
