"""Modal assurance criterion: how alike two mode shapes are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def modal_assurance_criterion(first: NDArray[np.complex128], second: NDArray[np.complex128]) -> float:
    """|φ₁ᴴφ₂|² / (φ₁ᴴφ₁ · φ₂ᴴφ₂), from 0 (orthogonal) to 1 (alike up to a complex factor); Allemang and Brown 1982.

    Args:
        first, second: shape (channels,).

    Raises:
        ValueError: shapes differ, or a shape is all zero.
    """
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(f"shapes {first.shape} and {second.shape}, wanted two alike of one dimension")
    norms = float(np.vdot(first, first).real * np.vdot(second, second).real)
    if norms == 0.0:
        raise ValueError("a mode shape is all zero, wanted at least one component")
    return min(1.0, float(abs(np.vdot(first, second)) ** 2) / norms)
