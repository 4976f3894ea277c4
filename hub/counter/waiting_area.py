"""The people in one waiting area by its sensor: how many now, and how many in the next two hours."""

from __future__ import annotations

from bisect import insort
from typing import Final

from edge.contract.records.counter import CounterPeople
from hub.counter import words
from hub.counter.outlook import Outlook
from hub.counter.steady import Bounds
from hub.judgement import Expected, Figure
from hub.words import Words

LATELY_US: Final = 900_000_000
WINDOWS_KEPT: Final = 200


class WaitingArea:
    """One zone; ``bounds`` are the levels' people."""

    def __init__(self, code: str, name: Words, bounds: Bounds, outlook: Outlook) -> None:
        self._code = code
        self._name = name
        self._bounds = bounds
        self._windows: list[tuple[int, float]] = []
        self._newest: CounterPeople | None = None
        self.t = 0
        self.outlook = outlook

    @property
    def people(self) -> float:
        """By the newest window, 0 before the first."""
        return 0.0 if self._newest is None else self._newest.people

    @property
    def known(self) -> bool:
        """Whether the sensor ever told."""
        return self._newest is not None

    def take(self, t: int, record: CounterPeople) -> bool:
        """Take one window that ended at ``t`` [µs UTC]; whether it is the newest."""
        insort(self._windows, (t, record.people))
        del self._windows[:-WINDOWS_KEPT]
        if t < self.t:
            return False
        self._newest, self.t = record, t
        return True

    def figure(self, now: int, told: bool, fresh_for_s: float, opens_for_min: float) -> Figure:
        """The zone's figure; without ``told`` nothing is known. See ``ServiceQueue.figures``."""
        record = self._newest if told else None
        ahead = [] if record is None else self._ahead(now, opens_for_min)
        return Figure(
            key=f"people_{self._code}", label=words.people_label(self._name), t=self.t, fresh_for_s=fresh_for_s,
            value=None if record is None else record.people, low=None if record is None else record.low,
            high=None if record is None else record.high,
            text=words.people_at_least(int(record.low)) if record is not None and record.saturated else None,
            ahead=ahead, ahead_by=self.outlook.basis if ahead else None,
        )  # fmt: skip

    def _ahead(self, now: int, opens_for_min: float) -> list[Expected]:
        lately = [people for t, people in self._windows if now - LATELY_US < t <= now]
        if not lately:
            return []
        return [
            Expected(
                minutes=count.minutes, value=round(count.median, 1), low=round(count.low, 1),
                high=round(count.high, 1), level=self._bounds.level_of(count.median),
            )
            for count in self.outlook.ahead(now, sum(lately) / len(lately))
            if count.minutes < opens_for_min
        ]  # fmt: skip
