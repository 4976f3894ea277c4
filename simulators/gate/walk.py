"""One walk through a lane: when a body interrupts the two beams, and where it is at each moment.

The way in is the positive direction; the outer beam stands at 0, the inner one at ``BEAM_GAP_M``. A body is a plank of
a certain depth that moves at constant speed; who turns back walks the same way backward after a short stop.

Simplified: no arms, bags or pushchairs that interrupt a beam by themselves, no change of pace.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

BEAM_GAP_M = 0.10
APPROACH_M = 1.6
"""From where a walk begins to the outer beam, and from the inner beam to where it ends."""


class Edge(NamedTuple):
    """A beam (0 outer, 1 inner) is interrupted or clear again, so long after the walk's beginning."""

    after_s: float
    beam: int
    blocked: bool


@dataclass(frozen=True, slots=True)
class Walk:
    """A body of ``depth_m`` at ``speed_mps``, ``inward`` or out; ``turns_at_m`` past the first beam it turns back."""

    inward: bool
    speed_mps: float
    depth_m: float
    turns_at_m: float | None = None
    stop_s: float = 0.6

    @property
    def lasts_s(self) -> float:
        """From beginning to end."""
        if self.turns_at_m is None:
            return (2 * APPROACH_M + BEAM_GAP_M + self.depth_m) / self.speed_mps
        return 2 * (APPROACH_M + self.turns_at_m) / self.speed_mps + self.stop_s

    def front_m(self, after_s: float) -> float:
        """How far the front is past the first beam on its way [m]."""
        forward = self.speed_mps * after_s - APPROACH_M
        if self.turns_at_m is None or forward <= self.turns_at_m:
            return forward
        back_after_s = after_s - (self.turns_at_m + APPROACH_M) / self.speed_mps - self.stop_s
        return self.turns_at_m - self.speed_mps * max(0.0, back_after_s)

    def position_m(self, after_s: float) -> float:
        """Where the body's middle is on the axis inward from the outer beam [m]."""
        way = self.front_m(after_s) - self.depth_m / 2
        return way if self.inward else BEAM_GAP_M - way

    def edges(self) -> list[Edge]:
        """The beams' edges in order."""
        first, second = (0, 1) if self.inward else (1, 0)
        begin_s = APPROACH_M / self.speed_mps
        edges: list[Edge] = []
        for beam, at_m in ((first, 0.0), (second, BEAM_GAP_M)):
            edges += self._edges_of(beam, at_m, begin_s)
        return sorted(edges)

    def _edges_of(self, beam: int, at_m: float, begin_s: float) -> list[Edge]:
        reach_s = begin_s + at_m / self.speed_mps
        clear_s = reach_s + self.depth_m / self.speed_mps
        if self.turns_at_m is None:
            return [Edge(reach_s, beam, True), Edge(clear_s, beam, False)]
        if self.turns_at_m <= at_m:
            return []
        turned_s = begin_s + self.turns_at_m / self.speed_mps + self.stop_s
        leave_s = turned_s + (self.turns_at_m - at_m) / self.speed_mps
        if self.turns_at_m < at_m + self.depth_m:
            return [Edge(reach_s, beam, True), Edge(leave_s, beam, False)]
        again_s = turned_s + (self.turns_at_m - at_m - self.depth_m) / self.speed_mps
        return [
            Edge(reach_s, beam, True), Edge(clear_s, beam, False),
            Edge(again_s, beam, True), Edge(leave_s, beam, False),
        ]  # fmt: skip
