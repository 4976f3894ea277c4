"""The law of temperature of a bridge's natural frequencies, learnt from a healthy reference period.

The logarithm of each frequency is a sum of bilinear terms, one slope above and one below a knee near freezing, of some
temperatures as measured and as a slow part of the structure feels them: a first-order thermal lag is what makes the
hysteresis that real bridges show (Peeters and De Roeck, "One-year monitoring of the Z24-Bridge", 2001).

Rules it keeps:
- Which temperatures, lags and knee enter is decided by *blocked* validation: whole runs of days are left out, because
  neighbouring hours know each other. So are the residuals that limits are made from.
- A frequency far from the law while learning is an outlier and is not learnt from.
- Far from the temperatures that were seen, the law says how unsure it is: by jackknife over the blocks, and, where a
  side of the knee was hardly seen or it is colder than it was, by the slopes that bridges are known to have.
- Of very many temperatures, the ``MOST_SENSORS`` that alone foretell best are candidates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hub.bridge.felt_temperature import HOUR_S, Flags, Floats, Ints, coldest, known
from hub.errors import SeriesRefused

KNEES_DEGC = (-2.0, -1.0, 0.0, 1.0, 2.0)
MOST_TERMS = 6
WORTH = 0.01
"""A term is taken when it lowers the blocked validation error by this share."""

MOST_SENSORS = 8
USUAL_SLOPE = (0.001, 0.003)
"""Standard deviation of the relative change a degree above the knee and below, over bridges [1/°C]."""

MEMORY_ROWS = 24.0
"""So many neighbouring rows count as one where a slope is learnt."""

RAREST = 0.005
"""Colder hours than this share of the reference's are not relied upon."""

RIDGE = 1e-4
OUTLIER_SIGMAS = 5.0
TRIMS = 2
MAD_TO_SIGMA = 1.4826
BLOCK_S = 21 * 24 * HOUR_S
FEWEST_BLOCKS, MOST_BLOCKS = 6, 24
SMALLEST = 1e-9
"""A relative spread below this is none."""

FEWEST_ROWS = 100
"""Judged rows of a reference, at least; each mode needs as many."""


@dataclass(frozen=True)
class Fit:
    """The law: a knee, which terms, and their coefficients with the uncertainty that blocks show.

    Attributes:
        knee_degc: where the slope changes.
        terms: indices (temperature column, lag) of the bilinear pairs, in the order taken.
        coefficients: (modes, features), natural logarithm of frequency a feature.
        covariance: (modes, features, features), jackknife over the blocks, and slopes not seen.
        coldest_degc: how cold it was in the reference, 0 where it did not freeze.
    """

    knee_degc: float
    terms: tuple[tuple[int, int], ...]
    coefficients: Floats
    covariance: Floats
    coldest_degc: float


@dataclass(frozen=True)
class Learnt:
    """A fit, and what each reference row left when its block was left out.

    Attributes:
        fit: the law from the whole reference.
        residuals: (rows, modes), relative, NaN where not measured.
        blocks: (rows,), the block of each row.
    """

    fit: Fit
    residuals: Floats
    blocks: Ints


def spread_of(values: Floats) -> Floats:
    """Robust standard deviation of each column about nought, the plain one where half the values are alike."""
    robust = MAD_TO_SIGMA * np.nanmedian(np.abs(values), axis=0)
    plain = np.sqrt(np.nanmean(np.square(values), axis=0))
    return np.asarray(np.maximum(np.where(robust > 0.0, robust, plain), SMALLEST))


