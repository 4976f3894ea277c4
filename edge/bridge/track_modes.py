"""Which identified mode is which: labels that stay with a mode through time.

Rules it keeps:
- A label is given once a mode was seen often enough, and never given to another mode.
- A mode is the same one if its frequency is near and its shape alike over the channels that both have; of several
  that could be, the best pairs are joined first, so that crossing modes are told apart by shape.
- A labelled mode that is not seen is kept as it was, without end; one without a label is forgotten.
- Frequency and shape of a track follow slowly, so that one bad identification does not lead it astray.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.bridge.config import Modes
from edge.bridge.identification import Mode
from edge.bridge.identify_modes import Identified
from edge.contract.records.bridge import BridgeMode
from edge.spectra.assurance import modal_assurance_criterion

FOLLOW = 0.3
TRACKS = 64


@dataclass(slots=True)
class _Track:
    frequency_hz: float
    shape: NDArray[np.complex128] | None
    label: str | None = None
    seen: int = 0
    chances: int = 0


class TrackModes:
    """The step; holds at most ``TRACKS`` tracks."""

    def __init__(self, config: Modes) -> None:
        self._config = config
        self._tracks = [_Track(one.frequency_hz, None, one.mode) for one in config.reference]

    def __call__(self, mono: int, item: object) -> Iterable[object]:
        if not isinstance(item, Identified):
            return [item]
        pairs = self._pairs(item.modes)
        seen: dict[int, tuple[Mode, float | None]] = {}
        for track in self._tracks:
            track.chances += 1
        for mode, track, assurance in pairs:
            _follow(track, mode)
            seen[id(track)] = (mode, assurance)
        joined = {id(mode) for mode, _, _ in pairs}
        for mode in item.modes:
            if id(mode) not in joined and len(self._tracks) < TRACKS:
                track = _Track(mode.frequency_hz, mode.shape, None, 1, 1)
                self._tracks.append(track)
                seen[id(track)] = (mode, None)
        self._confirm()
        self._tracks = [one for one in self._tracks if one.label or one.chances < 2 * self._config.confirm]
        return [
            _record(track.label, *seen[id(track)], item)
            for track in sorted(self._tracks, key=lambda one: one.frequency_hz)
            if track.label is not None and id(track) in seen
        ]

    def _pairs(self, modes: tuple[Mode, ...]) -> list[tuple[Mode, _Track, float | None]]:
        scored = []
        for n, mode in enumerate(modes):
            for m, track in enumerate(self._tracks):
                change = abs(mode.frequency_hz / track.frequency_hz - 1.0)
                if change > self._config.frequency_tolerance:
                    continue
                assurance = _assurance(mode, track)
                if assurance is not None and assurance < self._config.assurance:
                    continue
                alike = 1.0 if assurance is None else assurance
                scored.append((alike - change / self._config.frequency_tolerance, -n, -m, assurance))
        pairs, modes_left, tracks_left = [], set(range(len(modes))), set(range(len(self._tracks)))
        for _, n, m, assurance in sorted(scored, key=lambda one: one[:3], reverse=True):
            if -n in modes_left and -m in tracks_left:
                modes_left.remove(-n)
                tracks_left.remove(-m)
                pairs.append((modes[-n], self._tracks[-m], assurance))
        return pairs

    def _confirm(self) -> None:
        for track in sorted(self._tracks, key=lambda one: one.frequency_hz):
            if track.label is None and track.seen >= self._config.confirm:
                track.label = self._free_label()

    def _free_label(self) -> str:
        taken = {track.label for track in self._tracks}
        number = 1
        while f"m{number}" in taken:
            number += 1
        return f"m{number}"


def _common(mode: Mode, track: _Track) -> NDArray[np.bool_] | None:
    if track.shape is None or len(track.shape) != len(mode.shape):
        return None
    common = np.isfinite(mode.shape) & np.isfinite(track.shape)
    return common if common.sum() >= 2 else None


def _assurance(mode: Mode, track: _Track) -> float | None:
    """None where fewer than two channels are common: a shape of one number is no shape."""
    common = _common(mode, track)
    if common is None or track.shape is None or not track.shape[common].any() or not mode.shape[common].any():
        return None
    return modal_assurance_criterion(track.shape[common], mode.shape[common])


def _follow(track: _Track, mode: Mode) -> None:
    track.seen += 1
    track.frequency_hz += FOLLOW * (mode.frequency_hz - track.frequency_hz)
    common = _common(mode, track)
    if track.shape is None:
        track.shape = mode.shape
        return
    if common is None:
        return
    turn = np.vdot(mode.shape[common], track.shape[common])
    if turn != 0.0:
        scale = turn / np.vdot(mode.shape[common], mode.shape[common]).real
        aligned = mode.shape * scale
        new = np.isfinite(aligned) & ~np.isfinite(track.shape)
        track.shape = np.where(common, track.shape + FOLLOW * (aligned - track.shape), track.shape)
        track.shape = np.where(new, aligned, track.shape)


def _record(label: str, mode: Mode, assurance: float | None, found: Identified) -> BridgeMode:
    shape = mode.shape[np.isfinite(mode.shape)]
    return BridgeMode(
        t=found.t,
        mode=label,
        frequency_hz=round(mode.frequency_hz, 6),
        frequency_std_hz=float(f"{mode.frequency_std_hz:.3g}"),
        damping_ratio=float(f"{mode.damping:.4g}"),
        damping_std=float(f"{mode.damping_std:.3g}"),
        modal_assurance=None if assurance is None else round(assurance, 4),
        level_m_s2=float(f"{found.level_m_s2:.4g}"),
        shape_real=(np.round(shape.real, 4) + 0.0).tolist(),
        shape_imag=(np.round(shape.imag, 4) + 0.0).tolist(),
    )
