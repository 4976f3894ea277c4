"""Modules on serial lines of their own: a radar and a carbon dioxide module that speak their true bytes."""

from __future__ import annotations

from typing import Final

import numpy as np

from firmware_bridge.ld2450 import SLOTS, Target, frame_of
from firmware_bridge.mhz19 import READ_CO2, answer_of

RESOLUTION_MM: Final = 360
REQUEST_BYTES: Final = len(READ_CO2)


def radar_frame(rng: np.random.Generator, people: int) -> bytes:
    """One frame of a radar before which so many people move; it follows three, and leaves a ghost in an empty slot."""
    targets = [
        Target(int(rng.integers(-2000, 2000)), int(rng.integers(500, 5000)), int(rng.integers(-80, 80)), RESOLUTION_MM)
        for _ in range(min(people, SLOTS))
    ]
    ghosts = [Target(-782, 1713, 0, 0)] * (SLOTS - len(targets))
    return frame_of((*targets, *ghosts))


class Mhz19Module:
    """Answers each whole request with the carbon dioxide that it is told of."""

    def __init__(self) -> None:
        self.co2_ppm = 400.0
        self._pending = bytearray()

    def answer(self, received: bytes) -> bytes:
        """The answers to what was asked; bytes that are no request are passed over."""
        self._pending += received
        answers = self._pending.count(READ_CO2)
        kept = self._pending.rfind(READ_CO2)
        del self._pending[: kept + REQUEST_BYTES if answers else max(0, len(self._pending) - REQUEST_BYTES)]
        return answer_of(round(self.co2_ppm)) * answers
