"""What the pages say of a library gate, in three languages."""

from __future__ import annotations

from typing import Final

from hub.words import Words

NOTHING_YET: Final = Words(ja="まだ情報がありません", easy="まだ わかりません", en="No data yet")
STALE: Final = Words(
    ja="最新の情報が届いていません", easy="新（あたら）しい ようすが わかりません", en="No recent data"
)
CLOSED: Final = Words(ja="閉館しています", easy="今（いま）は しまっています", en="Closed now")
OPEN: Final = Words(ja="開館しています", easy="あいています", en="Open")
SEATS_FREE: Final = Words(ja="空席があります", easy="席（せき）は あいています", en="Seats available")
SEATS_FILLING: Final = Words(ja="席が埋まってきています", easy="席（せき）が へってきました", en="Seats are filling up")
SEATS_FEW: Final = Words(
    ja="空席が残りわずかです", easy="あいている 席（せき）は 少（すこ）しです", en="Few seats left"
)
SEATS_FULL: Final = Words(ja="満席です", easy="席（せき）は ぜんぶ つかっています", en="No seats free")

PEOPLE_INSIDE: Final = Words(ja="館内の人数", easy="中（なか）に いる 人（ひと）", en="People inside")
ALARM: Final = Words(ja="持ち出し警報", easy="本（ほん）の もちだし", en="Article alarm")
NO_ALARM: Final = Words(ja="なし", easy="ありません", en="None")
ANTENNAS: Final = Words(ja="アンテナの状態", easy="アンテナの ようす", en="Antennas")
ANTENNAS_WELL: Final = Words(ja="正常", easy="だいじょうぶです", en="All well")
SILENT_SEATS: Final = Words(
    ja="応答のない座席センサー", easy="こたえない 席（せき）の センサー", en="Silent seat sensors"
)
OVER_CAPACITY: Final = Words(
    ja="館内の人数が定員を超えています",
    easy="中（なか）に いる 人（ひと）が 多（おお）すぎます",
    en="More people inside than the house holds",
)

_ANTENNA: Final = {
    "noisy": Words(
        ja="電波雑音が多くなっています。周囲の機器を確認してください",
        easy="電波（でんぱ）の ざつおんが 多（おお）いです。まわりの きかいを 見（み）てください",
        en="radio noise is high; look for equipment switched on nearby",
    ),
    "detuned": Words(
        ja="アンテナの調整がずれています。金属物や接続を確認してください",
        easy="アンテナの 調整（ちょうせい）が ずれています。近（ちか）くの 金属（きんぞく）を 見（み）てください",
        en="detuned; check for metal nearby and its connector",
    ),
    "off": Words(
        ja="応答がありません。電源と配線を確認してください",
        easy="うごいていません。電源（でんげん）を 見（み）てください",
        en="no answer; check its power and cable",
    ),
}


def seats_of(area: Words) -> Words:
    """Label of an area's free seats."""
    return Words(ja=f"{area.ja}の空席", easy=f"{area.easy}の あいている 数（かず）", en=f"Free: {area.en}")


def free_of(free: int, seats: int) -> Words:
    """How many of how many seats are free."""
    return Words(
        ja=f"{seats}席中 {free}席", easy=f"{seats}の 席（せき）のうち {free}が あいています", en=f"{free} of {seats}"
    )


def alarm_at(clock: str, lane: Words, articles: int) -> Words:
    """When and where an armed article left, with a request to the staff."""
    return Words(
        ja=f"{clock} {lane.ja}で貸出手続きのない資料を{articles}点検知しました。声かけをお願いします",
        easy=f"{clock} {lane.easy}で、借（か）りていない 本（ほん）が {articles}さつ 出（で）ました",
        en=f"{clock}, {lane.en}: {articles} item(s) not checked out went through; please have a word",
    )


def antenna_trouble(antenna: str, state: str) -> Words:
    """What is wrong with an antenna, and what to do."""
    trouble = _ANTENNA[state]
    return Words(
        ja=f"アンテナ {antenna}：{trouble.ja}",
        easy=f"アンテナ {antenna}：{trouble.easy}",
        en=f"Antenna {antenna}: {trouble.en}",
    )


def antennas_in_trouble(count: int) -> Words:
    """How many antennas are not well."""
    return Words(ja=f"{count}基に異常", easy=f"{count}つ ぐあいが わるいです", en=f"{count} in trouble")


def beam_stuck(beam: str) -> Words:
    """A light beam stays interrupted."""
    return Words(
        ja=f"通過センサー {beam} が遮られたままです。物が置かれていないか、汚れていないか確認してください",
        easy=f"人（ひと）を かぞえる センサー {beam} の 前（まえ）に 物（もの）が ないか 見（み）てください",
        en=f"People sensor {beam} stays blocked; look for something in front of it or dirt on it",
    )


def silent_seats(area: Words, silent: int) -> Words:
    """Seat sensors of an area that say nothing."""
    return Words(
        ja=f"{area.ja}の座席センサー{silent}個が応答していません。電池を確認してください",
        easy=f"{area.easy}の センサー {silent}こが こたえません。電池（でんち）を 見（み）てください",
        en=f"{area.en}: {silent} seat sensor(s) do not answer; check their batteries",
    )
