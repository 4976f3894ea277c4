"""When a bridge's frequencies changed, by how much in each mode, and how sure that is.

A change is dated where two neighbouring windows of residuals differ most (likelihood ratio of a shift in mean, Hinkley,
Biometrika 1970), and sized by their difference. How much such a difference wanders on a healthy bridge is not computed
from independent hours but seen: in all windows of the same lengths within the left-out residuals of the reference.

Rules it keeps:
- Every episode has one change at least; further ones only where the step between neighbouring windows is larger than
  the reference shows in ``RETURN_YEARS`` (Gumbel's law of its maxima).
- The windows of a size end at the neighbouring changes.
- A mode belongs to a change when it moved by ``MEMBER_SIGMAS`` of its uncertainty; the surest one always does.
- A later change without any such mode is none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hub.bridge.control_chart import distances, return_level
from hub.bridge.felt_temperature import Floats

BEFORE_ROWS, AFTER_ROWS = 240, 240
STEP_ROWS = 36
LATER_ROWS = 48
CONFIDENCE_95 = 1.96
MEMBER_SIGMAS = 3.0
FEWEST_ROWS = 3


@dataclass(frozen=True)
class Change:
    """One change.

    Attributes:
        begin, row, end: the rows before it are those from ``begin``, those after it from ``row`` until before ``end``.
        effect: (modes,), relative change of frequency; NaN where a mode was not measured on both sides.
        covariance: (modes, modes) of the effect.
    """

    begin: int
    row: int
    end: int
    effect: Floats
    covariance: Floats

    @property
    def std(self) -> Floats:
        """Standard uncertainty of each mode's effect."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def sigmas(self) -> Floats:
        """Each mode's effect in its standard uncertainties, 0 where not known."""
        return np.asarray(np.abs(np.nan_to_num(self.effect)) / self.std)

    @property
    def modes(self) -> list[int]:
        """Which modes changed, the surest one at least."""
        least = min(MEMBER_SIGMAS, float(self.sigmas.max()))
        return [mode for mode, sigmas in enumerate(self.sigmas) if sigmas >= least]


@dataclass(frozen=True)
class _Sums:
    """Running sums, so that the mean of any window is a difference."""

    values: Floats
    counts: Floats

    @classmethod
    def of(cls, residuals: Floats) -> _Sums:
        nought = np.zeros((1, residuals.shape[1]))
        values = np.concatenate([nought, np.cumsum(np.nan_to_num(residuals), axis=0)])
        counts = np.concatenate([nought, np.cumsum(~np.isnan(residuals), axis=0)])
        return cls(values, counts)

    def differences(self, starts: Floats, splits: Floats, ends: Floats) -> tuple[Floats, Floats]:
        """Mean after less mean before each split, and the number of rows that it is worth; both (splits, modes)."""
        start, split, end = (each.astype(np.int64) for each in (starts, splits, ends))
        before, after = self.counts[split] - self.counts[start], self.counts[end] - self.counts[split]
        with np.errstate(invalid="ignore", divide="ignore"):
            early = (self.values[split] - self.values[start]) / before
            late = (self.values[end] - self.values[split]) / after
            worth = before * after / (before + after)
        return late - early, worth


def find(
    residuals: Floats, healthy_residuals: Floats, spread: Floats, episode: tuple[int, int, int], step_h: float
) -> list[Change]:
    """The changes behind an episode of alarm.

    Args:
        residuals: (rows, modes), relative, outliers drawn in; those of the reference (of left-out blocks) first.
        healthy_residuals: (rows, modes), those of the reference that the episode is held against.
        spread: (modes,), standard deviation of one row.
        episode: the earliest row that may be looked at, the row that alarmed, and the row after the last alarmed one.
        step_h: usual time between rows.
    """
    sums, healthy = _Sums.of(residuals), _Sums.of(healthy_residuals)
    start, first, after = episode
    rows = [_dated(sums, start, first, min(after, first + LATER_ROWS), spread)]
    rows += _further(sums, healthy, rows[0], after, spread, step_h)
    return _sized(sums, healthy, [start, *rows, after])


def _dated(sums: _Sums, start: int, last: int, end: int, spread: Floats) -> int:
    """The likeliest row of a shift between ``start`` and ``end``, not after ``last``."""
    splits = np.arange(min(start + FEWEST_ROWS, last), last + 1, dtype=np.float64)
    shift, worth = sums.differences(np.full_like(splits, start), splits, np.full_like(splits, end))
    gain = np.nansum(worth * (shift / spread) ** 2, axis=1)
    return int(splits[int(np.argmax(gain))])


def _further(sums: _Sums, healthy: _Sums, first: int, after: int, spread: Floats, step_h: float) -> list[int]:
    """Rows of later steps of an episode, largest first taken, each its own windows away from the others."""
    covariance, scanned = _healthy_steps(healthy, STEP_ROWS, STEP_ROWS)
    limit = return_level(distances(scanned, covariance), step_h)
    splits = np.arange(first + STEP_ROWS, after - STEP_ROWS + 1, dtype=np.float64)
    if not len(splits):
        return []
    shift, _ = sums.differences(splits - STEP_ROWS, splits, splits + STEP_ROWS)
    found = distances(np.nan_to_num(shift), covariance)
    taken: list[int] = []
    while found.max() > limit:
        best = int(np.argmax(found))
        split = int(splits[best])
        begin, end = max(first, split - STEP_ROWS), min(after, split + STEP_ROWS)
        taken.append(_dated(sums, begin, min(split + STEP_ROWS // 2, end - FEWEST_ROWS), end, spread))
        found[max(0, best - STEP_ROWS) : best + STEP_ROWS + 1] = 0.0
    return sorted(set(taken))


def _healthy_steps(healthy: _Sums, before: int, after: int) -> tuple[Floats, Floats]:
    """Covariance (modes, modes) of steps between windows of a healthy bridge, and the steps (splits, modes)."""
    rows = len(healthy.values) - 1
    before, after = min(before, rows // 3), min(after, rows // 3)
    splits = np.arange(before, rows - after + 1, dtype=np.float64)
    steps, _ = healthy.differences(splits - before, splits, splits + after)
    steps = np.nan_to_num(steps)
    covariance = steps.T @ steps / len(steps)
    return covariance + 1e-9 * np.trace(covariance) * np.eye(len(covariance)), steps


def _sized(sums: _Sums, healthy: _Sums, bounds: list[int]) -> list[Change]:
    """The changes at all but the first and last of ``bounds``; without later ones that turn out to be none."""
    found: list[Change] = []
    for before, row, after in zip(bounds, bounds[1:], bounds[2:], strict=False):
        begin, end = max(before, row - BEFORE_ROWS), min(after, row + AFTER_ROWS)
        shift, _ = sums.differences(*(np.array([float(each)]) for each in (begin, row, end)))
        covariance, _ = _healthy_steps(healthy, max(1, row - begin), max(1, end - row))
        one = Change(begin, row, end, np.asarray(np.expm1(shift[0])), covariance)
        if not found or one.sigmas.max() >= MEMBER_SIGMAS:
            found.append(one)
    return found
