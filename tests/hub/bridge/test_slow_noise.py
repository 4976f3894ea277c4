"""Generalised least squares beside slow noise, and what it says of a column that holds nothing."""

from __future__ import annotations

import numpy as np
import pytest

from hub.bridge.slow_noise import JITTER, Noise, Whitener, estimate


def test_a_column_of_zeros_tells_nothing_and_changes_nothing_of_the_others() -> None:
    rng = np.random.default_rng(3)
    hours = np.arange(400.0)
    x = np.column_stack([np.ones(400), rng.normal(size=400)])
    y = x @ [0.01, 0.002] + 1e-3 * rng.normal(size=400)
    whitener = Whitener(Noise(1.0, 5e-4, 60.0), hours, np.full(400, 1e-3))

    plain = estimate(whitener, x, y)
    beside = estimate(whitener, np.column_stack([x, np.zeros(400)]), y)

    assert beside.coefficients[:2] == pytest.approx(plain.coefficients, rel=1e-9)
    assert beside.coefficients[2] == 0.0
    assert beside.covariance[2, 2] == pytest.approx(1.0 / JITTER)
