"""Readings of one article smoothed into one stay: when it was nearest to which antenna, and whether it was armed.

Rules it keeps:
- A stay ends when the article was not heard for a while, however long it lasted.
- The moment at an antenna is the mean of its readings' times, weighted by received power: one strong reading near it
  counts for more than many weak ones from afar.
- Fewer readings than wanted, or none of them strong, are a ghost or an article on a shelf nearby and give nothing.
- The board's boot ends all stays, since its hashes begin anew.
- At most ``MAX_TRACKS`` articles are followed; the one not heard for longest goes first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Final

from edge.gate.findings import TagTrack
from edge.gate.items import BoardAlive, TagHeard
from edge.pipeline import Step

MAX_TRACKS: Final = 256
_CLOCK_SPAN_MS: Final = 2**32


def tag_tracks(places: dict[int, tuple[str, str]], silent_ms: int, readings: int, near_dbm: float) -> Step:
    """Tags heard to tracks; ``places`` gives the lane and the side of each antenna by its number."""
    return _TagTracks(places, silent_ms, readings, near_dbm)


class _TagTracks:
    def __init__(self, places: dict[int, tuple[str, str]], silent_ms: int, readings: int, near_dbm: float) -> None:
        self._places = places
        self._silent_us = silent_ms * 1000
        self._readings = readings
        self._near_dbm = near_dbm
        self._stays: dict[tuple[str, int], _Stay] = {}

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if isinstance(item, TagHeard):
            if item.antenna in self._places:
                yield from self._hear(mono, item)
            return
        if isinstance(item, BoardAlive) and item.restarted:
            yield from self._end([*self._stays])
        yield from self._end([key for key, stay in self._stays.items() if mono - stay.heard_at > self._silent_us])
        yield item

    def _hear(self, mono: int, tag: TagHeard) -> Iterator[TagTrack]:
        lane, side = self._places[tag.antenna]
        key = (lane, tag.item_hash)
        stay = self._stays.get(key)
        if stay is not None and mono - stay.heard_at > self._silent_us:
            yield from self._end([key])
        if key not in self._stays and len(self._stays) >= MAX_TRACKS:
            yield from self._end([min(self._stays, key=lambda each: self._stays[each].heard_at)])
        self._stays.setdefault(key, _Stay(tag.clock_ms)).hear(mono, tag, side)

    def _end(self, keys: list[tuple[str, int]]) -> Iterator[TagTrack]:
        for key in keys:
            stay = self._stays.pop(key)
            if stay.readings >= self._readings and stay.strongest_dbm >= self._near_dbm:
                yield stay.track(*key)


class _Stay:
    """Running sums over one article's readings."""

    def __init__(self, first_ms: int) -> None:
        self.heard_at = 0
        self.readings = 0
        self.strongest_dbm = -math.inf
        self.lasted_ms = 0
        self._first_ms = first_ms
        self._armed = 0
        self._power = {"outer": 0.0, "inner": 0.0}
        self._power_time = {"outer": 0.0, "inner": 0.0}

    def hear(self, mono: int, tag: TagHeard, side: str) -> None:
        power_mw = 10 ** (tag.signal_dbm / 10)
        self.heard_at = mono
        self.readings += 1
        self.strongest_dbm = max(self.strongest_dbm, tag.signal_dbm)
        self.lasted_ms = (tag.clock_ms - self._first_ms) % _CLOCK_SPAN_MS
        self._armed += tag.armed
        self._power[side] += power_mw
        self._power_time[side] += power_mw * self.lasted_ms

    def track(self, lane: str, item_hash: int) -> TagTrack:
        return TagTrack(
            lane, item_hash, 2 * self._armed > self.readings, self._nearest("outer"), self._nearest("inner"),
            self.lasted_ms,
        )  # fmt: skip

    def _nearest(self, side: str) -> float | None:
        return self._power_time[side] / self._power[side] if self._power[side] > 0 else None
