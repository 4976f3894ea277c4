"""Two beams across a lane tell who went which way: the order in which they are interrupted and come back.

Rules it keeps:
- A person counts once they are through: outer, both, inner, clear is *in*; the reverse is *out*.
- Who turns back does not count.
- A second person close behind counts: the order seems to turn back while one is still leaving, but both beams are then
  interrupted for less time than a body needs to go back through them.
- A beam that stays interrupted is stuck, says so once, and the other beam goes on counting without direction.
- Lost edges are told, and the lane begins anew from what the beams say now.

Times are differences of the board's own clock, so that delays on the way do not matter; only a stuck beam, which says
nothing, is found by the device's time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from edge.contract.records import SourceState
from edge.gate.findings import Direction, EdgesLost, Passage
from edge.gate.items import BeamEdge, BoardAlive
from edge.pipeline import Step, Tick

OUTER, INNER = 0, 1
BEAM_NAMES: Final = ("outer", "inner")
_CLOCK_SPAN_MS: Final = 2**32
MOST_EDGES_LOST: Final = 100
"""A larger jump of a counter is a board that booted unseen: what was lost is not known better than this."""
_PLACE: Final = {(False, False): 0, (True, False): 1, (True, True): 2, (False, True): 3}
"""Place on the way in by (outer, inner) interrupted: before, at the outer, at both, at the inner beam."""
_AT_OUTER, _BOTH, _AT_INNER = 1, 2, 3


class BeamTimes(NamedTuple):
    """``stuck_s``: interrupted for longer is stuck. ``handover_ms``: both interrupted for less is two people."""

    stuck_s: float
    handover_ms: int


def beam_pairs(lanes: list[str], times: BeamTimes) -> Step:
    """Beam edges to passages; a lane number without a name is left out."""
    return _BeamPairs(lanes, times)


class _BeamPairs:
    def __init__(self, lanes: list[str], times: BeamTimes) -> None:
        self._lanes = [_Lane(name, times) for name in lanes]

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if isinstance(item, BeamEdge):
            if item.lane < len(self._lanes):
                yield from self._lanes[item.lane].edge(mono, item)
            return
        if isinstance(item, Tick):
            for lane in self._lanes:
                yield from lane.look_for_stuck(mono)
        elif isinstance(item, BoardAlive) and item.restarted:
            for lane in self._lanes:
                yield from lane.begin_anew(mono)
        yield item


class _Lane:
    def __init__(self, name: str, times: BeamTimes) -> None:
        self._name = name
        self._times = times
        self._blocked = [False, False]
        self._blocked_since = [0, 0]
        self._stuck = [False, False]
        self._counters: list[int | None] = [None, None]
        self._progress = 0
        self._both_since_ms = 0

    def edge(self, mono: int, edge: BeamEdge) -> Iterator[object]:
        lost = self._lost_before(edge)
        if lost:
            yield EdgesLost(self._name, lost)
            yield from self._resume(mono, edge)
            return
        if self._blocked[edge.beam] == edge.blocked:
            return
        before = self._place()
        self._blocked[edge.beam] = edge.blocked
        if edge.blocked:
            self._blocked_since[edge.beam] = mono
        elif self._stuck[edge.beam]:
            self._stuck[edge.beam] = False
            self._progress = 0
            yield self._state(mono, edge.beam)
            return
        if any(self._stuck):
            if not edge.blocked and not self._stuck[edge.beam]:
                yield Passage(self._name, "unknown")
            return
        yield from self._move(before, self._place(), edge.clock_ms)

    def look_for_stuck(self, mono: int) -> Iterator[object]:
        """Beams that have been interrupted for too long."""
        for beam in (OUTER, INNER):
            long = mono - self._blocked_since[beam] > self._times.stuck_s * 1e6
            if self._blocked[beam] and long and not self._stuck[beam]:
                self._stuck[beam] = True
                self._progress = 0
                yield self._state(mono, beam)

    def begin_anew(self, mono: int) -> Iterator[object]:
        """The board booted: its beams are clear until it says otherwise, and its counters begin again."""
        for beam in (OUTER, INNER):
            self._blocked[beam] = False
            self._counters[beam] = None
            if self._stuck[beam]:
                self._stuck[beam] = False
                yield self._state(mono, beam)
        self._progress = 0

    def _resume(self, mono: int, edge: BeamEdge) -> Iterator[SourceState]:
        """Begin anew from what the beams say now: who has just come to one beam alone may still pass."""
        self._blocked[edge.beam] = edge.blocked
        self._blocked_since[edge.beam] = mono
        self._progress = {_AT_OUTER: 1, _AT_INNER: -1}.get(self._place(), 0) if edge.blocked else 0
        if self._stuck[edge.beam]:
            self._stuck[edge.beam] = False
            yield self._state(mono, edge.beam)

    def _lost_before(self, edge: BeamEdge) -> int:
        last = self._counters[edge.beam]
        self._counters[edge.beam] = edge.counter
        return 0 if last is None else min((edge.counter - last - 1) % _CLOCK_SPAN_MS, MOST_EDGES_LOST)

    def _place(self) -> int:
        return _PLACE[self._blocked[OUTER], self._blocked[INNER]]

    def _move(self, before: int, now: int, clock_ms: int) -> Iterator[Passage]:
        """One step along the way in (+1) or out (−1); four steps one way are a passage."""
        if now == _BOTH:
            self._both_since_ms = clock_ms
        elif before == _BOTH and self._handed_over(now, clock_ms):
            yield Passage(self._name, self._leaving())
            self._progress = 1 if now == _AT_OUTER else -1
            return
        self._progress += 1 if (now - before) % 4 == 1 else -1
        if now == 0:
            if abs(self._progress) == 4:
                yield Passage(self._name, "in" if self._progress > 0 else "out")
            self._progress = 0

    def _handed_over(self, now: int, clock_ms: int) -> bool:
        """Whether the first of two people left while the second came.

        The second comes to the beam that the first has left behind (so both are interrupted again), then the first
        leaves the other one: the order steps back from nearly through to just begun, faster than a body can.
        """
        stepped_back = (self._progress, now) in ((2, _AT_OUTER), (-2, _AT_INNER))
        return stepped_back and (clock_ms - self._both_since_ms) % _CLOCK_SPAN_MS < self._times.handover_ms

    def _leaving(self) -> Direction:
        return "in" if self._progress > 0 else "out"

    def _state(self, mono: int, beam: int) -> SourceState:
        return SourceState(
            t=mono,
            source=f"{self._name}.{BEAM_NAMES[beam]}"[:32],
            state="failed" if self._stuck[beam] else "delivering",
        )
