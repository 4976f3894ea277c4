"""What the pages say of a kiosk or another cabinet, in three languages: for citizens, and what the staff shall do."""

from __future__ import annotations

from typing import Final, NamedTuple

from edge.contract.records.kiosk import Reason
from hub.words import Words, read_after

NOTHING_YET: Final = Words(ja="まだ情報がありません", easy="まだ わかりません", en="No data yet")
STALE: Final = Words(
    ja="現在の状態を確認できません",
    easy="今（いま） つかえるか わかりません",
    en="It is not known whether it works now",
)
CLOSED: Final = Words(
    ja="ただいま利用時間外です", easy="今（いま）は つかえない 時間（じかん）です", en="Outside service hours"
)
MAINTENANCE: Final = Words(
    ja="ただいま点検・補充中です",
    easy="今（いま） 機械（きかい）を なおしています。すこし まってください",
    en="Being serviced; please wait a little",
)

YES: Final = Words(ja="できます", easy="できます", en="available")
NO: Final = Words(ja="できません", easy="できません", en="not available")
WHY: Final = Words(ja="理由", easy="どうして", en="Reason")
NO_REASON: Final = Words(ja="異常なし", easy="もんだい ありません", en="All well")
SESSIONS_TODAY: Final = Words(ja="本日の利用件数", easy="今日（きょう） つかった 回数（かいすう）", en="Sessions today")
ISSUED_TODAY: Final = Words(ja="本日の発行枚数", easy="今日（きょう） 出（で）た まいすう", en="Sheets issued today")
AVAILABILITY: Final = Words(
    ja="開庁時間中の稼働率", easy="つかえた 時間（じかん）の わりあい", en="Available in open hours"
)
BETWEEN_FAILURES: Final = Words(
    ja="平均故障間隔", easy="こわれるまでの 時間（じかん）", en="Mean time between failures"
)
AFFECTED: Final = Words(ja="影響を受ける人数", easy="こまる 人（ひと）の 数（かず）", en="Citizens affected")
CONFIGURATION: Final = Words(ja="設定の照合", easy="せっていの チェック", en="Configuration")
CONFIGURATION_SAME: Final = Words(ja="登録と一致", easy="おなじです", en="as registered")
CONFIGURATION_SEEN: Final = Words(ja="登録なし", easy="登録（とうろく）が ありません", en="not registered")
CONFIGURATION_DIFFERS: Final = Words(
    ja="発行の設定が登録または他の端末と異なります。発行を止めて確認してください",
    easy="せっていが ちがいます。とめて しらべてください",
    en="What it issues by differs from what is registered or from the other kiosks. Stop issuing and check",
)
RETAINED: Final = Words(
    ja="取り忘れた書類かカードが機械の中に残っています。二人で扉を開けて回収し、個人情報として保管してください",
    easy="だれかの 紙（かみ）か カードが 中（なか）に あります。ふたりで とって、かぎの かかる ところに 入（い）れてください",
    en="A forgotten document or card is inside. Two of the staff open it, take it out and keep it as personal data",
)
RETAINED_TODAY: Final = Words(
    ja="本日の取り忘れ", easy="今日（きょう） わすれた 紙（かみ）・カード", en="Left behind today"
)
SAVED_TODAY: Final = Words(
    ja="本日の短縮時間", easy="今日（きょう） みじかく なった 時間（じかん）", en="Time saved today"
)
POWER: Final = Words(ja="電源", easy="電気（でんき）", en="Power")
POWER_OF: Final = {
    "comm_lost": Words(
        ja="電源装置と通信できません",
        easy="電池（でんち）の 機械（きかい）が こたえません",
        en="supply does not answer",
    ),
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
    "not_reported": Words(ja="残量の報告なし", easy="のこりは わかりません", en="level not reported"),
}


class Trouble(NamedTuple):
    """A reason as citizens read it, and what the staff shall do."""

    said: Words
    to_do: Words


