"""Structures whose answer is known: oscillators under white force, seen by several channels with white noise."""

import numpy as np
from numpy.typing import NDArray
from scipy import signal


def response(
    frequencies_hz: list[float], damping: float, shapes: NDArray[np.float64], rate_hz: float, seconds: float,
    rng: np.random.Generator, noise: float = 0.1,
) -> NDArray[np.float64]:  # fmt: skip
    """Acceleration of modes with unit-variance modal forces, shapes (modes, channels), plus white noise.

    Simulated at eight times the rate, so that sampling does not colour the answer.
    """
    fine_hz = rate_hz * 8
    count = int(seconds * fine_hz)
    total = np.zeros((count, shapes.shape[1]))
    for frequency_hz, shape in zip(frequencies_hz, shapes, strict=True):
        # The bilinear transform bends the frequency axis; this bends it back at the mode.
        omega = 2.0 * fine_hz * np.tan(np.pi * frequency_hz / fine_hz)
        system = signal.TransferFunction([1.0, 0.0, 0.0], [1.0, 2.0 * damping * omega, omega**2])
        discrete = signal.cont2discrete((system.num, system.den), 1.0 / fine_hz, method="bilinear")
        total += np.outer(signal.lfilter(discrete[0].ravel(), discrete[1], rng.normal(size=count)), shape)
    reduced = signal.resample_poly(total, 1, 8, axis=0)
    return np.asarray(reduced + noise * rng.normal(size=reduced.shape))
