"""A pipeline: an ordered list of steps that turns what a source delivers into records.

Rules it keeps:
- It is pure: what comes out depends on what went in, in order, and on nothing else. No clock, no randomness, no I/O.
- Times are µs on the device's monotonic axis, given with each item; so are the ``t`` of the records that come out.
  The outbox settles them to UTC.
- An item that a step does not know passes through it unchanged; what is a ``Record`` at the end is reported.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import msgspec

from edge.contract.records import Record


class Tick(msgspec.Struct, frozen=True, tag="tick"):
    """A second has passed: lets steps close a window in which nothing was delivered."""


class Step(Protocol):
    """One small thing done to each item."""

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        """What goes on to the next step; ``mono`` is when the item was delivered [µs since boot]."""
        ...


class Pipeline:
    """Steps in order.

    Example: ``Pipeline(remove_background(300.0), find_people(model), count_in_and_out(60.0))``.
    """

    def __init__(self, *steps: Step) -> None:
        self._steps = steps

    def process(self, mono: int, item: object) -> list[Record]:
        """The records that ``item``, delivered at ``mono`` [µs since boot], gives rise to, in order."""
        items: list[object] = [item]
        for step in self._steps:
            made: list[object] = []
            for one in items:
                made += step(mono, one)
            items = made
            if not items:
                return []
        return [one for one in items if isinstance(one, Record)]
