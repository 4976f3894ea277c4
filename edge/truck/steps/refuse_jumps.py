"""Refuse jumps: a position that no truck could have reached goes no further.

Rules it keeps:
- A fix is refused when it lies further from the last one kept than ``fastest_m_s`` allows for the time between, with
  ``slack_m`` for the noise of both.
- ``agree`` refused fixes in a row that are plausible among themselves win: then it was the old place that was wrong.
"""

from __future__ import annotations

from collections.abc import Iterable

from edge.truck.fix import Fix, distance_m


class RefuseJumps:
    """Fixes in, plausible fixes out; ``refused`` counts the others."""

    def __init__(self, fastest_m_s: float, slack_m: float, agree: int) -> None:
        self.refused = 0
        self._fastest_m_s = fastest_m_s
        self._slack_m = slack_m
        self._agree = agree
        self._kept: Fix | None = None
        self._elsewhere: Fix | None = None
        self._agreeing = 0

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        """The item, unless it is a fix too far away."""
        if not isinstance(item, Fix):
            return [item]
        if self._kept is None or self._reachable(self._kept, item):
            return self._keep(item)
        self._agreeing = (
            self._agreeing + 1 if self._elsewhere is not None and self._reachable(self._elsewhere, item) else 1
        )
        self._elsewhere = item
        if self._agreeing >= self._agree:
            return self._keep(item)
        self.refused += 1
        return []

    def _keep(self, fix: Fix) -> list[object]:
        self._kept, self._elsewhere, self._agreeing = fix, None, 0
        return [fix]

    def _reachable(self, before: Fix, fix: Fix) -> bool:
        seconds = max(0.0, (fix.mono - before.mono) / 1e6)
        way = distance_m(before.lat_deg, before.lon_deg, fix.lat_deg, fix.lon_deg)
        return way <= self._fastest_m_s * seconds + self._slack_m
