"""What is left of a printer's supplies, whichever way it was asked: our name of each, and how full that is.

Rules it keeps:
- A level below 0 is not known (RFC 3805: −1 no restriction, −2 unknown, −3 at least one unit), never empty; so is one without
  a capacity above 0, and one beyond its capacity.
- Names of supplies are vendors' text: they choose one of our names by what they contain, and end here.
- Two supplies of one name are as good as the emptier.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from edge.kiosk.items import SupplyCounted, SupplyName, SupplyStatus

LOW_PERCENT: Final = 10
_COLOURS: Final[tuple[SupplyName, ...]] = ("black", "cyan", "magenta", "yellow")


class Level(NamedTuple):
    """One supply: ``left`` of ``capacity`` in its own unit, and low from ``low`` on; a negative number is not known."""

    name: SupplyName
    left: int
    capacity: int
    low: int = -1


def counted(levels: Sequence[Level]) -> list[SupplyCounted]:
    """The items of these levels, each name once."""
    return [SupplyCounted(one.name, one.left, one.capacity, status_of(one)) for one in scarcest(levels)]


def scarcest(levels: Sequence[Level]) -> list[Level]:
    """One level a name: the emptier of two, a known level before one that is not."""
    best: dict[SupplyName, Level] = {}
    for one in levels:
        held = best.get(one.name)
        if held is None or held.left < 0 or 0 <= one.left < held.left:
            best[one.name] = one
    return list(best.values())


def status_of(one: Level) -> SupplyStatus:
    """Full, low, out or unknown; without a mark of its own a supply is low at a tenth."""
    if one.left < 0 or one.capacity <= 0 or one.left > one.capacity:
        return "unknown"
    if one.left == 0:
        return "out"
    low = one.low if one.low >= 0 else one.capacity * LOW_PERCENT / 100
    return "low" if one.left <= low else "full"


def colourant(called: str, is_ink: bool) -> SupplyName:
    """Our name of a colourant that is called so."""
    text = called.lower()
    for colour in _COLOURS:
        if colour in text:
            return colour
    return "ink" if is_ink else "toner"
