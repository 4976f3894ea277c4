"""Predicted against measured frequencies of a bridge: its girder's model as designed, and brought to what was measured.

A hub computes it apart: scipy would stay in its memory.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import msgspec

from hub.apart import run_apart
from hub.bridge.twin_file import Girder

RELATIVE_STD: Final = 1e-3
"""Standard uncertainty that a measured frequency counts with, beside the error of the model."""
MODES_MOST: Final = 30
KEPT: Final = 64


class Asked(msgspec.Struct, frozen=True):
    """A girder, and measured frequencies [Hz] by the number of their mode, from 1, in the order of the girder's file."""

    girder: Girder
    measured_hz: dict[int, float]


class Row(msgspec.Struct, frozen=True):
    """A mode: predicted as designed, and by the model brought to the measured ones, with its standard uncertainty [Hz]."""

    designed_hz: float
    updated_hz: float
    updated_std_hz: float


class Predicted(msgspec.Struct, frozen=True):
    """By the number of the mode; ``fits``: whether the model can be this bridge without going far from its design."""

    rows: dict[int, Row]
    fits: bool


def numbers_of(labels: Sequence[str], girder: Girder) -> dict[str, int]:
    """Which of the girder's measured modes labels are, by the number in them; those that it does not have are left out."""
    most = len(girder.modes) or MODES_MOST
    found = {label: int("".join(re.findall(r"\d+", label)) or 0) for label in labels}
    return {label: number for label, number in found.items() if 1 <= number <= most}


def compute(asked: Asked) -> Predicted:
    """The table, with scipy."""
    import numpy as np

    from hub.bridge.twin import Twin
    from hub.bridge.twin_update import Measured, update

    hertz = np.full(max(asked.measured_hz), np.nan)
    for number, value in asked.measured_hz.items():
        hertz[number - 1] = value
    found = update(Twin(asked.girder), Measured(hertz, RELATIVE_STD * hertz))
    rows = {
        number: Row(*(float(column[number - 1]) for column in (found.before_hz, found.after_hz, found.after_std_hz)))
        for number in asked.measured_hz
    }
    return Predicted(rows, bool(found.fits))


def compute_apart(girder: Girder, measured_hz: dict[int, float]) -> Predicted:
    """The table in a process of its own; what was computed lately is known. Frequencies count to the mHz.

    Raises:
        ApartFailed: scipy is not installed, or it took too long.
    """
    rounded = {number: round(value, 3) for number, value in sorted(measured_hz.items())}
    return _computed(msgspec.json.encode(Asked(girder, rounded)))


@lru_cache(maxsize=KEPT)
def _computed(asked: bytes) -> Predicted:
    return msgspec.json.decode(run_apart("hub.bridge.twin_table", asked), type=Predicted)


def main() -> int:
    """What is asked as JSON on standard input, the table on standard output; exit status 1 and a line where there is none."""
    try:
        made = compute(msgspec.json.decode(sys.stdin.buffer.read(), type=Asked))
    except ImportError as problem:
        print(f"the twin needs scipy (pip install 'machikado[engineer]'): {problem}", file=sys.stderr)
        return 1
    sys.stdout.buffer.write(msgspec.json.encode(made))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
