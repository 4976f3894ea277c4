"""When a bridge changed during a campaign, found in the measurements alone: the event log is not asked.

Each hour is tried as a step in all modes at once, against law and slow noise; those that gain most are taken into the
law, the noise is learnt anew, and again, until nothing gains enough. A gain is enough when a campaign without any change
would reach it once in ``1/FALSE_A_CAMPAIGN`` campaigns, if its noise were what the law says; ``CAUTION`` allows for that
it is not quite.

Rules it keeps:
- Two steps are ``APART_H`` from each other at least: nearer ones are one.
- A step that gains too little once the others are there is taken out again.
- Nothing is claimed within ``EDGE_H`` of the campaign's begin, nor before as much is known after the step has settled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from hub.bridge import campaign_law as law
from hub.bridge.campaign_hours import Hours
from hub.bridge.campaign_law import Fitted, Terms
from hub.bridge.felt_temperature import Flags, Floats, known
from hub.bridge.slow_noise import Noise, Whitener

FALSE_A_CAMPAIGN = 0.02
CAUTION = 1.25
INDEPENDENT_H = 12.0
COARSE_H, FINE_H = 6.0, 1.0
NEAR_H = 30.0
APART_H = 36.0
SIDE_H = 120.0
"""So near to a step that gains more, a gain in the same round may be its shadow."""

EDGE_H = 12.0
ROUNDS = 12
UNLEARNT = 3
"""So many first rounds take the noise as usual: learnt beside steps not yet found, it would swallow them."""

CLEAR_SHARE = 0.25
"""In one round only steps are taken that gain this share of the one that gains most."""

FEWEST_HOURS = 6


@dataclass(frozen=True)
class Found:
    """Steps of a campaign.

    Attributes:
        fitted: the law with them.
        gain: (steps,), chi-square of each over all modes; enough: what would have been enough.
        used: (rows, modes), without far hours.
    """

    fitted: Fitted
    gain: Floats
    enough: float
    used: Flags


def enough(modes: int, span_h: float) -> float:
    """The chi-square that is enough for a step."""
    return float(CAUTION * chi2.isf(FALSE_A_CAMPAIGN * INDEPENDENT_H / span_h, modes))


def find(hours: Hours) -> Found:
    """The steps of a campaign, and the law with them."""
    used = known(hours.logs)
    count = hours.logs.shape[1]
    limit = enough(count, float(hours.hours[-1]))
    terms = law.alive(hours, Terms(0.0, law.FIRST_TERMS))
    noise: tuple[Noise, ...] = (law.TYPICAL,) * count
    steps: list[float] = []
    for number in range(ROUNDS):
        if number < UNLEARNT:
            fitted = law.fit(hours, terms, steps, noise, used, ~law.settled(hours.hours, steps))
        else:
            noise, fitted = _learnt(hours, terms, steps, used, noise)
        new = _peaks(hours, fitted, limit)
        if number:
            used = known(hours.logs) & ~law.far(hours, fitted)
            chosen = law.select(hours, steps, used & law.settled(hours.hours, steps)[:, None], noise)
            if number >= UNLEARNT and not new and chosen == terms:
                break
            terms = chosen
        steps = _refined(hours, terms, [*steps, *new], used, noise)
    steps, fitted, gains = _pruned(hours, terms, steps, used, noise, limit)
    return Found(fitted, gains, limit, used)


def _learnt(
    hours: Hours, terms: Terms, steps: Sequence[float], used: Flags, noise: Sequence[Noise]
) -> tuple[tuple[Noise, ...], Fitted]:
    out = ~law.settled(hours.hours, steps)
    x = np.column_stack([law.columns(hours, terms), law.step_columns(hours.hours, sorted(steps))])
    learnt = law.noises(hours, x, used & ~out[:, None], noise)
    return learnt, law.fit(hours, terms, steps, learnt, used, out)


def _peaks(hours: Hours, fitted: Fitted, limit: float) -> list[float]:
    """New steps that gain enough, the largest first, ``APART_H`` from those there are, ``SIDE_H`` from one another."""
    at = np.arange(EDGE_H, _latest(hours), COARSE_H)
    at = at[[all(abs(one - step) >= APART_H for step in fitted.steps_h) for one in at]]
    gains = scanned(hours, fitted, at)
    taken: list[float] = []
    least = max(limit, CLEAR_SHARE * float(gains.max(initial=0.0)))
    while len(gains) and gains.max() > least:
        best = float(at[int(np.argmax(gains))])
        taken.append(best)
        gains[np.abs(at - best) < SIDE_H] = 0.0
    return taken


def _latest(hours: Hours) -> float:
    """The latest hour of a step that can be sized: hours while it settles tell nothing."""
    return float(hours.hours[-1]) - law.SETTLING_H - EDGE_H


def scanned(hours: Hours, fitted: Fitted, at_h: Floats) -> Floats:
    """The chi-square that a further step at each of ``at_h`` would gain over all modes, (times,)."""
    out = ~law.settled(hours.hours, fitted.steps_h)
    signed = np.zeros((len(at_h), len(fitted.noises)))
    x = np.column_stack([law.columns(hours, fitted.terms), law.step_columns(hours.hours, fitted.steps_h)])
    for mode, noise in enumerate(fitted.noises):
        rows = fitted.used[:, mode] & ~out
        signed[:, mode] = _signed(hours, x, rows, mode, noise, at_h)
    return np.asarray(np.einsum("ti,ij,tj->t", signed, np.linalg.inv(fitted.correlation), signed))


def _signed(hours: Hours, x: Floats, rows: Flags, mode: int, noise: Noise, at_h: Floats) -> Floats:
    """Each step's size in its standard uncertainties, the other features estimated with it."""
    whitener = Whitener(noise, hours.hours[rows], hours.stated[rows, mode])
    tried = law.step_columns(hours.hours[rows], at_h.tolist())
    enough_rows = np.minimum(tried.sum(axis=0), (1.0 - tried).sum(axis=0)) >= FEWEST_HOURS
    inner, y = x[rows], hours.logs[rows, mode]
    white = whitener(np.column_stack([inner, y]))
    normal = np.linalg.pinv(inner.T @ white[:, :-1], hermitian=True)
    left = y - inner @ (normal @ (inner.T @ white[:, -1]))
    cross = white[:, :-1].T @ tried
    own = np.einsum("rt,rt->t", tried, whitener(tried)) - np.einsum("ft,fg,gt->t", cross, normal, cross)
    score = tried.T @ whitener(left)
    with np.errstate(invalid="ignore", divide="ignore"):
        sizes = np.where(enough_rows & (own > 1e-9), score / np.sqrt(np.maximum(own, 1e-9)), 0.0)
    return np.asarray(sizes)


