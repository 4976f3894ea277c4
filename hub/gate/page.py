"""A library gate on the pages: people inside and seats."""

from __future__ import annotations

from typing import Final

from hub.display.family_page import Chart, FamilyPage
from hub.gate import wording
from hub.words import Words

PAGE: Final = FamilyPage(
    name=Words(ja="図書館", reading="としょかん", easy="図書館（としょかん）", en="Library"),
    card=("people_inside", "seats_free.", "article_alarm", "antennas_in_trouble"),
    icon="M3 4h6a3 3 0 0 1 3 2 3 3 0 0 1 3-2h6v15h-6.500a2.500 2.500 0 0 0-2.500 1.500A2.500 2.500 0 0 0 9.500 19H3z"
    "M5 6v11h4.500a4 4 0 0 1 1.500.300V8a2 2 0 0 0-2-2z"
    "M15 6a2 2 0 0 0-2 2v9.300a4 4 0 0 1 1.500-.300H19V6z",
    charts=(
        Chart(kind="gate_inside", field="people", title=wording.PEOPLE_INSIDE, joined_s=300.0),
        Chart(
            kind="gate_seats", field="occupied", aggregate="last", joined_s=300.0,
            title=Words(ja="使用中の座席", easy="つかっている 席（せき）", en="Seats in use"),
        ),
        Chart(
            kind="gate_passages", field="entered", aggregate="sum", joined_s=300.0,
            title=Words(ja="入館者", easy="入（はい）った 人（ひと）", en="People in"),
        ),
    ),
)  # fmt: skip
