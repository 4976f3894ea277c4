"""Rows of the spectrogram: Welch's density of each trusted channel over each window, in tenths of a decibel."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from edge.bridge.block import Block
from edge.bridge.config import Spectrum
from edge.contract import limits
from edge.contract.records.bridge import BridgeSpectrum
from edge.spectra.welch import density_scale, segment_spectra
from edge.spectra.windows import effective_averages, hann

LOWEST_DENSITY = 1e-20


class ReportSpectra:
    """The step; holds one segment of samples and the sums of a window. No segment reaches over a gap."""

    def __init__(self, config: Spectrum, highest_hz: float) -> None:
        self._config = config
        self._highest_hz = highest_hz
        self._held: NDArray[np.float64] = np.zeros((0, 0))
        self._sum: NDArray[np.float64] = np.zeros((0, 0))
        self._used: NDArray[np.bool_] = np.zeros(0, dtype=np.bool_)
        self._segments = 0
        self._count = 0

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if not isinstance(item, Block):
            return [item]
        if not item.continues or self._held.shape[1] != item.samples.shape[1]:
            self._held = np.zeros((0, item.samples.shape[1]))
        if not self._count:
            self._sum, self._used, self._segments = np.zeros((0, 0)), item.used.copy(), 0
        self._held = np.concatenate((self._held, item.samples))
        self._used &= item.used
        self._count += len(item.samples)
        length = self._length(item.rate_hz)
        if len(self._held) >= length:
            self._add(length)
        if self._count < self._config.window_s * item.rate_hz - 0.5 * len(item.samples):
            return [item]
        self._count = 0
        return [*self._rows(item, length), item]

    def _length(self, rate_hz: float) -> int:
        return 2 * max(8, round(self._config.segment_s * rate_hz / 2.0))

    def _add(self, length: int) -> None:
        spectra = segment_spectra(self._held, length, length // 2)
        power = (spectra.real**2 + spectra.imag**2).sum(axis=0)
        self._sum = power if not self._segments else self._sum + power
        self._segments += len(spectra)
        self._held = self._held[len(spectra) * (length // 2) :]

    def _rows(self, block: Block, length: int) -> list[BridgeSpectrum]:
        if not self._segments:
            return []
        window = hann(length)
        step_hz = block.rate_hz / length
        last = min(int(self._highest_hz / step_hz * (1.0 + 1e-9)), length // 2, limits.LIST_ITEMS)
        density = self._sum * density_scale(length, block.true_rate_hz, window)[:, None] / self._segments
        levels = np.round(10.0 * np.log10(np.maximum(density[1 : last + 1], LOWEST_DENSITY)), 1) + 0.0
        averages = round(effective_averages(window, length // 2, self._segments), 2)
        return [
            BridgeSpectrum(
                t=block.end,
                channel=block.names[index],
                f_first_hz=round(step_hz * block.rate_ratio, 9),
                f_step_hz=round(step_hz * block.rate_ratio, 9),
                levels_db=levels[:, index].tolist(),
                averages=averages,
            )
            for index in np.flatnonzero(self._used)
        ]
