"""What each cabinet is and gives, in three languages: its name and headlines, what is counted of it, names of what it gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from edge.contract.records.kiosk import Cabinet, Certificate, Means
from hub.kiosk import wording
from hub.words import Words


class Said(NamedTuple):
    """One cabinet.

    Attributes:
        machine: what it is.
        service: what can be had there.
        can, cannot: the headlines while it can and cannot.
        sessions: of today; ``issued`` the sheets or forms of today, None where it gives none.
        power_of: where its power comes from.
    """

    machine: Words
    service: Words
    can: Words
    cannot: Words
    sessions: Words = wording.SESSIONS_TODAY
    issued: Words | None = wording.ISSUED_TODAY
    power_of: Mapping[str, Words] = wording.POWER_OF


CABINETS: Final[dict[Cabinet, Said]] = {
    "kiosk": Said(
        Words(
            ja="証明書自動交付機",
            reading="しょうめいしょじどうこうふき",
            easy="証明書（しょうめいしょ）の 機械（きかい）",
            en="Certificate kiosk",
        ),
        Words(ja="証明書の発行", easy="証明書（しょうめいしょ）", en="Certificates"),
        Words(
            ja="証明書を発行できます",
            easy="証明書（しょうめいしょ）を とることが できます",
            en="Certificates can be issued here",
        ),
        Words(
            ja="現在、証明書を発行できません",
            easy="今（いま）は 証明書（しょうめいしょ）を とることが できません",
            en="No certificates can be issued here now",
        ),
    ),
    "copy_terminal": Said(
        Words(
            ja="図面の写しの交付機",
            reading="ずめんのうつしのこうふき",
            easy="地図（ちず）を コピーする 機械（きかい）",
            en="Copy terminal",
        ),
        Words(ja="図面の写しの交付", easy="地図（ちず）の コピー", en="Copies of plans"),
        Words(
            ja="図面の写しを取得できます",
            easy="地図（ちず）の コピーを とることが できます",
            en="Copies of plans can be had here",
        ),
        Words(
            ja="現在、図面の写しを取得できません",
            easy="今（いま）は 地図（ちず）の コピーを とることが できません",
            en="No copies of plans can be had here now",
        ),
    ),
    "form_unit": Said(
        Words(
            ja="申請書作成機",
            reading="しんせいしょさくせいき",
            easy="申請（しんせい）の 紙（かみ）を 書（か）く 機械（きかい）",
            en="Form-filling unit",
        ),
        Words(ja="申請書の作成", easy="申請（しんせい）の 紙（かみ）を 作（つく）る", en="Filling in forms"),
        Words(
            ja="書かずに申請書を作成できます",
            easy="紙（かみ）を 書（か）かなくても いいです",
            en="Forms are filled in for you here",
        ),
        Words(
            ja="現在、申請書作成機を利用できません",
            easy="今（いま）は 紙（かみ）を 書（か）く 機械（きかい）を つかえません",
            en="The form-filling unit cannot be used now",
        ),
        issued=Words(ja="本日の作成枚数", easy="今日（きょう） 作（つく）った まいすう", en="Forms printed today"),
    ),
    "payment_terminal": Said(
        Words(
            ja="キャッシュレス決済端末",
            reading="きゃっしゅれすけっさいたんまつ",
            easy="カードや スマホで はらう 機械（きかい）",
            en="Payment terminal",
        ),
        Words(ja="キャッシュレス決済", easy="カードや スマホで はらう", en="Cashless payment"),
        Words(
            ja="キャッシュレスで支払えます",
            easy="カードや スマホで はらうことが できます",
            en="Cashless payment works here",
        ),
        Words(
            ja="現在、キャッシュレスで支払えません",
            easy="今（いま）は カードや スマホで はらうことが できません",
            en="No cashless payment here now",
        ),
        sessions=Words(ja="本日の支払い件数", easy="今日（きょう） はらった 回数（かいすう）", en="Payments today"),
        issued=None,
    ),
    "guide_robot": Said(
        Words(ja="案内ロボット", reading="あんないろぼっと", easy="案内（あんない）ロボット", en="Guidance robot"),
        Words(ja="館内の案内", easy="場所（ばしょ）の 案内（あんない）", en="Guidance"),
        Words(
            ja="案内ロボットがご案内します",
            easy="ロボットが 案内（あんない）します",
            en="The robot shows you the way",
        ),
        Words(
            ja="現在、案内ロボットは休止しています",
            easy="今（いま）は ロボットは やすんでいます",
            en="The guidance robot is resting now",
        ),
        sessions=Words(
            ja="本日の案内件数", easy="今日（きょう） 案内（あんない）した 回数（かいすう）", en="People guided today"
        ),
        issued=None,
        power_of={
            "mains": Words(ja="充電台にいます", easy="じゅうでんしています", en="on its charger"),
            "battery": Words(ja="電池で移動中", easy="電池（でんち）で うごいています", en="moving on its battery"),
            "battery_low": Words(
                ja="電池の残量が少なくなっています", easy="電池（でんち）が もうすぐ なくなります", en="battery is low"
            ),
        },
    ),
}

CERTIFICATES: Final[dict[Certificate, Words]] = {
    "residence": Words(
        ja="住民票の写し", reading="じゅうみんひょうのうつし", easy="住民票（じゅうみんひょう）", en="Residence record"
    ),
    "seal": Words(
        ja="印鑑登録証明書", reading="いんかんとうろくしょうめいしょ", easy="印鑑（いんかん）の 証明書（しょうめいしょ）",
        en="Seal registration certificate",
    ),
    "family_register": Words(
        ja="戸籍証明書", reading="こせきしょうめいしょ", easy="戸籍（こせき）の 証明書（しょうめいしょ）",
        en="Family register certificate",
    ),
    "tax": Words(
        ja="課税・納税証明書", reading="かぜいのうぜいしょうめいしょ", easy="税金（ぜいきん）の 証明書（しょうめいしょ）",
        en="Tax certificate",
    ),
    "none": Words(ja="なし", easy="なし", en="None"),
    "copy": Words(ja="図面の写し", reading="ずめんのうつし", easy="地図（ちず）の コピー", en="Copy of a plan"),
    "form": Words(ja="申請書", reading="しんせいしょ", easy="申請（しんせい）の 紙（かみ）", en="Application form"),
    "payment": Words(ja="支払い", reading="しはらい", easy="お金（かね）を はらう", en="Payment"),
    "guidance": Words(ja="案内", reading="あんない", easy="案内（あんない）", en="Guidance"),
}  # fmt: skip

MEANS: Final[dict[Means, Words]] = {
    "cash": Words(ja="現金", easy="現金（げんきん）", en="Cash"),
    "credit": Words(ja="クレジットカード", easy="クレジットカード", en="Credit card"),
    "emoney": Words(ja="電子マネー", easy="電子（でんし）マネー", en="Electronic money"),
    "code": Words(ja="コード決済", easy="スマホの コード", en="Code payment"),
    "other": Words(ja="その他", easy="ほかの 方法（ほうほう）", en="Other"),
}
