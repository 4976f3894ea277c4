"""The level of vibration of each trusted channel, one record a window."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from edge.bridge.block import Block
from edge.contract.records.bridge import BridgeVibration


class ReportLevels:
    """The step; holds one window. A gap does not end a window: ``samples`` says how many there were."""

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._blocks: list[Block] = []
        self._count = 0

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if not isinstance(item, Block):
            return [item]
        self._blocks.append(item)
        self._count += len(item.samples)
        if self._count < self._window_s * item.rate_hz - 0.5 * len(item.samples):
            return [item]
        records = self._close(item)
        self._blocks, self._count = [], 0
        return [*records, item]

    def _close(self, last: Block) -> list[BridgeVibration]:
        samples = np.concatenate([block.samples for block in self._blocks])
        used = np.logical_and.reduce([block.used for block in self._blocks])
        samples = samples - samples.mean(axis=0)
        rms = np.sqrt((samples**2).mean(axis=0))
        peak = abs(samples).max(axis=0)
        return [
            BridgeVibration(
                t=last.end,
                channel=last.names[index],
                rms_m_s2=float(f"{rms[index]:.5g}"),
                peak_m_s2=float(f"{peak[index]:.5g}"),
                window_s=round(len(samples) / last.rate_hz, 3),
                samples=len(samples),
            )
            for index in np.flatnonzero(used)
        ]
