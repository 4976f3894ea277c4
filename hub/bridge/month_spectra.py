"""The spectra of a month of one channel, a row every three hours, for the figure of the report."""

from __future__ import annotations

from typing import Final

import msgspec

from hub.bridge.month import HOUR_US, Month
from hub.display.spectrogram import Spectra
from hub.store.port import Point, SeriesQuery, Store

EVERY_US: Final = 3 * HOUR_US
ROWS_MOST: Final = 400


def read(store: Store, device: str, month: Month, channels: list[str]) -> tuple[str, Spectra] | None:
    """The first of ``channels`` that reported spectra in the month, with them; None where none did.

    Raises:
        StoreError: the store does not answer.
    """
    for channel in channels:

        def field(name: str, of: str = channel) -> list[Point]:
            query = SeriesQuery(
                device, "bridge_spectrum", name, month.t_from, month.t_to, {"channel": of}, EVERY_US, "last", ROWS_MOST
            )
            found = store.series(query)
            return list(found[0].points) if found else []

        levels, first, step = field("levels_db"), field("f_first_hz"), field("f_step_hz")
        rows = [(point.t + EVERY_US, _levels(point)) for point in levels]
        rows = [(t, values) for t, values in rows if values]
        if rows and first and step:
            told = Spectra([t for t, _ in rows], [v for _, v in rows], float(first[-1].value), float(step[-1].value))
            return channel, told
    return None


def _levels(point: Point) -> list[float]:
    return msgspec.json.decode(str(point.value), type=list[float])
