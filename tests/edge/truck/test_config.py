"""A truck's ``[pipeline]`` table is refused where it contradicts itself."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from edge.truck.pipeline import Config


def point(name: str) -> dict[str, object]:
    return {"name": name, "lat_deg": 35.5, "lon_deg": 139.7}


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ({"points": [point("a"), point("b"), point("a")]}, "points: a: each needs a name of its own"),
        ({"points": [point("none")]}, "not 'none'"),
        ({"still_m_s": 2.0}, "moving_m_s 1.5: below still_m_s 2"),
        ({"reach": 3.0}, "reach"),
        ({"points": [{"name": "a", "lat_deg": 95.0, "lon_deg": 0.0}]}, "lat_deg"),
        ({"points": [point("Kamata 4")]}, "name"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(table: dict[str, Any], reason: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=reason):
        msgspec.convert(table, Config)


def test_an_empty_table_is_a_truck_without_a_round() -> None:
    assert msgspec.convert({}, Config).round is None
