"""Identification of modes over a sliding window of trusted samples."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.bridge.block import Block
from edge.bridge.config import Modes
from edge.bridge.identification import Mode, identify


@dataclass(frozen=True, slots=True)
class Identified:
    """What one identification found: modes with shapes over all channels (NaN where a channel was left out)."""

    t: int
    modes: tuple[Mode, ...]
    channels: tuple[str, ...]
    level_m_s2: float


class IdentifyModes:
    """The step; holds one window at the rate of the analysis.

    A channel that was not trusted in some part of the window is left out of the whole identification. Frequencies are by
    the device's clock: the true sampling rate is put in at the end.
    """

    def __init__(self, config: Modes, highest_hz: float) -> None:
        self._config = config
        self._highest_hz = highest_hz
        self._blocks: deque[Block] = deque()
        self._held = 0
        self._new = 0
        self._begun = False

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if not isinstance(item, Block):
            return [item]
        if self._blocks and self._blocks[-1].rate_hz != item.rate_hz:
            self._blocks.clear()
            self._held = 0
        self._blocks.append(item)
        self._held += len(item.samples)
        self._new += len(item.samples)
        while self._held - len(self._blocks[0].samples) >= self._config.window_s * item.rate_hz:
            self._held -= len(self._blocks.popleft().samples)
        due_s = self._config.step_s if self._begun else self._config.first_s
        if self._new < due_s * item.rate_hz - 0.5 * len(item.samples):
            return [item]
        self._new, self._begun = 0, True
        found = self._identify(item)
        return [item] if found is None else [found, item]

    def _identify(self, last: Block) -> Identified | None:
        used = np.logical_and.reduce([block.used for block in self._blocks])
        if not used.any():
            return None
        pieces = self._pieces(used)
        modes = identify(pieces, last.rate_hz, (self._config.lowest_hz, self._highest_hz), self._config.gates)
        joined = np.concatenate(pieces)
        return Identified(
            t=last.end,
            modes=tuple(
                mode._replace(
                    frequency_hz=mode.frequency_hz * last.rate_ratio,
                    frequency_std_hz=mode.frequency_std_hz * last.rate_ratio,
                    shape=_spread(mode.shape, used),
                )
                for mode in modes
            ),
            channels=last.names,
            level_m_s2=float(np.sqrt(((joined - joined.mean(axis=0)) ** 2).mean())),
        )

    def _pieces(self, used: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
        pieces: list[list[NDArray[np.float64]]] = []
        for block in self._blocks:
            if not pieces or not block.continues:
                pieces.append([])
            pieces[-1].append(block.samples[:, used])
        return [np.concatenate(piece) for piece in pieces]


def _spread(shape: NDArray[np.complex128], used: NDArray[np.bool_]) -> NDArray[np.complex128]:
    spread = np.full(len(used), np.nan, dtype=np.complex128)
    spread[used] = shape
    return spread
