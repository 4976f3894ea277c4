"""A counter on the pages: how long one waits, how many are there, how the air is."""

from __future__ import annotations

from typing import Final

from hub.counter import words
from hub.counter.public import services
from hub.display.family_page import Chart, FamilyPage
from hub.words import Words

PAGE: Final = FamilyPage(
    name=Words(ja="窓口", reading="まどぐち", easy="窓口（まどぐち）", en="Counters"),
    card=("wait_", "people_", "co2"),
    icon="M12 3a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7zM5 19c0-4.500 3-7 7-7s7 2.500 7 7zM2 20h20v2H2z",
    charts=(
        Chart(
            kind="counter_queue", field="waiting", aggregate="last", joined_s=600.0,
            title=Words(ja="お待ちの組数", easy="まっている 人（ひと）", en="Tickets waiting"),
        ),
        Chart(
            kind="counter_people", field="people",
            title=Words(ja="待合の人数", easy="まつ ところに いる 人（ひと）", en="People in the waiting area"),
        ),
        Chart(kind="counter_air", field="co2_ppm", unit="ppm", from_zero=False, title=words.CO2),
    ),
    services=services,
)  # fmt: skip
