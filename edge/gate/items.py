"""What a gate's sources deliver: beam edges, tags heard, levels read, and the board's boots. Numbers only.

``clock_ms`` is the microcontroller's own clock: it counts from its boot and wraps after 49 days.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

Byte = Annotated[int, msgspec.Meta(ge=0, le=255)]
Word32 = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]


class BeamEdge(msgspec.Struct, frozen=True, tag="beam_edge"):
    """A light beam across a lane was interrupted or came back.

    Attributes:
        lane: number of the lane.
        beam: 0 the outer one (towards the street), 1 the inner one.
        blocked: interrupted, or clear again.
        counter: counts this beam's edges since the board's boot; a jump means that edges were lost.
    """

    lane: Byte
    beam: Annotated[int, msgspec.Meta(ge=0, le=1)]
    blocked: bool
    counter: Word32
    clock_ms: Word32


class TagHeard(msgspec.Struct, frozen=True, tag="tag_heard"):
    """An antenna heard a tagged article once; ``item_hash`` is salted in the board anew at every boot."""

    antenna: Byte
    armed: bool
    signal_dbm: float
    clock_ms: Word32
    item_hash: Word32


class LevelsRead(msgspec.Struct, frozen=True, tag="levels_read"):
    """Slow quantities read together: (channel, level in thousandths of its unit) each."""

    levels_milli: Annotated[list[tuple[Byte, int]], msgspec.Meta(max_length=64)]


class BoardAlive(msgspec.Struct, frozen=True, tag="board_alive"):
    """The board said who it is; ``restarted`` when it booted since, so that its counters and hashes begin anew."""

    restarted: bool


Item = BeamEdge | TagHeard | LevelsRead | BoardAlive