def blocks_of(times_s: Floats) -> Ints:
    """Contiguous runs of rows by time, about three weeks each: (rows,) of block numbers from 0."""
    span = float(times_s[-1] - times_s[0])
    count = int(np.clip(round(span / BLOCK_S), FEWEST_BLOCKS, MOST_BLOCKS))
    return (np.arange(len(times_s)) * count // len(times_s)).astype(np.int64)


def features(fit: Fit, felt_degc: Floats) -> Floats:
    """What the law is linear in: one, and each term above and below the knee; (rows, features)."""
    return _features(fit.knee_degc, fit.terms, felt_degc)


def _features(knee_degc: float, terms: tuple[tuple[int, int], ...], felt_degc: Floats) -> Floats:
    columns = [np.ones(len(felt_degc))]
    for sensor, lag in terms:
        away = felt_degc[:, sensor, lag] - knee_degc
        columns += [np.maximum(away, 0.0), np.minimum(away, 0.0)]
    return np.column_stack(columns)


def learn(times_s: Floats, log_frequencies: Floats, felt_degc: Floats) -> Learnt:
    """The law of a reference period.

    Args:
        times_s: (rows,), rising.
        log_frequencies: (rows, modes), natural logarithm, NaN where not measured.
        felt_degc: (rows, sensors, lags) from ``lagged``.

    Raises SeriesRefused when too few rows have frequencies and temperatures.
    """
    usable = np.asarray(known(felt_degc).all(axis=(1, 2)), dtype=np.bool_)
    measured = known(log_frequencies) & usable[:, None]
    fewest = int(measured.sum(axis=0).min())
    if fewest < FEWEST_ROWS:
        raise SeriesRefused(
            f"reference: a mode has {fewest} rows with a temperature; at least {FEWEST_ROWS} are wanted: "
            "name a longer reference"
        )
    blocks = blocks_of(times_s)
    pairs = _candidates(log_frequencies, felt_degc, measured, blocks)
    best: tuple[float, float, tuple[tuple[int, int], ...]] | None = None
    for knee in KNEES_DEGC if _crosses(felt_degc, usable) else (0.0,):
        error, terms = _selected(knee, pairs, log_frequencies, felt_degc, measured, blocks)
        if best is None or error < best[0]:
            best = error, knee, terms
    assert best is not None
    return _fitted(best[1], best[2], log_frequencies, felt_degc, measured, blocks)


def _candidates(y: Floats, felt: Floats, measured: Flags, blocks: Ints) -> list[tuple[int, int]]:
    """The pairs (temperature column, lag) to choose from."""
    sensors = list(range(felt.shape[1]))
    if len(sensors) > MOST_SENSORS:
        grams = _grams(0.0, [(sensor, 0) for sensor in sensors], y, felt, measured, blocks)
        alone = [float(np.log(grams.validation_errors(_columns([sensor]))).mean()) for sensor in sensors]
        sensors = sorted(np.argsort(alone, kind="stable")[:MOST_SENSORS].tolist())
    return [(sensor, lag) for sensor in sensors for lag in range(felt.shape[2])]


def _crosses(felt_degc: Floats, usable: Flags) -> bool:
    """Whether it froze: at least a hundredth of the rows below zero."""
    return bool((felt_degc[usable, :, 0] < 0.0).any(axis=1).mean() > 0.01)


class _Grams:
    """Sums over blocks from which any subset of features is fitted without touching the rows again."""

    def __init__(self, x: Floats, y: Floats, measured: Flags, blocks: Ints) -> None:
        count, modes, width = int(blocks[-1]) + 1, y.shape[1], x.shape[1]
        self.xx = np.zeros((modes, count, width, width))
        self.xy = np.zeros((modes, count, width))
        self.yy = np.zeros((modes, count))
        x = np.where(np.isnan(x), 0.0, x)
        for block in range(count):
            rows = slice(*np.searchsorted(blocks, [block, block + 1]))
            for mode in range(modes):
                taken = np.flatnonzero(measured[rows, mode]) + rows.start
                part, values = x[taken], y[taken, mode]
                self.xx[mode, block] = part.T @ part
                self.xy[mode, block] = part.T @ values
                self.yy[mode, block] = values @ values

    def solve(self, columns: list[int], without_block: bool) -> Floats:
        """Coefficients (modes, blocks or 1, features), each without its block or with all."""
        xx = self.xx[:, :, columns][:, :, :, columns]
        xy = self.xy[:, :, columns]
        whole, wholey = xx.sum(axis=1, keepdims=True), xy.sum(axis=1, keepdims=True)
        scale = np.einsum("mbii->mbi", whole)
        ridge = np.einsum("mbi,ij->mbij", RIDGE * scale + 1e-12, np.eye(len(columns)))
        ridge[:, :, 0, 0] = 0.0
        left, right = (whole - xx, wholey - xy) if without_block else (whole, wholey)
        return np.asarray(np.linalg.solve(left + ridge, right[..., None])[..., 0])

    def validation_errors(self, columns: list[int]) -> Floats:
        """Sum of squared errors of left-out blocks, (modes,); not below rounding."""
        c = self.solve(columns, without_block=True)
        xx = self.xx[:, :, columns][:, :, :, columns]
        cross = np.einsum("mbi,mbi->mb", c, self.xy[:, :, columns])
        left = (self.yy - 2.0 * cross + np.einsum("mbi,mbij,mbj->mb", c, xx, c)).sum(axis=1)
        return np.asarray(np.maximum(left, SMALLEST**2))


def _grams(knee: float, pairs: list[tuple[int, int]], y: Floats, felt: Floats, measured: Flags, blocks: Ints) -> _Grams:
    centred = y - np.nanmedian(np.where(measured, y, np.nan), axis=0)
    return _Grams(_features(knee, tuple(pairs), felt), centred, _near(centred, measured), blocks)


def _selected(
    knee: float, pairs: list[tuple[int, int]], y: Floats, felt: Floats, measured: Flags, blocks: Ints
) -> tuple[float, tuple[tuple[int, int], ...]]:
    """Terms taken one by one while they pay, and the mean logarithm of the modes' validation errors."""
    grams = _grams(knee, pairs, y, felt, measured, blocks)
    chosen: list[int] = []
    error = float(np.log(grams.validation_errors([0])).mean())
    while len(chosen) < min(MOST_TERMS, len(pairs)):
        tried = {
            one: float(np.log(grams.validation_errors(_columns([*chosen, one]))).mean())
            for one in range(len(pairs))
            if one not in chosen
        }
        one = min(tried, key=lambda each: tried[each])
        if tried[one] > error - WORTH:
            break
        chosen, error = [*chosen, one], tried[one]
    return error, tuple(pairs[one] for one in chosen)


def _columns(chosen: list[int]) -> list[int]:
    return [0, *(column for one in chosen for column in (2 * one + 1, 2 * one + 2))]


def _near(centred: Floats, measured: Flags) -> Flags:
    """Without the values that no weather explains, so that one does not choose the terms."""
    spread = spread_of(np.where(measured, centred, np.nan))
    return measured & (np.abs(np.where(measured, centred, 0.0)) <= 4.0 * OUTLIER_SIGMAS * spread)


def _fitted(
    knee: float, terms: tuple[tuple[int, int], ...], y: Floats, felt: Floats, measured: Flags, blocks: Ints
) -> Learnt:
    x = _features(knee, terms, felt)
    level = np.nanmedian(np.where(measured, y, np.nan), axis=0)
    columns = list(range(x.shape[1]))
    taken = measured
    for _ in range(TRIMS + 1):
        grams = _Grams(x, np.where(measured, y - level, 0.0), taken, blocks)
        whole = grams.solve(columns, without_block=False)[:, 0]
        left = y - level - x @ whole.T
        spread = spread_of(np.where(taken, left, np.nan))
        taken = measured & (np.abs(np.where(measured, left, np.inf)) <= OUTLIER_SIGMAS * spread)
    without = grams.solve(columns, without_block=True)
    count = without.shape[1]
    moved = without - without.mean(axis=1, keepdims=True)
    covariance = np.einsum("mbi,mbj->mij", moved, moved) * (count - 1) / count
    covariance += np.einsum("mi,ij->mij", _unseen(grams, spread), np.eye(len(columns)))
    predicted = np.einsum("ri,mri->rm", x, without[:, blocks])
    residuals = np.where(measured, y - level - predicted, np.nan)
    coefficients = whole.copy()
    coefficients[:, 0] += level
    floor_degc = min(0.0, float(np.quantile(coldest(felt[measured.any(axis=1)]), RAREST)))
    return Learnt(Fit(knee, terms, coefficients, covariance, floor_degc), residuals, blocks)


def _unseen(grams: _Grams, spread: Floats) -> Floats:
    """Variance (modes, features) of each slope that the reference leaves of what bridges usually have."""
    seen = np.einsum("mbii->mi", grams.xx)
    usual = np.zeros(seen.shape[1])
    usual[1::2], usual[2::2] = USUAL_SLOPE
    return np.asarray(usual**2 / (1.0 + seen * usual**2 / (MEMORY_ROWS * spread[:, None] ** 2)))


def predict(fit: Fit, felt_degc: Floats) -> tuple[Floats, Floats]:
    """Logarithm of frequency at temperatures, and the standard uncertainty of the law there.

    Args:
        felt_degc: (rows, sensors, lags) from ``lagged``.

    Returns: two arrays (rows, modes); NaN where a temperature of the law is unknown.
    """
    x = features(fit, felt_degc)
    variance = np.einsum("ri,mij,rj->rm", x, fit.covariance, x)
    colder = np.maximum(fit.coldest_degc - coldest(felt_degc), 0.0)
    return x @ fit.coefficients.T, np.sqrt(variance + (USUAL_SLOPE[1] * np.nan_to_num(colder))[:, None] ** 2)
