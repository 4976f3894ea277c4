"""What two antennas hear of a tagged article that is carried between them.

Received power falls with the square of the distance there and back (20 dB a decade of distance for the reader's field
at the tag, which limits a passive tag), a body in between takes a few dB, and a reading succeeds the more often the
stronger it is. Source of the shape: Friis' equation; the numbers are those of a typical UHF gate.

Simplified: no reflections, no orientation of the tag, no collisions between tags.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

READINGS_A_SECOND = 12
POWER_AT_1M_DBM = -52.0
FADING_DB = 2.5
HALF_HEARD_DBM = -62.0
ANTENNA_M = {0: -0.6, 1: 0.7}
"""Where the antennas stand on the way in, the outer beam at 0; each a metre beside the way."""
BESIDE_M = 0.6


class Reading(NamedTuple):
    """One successful reading: antenna of the lane (0 outer, 1 inner) and received power."""

    antenna: int
    signal_dbm: float


def readings(position_m: float, rng: np.random.Generator) -> list[Reading]:
    """What each antenna hears in one round of reading with the article at ``position_m``."""
    heard: list[Reading] = []
    for antenna, stands_m in ANTENNA_M.items():
        distance_m = math.hypot(position_m - stands_m, BESIDE_M)
        signal_dbm = POWER_AT_1M_DBM - 20 * math.log10(distance_m) + rng.normal(0.0, FADING_DB)
        chance = 1 / (1 + math.exp(-(signal_dbm - HALF_HEARD_DBM) / 1.5))
        if rng.random() < chance:
            heard.append(Reading(antenna, signal_dbm))
    return heard
