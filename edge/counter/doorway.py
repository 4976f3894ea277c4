"""Who walks through a doorway under a thermal array: warm peaks are followed from frame to frame, across the middle.

Rules it keeps:
- A person is one peak; another counts as a second person only ``APART_PIXELS`` away. Two who walk shoulder to shoulder
  are therefore one passage.
- A peak continues the nearest track within ``STEP_PIXELS``; a track without a peak for ``LOST_S`` has ended.
- A passage is a track that was on one side of the doorway and is now on the other. Between the sides lies a strip that
  belongs to neither, so that who stops in the middle, or turns back, does not count.
- In is towards higher columns.
- A passage's confidence is how far its track exceeds the least that makes one: 1 for a body seen in ``SURE_FRAMES`` frames
  at twice the warmth of a faint peak. It is no probability.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from edge.counter.features import Background

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PEAK_DEGC: Final = 2.25
APART_PIXELS: Final = 3.7
STEP_PIXELS: Final = 3.0
LOST_S: Final = 0.6
NEAR_SIDE_BELOW: Final = 3.0
FAR_SIDE_ABOVE: Final = 4.0
BACKGROUND_HALFLIFE_S: Final = 60.0
LONGEST_STEP_S: Final = 1.0
PEAKS_MAX: Final = 6
SURE_FRAMES: Final = 5

Direction = Literal["in", "out"]


class Passage(NamedTuple):
    """One person who went through, and from 0 to 1 how clearly."""

    direction: Direction
    confidence: float


class Peak(NamedTuple):
    """The place [pixels] of a warm body and how far its warmest pixel is above the background."""

    row: float
    column: float
    warmth_degc: float


@dataclass(slots=True)
class _Track:
    """One warm body: where it was last seen and when, the side it was last on (−1 near, 1 far), in how many frames."""

    peak: Peak
    seen_us: int
    side: int
    warmest_degc: float
    frames: int = 1


class DoorwayTracker:
    """Frames in, passages out."""

    def __init__(self) -> None:
        self._background = Background(BACKGROUND_HALFLIFE_S)
        self._tracks: list[_Track] = []
        self._last_us: int | None = None

    def take(self, mono: int, degc: NDArray[np.float32]) -> list[Passage]:
        """Who passed with this frame; ``degc`` in °C, shape (8, 8), taken at ``mono`` [µs]."""
        elapsed_s = LONGEST_STEP_S if self._last_us is None else (mono - self._last_us) / 1e6
        self._last_us = mono
        contrast = self._background.contrast(degc, min(max(elapsed_s, 0.0), LONGEST_STEP_S))
        passed = self._follow(mono, warm_peaks(contrast))
        self._tracks = [track for track in self._tracks if mono - track.seen_us <= LOST_S * 1e6]
        return passed

    def _follow(self, mono: int, peaks: list[Peak]) -> list[Passage]:
        """Give each peak to its nearest track, nearest pairs first; a peak without one begins a track."""
        pairs = sorted(
            (math.hypot(track.peak.row - peak.row, track.peak.column - peak.column), nth_track, nth_peak)
            for nth_track, track in enumerate(self._tracks)
            for nth_peak, peak in enumerate(peaks)
        )
        followed: set[int] = set()
        taken: set[int] = set()
        passed: list[Passage] = []
        for distance, nth_track, nth_peak in pairs:
            if distance > STEP_PIXELS or nth_track in followed or nth_peak in taken:
                continue
            followed.add(nth_track)
            taken.add(nth_peak)
            passed += _move(self._tracks[nth_track], mono, peaks[nth_peak])
        self._tracks += [
            _Track(peak, mono, _side(peak.column), peak.warmth_degc)
            for nth_peak, peak in enumerate(peaks)
            if nth_peak not in taken
        ]
        return passed


def warm_peaks(contrast: NDArray[np.float32]) -> list[Peak]:
    """Each warm body, warmest first, placed by the centre of warmth of the 3×3 pixels around it."""
    import numpy as np

    padded = np.pad(contrast, 1, mode="edge")
    around = sum(padded[row : row + 8, column : column + 8] for row in range(3) for column in range(3)) / 9
    pixels: list[tuple[int, int]] = []
    for place in np.argsort(-(contrast + 0.5 * around), axis=None, kind="stable"):
        row, column = divmod(int(place), 8)
        if contrast[row, column] < PEAK_DEGC:
            continue
        if all(math.hypot(row - other, column - beside) >= APART_PIXELS for other, beside in pixels):
            pixels.append((row, column))
        if len(pixels) == PEAKS_MAX:
            break
    return [_centre(contrast, row, column) for row, column in pixels]


def _centre(contrast: NDArray[np.float32], row: int, column: int) -> Peak:
    near = [
        (float(max(contrast[other, beside], 0.0)), other, beside)
        for other in range(max(0, row - 1), min(8, row + 2))
        for beside in range(max(0, column - 1), min(8, column + 2))
    ]
    total = sum(warmth for warmth, _, _ in near)
    return Peak(
        sum(warmth * other for warmth, other, _ in near) / total,
        sum(warmth * beside for warmth, _, beside in near) / total,
        float(contrast[row, column]),
    )


def _move(track: _Track, mono: int, peak: Peak) -> list[Passage]:
    """The track at its new place, and the passage that this makes."""
    side = _side(peak.column)
    crossed = side * track.side < 0
    track.peak = peak
    track.seen_us = mono
    track.side = side or track.side
    track.warmest_degc = max(track.warmest_degc, peak.warmth_degc)
    track.frames += 1
    return [Passage("in" if side > 0 else "out", _confidence(track))] if crossed else []


def _confidence(track: _Track) -> float:
    return min(1.0, track.frames / SURE_FRAMES) * min(1.0, track.warmest_degc / (2 * PEAK_DEGC))


def _side(column: float) -> int:
    """−1 on the near side, 1 on the far one, 0 between."""
    return int(column > FAR_SIDE_ABOVE) - int(column < NEAR_SIDE_BELOW)
