"""Turns the thermal frames of a doorway into line pulses, one for each person who walks through."""

from __future__ import annotations

from collections.abc import Iterable

from edge.counter.doorway import Direction, DoorwayTracker
from edge.counter.items import LinePulse, ThermalFrame
from firmware_bridge.amg8833 import pixels_c


class TrackPassages:
    """Thermal frames in, pulses of ``lane`` out; the frames go no further."""

    def __init__(self, lane: int) -> None:
        self._lane = lane
        self._passages = 0
        self._tracker = DoorwayTracker()

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if not isinstance(item, ThermalFrame):
            return (item,)
        return [self._pulse(passage.direction) for passage in self._tracker.take(mono, pixels_c(item.registers))]

    def _pulse(self, direction: Direction) -> LinePulse:
        self._passages += 1
        return LinePulse(self._lane, direction, self._passages)
