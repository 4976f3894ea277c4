"""One law of temperature and level for a whole campaign, estimated jointly with a step at each change.

Only eleven November days may precede the first event, so that a law learnt before it cannot exist: all segments share
the law, each step has its own size a mode, and whatever the law is unsure of is in the size's uncertainty.

Rules it keeps:
- A step takes time (concrete is poured and cures): the hours from ``LEADING_H`` before its date to ``SETTLING_H`` after it
  are left out.
- Terms of temperature are taken one by one while the likelihood of all modes together pays for them (Schwarz 1978).
- Noise has a slow part (``slow_noise``); it is learnt for each mode with the steps in the law.
- How modes' errors of a step go together is seen in how their residuals move from half day to half day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hub.bridge.campaign_hours import KNEES_DEGC, NAMES, Hours, without_far
from hub.bridge.felt_temperature import LAGS_H, Flags, Floats, known
from hub.bridge.slow_noise import Noise, Whitener, estimate, learn

LEADING_H, SETTLING_H = 5.0, 28.0
MOST_TERMS = 6
LEAST_MOVED_DEGC = 1.0
TYPICAL = Noise(1.2, 1e-3, 48.0)
FIRST_TERMS = (("above", 0, 1), ("below", 0, 1))
LATENT_H = 12.0
SHRUNK = 0.1
"""Share by which the modes' correlation is drawn to none."""

Term = tuple[str, int, int]
"""Which part of a temperature (``above`` the knee, ``below``, ``ice``), the sensor, the lag."""


@dataclass(frozen=True)
class Terms:
    """What the law is made of."""

    knee_degc: float
    taken: tuple[Term, ...]


@dataclass(frozen=True)
class Fitted:
    """The law with its steps.

    Attributes:
        steps_h: (steps,), hours of the steps.
        effect: (steps, modes), change of the logarithm of frequency.
        covariance: (steps, modes, steps, modes) of it.
        residuals: (rows, modes), without law and steps; NaN where not used.
        law: (rows, modes), what temperature and level explain, about the first row.
        noises: of each mode. correlation: (modes, modes).
        used: (rows, modes).
    """

    terms: Terms
    steps_h: tuple[float, ...]
    effect: Floats
    covariance: Floats
    residuals: Floats
    law: Floats
    noises: tuple[Noise, ...]
    correlation: Floats
    used: Flags


def columns(hours: Hours, terms: Terms) -> Floats:
    """One, the terms, and the loudness where there is one: (rows, features)."""
    parts = [np.ones(len(hours.times_s)), *(_column(hours, terms.knee_degc, term) for term in terms.taken)]
    if hours.loudness is not None:
        parts.append(hours.loudness)
    return np.column_stack(parts)


def _column(hours: Hours, knee_degc: float, term: Term) -> Floats:
    part, sensor, lag = term
    if part == "ice":
        return hours.ice_degc[knee_degc][:, sensor, lag]
    away = hours.felt_degc[:, sensor, lag] - knee_degc
    return np.maximum(away, 0.0) if part == "above" else np.minimum(away, 0.0)


def step_columns(at_h: Floats, steps_h: Sequence[float]) -> Floats:
    """(rows, steps): 0 before each step, 1 from it on."""
    return (at_h[:, None] >= np.array(steps_h)[None, :]).astype(np.float64)


def settled(at_h: Floats, steps_h: Sequence[float]) -> Flags:
    """Which rows are not within the time that a step takes."""
    kept = np.ones(len(at_h), dtype=np.bool_)
    for step in steps_h:
        kept &= (at_h < step - LEADING_H) | (at_h >= step + SETTLING_H)
    return kept


def noises(hours: Hours, x: Floats, used: Flags, start: Sequence[Noise]) -> tuple[Noise, ...]:
    """The likeliest noise of each mode with the features ``x`` (rows, features)."""
    return tuple(
        learn(hours.hours[rows], hours.stated[rows, mode], x[rows], hours.logs[rows, mode], begin)
        for mode, (rows, begin) in enumerate(zip(used.T, start, strict=True))
    )


def select(hours: Hours, steps_h: Sequence[float], used: Flags, noise: Sequence[Noise]) -> Terms:
    """The terms that pay, with the knee that explains best."""
    sensors, lags = hours.felt_degc.shape[1], len(LAGS_H)
    every = [(name, sensor, lag) for name in NAMES for sensor in range(sensors) for lag in range(lags)]
    best: tuple[float, Terms] | None = None
    for knee in KNEES_DEGC:
        candidates = alive(hours, Terms(knee, tuple(every)))
        score, terms = _greedy(hours, candidates, steps_h, used, noise)
        if best is None or score > best[0]:
            best = score, terms
    assert best is not None
    return best[1]


def alive(hours: Hours, terms: Terms) -> Terms:
    """Without the terms that hardly move in this campaign: frost where it never froze."""
    return Terms(
        terms.knee_degc,
        tuple(term for term in terms.taken if np.ptp(_column(hours, terms.knee_degc, term)) > LEAST_MOVED_DEGC),
    )


