"""A level that does not flicker: it rises at its threshold and falls only well below it, and not at once.

Rules it keeps:
- It rises as soon as a value reaches the next threshold.
- It falls when the value is below ``FALLS_AT`` of the threshold that it stands on, and the level has stood a minute.
- A value older than the last one changes nothing.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from hub.judgement import Level

FALLS_AT: Final = 0.8
STANDS_US: Final = 60_000_000
LEVELS: Final[tuple[Level, ...]] = ("good", "notice", "warning", "bad")


class Bounds(NamedTuple):
    """Values from which a subject is worth a notice, a warning, and bad."""

    notice: float
    warning: float
    bad: float

    def level_of(self, value: float) -> Level:
        """The level of a value by itself."""
        return LEVELS[sum(value >= bound for bound in self)]


class SteadyLevel:
    """One subject's level; ``since`` is when it took its present one [µs UTC]."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._rank = 0
        self._t: int | None = None
        self.since = 0

    @property
    def level(self) -> Level:
        """The level now, "unknown" before the first value."""
        return "unknown" if self._t is None else LEVELS[self._rank]

    def take(self, t: int, value: float) -> None:
        """Take the value that was true at ``t`` [µs UTC]."""
        if self._t is not None and t < self._t:
            return
        first, self._t = self._t is None, t
        rises_to = sum(value >= bound for bound in self._bounds)
        falls_to = sum(value >= FALLS_AT * bound for bound in self._bounds)
        if first or rises_to > self._rank:
            self._move(t, rises_to)
        elif falls_to < self._rank and t - self.since >= STANDS_US:
            self._move(t, falls_to)

    def _move(self, t: int, rank: int) -> None:
        self._rank, self.since = rank, t
