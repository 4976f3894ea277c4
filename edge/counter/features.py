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


class Background:
    """What each pixel of a thermal array reads when nobody is there.

    Rules it keeps:
    - The first frame is compared with its own cool quarter, so that people who are there at the start are seen.
    - What all cool pixels do together (heating, daylight) is followed within seconds.
    - A floor pixel is followed in minutes; a warm one, by ``halflife_s``, so slowly that who sits there stays seen.
    - A pixel colder than its background is followed at once: what was absorbed has left.
    """

    def __init__(self, halflife_s: float) -> None:
        self._halflife_s = halflife_s
        self._background: NDArray[np.float32] | None = None
        self._age_s = 0.0

    def contrast(self, frame: NDArray[np.float32], elapsed_s: float) -> NDArray[np.float32]:
        """°C above the background, shape (8, 8); ``frame`` in °C, ``elapsed_s`` since the frame before."""
        import numpy as np

        if self._background is None:
            self._background = np.full(frame.shape, np.quantile(frame, 0.25), dtype=np.float32)
        above = frame - self._background
        floor = above < WARM_DEGC
        if floor.any():
            common = np.float32(_share(elapsed_s, _COMMON_HALFLIFE_S) * np.median(above[floor]))
            self._background = self._background + common
            above = above - common
        settling = self._age_s < _SETTLE_S
        floor_share = _share(elapsed_s, _FLOOR_HALFLIFE_S / 12 if settling else _FLOOR_HALFLIFE_S)
        share = np.where(floor, floor_share, _share(elapsed_s, self._halflife_s))
        share = np.where(above < -WARM_DEGC / 2, _share(elapsed_s, _COLDER_HALFLIFE_S), share).astype(np.float32)
        self._background = self._background + share * above
        self._age_s += elapsed_s
        contrast: NDArray[np.float32] = above.astype(np.float32)
        return contrast


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
