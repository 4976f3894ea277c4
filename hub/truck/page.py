"""A collection truck on the pages: where its round is, how fast it goes, how far it went."""

from __future__ import annotations

from typing import Final

from hub.display.family_page import Chart, FamilyPage
from hub.truck import wording
from hub.words import Words

PAGE: Final = FamilyPage(
    name=Words(ja="ごみ収集車", reading="ごみしゅうしゅうしゃ", easy="ごみの 車（くるま）", en="Collection trucks"),
    card=("points_served", "next_point", "speed_km_h", "round"),
    icon="M2 6h12v10h-1.200a3 3 0 0 0-5.600 0H2zM15 9h4l3 4v3h-1.200a3 3 0 0 0-5.600 0H15zM10 15.500"
    "a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM18 15.500a2 2 0 1 1 0 4 2 2 0 0 1 0-4z",
    charts=(
        Chart(kind="truck_position", field="speed_m_s", unit="km/h", scale=3.6, title=wording.SPEED),
        Chart(
            kind="truck_odometer", field="distance_m", unit="km", scale=0.001, aggregate="max", joined_s=900.0,
            from_zero=False, digits=1, title=wording.DISTANCE,
        ),
    ),
    moves=True,
)  # fmt: skip
