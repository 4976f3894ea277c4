"""Numbers of the command line: what is outside its range is refused by argparse with the range that was wanted."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Final

LARGEST_SEED: Final = 2**63 - 1


def whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number from ``low`` to ``high``."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r}: wanted a whole number from {low} to {high}")
        return value

    return read


def real(low: float, high: float, unit: str) -> Callable[[str], float]:
    """A number from ``low`` to ``high``."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r}: wanted {unit} from {low:g} to {high:g}")
        return value

    return read


SEED: Final = whole(0, LARGEST_SEED)
PORT: Final = whole(0, 65_535)
RATE_HZ: Final = real(1e-3, 1e7, "hertz")
WAIT_S: Final = real(0.0, 86_400.0, "seconds")
"""Of a wait for an answer."""
