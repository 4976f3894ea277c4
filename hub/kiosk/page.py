"""A certificate kiosk on the pages: whether it works, and what is left of its supplies."""

from __future__ import annotations

from typing import Final

from hub.display.family_page import Chart, FamilyPage
from hub.kiosk.public import services
from hub.words import Words

PAGE: Final = FamilyPage(
    name=Words(
        ja="証明書自動交付機", reading="しょうめいしょじどうこうふき", easy="証明書（しょうめいしょ）の 機械（きかい）",
        en="Certificate kiosk",
    ),
    card=("available", "reasons", "supply.", "issued_today"),
    icon="M6 2h12v7H6zM8 4v3h8V4zM4 10h16v8h-3v4H7v-4H4zM9 15v5h6v-5zM16.500 11.800"
    "a1.200 1.200 0 1 0 0 2.400 1.200 1.200 0 0 0 0-2.400z",
    charts=(
        Chart(
            kind="kiosk_supply", field="level_percent", unit="%", aggregate="last", joined_s=1800.0,
            title=Words(ja="用紙・トナーの残量", easy="紙（かみ）と トナーの のこり", en="Supplies left"),
        ),
        Chart(kind="kiosk_session", field="copies", aggregate="sum", joined_s=600.0, title=Words(
            ja="発行枚数", easy="出（で）た まいすう", en="Sheets issued",
        )),
        Chart(kind="kiosk_power", field="charge_percent", unit="%", joined_s=7200.0, title=Words(
            ja="予備電池の充電", easy="電池（でんち）の のこり", en="Battery charge",
        )),
    ),
    services=services,
)  # fmt: skip
