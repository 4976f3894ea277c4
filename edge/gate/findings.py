"""What the steps of a gate's pipeline tell each other: findings on the way from raw items to records.

None of them leaves the pipeline. An article's hash ends here: no finding after ``DirectedTag`` has it.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Direction = Literal["in", "out", "unknown"]


class Passage(NamedTuple):
    """Somebody went through a lane; ``unknown`` where one of its beams could not tell."""

    lane: str
    direction: Direction


class EdgesLost(NamedTuple):
    """Edges of a lane never arrived: somebody may have passed unseen."""

    lane: str
    edges: int


class TagTrack(NamedTuple):
    """One article's stay at one lane's antennas, heard to its end.

    Attributes:
        lane: whose antennas heard it.
        item_hash: of the article.
        armed: not checked out, by the majority of its readings.
        outer_ms, inner_ms: when it was nearest to each antenna [ms after it was first heard]; None if not heard there.
        lasted_ms: from first to last reading.
    """

    lane: str
    item_hash: int
    armed: bool
    outer_ms: float | None
    inner_ms: float | None
    lasted_ms: int


class DirectedTag(NamedTuple):
    """An armed article that moved through a lane."""

    lane: str
    item_hash: int
    direction: Direction
