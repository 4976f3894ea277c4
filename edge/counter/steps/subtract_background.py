"""Turns a mean frame into warmth above what the place reads when nobody is there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from edge.counter.features import Background
from edge.counter.steps.average_frames import MeanFrame

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Contrast(NamedTuple):
    """°C above the background, shape (8, 8)."""

    degc: NDArray[np.float32]


class SubtractBackground:
    """Mean frames in, contrasts out; ``Background`` has the rules."""

    def __init__(self, halflife_s: float) -> None:
        self._background = Background(halflife_s)

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if not isinstance(item, MeanFrame):
            return (item,)
        return (Contrast(self._background.contrast(item.degc, item.elapsed_s)),)
