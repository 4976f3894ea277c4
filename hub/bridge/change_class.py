"""What kind of change a pattern over modes tells: of structure, of mass, or undetermined.

A natural frequency falls alike for less stiffness and for more mass; only the pattern over modes can tell them apart,
and only against patterns that a model of this very bridge predicts. Without such patterns nothing is claimed. With
them a class is claimed when it has ``SURE`` of the posterior (equal odds for the classes, and for the patterns within
each) and its best pattern fits; an all-modes-alike loss, which both classes predict, stays undetermined by itself.

No model is the bridge: each pattern may be off by ``MODEL_SHARE`` of itself mode by mode, and by ``MODEL_FLOOR`` of its
root mean square in modes that it leaves where they are.
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
MODEL_SHARE, MODEL_FLOOR = 0.10, 0.05
ROUNDS = 3


@dataclass(frozen=True)
class Pattern:
    """Relative changes of frequency (modes,), up to one factor of either sign, that one change of a class would make."""

    kind: Literal["structure", "mass"]
    change: Floats
    what: str = ""


@dataclass(frozen=True)
class Explained:
    """A pattern held against an effect.

    Attributes:
        share: of the posterior, among all patterns.
        size, std: the factor of the pattern and its standard uncertainty.
        misfit: chi-square that is left.
    """

    pattern: Pattern
    share: float
    size: float
    std: float
    misfit: float


@dataclass(frozen=True)
class Verdict:
    """The class of a change, and the patterns that explain it, likeliest first; none where there is no model."""

    kind: ChangeClass
    explained: tuple[Explained, ...] = ()


def judge(effect: Floats, covariance: Floats, patterns: Sequence[Pattern] = ()) -> Verdict:
    """The class of a change and what explains it.

    Args:
        effect: (modes,), relative change of frequency, NaN where not known.
        covariance: (modes, modes) of the effect.
        patterns: what a model of the bridge predicts; each of the same modes.
    """
    known = ~np.isnan(effect)
    if not patterns or known.sum() < 2:
        return Verdict("undetermined")
    inner = covariance[np.ix_(known, known)]
    fits = [_fit(effect[known], inner, pattern.change[known]) for pattern in patterns]
    scores = np.array([-0.5 * (misfit + spread) for misfit, spread, _, _ in fits])
    likelihood = np.exp(scores - scores.max())
    of_structure = np.array([pattern.kind == "structure" for pattern in patterns])
    weights = np.zeros(len(patterns))
    for each in (of_structure, ~of_structure):
        if each.any():
            weights[each] = likelihood[each] / each.sum()
    weights /= weights.sum()
    explained = [
        Explained(pattern, float(weight), size, std, misfit)
        for pattern, weight, (misfit, _, size, std) in zip(patterns, weights, fits, strict=True)
    ]
    explained.sort(key=lambda one: -one.share)
    if min(one.misfit for one in explained) > largest_likely(int(known.sum()) - 1) or of_structure.all():
        return Verdict("undetermined", tuple(explained))
    share = float(weights[of_structure].sum())
    kind: ChangeClass = "structure" if share >= SURE else "mass" if 1.0 - share >= SURE else "undetermined"
    if not of_structure.any():
        kind = "undetermined"
    return Verdict(kind, tuple(explained))


def _fit(effect: Floats, covariance: Floats, change: Floats) -> tuple[float, float, float, float]:
    """Chi-square of the effect against the pattern times its best factor, log-determinant, the factor, its deviation."""
    off = np.square(MODEL_SHARE * change) + np.mean(np.square(MODEL_FLOOR * change))
    size = 0.0
    for _ in range(ROUNDS):
        whole = covariance + np.diag(off * size**2)
        precision = np.linalg.inv(whole)
        weight = float(change @ precision @ change)
        size = float(change @ precision @ effect) / weight
    rest = effect - size * change
    return float(rest @ precision @ rest), float(np.linalg.slogdet(whole)[1]), size, weight**-0.5


def largest_likely(freedom: int) -> float:
    """The chi-square that is passed as rarely as ``FITS_SIGMAS`` of a normal (Wilson and Hilferty 1931)."""
    part = 2.0 / (9.0 * freedom)
    return float(freedom * (1.0 - part + FITS_SIGMAS * part**0.5) ** 3)
