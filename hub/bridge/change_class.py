"""What kind of change a pattern over modes tells: of structure, of mass, or undetermined.

A natural frequency falls alike for less stiffness and for more mass; only the pattern over modes can tell them apart,
and only against patterns that a model of this very bridge predicts. Without such patterns nothing is claimed. With
them a class is claimed when it has ``SURE`` of the posterior (equal odds for the classes, and for the patterns within
each) and its best pattern fits; an all-modes-alike loss, which both classes predict, stays undetermined by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hub.bridge.felt_temperature import Floats

ChangeClass = Literal["structure", "mass", "undetermined"]

SURE = 0.95
FITS_SIGMAS = 3.0


@dataclass(frozen=True)
class Pattern:
    """Relative changes of frequency (modes,), up to one positive factor, that one change of a class would make."""

    kind: Literal["structure", "mass"]
    change: Floats


def classify(effect: Floats, covariance: Floats, patterns: Sequence[Pattern] = ()) -> ChangeClass:
    """The class of a change.

    Args:
        effect: (modes,), relative change of frequency, NaN where not known.
        covariance: (modes, modes) of the effect.
        patterns: what a model of the bridge predicts; each of the same modes.
    """
    known = ~np.isnan(effect)
    if not patterns or known.sum() < 2:
        return "undetermined"
    precision = np.linalg.inv(covariance[np.ix_(known, known)])
    misfits = np.array([_misfit(effect[known], precision, pattern.change[known]) for pattern in patterns])
    if misfits.min() > _largest_likely(int(known.sum()) - 1):
        return "undetermined"
    likelihood = np.exp(-0.5 * (misfits - misfits.min()))
    of_structure = np.array([pattern.kind == "structure" for pattern in patterns])
    weights = [float(likelihood[each].mean()) if each.any() else 0.0 for each in (of_structure, ~of_structure)]
    share = weights[0] / sum(weights)
    if share >= SURE and not of_structure.all():
        return "structure"
    return "mass" if 1.0 - share >= SURE and of_structure.any() else "undetermined"


def _misfit(effect: Floats, precision: Floats, change: Floats) -> float:
    """Chi-square of the effect against the pattern times its best factor, which is not negative."""
    size = max(0.0, float(change @ precision @ effect) / float(change @ precision @ change))
    rest = effect - size * change
    return float(rest @ precision @ rest)


def _largest_likely(freedom: int) -> float:
    """The chi-square that is passed as rarely as ``FITS_SIGMAS`` of a normal (Wilson and Hilferty 1931)."""
    part = 2.0 / (9.0 * freedom)
    return float(freedom * (1.0 - part + FITS_SIGMAS * part**0.5) ** 3)
