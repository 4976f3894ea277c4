"""A bridge's hours as the hub stored them, made into the series that law, chart and changes are computed from.

Rules it keeps:
- An hour is the mean of what arrived of it; told again, because something came late, it takes the place of what was told.
- A row is an hour in which anything was measured; what was not is NaN, never filled in here. Temperatures alone make a row,
  because the structure follows them while no frequency is identified.
- Columns are in the order of their labels, m2 before m10, so that they are the girder's modes in its order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import numpy as np

from hub.bridge.drift import Series

MODE: Final = ("bridge_mode", "frequency_hz")
TEMPERATURE: Final = ("bridge_temperature", "temperature_degc")
COLUMNS_MOST: Final = 64
"""Most modes, and most temperatures, of one bridge."""


class Hours:
    """What was told of one bridge, by label and hour [µs UTC]."""

    def __init__(self) -> None:
        self._modes: dict[str, dict[int, float]] = {}
        self._temperatures: dict[str, dict[int, float]] = {}

    def tell(self, quantity: tuple[str, str], label: str, hours: Iterable[tuple[int, float]]) -> None:
        """Take hours of one series: beginnings [µs UTC] and means."""
        columns = self._modes if quantity == MODE else self._temperatures
        if label in columns or len(columns) < COLUMNS_MOST:
            columns.setdefault(label, {}).update(hours)

    def series(self) -> Series:
        """All hours, oldest first."""
        columns = [*self._modes.values(), *self._temperatures.values()]
        times = sorted({t for column in columns for t in column})
        modes, sensors = (tuple(sorted(columns, key=in_order)) for columns in (self._modes, self._temperatures))
        nan = float("nan")
        frequencies = [[self._modes[label].get(t, nan) for label in modes] for t in times]
        degc = [[self._temperatures[label].get(t, nan) for label in sensors] for t in times]
        return Series(
            np.array(times, dtype=np.float64) / 1e6,
            np.array(frequencies, dtype=np.float64).reshape(len(times), len(modes)),
            np.array(degc, dtype=np.float64).reshape(len(times), len(sensors)),
            modes,
            sensors,
        )


def in_order(label: str) -> list[tuple[int, str]]:
    """A key by which numbers within labels are in order of size."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", label) if part]
