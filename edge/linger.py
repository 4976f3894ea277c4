"""Linger: how long new records wait for company, so that a device on a metered line sends few and well-packed batches.

Rules it keeps:
- Nothing waits longer than ``longest_s``; what is released once never waits again, however often it is sent.
- What waits leaves together, so that waiting leaves no hole in the numbers.
- With ``longest_s`` 0 nothing waits.

It reads no clock and sees no records: whoever appends one that ``may_linger`` denies releases everything up to it.
"""

from __future__ import annotations

from edge.contract.ranges import RangeSet
from edge.contract.records import BlobManifest, Priority, Record


def may_linger(record: Record) -> bool:
    """Whether a record may wait: no alarm, no state, nothing that people watch, no announcement that chunks follow."""
    return record.priority > Priority.STATE and not record.shown and not isinstance(record, BlobManifest)


class Linger:
    """The waiting of one epoch's newest records."""

    def __init__(self, longest_s: float) -> None:
        self._longest_s = longest_s
        self.begin()

    def begin(self) -> None:
        """Begin anew: another epoch, whose numbers start again."""
        self._through = 0
        self._since: float | None = None

    def release(self, last: int) -> None:
        """Nothing up to number ``last`` waits any longer."""
        self._through = max(self._through, last)
        self._since = None

    def look(self, live: RangeSet, now: float) -> None:
        """Take note at ``now`` [s] of what is there to be sent; release it when its oldest has waited long enough."""
        waiting = self.held(live)
        if not waiting:
            self._since = None
        elif self._since is None:
            self._since = now
        elif now - self._since >= self._longest_s:
            self.release(max(last for _, last in waiting))

    def held(self, numbers: RangeSet) -> RangeSet:
        """Those of ``numbers`` that wait."""
        return (
            numbers.difference(RangeSet([(1, self._through)] if self._through else ()))
            if self._longest_s
            else RangeSet()
        )
