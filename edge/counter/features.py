"""What the counter's models are given: warmth above a slowly learnt background, and the air as one row.

The models are trained on exactly what is computed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from edge.contract.records.counter import CounterAir

WARM_DEGC: Final = 1.0
"""A pixel this much above its background may be a person; below it is floor."""
PIXELS_A_PERSON: Final = 3.0
"""Warm pixels of one person in the rule; with ``WARM_DEGC``, the pair that erred least on simulated scenes."""

_SETTLE_S: Final = 60.0
_FLOOR_HALFLIFE_S: Final = 120.0
_COLDER_HALFLIFE_S: Final = 15.0
_COMMON_HALFLIFE_S: Final = 10.0
_RECENT_HALFLIFE_S: Final = 10.0
_SUDDEN_DEGC: Final = 1.0
"""From a pixel's own last seconds: who comes warms it so much within a few; a radiator or the sun takes minutes."""
_BODY_PIXELS: Final = 3
"""So far a body's warmth reaches, which moves a little while it sits."""
_OPENED_DEGC: Final = 2.0
_HELD_S: Final = 300.0
"""A pixel that falls so far within seconds may for so long be the view through an open door."""


class Background:
    """What each pixel of a thermal array reads when nobody is there.

    Rules it keeps:
    - The first frame is compared with its own cool quarter, so that people who are there at the start are seen.
    - What all cool pixels do together (heating, daylight) is followed within seconds.
    - A floor pixel is followed in minutes; a warm one, by ``halflife_s``, so slowly that who sits there stays seen.
    - A pixel that became warm while nobody came (``_SUDDEN_DEGC`` in some seconds) within ``_BODY_PIXELS`` is floor: a
      radiator, the sun. What warms beside somebody is not told from them.
    - What was absorbed and has left is forgotten at once. A pixel that suddenly is colder than its floor is its new floor only
      after ``_HELD_S``: a door that opens and closes leaves nobody behind.
    """

    def __init__(self, halflife_s: float) -> None:
        self._halflife_s = halflife_s
        self._pixels: _Pixels | None = None
        self._age_s = 0.0

    def contrast(self, frame: NDArray[np.float32], elapsed_s: float) -> NDArray[np.float32]:
        """°C above the background, shape (8, 8); ``frame`` in °C, ``elapsed_s`` since the frame before."""
        import numpy as np

        if self._pixels is None:
            self._pixels = _Pixels(frame)
        pixels = self._pixels
        above = frame - pixels.ground
        is_floor = above - pixels.absorbed < WARM_DEGC
        if is_floor.any():
            common = np.float32(_share(elapsed_s, _COMMON_HALFLIFE_S) * np.median(above[is_floor]))
            pixels.ground += common
            pixels.recent += common
        settling = self._age_s < _SETTLE_S
        pixels.take(frame, elapsed_s, _FLOOR_HALFLIFE_S / 12 if settling else _FLOOR_HALFLIFE_S, self._halflife_s)
        self._age_s += elapsed_s
        return pixels.contrast


class _Pixels:
    """Every pixel's floor, what warmth was absorbed above it, and what it did lately; each of shape (8, 8)."""

    def __init__(self, frame: NDArray[np.float32]) -> None:
        import numpy as np

        self.ground = np.full(frame.shape, np.quantile(frame, 0.25), dtype=np.float32)
        self.absorbed = np.zeros_like(frame)
        self.recent = frame.copy()
        self.contrast = frame - self.ground
        self._came = self.contrast >= WARM_DEGC
        self._fell_s = np.zeros(frame.shape)

    def take(self, frame: NDArray[np.float32], elapsed_s: float, floor_halflife_s: float, halflife_s: float) -> None:
        """Follow one frame."""
        import numpy as np

        above = frame - self.ground
        step = frame - self.recent
        self.recent += np.float32(_share(elapsed_s, _RECENT_HALFLIFE_S)) * step
        is_warm, is_cold = above >= WARM_DEGC, above <= -WARM_DEGC / 2
        self._came = (self._came | (step >= _SUDDEN_DEGC)) & (above >= WARM_DEGC / 2)
        self._fell_s = np.where(is_cold & ((self._fell_s > 0) | (step <= -_OPENED_DEGC)), self._fell_s + elapsed_s, 0.0)
        crept = (above >= WARM_DEGC / 2) & ~_around(self._came)
        stays = is_warm & ~crept
        held = (self._fell_s > 0) & (self._fell_s <= _HELD_S)
        self.absorbed = np.where(stays, np.minimum(self.absorbed, above), 0.0).astype(np.float32)
        self.contrast = np.where(crept, 0.0, above - self.absorbed).astype(np.float32)
        self.absorbed += np.where(stays, _share(elapsed_s, halflife_s) * self.contrast, 0.0).astype(np.float32)
        share = np.where(is_cold, _share(elapsed_s, _COLDER_HALFLIFE_S), _share(elapsed_s, floor_halflife_s))
        share = np.where(crept, 1.0, np.where(stays | held, 0.0, share))
        self.ground += (share * above).astype(np.float32)


def _around(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The marked pixels and all within ``_BODY_PIXELS`` of one."""
    import numpy as np

    padded = np.pad(marked, _BODY_PIXELS)
    rows, columns = marked.shape
    steps = range(2 * _BODY_PIXELS + 1)
    return np.asarray(
        np.any([padded[row : row + rows, column : column + columns] for row in steps for column in steps], axis=0)
    )


def people_by_rule(contrast: NDArray[np.float32]) -> float:
    """People by warm area alone: pixels of each connected warm blob over those of one person, at least one a blob."""
    warm = {(row, column) for row, column in zip(*(contrast > WARM_DEGC).nonzero(), strict=True)}
    people = 0.0
    while warm:
        blob = 0
        reached = [warm.pop()]
        while reached:
            row, column = reached.pop()
            blob += 1
            for near in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
                if near in warm:
                    warm.remove(near)
                    reached.append(near)
        if blob > 1:
            people += max(1.0, blob / PIXELS_A_PERSON)
    return people


def air_row(air: CounterAir) -> NDArray[np.float32] | None:
    """Temperature °C, light lx and CO₂ ppm, shape (1, 3); None where one of them is not measured.

    The hour is not among them: a model that knows it learns the office's timetable and not the room. Nor is the
    humidity, which tells the weather of the training days from the others and made the error on other days larger.
    """
    import numpy as np

    row = (air.temperature_degc, air.illuminance_lux, air.co2_ppm)
    if None in row:
        return None
    return np.array([row], dtype=np.float32)


def _share(elapsed_s: float, halflife_s: float) -> float:
    """How much of a difference is followed in ``elapsed_s``."""
    return float(1.0 - 0.5 ** (elapsed_s / halflife_s))
