"""Rows of the spectrogram averaged over longer spans before they are reported, for a line on which bytes are dear.

The novelty model, which stands before, sees every row. Densities are averaged, each row by what its own averages are worth;
with ``report_s`` no longer than a window each row goes on as it is.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from edge.bridge.config import Spectrum
from edge.contract.records.bridge import BridgeSpectrum


class AverageSpectra:
    """The step; holds the rows of one report. A channel that was not trusted in some windows has the others."""

    def __init__(self, config: Spectrum) -> None:
        self._windows_a_report = max(1, round(config.report_s / config.window_s))
        self._rows: dict[str, list[BridgeSpectrum]] = {}
        self._window_ends = 0
        self._windows = 0

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if not isinstance(item, BridgeSpectrum) or self._windows_a_report == 1:
            return [item]
        out: list[object] = []
        if item.t != self._window_ends:
            if self._windows == self._windows_a_report or not self._continues(item):
                out, self._windows = self._report(), 0
            self._window_ends = item.t or 0
            self._windows += 1
        self._rows.setdefault(item.channel, []).append(item)
        return out

    def _continues(self, row: BridgeSpectrum) -> bool:
        return all(len(rows[0].levels_db) == len(row.levels_db) for rows in self._rows.values())

    def _report(self) -> list[object]:
        rows, self._rows = self._rows, {}
        return [_averaged(of_channel) for of_channel in rows.values()]


def _averaged(rows: list[BridgeSpectrum]) -> BridgeSpectrum:
    weights = np.array([row.averages for row in rows])
    weights = weights / weights.sum()
    density = weights @ 10.0 ** (0.1 * np.array([row.levels_db for row in rows]))
    return BridgeSpectrum(
        t=rows[-1].t,
        channel=rows[-1].channel,
        f_first_hz=round(float(weights @ [row.f_first_hz for row in rows]), 9),
        f_step_hz=round(float(weights @ [row.f_step_hz for row in rows]), 9),
        levels_db=(np.round(10.0 * np.log10(density), 1) + 0.0).tolist(),
        averages=round(sum(row.averages for row in rows), 2),
    )
