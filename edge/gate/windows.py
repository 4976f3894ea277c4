"""Passages counted a lane over windows of equal length; a window that nobody watched is not reported as empty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from edge.contract.records.gate import GatePassages
from edge.gate.findings import Passage
from edge.pipeline import Step


def windows(lanes: list[str], window_s: float) -> Step:
    """Passages to one ``GatePassages`` a lane and window; the passages go on."""
    return _Windows(lanes, window_s)


class _Windows:
    def __init__(self, lanes: list[str], window_s: float) -> None:
        self._window_us = round(window_s * 1e6)
        self._window_s = window_s
        self._counts = {lane: [0, 0] for lane in lanes}
        self._end: int | None = None

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        yield from self._close(mono)
        if isinstance(item, Passage) and item.direction != "unknown":
            self._counts[item.lane][item.direction == "out"] += 1
        yield item

    def _close(self, mono: int) -> Iterator[GatePassages]:
        """The window that has ended; after a sleep of the whole device the next one begins now."""
        if self._end is None:
            self._end = mono + self._window_us
        if mono < self._end:
            return
        for lane, counts in self._counts.items():
            yield GatePassages(t=self._end, lane=lane, entered=counts[0], left=counts[1], window_s=self._window_s)
            counts[:] = [0, 0]
        self._end = self._end + self._window_us if mono < self._end + self._window_us else mono + self._window_us
