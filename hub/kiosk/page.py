"""Kiosks and the other cabinets on the pages: what each is, whether it works, what is left of its supplies."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.contract.records.kiosk import Cabinet
from hub.city import DeviceContext
from hub.display.family_page import Chart, FamilyPage
from hub.kiosk.cabinet_words import CABINETS, CERTIFICATES, MEANS
from hub.kiosk.certificates import GIVES
from hub.kiosk.public import services
from hub.words import Words

_SUPPLIES: Final = Chart(
    kind="kiosk_supply", field="level_percent", unit="%", aggregate="last", joined_s=1800.0,
    title=Words(ja="用紙・トナーの残量", easy="紙（かみ）と トナーの のこり", en="Supplies left"),
)  # fmt: skip
_SHEETS: Final = Chart(
    kind="kiosk_session", field="copies", aggregate="sum", joined_s=600.0,
    title=Words(ja="発行枚数", easy="出（で）た まいすう", en="Sheets issued"), called=lambda code: _given(code),
)  # fmt: skip
_SPARE_POWER: Final = Chart(
    kind="kiosk_power", field="charge_percent", unit="%", joined_s=7200.0,
    title=Words(ja="予備電池の充電", easy="電池（でんち）の のこり", en="Battery charge"),
)  # fmt: skip
_PAYMENTS: Final = Chart(
    kind="kiosk_takings", field="payments", aggregate="sum", joined_s=1800.0,
    title=Words(ja="支払い件数", easy="はらった 回数（かいすう）", en="Payments"), called=lambda code: _means(code),
)  # fmt: skip
_GUIDANCE: Final = Chart(
    kind="kiosk_session", field="duration_s", unit="s", joined_s=3600.0,
    title=Words(ja="案内にかかった時間", easy="案内（あんない）に かかった 時間（じかん）", en="Time that a guidance took"),
    called=lambda code: _given(code),
)  # fmt: skip
_CHARGE: Final = Chart(
    kind="kiosk_power", field="charge_percent", unit="%", joined_s=1800.0,
    title=Words(ja="電池の残量", easy="電池（でんち）の のこり", en="Battery charge"),
)  # fmt: skip

_CHARTS: Final[dict[Cabinet, tuple[Chart, ...]]] = {
    "kiosk": (_SUPPLIES, _SHEETS, _SPARE_POWER),
    "copy_terminal": (_SUPPLIES, _SHEETS, _SPARE_POWER),
    "form_unit": (_SUPPLIES, _SHEETS, _SPARE_POWER),
    "payment_terminal": (_PAYMENTS, _SPARE_POWER),
    "guide_robot": (_CHARGE, _GUIDANCE),
}


def _given(code: str) -> Words:
    return next((words for name, words in CERTIFICATES.items() if name == code), Words(ja=code, easy=code, en=code))


def _means(code: str) -> Words:
    return next((words for name, words in MEANS.items() if name == code), Words(ja=code, easy=code, en=code))


def _cabinet(context: DeviceContext) -> FamilyPage:
    """The page of one cabinet."""
    return msgspec.structs.replace(PAGE, name=CABINETS[context.cabinet].machine, charts=_CHARTS[context.cabinet])


PAGE: Final = FamilyPage(
    name=CABINETS["kiosk"].machine,
    card=("available", "reasons", "supply.", "issued_today", "takings.", "saved_today", "sessions_today", "power"),
    icon="M6 2h12v7H6zM8 4v3h8V4zM4 10h16v8h-3v4H7v-4H4zM9 15v5h6v-5zM16.500 11.800"
    "a1.200 1.200 0 1 0 0 2.400 1.200 1.200 0 0 0 0-2.400z",
    charts=_CHARTS["kiosk"],
    services=services,
    variant=_cabinet,
    answers=GIVES,
)