TROUBLES: Final[dict[Reason, Trouble]] = {
    "document_retained": Trouble(
        Words(
            ja="取り忘れた書類かカードが機械の中にあります",
            easy="だれかの 紙（かみ）か カードが 機械（きかい）の 中（なか）に あります",
            en="a forgotten document or card is inside",
        ),
        Words(
            ja="二人で扉を開けて回収し、個人情報として保管してください",
            easy="ふたりで あけて、とって、かぎの かかる ところに 入（い）れてください",
            en="Two of the staff open it, take it out and keep it as personal data",
        ),
    ),
    "job_mixup": Trouble(
        Words(
            ja="二つの発行処理が重なったため停止しています",
            easy="ふたつの しごとが かさなったので とまっています",
            en="stopped because two jobs ran into each other",
        ),
        Words(
            ja="別の人の証明書が出ていないか確認し、保守会社に連絡してください。確認するまで再開しないでください",
            easy="ほかの 人（ひと）の 証明書（しょうめいしょ）が 出（で）ていないか 見（み）てください。"
            "会社（かいしゃ）に 電話（でんわ）してください",
            en="Check that nobody was given another's certificate, call the maintenance company, and do not resume before",
        ),
    ),
    "outcome_unknown": Trouble(
        Words(
            ja="発行の結果が確認できないため停止しています",
            easy="証明書（しょうめいしょ）が 出（で）たか わからないので とまっています",
            en="stopped because it is not known how a job ended",
        ),
        Words(
            ja="最後の発行が誰に渡ったか確認し、点検モードで再開してください",
            easy="さいごの 証明書（しょうめいしょ）を だれが もらったか しらべてください",
            en="Find out who got the last certificate, then resume by way of maintenance mode",
        ),
    ),
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
            en="Open it and take out the jammed paper",
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
    "power_failing": Trouble(
        Words(
            ja="停電で予備電池もなくなりそうです",
            easy="電気（でんき）が きていません。電池（でんち）も なくなります",
            en="power has failed and its battery is nearly empty",
        ),
        Words(
            ja="端末を正しい手順で停止してください",
            easy="機械（きかい）を ただしく とめてください",
            en="Shut it down in order",
        ),
    ),
    "power_not_known": Trouble(
        Words(
            ja="無停電電源装置と通信できません",
            easy="電池（でんち）の 機械（きかい）が こたえません",
            en="its uninterruptible power supply does not answer",
        ),
        Words(
            ja="無停電電源装置のケーブルと設定を確認してください",
            easy="電池（でんち）の 機械（きかい）の 線（せん）を 見（み）てください",
            en="Check the cable and the service of the power supply",
        ),
    ),
    "terminal_unreachable": Trouble(
        Words(
            ja="決済端末が応答しません",
            easy="お金（かね）を はらう 機械（きかい）が こたえません",
            en="the payment terminal does not answer",
        ),
        Words(
            ja="決済端末の電源と通信を確認してください",
            easy="お金（かね）を はらう 機械（きかい）の 電源（でんげん）と 線（せん）を 見（み）てください",
            en="Check the terminal's power and network",
        ),
    ),
    "settlement_failed": Trouble(
        Words(
            ja="日締め処理に失敗しています",
            easy="きのうの お金（かね）の けいさんが できていません",
            en="its settlement failed",
        ),
        Words(
            ja="日締め処理をやり直し、改善しなければ決済会社に連絡してください",
            easy="もう一度（いちど） けいさんしてください。だめなら 会社（かいしゃ）に 電話（でんわ）してください",
            en="Run the settlement again; if that does not help, call the payment company",
        ),
    ),
    "battery_low": Trouble(
        Words(
            ja="電池の残量が少なくなっています", easy="電池（でんち）が すこししか ありません", en="its battery is low"
        ),
        Words(
            ja="充電台に戻してください",
            easy="じゅうでんする ところに もどしてください",
            en="Take it back to its charger",
        ),
    ),
    "lost_way": Trouble(
        Words(
            ja="自分の位置が分からなくなっています",
            easy="今（いま） どこにいるか わからなくなっています",
            en="it does not know where it is",
        ),
        Words(
            ja="充電台まで運び、位置合わせをしてください",
            easy="じゅうでんする ところまで はこんでください",
            en="Take it to its charger and let it find its place anew",
        ),
    ),
    "unknown": Trouble(
        Words(ja="原因を確認しています", easy="どうしてか しらべています", en="the cause is being looked into"),
        Words(
            ja="端末の画面と、端末内の制御プログラムが動いているか確認してください",
            easy="機械（きかい）の 画面（がめん）を 見（み）てください",
            en="Look at its screen, and whether its control program runs",
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


def configuration(wanted: str | None, seen: str) -> Words:
    """Whether a part is what the city file says it shall be."""
    if wanted is None:
        return CONFIGURATION_SEEN
    return CONFIGURATION_SAME if wanted == seen else CONFIGURATION_DIFFERS


def too_few_failures(failures: int, least_h: float) -> Words:
    """Why there is no mean, and what is known all the same."""
    return Words(
        ja=f"故障が少なく計算できません（{failures}回、{least_h:,.0f}時間以上）",
        easy=f"まだ わかりません（{failures}回（かい））",
        en=f"too few failures ({failures}); at least {least_h:,.0f} h",
    )


def supply_soon_empty(name: Words, empty_in_s: float) -> Words:
    """A supply that will be empty soon, as a request to the staff."""
    minutes = max(1, round(empty_in_s / 60))
    return Words(
        ja=f"{name.ja}は約{minutes}分でなくなる見込みです。補充の準備をしてください",
        easy=read_after(minutes, f"{name.easy}は {minutes}分（ふん）くらいで なくなります。用意（ようい）してください"),
        en=f"{name.en} will be empty in about {minutes} min; get ready to refill",
    )


def to_do(reason: Reason) -> Words:
    """What is wrong, and what the staff shall do."""
    said, do = TROUBLES[reason]
    return Words(ja=f"{said.ja}。{do.ja}", easy=f"{said.easy}。{do.easy}", en=f"{said.en.capitalize()}. {do.en}")
