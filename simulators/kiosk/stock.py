"""What lies in a cabinet: sheets in its trays and prints in its toner, their words, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from simulators.kiosk.cabinets import Kind
from simulators.kiosk.faults import Fault
from simulators.kiosk.settings import SHEETS_A_TONER, Settings

LOW_SHARE: Final = 0.15


class Stock:
    """The true levels by name; ``left`` are sheets."""

    def __init__(self, kind: Kind, settings: Settings) -> None:
        self._kind = kind
        self._unknown = settings.paper_unknown
        paper = dict(kind.paper if settings.paper is None else settings.paper)
        capacity = kind.capacity if settings.capacity is None else settings.capacity
        self.trays = tuple(paper)
        self.left = {**paper, **({} if kind.toner is None else {kind.toner: settings.toner_sheets})}
        self._capacity = {name: SHEETS_A_TONER if name == kind.toner else capacity for name in self.left}

    def enough(self, tray: str | None, sheets: int) -> bool:
        """Whether so many sheets can be printed from a tray."""
        toner = self._kind.toner is None or self.left[self._kind.toner] >= sheets
        return toner and (tray is None or self.left.get(tray, 0) >= sheets)

    def use(self, tray: str, sheets: int) -> list[str]:
        """Print; the names of what was used."""
        used = [tray, *([] if self._kind.toner is None else [self._kind.toner])]
        for name in used:
            self.left[name] = max(0, self.left[name] - sheets)
        return used

    def refill(self, name: str) -> None:
        """Somebody has come."""
        self.left[name] = self._capacity[name]

    def word(self, name: str) -> str:
        """The device's word for a supply."""
        left = self.left[name]
        return "out" if left == 0 else "low" if left < LOW_SHARE * self._capacity[name] else "full"

    def told(self) -> dict[str, tuple[int, int]]:
        """Left of how much, by name, as the device counts; −1 where it cannot."""
        hidden = self.trays if self._unknown else ()
        return {name: (-1 if name in hidden else left, self._capacity[name]) for name, left in self.left.items()}

    def wrong(self) -> Iterator[Fault]:
        """What its levels truly mean."""
        words = [self.word(tray) for tray in self.trays]
        if "out" in words:
            serves = self._kind.works_without_paper or set(words) != {"out"}
            yield Fault("degraded" if serves else "out_of_service", "paper_out", ())
        if "low" in words:
            yield Fault("degraded", "paper_low", ())
        if self._kind.toner is not None and self.word(self._kind.toner) != "full":
            out = self.word(self._kind.toner) == "out"
            yield Fault("out_of_service" if out else "degraded", "toner_out" if out else "toner_low", ())
