"""Whether a recording was steady, and whether its modes stayed where they are said to be while it was not.

Intervals of an identification assume steady excitation and a structure that answers alike all the time. Real bridges'
frequencies follow the amplitude, by 40 % in strong shaking; a recording of an earthquake has both answers in it.

Rules it keeps:
- The strong part is what lies between 5 and 95 % of the energy (significant duration; Trifunac and Brady, Bulletin of
  the Seismological Society of America 65 (1975) 581), the coda what comes after. They are held against each other only
  where the coda lasts, so that a steady recording is never cut.
- A mode of a part is the recording's mode when its shape is alike and each is the other's nearest.
- A mode that moved gets an interval that holds its parts' intervals, and it is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.bridge.identification import CI95, Gates, Mode, identify
from edge.spectra.assurance import modal_assurance_criterion

Real = NDArray[np.float64]

LEVEL_S = 2.0
STRONG = (0.05, 0.95)
LASTING_CODA = 0.2
"""Share of the time after the strong part from which the coda is looked at; of a steady recording it is 0.05."""

FARTHEST = 0.3
"""Logarithm of how far a mode is followed from part to part."""

ALIKE = 0.9
MOVED_SIGMAS = 5.0
"""Standard deviations of a difference, more than chance needs: a short part's interval is itself uncertain."""


class Part(NamedTuple):
    """A named part of a recording, and the modes that stand out in it."""

    name: str
    modes: tuple[Mode, ...]


class Moved(NamedTuple):
    """What is said of a mode that moved, and whether strong part and coda differ or only the whole from one of them."""

    says: str
    between_parts: bool


def restlessness(pieces: Sequence[Real], rate_hz: float) -> float:
    """How far the level of the loudest tenth of the time is above that of the quietest, in the middle channel."""
    size = max(2, round(LEVEL_S * rate_hz))
    cut = np.concatenate([piece[: len(piece) // size * size].reshape(-1, size, piece.shape[1]) for piece in pieces])
    levels = cut.std(axis=1)
    low, high = np.quantile(levels, 0.1, axis=0), np.quantile(levels, 0.9, axis=0)
    return float(np.median(high / np.maximum(low, np.finfo(np.float64).tiny))) if len(levels) > 4 else 1.0


def parts_of(pieces: Sequence[Real], rate_hz: float, band_hz: tuple[float, float], gates: Gates) -> tuple[Part, ...]:
    """The strong part and the coda with their modes; none where the recording has no coda that lasts.

    Args:
        pieces: runs of samples without a gap, each (n, channels), in the channels' own units.
        band_hz: lowest and highest frequency to look at.
        gates: what a part's mode must show; a part is short, so that they are weak ones.
    """
    scale = np.maximum(np.sqrt(np.mean(np.concatenate(pieces) ** 2, axis=0)), np.finfo(np.float64).tiny)
    energy = np.cumsum(np.concatenate([((piece / scale) ** 2).sum(axis=1) for piece in pieces]))
    first, after = (int(np.searchsorted(energy, share * energy[-1])) for share in STRONG)
    if len(energy) - after < LASTING_CODA * len(energy):
        return ()
    spans = (("the strong part", first, after), ("the coda", after, len(energy)))
    return tuple(
        Part(name, tuple(identify(_within(pieces, begin, end), rate_hz, band_hz, gates))) for name, begin, end in spans
    )


def _within(pieces: Sequence[Real], begin: int, end: int) -> list[Real]:
    """What of the pieces lies between two samples, counted over all of them."""
    cut, at = [], 0
    for piece in pieces:
        cut.append(piece[max(0, begin - at) : max(0, end - at)])
        at += len(piece)
    return [piece for piece in cut if len(piece)]


def followed(modes: Sequence[Mode], parts: Sequence[Part]) -> tuple[tuple[Mode, ...], dict[int, Moved]]:
    """The modes, with an interval that holds the parts' where one moved, and those that did by their places."""
    kept: list[Mode] = []
    moved: dict[int, Moved] = {}
    pairs = [(part.name, _pairs(modes, part.modes)) for part in parts]
    for index, mode in enumerate(modes):
        seen = [(name, of[index]) for name, of in pairs if index in of]
        between = any(_differ(one, other) for (_, one), (_, other) in combinations(seen, 2))
        if not between and not any(_differ(mode, one) for _, one in seen):
            kept.append(mode)
            continue
        reach = max(abs(_off(mode, one)) + CI95 * one.frequency_std_hz / one.frequency_hz for _, one in seen)
        kept.append(mode._replace(frequency_std_hz=mode.frequency_hz * reach / CI95))
        where = ", ".join(f"{one.frequency_hz:.4g} ± {CI95 * one.frequency_std_hz:.2g} in {name}" for name, one in seen)
        moved[index] = Moved(f"{mode.frequency_hz:.4g} Hz is {where}", between)
    return tuple(kept), moved


def _off(mode: Mode, other: Mode) -> float:
    return float(np.log(other.frequency_hz / mode.frequency_hz))


def _differ(mode: Mode, other: Mode) -> bool:
    std = np.hypot(mode.frequency_std_hz / mode.frequency_hz, other.frequency_std_hz / other.frequency_hz)
    return bool(abs(_off(mode, other)) > MOVED_SIGMAS * std)


def _pairs(modes: Sequence[Mode], others: Sequence[Mode]) -> dict[int, Mode]:
    """Which of the others each mode, by its place, is: alike in shape and each the other's nearest."""
    if not modes or not others:
        return {}
    apart = np.array([[_apart(mode, other) for other in others] for mode in modes])
    nearest = [(index, int(row.argmin())) for index, row in enumerate(apart) if row.min() <= FARTHEST]
    return {index: others[at] for index, at in nearest if apart[:, at].argmin() == index}


def _apart(mode: Mode, other: Mode) -> float:
    """Distance of the logarithms of two frequencies, endless for unlike shapes."""
    alike = modal_assurance_criterion(mode.shape, other.shape) >= ALIKE
    return abs(_off(mode, other)) if alike else float("inf")
