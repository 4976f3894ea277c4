"""Which way an armed article went: by the order of the two antennas, else by the people who passed with it.

Rules it keeps:
- Near the inner antenna first is *out*, near the outer first is *in*.
- Heard by one antenna only, or by both at once, it takes the direction of the passages of its lane around it, if they
  all went one way; else its direction is unknown.
- What lay near the gate (too long for a walk) went nowhere and gives nothing; nor does what is not armed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

from edge.gate.findings import DirectedTag, Direction, Passage, TagTrack
from edge.pipeline import Step

CLEAR_ORDER_MS: Final = 150.0
"""Antennas whose nearest moments differ by less do not tell a direction."""
PASSAGES_REMEMBERED: Final = 64


def tag_direction(parked_ms: int, gather_s: float) -> Step:
    """Tracks of armed articles to ``DirectedTag``; passages are looked at and go on."""
    return _TagDirection(parked_ms, gather_s)


class _TagDirection:
    def __init__(self, parked_ms: int, gather_s: float) -> None:
        self._parked_ms = parked_ms
        self._gather_us = round(gather_s * 1e6)
        self._passages: deque[tuple[int, Passage]] = deque(maxlen=PASSAGES_REMEMBERED)

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if isinstance(item, TagTrack):
            if item.armed and item.lasted_ms <= self._parked_ms:
                yield DirectedTag(item.lane, item.item_hash, self._direction(mono, item))
            return
        if isinstance(item, Passage):
            self._passages.append((mono, item))
        yield item

    def _direction(self, mono: int, track: TagTrack) -> Direction:
        if track.outer_ms is not None and track.inner_ms is not None:
            order_ms = track.outer_ms - track.inner_ms
            if abs(order_ms) >= CLEAR_ORDER_MS:
                return "out" if order_ms > 0 else "in"
        # The track is told after it fell silent: look back over its whole stay and one gathering time more.
        since = mono - track.lasted_ms * 1000 - 2 * self._gather_us
        ways: set[Direction] = {
            passage.direction for when, passage in self._passages if when >= since and passage.lane == track.lane
        }
        return ways.pop() if len(ways) == 1 else "unknown"
