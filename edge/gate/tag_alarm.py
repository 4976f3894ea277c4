"""Armed articles that leave become one alarm an event (electronic article surveillance); here their hashes end.

Rules it keeps:
- Articles of one lane that leave within the gathering time are one event, told once, with their number.
- The same article is not told again for a while: somebody who waits in the gate is one event.
- Armed articles that come in are no alarm; those whose direction is unknown are one, and say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from edge.contract.records.gate import GateDetection
from edge.gate.findings import DirectedTag, Direction
from edge.gate.items import BoardAlive
from edge.pipeline import Step, Tick

MAX_ARTICLES: Final = 1000


def tag_alarm(gather_s: float, again_s: float) -> Step:
    """Directed tags to ``GateDetection``, told when the gathering time has passed."""
    return _TagAlarm(gather_s, again_s)


class _TagAlarm:
    def __init__(self, gather_s: float, again_s: float) -> None:
        self._gather_us = round(gather_s * 1e6)
        self._again_us = round(again_s * 1e6)
        self._told: dict[int, int] = {}
        self._events: dict[str, _Event] = {}

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if isinstance(item, DirectedTag):
            self._gather(mono, item)
            return
        if isinstance(item, BoardAlive) and item.restarted:
            self._told.clear()
        if isinstance(item, Tick):
            yield from self._tell(mono)
        yield item

    def _gather(self, mono: int, tag: DirectedTag) -> None:
        told_at = self._told.get(tag.item_hash)
        if tag.direction == "in" or (told_at is not None and mono - told_at < self._again_us):
            return
        if len(self._told) < MAX_ARTICLES:
            self._told[tag.item_hash] = mono
        event = self._events.setdefault(tag.lane, _Event(mono))
        event.articles = min(event.articles + 1, MAX_ARTICLES)
        if tag.direction == "out":
            event.direction = "out"

    def _tell(self, mono: int) -> Iterator[GateDetection]:
        for lane, event in [*self._events.items()]:
            if mono - event.began >= self._gather_us:
                del self._events[lane]
                yield GateDetection(t=event.began, lane=lane, direction=event.direction, articles=event.articles)
        self._told = {article: at for article, at in self._told.items() if mono - at < self._again_us}


class _Event:
    def __init__(self, began: int) -> None:
        self.began = began
        self.articles = 0
        self.direction: Direction = "unknown"
