"""Streaming decimation behind a linear-phase low-pass, which differentiates in the same pass where it is asked to.

Rules it keeps:
- An output sample is made only from input samples that exist: nothing is padded, neither at the start nor at a gap.
- The output does not depend on how the input was cut into pieces.
- Band to 0.4 of the output rate passes flat; what would alias into it is 80 dB down.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.spectra.windows import kaiser_beta

ATTENUATION_DB = 80.0
TAPS_A_FACTOR = 26


def low_pass(factor: int) -> NDArray[np.float64]:
    """Taps of a Kaiser-windowed sinc, −6 dB at half the output rate; odd length, gain 1 at 0 Hz.

    Raises:
        ValueError: ``factor`` is below 1.
    """
    if factor < 1:
        raise ValueError(f"decimation factor is {factor}, wanted at least 1")
    if factor == 1:
        return np.ones(1)
    half = TAPS_A_FACTOR * factor // 2
    n = np.arange(-half, half + 1)
    taps = np.sinc(n / factor) * np.kaiser(2 * half + 1, kaiser_beta(ATTENUATION_DB))
    return np.asarray(taps / taps.sum())


def differentiator(factor: int, rate_hz: float) -> NDArray[np.float64]:
    """Taps that low-pass as ``low_pass`` and differentiate, of odd length [1/s].

    The kernel is the derivative of a Kaiser-windowed sinc, scaled to be exact for a ramp.
    """
    if factor < 1:
        raise ValueError(f"decimation factor is {factor}, wanted at least 1")
    half = TAPS_A_FACTOR * factor // 2
    n = np.arange(-half, half + 1)
    u = n / factor
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(n == 0, 0.0, (np.cos(np.pi * u) - np.sinc(u)) / u)
    taps = slope * np.kaiser(2 * half + 1, kaiser_beta(ATTENUATION_DB))
    return np.asarray(taps * rate_hz / -float(taps @ n))


class Decimator:
    """Keeps every ``factor``-th sample of several channels, filtered; ``derive`` says which channels to differentiate.

    Output sample k stands at input sample ``first + k * factor``, where ``first`` is told by ``push``.
    """

    def __init__(self, factor: int, rate_hz: float, derive: tuple[bool, ...]) -> None:
        self._factor = factor
        self._derive = np.array(derive)
        plain, slope = low_pass(factor), differentiator(factor, rate_hz)
        length = len(slope) if self._derive.any() else len(plain)
        padded = np.zeros(length)
        offset = (length - len(plain)) // 2
        padded[offset : offset + len(plain)] = plain
        self._plain, self._slope = padded[::-1].copy(), slope[::-1].copy()
        self._half = length // 2
        self.reset(0)

    @property
    def delay(self) -> int:
        """Input samples by which an output sample comes later than the input sample it stands at."""
        return self._half

    def reset(self, next_input: int) -> None:
        """Forget the past: the next input sample is number ``next_input`` and does not continue what came."""
        self._held = np.zeros((0, len(self._derive)))
        self._held_first = next_input

    def push(self, samples: NDArray[np.float64]) -> tuple[int, NDArray[np.float64]]:
        """Take input of shape (n, channels); give the outputs it completes and the input number of the first.

        Outputs stand at multiples of the factor, counted in input numbers.
        """
        held = np.concatenate((self._held, samples)) if len(self._held) else samples
        first_centre = self._held_first + self._half
        first_out = -(-first_centre // self._factor) * self._factor
        start = first_out - first_centre
        length = 2 * self._half + 1
        count = max(0, (len(held) - start - length) // self._factor + 1)
        if count:
            down, across = held.strides
            spans = np.lib.stride_tricks.as_strided(
                held[start:], (count, held.shape[1], length), (self._factor * down, across, down), writeable=False
            )
            out = np.empty((count, len(self._derive)))
            for channel, derive in enumerate(self._derive):
                out[:, channel] = spans[:, channel] @ (self._slope if derive else self._plain)
            keep_from = start + count * self._factor
        else:
            out = np.zeros((0, len(self._derive)))
            keep_from = 0
        self._held = held[keep_from:].copy()
        self._held_first += keep_from
        return first_out, out
