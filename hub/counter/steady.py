"""A level that does not flicker: it rises within a minute and falls only when it has been well below for some time.

Rules it keeps:
- It rises when values have reached the next threshold for ``RISES_AFTER_US``, at once when one exceeds it by ``SURELY_AT``.
- It falls when values have been below ``FALLS_AT`` of the threshold that it stands on for ``falls_after_us``.
- A value older than the last one changes nothing.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from hub.judgement import Level

RISES_AFTER_US: Final = 60_000_000
SURELY_AT: Final = 1.25
FALLS_AT: Final = 0.7
FALLS_AFTER_US: Final = 600_000_000
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

    def __init__(self, bounds: Bounds, falls_after_us: int = FALLS_AFTER_US) -> None:
        self._bounds = bounds
        self._falls_after_us = falls_after_us
        self._rank = 0
        self._t: int | None = None
        self._above_since: int | None = None
        self._below_since: int | None = None
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
        self._above_since = _since(self._above_since, t, rises_to > self._rank)
        self._below_since = _since(self._below_since, t, falls_to < self._rank)
        if first:
            self._move(t, rises_to)
        elif self._above_since is not None:
            surely = value >= SURELY_AT * self._bounds[self._rank]
            if surely or t - self._above_since >= RISES_AFTER_US:
                self._move(t, rises_to)
        elif self._below_since is not None and t - self._below_since >= self._falls_after_us:
            self._move(t, falls_to)

    def _move(self, t: int, rank: int) -> None:
        self._rank, self.since = rank, t
        self._above_since = self._below_since = None


def _since(since: int | None, t: int, lasts: bool) -> int | None:
    """When something began that lasts; None while it does not."""
    if not lasts:
        return None
    return t if since is None else since
