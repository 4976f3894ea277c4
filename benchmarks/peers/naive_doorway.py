"""A naive tracker of passages: the warmest pixel, counted when it has moved from one side of the doorway to the other."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

NAME = "naive tracker"
WARM_DEGC = 2.5
NEAR_UP_TO, FAR_FROM = 2, 5
"""Columns of the two sides."""


def passages(frames_degc: NDArray[np.float32]) -> Iterator[tuple[int, str]]:
    """Frame and direction of each passage; frames have the shape (frames, 8, 8) [°C].

    The background is the median of the whole sequence, which a device in the field does not know beforehand.
    """
    contrast = frames_degc - np.median(frames_degc, axis=0)
    side = 0
    for frame, degc in enumerate(contrast):
        if degc.max() < WARM_DEGC:
            side = 0
            continue
        column = int(degc.argmax()) % 8
        now = int(column >= FAR_FROM) - int(column <= NEAR_UP_TO)
        if now * side < 0:
            yield frame, "in" if now > 0 else "out"
        side = now or side