def _refined(hours: Hours, terms: Terms, steps: Sequence[float], used: Flags, noise: Sequence[Noise]) -> list[float]:
    """Each step moved to the hour near it that gains most, the others held; nothing settles while it is looked for."""
    moved = sorted(steps)
    for number, step in enumerate(moved):
        others = [one for one in moved if one is not step]
        fitted = law.fit(hours, terms, others, noise, used, ~law.settled(hours.hours, others))
        at = step + np.arange(-NEAR_H, NEAR_H + 1.0, FINE_H)
        at = at[[one <= _latest(hours) and all(abs(one - other) >= APART_H for other in others) for one in at]]
        if len(at):
            moved[number] = float(at[int(np.argmax(scanned(hours, fitted, at)))])
    return sorted(moved)


def gains(fitted: Fitted) -> Floats:
    """(steps,), chi-square of each step's effect over all modes."""
    numbers = range(len(fitted.steps_h))
    return np.array(
        [fitted.effect[n] @ np.linalg.solve(fitted.covariance[n, :, n, :], fitted.effect[n]) for n in numbers]
    )


def _pruned(
    hours: Hours, terms: Terms, steps: list[float], used: Flags, noise: Sequence[Noise], limit: float
) -> tuple[list[float], Fitted, Floats]:
    while True:
        noise, fitted = _learnt(hours, terms, steps, used, noise)
        gained = gains(fitted)
        if not steps or gained.min() > limit:
            return steps, fitted, gained
        least = max(float(gained.min()), 0.5 * limit)
        steps = [step for step, gain in zip(fitted.steps_h, gained, strict=True) if gain > least]
