"""Find stops: adds to each fix whether the truck moves or stands, and says when a stand is over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from edge.truck.fix import Fix
from edge.truck.motion import Motion, MotionSettings, Stand


class Seen(NamedTuple):
    """A fix, whether the truck was in motion, and the stand that is on."""

    fix: Fix
    moving: bool
    stand: Stand | None


class FindStops:
    """Fixes in; ``StandEnded`` and ``Seen`` out."""

    def __init__(self, settings: MotionSettings) -> None:
        self._motion = Motion(settings)

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        """What the fix means for the truck's motion."""
        if not isinstance(item, Fix):
            return [item]
        ended = self._motion.take(item)
        return [*ended, Seen(item, self._motion.moving, self._motion.stand)]