def _greedy(
    hours: Hours, candidates: Terms, steps_h: Sequence[float], used: Flags, noise: Sequence[Noise]
) -> tuple[float, Terms]:
    """Score (log-likelihood less half Schwarz's price) and terms, taken one by one."""
    x = np.column_stack([columns(hours, candidates), step_columns(hours.hours, steps_h)])
    products = [_products(hours, x, rows, mode, noise[mode]) for mode, rows in enumerate(used.T)]
    price = 0.5 * len(products) * np.log(float(used.sum(axis=0).mean()))
    always = [0, *range(1 + len(candidates.taken), x.shape[1])]
    chosen: list[int] = []
    score = _gain(products, always)
    while len(chosen) < min(MOST_TERMS, len(candidates.taken)):
        rest = [n for n in range(len(candidates.taken)) if n not in chosen]
        gains = [_gain(products, [*always, *(1 + n for n in (*chosen, one))]) for one in rest]
        one = int(np.argmax(gains))
        if gains[one] - score < price:
            break
        chosen, score = [*chosen, rest[one]], gains[one]
    return score - price * len(chosen), Terms(candidates.knee_degc, tuple(candidates.taken[n] for n in chosen))


def _products(hours: Hours, x: Floats, rows: Flags, mode: int, noise: Noise) -> tuple[Floats, Floats]:
    white = Whitener(noise, hours.hours[rows], hours.stated[rows, mode])
    y = hours.logs[rows, mode]
    return x[rows].T @ white(x[rows]), x[rows].T @ white(y - y.mean())


def _gain(products: Sequence[tuple[Floats, Floats]], taken: Sequence[int]) -> float:
    """Half the squares that some features explain, over all modes."""
    total = 0.0
    for normal, right in products:
        inner = normal[np.ix_(taken, taken)]
        scale = np.sqrt(np.diag(inner))
        scaled = inner / scale / scale[:, None] + 1e-9 * np.eye(len(taken))
        part = right[list(taken)] / scale
        total += 0.5 * float(part @ np.linalg.solve(scaled, part))
    return total


def fit(
    hours: Hours, terms: Terms, steps_h: Sequence[float], noise: Sequence[Noise], used: Flags, left_out: Flags
) -> Fitted:
    """Law and steps together.

    Args:
        used: (rows, modes), measured and not far. left_out: (rows,), rows in which a step settles.
    """
    steps_h = sorted(steps_h)
    taken = used & ~left_out[:, None]
    x = columns(hours, terms)
    whole = np.column_stack([x, step_columns(hours.hours, steps_h)])
    found = [
        estimate(
            Whitener(noise[mode], hours.hours[rows], hours.stated[rows, mode]), whole[rows], hours.logs[rows, mode]
        )
        for mode, rows in enumerate(taken.T)
    ]
    coefficients = np.array([each.coefficients for each in found])
    residuals = np.where(taken, hours.logs - whole @ coefficients.T, np.nan)
    correlation = _correlation(hours.hours, residuals)
    first = x.shape[1]
    law = x @ coefficients[:, :first].T
    covariance = _joint([each.covariance[first:, first:] for each in found], correlation)
    return Fitted(
        terms, tuple(steps_h), coefficients[:, first:].T, covariance,
        residuals, law - law[0], tuple(noise), correlation, taken,
    )  # fmt: skip


def _joint(each: Sequence[Floats], correlation: Floats) -> Floats:
    """(steps, modes, steps, modes) from each mode's own (steps, steps) and the modes' correlation."""
    lower = [np.linalg.cholesky(one + 1e-18 * np.eye(len(one))) if len(one) else one for one in each]
    joint = np.zeros((len(each[0]), len(each), len(each[0]), len(each)))
    for k, a in enumerate(lower):
        for j, b in enumerate(lower):
            joint[:, k, :, j] = correlation[k, j] * a @ b.T
    return joint


def _correlation(at_h: Floats, residuals: Floats) -> Floats:
    """(modes, modes): how the modes' residuals move together from half day to half day."""
    block = np.floor(at_h / LATENT_H).astype(np.int64)
    means = np.array([np.nanmean(_or_nought(residuals[block == one]), axis=0) for one in np.unique(block)])
    moves = np.diff(means, axis=0)
    moves = moves / np.maximum(np.sqrt(np.mean(moves**2, axis=0)), 1e-12)
    moves = np.clip(moves, -4.0, 4.0)
    covariance = moves.T @ moves / max(1, len(moves))
    size = np.sqrt(np.maximum(np.diag(covariance), 1e-12))
    return np.asarray((1.0 - SHRUNK) * covariance / np.outer(size, size) + SHRUNK * np.eye(len(size)))


def _or_nought(values: Floats) -> Floats:
    """Nought in columns of which nothing is known."""
    return np.where(known(values).any(axis=0), values, 0.0)


def far(hours: Hours, fitted: Fitted) -> Flags:
    """(rows, modes), which hours neither law nor slow part explains."""
    left = np.full_like(hours.logs, np.nan)
    for mode, rows in enumerate(fitted.used.T):
        whitener = Whitener(fitted.noises[mode], hours.hours[rows], hours.stated[rows, mode])
        residuals = fitted.residuals[rows, mode]
        left[rows, mode] = residuals - whitener.slow_part(residuals)
    factors = np.array([noise.factor for noise in fitted.noises])
    return without_far(hours, left, factors * hours.stated)
