"""A multivariate control chart with memory, whose limits come from left-out blocks of the healthy reference.

An exponentially weighted moving average of all modes' residuals (MEWMA: Lowry, Woodall, Champ and Rigdon, Technometrics
1992), its distance measured in the covariance that the same average showed on left-out blocks. Independent hours are
not assumed anywhere: what slow wander does to the average is in that covariance.

Rules it keeps:
- An hour is *flagged* when a quick average is outside what all but ``FLAGGED_SHARE`` of the hours of
  any left-out block reach.
- An *alarm* is an episode: it begins when an average passes a level that left-out blocks say is reached less often than
  once in ``RETURN_YEARS`` (Gumbel's law of their maxima), and ends after a day of unflagged rows.
- The shorter the reference, the wider the limits: its hours count as one sample each ``WANDER_H``.
- Frost has limits of its own, where the reference froze for long enough: a frozen bridge wanders more than a warm one,
  and would else hide in winter's limits what happens in summer.
- One far-off hour is drawn in to ``CLIP`` of its spread (Huber), so that an outlier alone says nothing.
- A mode not measured keeps its average; an hour with no mode measured is not judged.
- Where the law of temperature is less sure than in the reference, the covariance grows by as much: an error of the law
  stays, so that averages do not make it smaller.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hub.bridge.felt_temperature import Flags, Floats, Ints, known
from hub.bridge.temperature_law import spread_of

QUICK, SLOW = 0.3, 0.05
"""Weights of the newest row in the two averages: memories of about six and forty rows."""

CLIP = 3.0
FLAGGED_SHARE = 0.04
RETURN_YEARS = 4.0
MAXIMA_H = 96.0
CLEAR_ROWS = 24
LEVEL_ROWS = 25
WANDER_H = 144.0
"""What a bridge does beside its law is taken as new after so long."""

REGIME_ROWS = 500
"""Rows of a regime in the reference from which it has limits of its own."""

BLOCK_ROWS = 100
"""Rows of a regime in a block from which the block's share of them counts."""
HOURS_A_YEAR = 8766.0
EULER = 0.5772156649


@dataclass(frozen=True)
class Average:
    """One moving average's weight, its healthy covariance (modes, modes), and the level that alarms [distance]."""

    weight: float
    covariance: Floats
    alarm_limit: float


@dataclass(frozen=True)
class Limits:
    """What is healthy in one regime.

    Attributes:
        spread: (modes,), robust standard deviation of one row's residual.
        quick, slow: the two averages; the quick one also flags.
        flag_limit: distance of the quick average above which a row is flagged.
    """

    spread: Floats
    quick: Average
    slow: Average
    flag_limit: float


@dataclass(frozen=True)
class Chart:
    """A chart ready to judge.

    Attributes:
        regimes: limits without frost, and with it.
        surest: (modes,), variance of the law where the reference was; more than this counts.
    """

    regimes: tuple[Limits, Limits]
    surest: Floats

    def spread(self, frozen: Flags) -> Floats:
        """The standard deviation of each row's residual, (rows, modes)."""
        warm, cold = self.regimes
        return np.where(frozen[:, None], cold.spread, warm.spread)


@dataclass(frozen=True)
class Judged:
    """Each row's judgement, arrays (rows,).

    Attributes:
        score: the quick average's distance over the flag limit, NaN where not judged.
        reach: the farther average's distance over its alarm limit, NaN where not judged.
        flagged: this row is outside.
        alarm: an owner is being told.
    """

    score: Floats
    reach: Floats
    flagged: Flags
    alarm: Flags


def moving_average(residuals: Floats, weight: float) -> Floats:
    """Exponentially weighted average from nought, (rows, modes); a row not measured (NaN) changes nothing."""
    out = np.empty_like(residuals)
    for mode in range(residuals.shape[1]):
        state, states = 0.0, []
        for value in residuals[:, mode].tolist():
            if value == value:
                state += weight * (value - state)
            states.append(state)
        out[:, mode] = states
    return out


def clipped(residuals: Floats, spread: Floats) -> Floats:
    """Residuals drawn in to ``CLIP`` of their spread."""
    return np.clip(residuals, -CLIP * spread, CLIP * spread)


def clipped_to_levels(residuals: Floats, spread: Floats, reference_rows: int) -> Floats:
    """Residuals without outliers but with real shifts: drawn in about a running median of a day of later rows.

    Args:
        residuals: (rows, modes), the reference's ``reference_rows`` first, which are drawn in about nought.
        spread: (rows, modes), standard deviation of each row.
    """
    level = np.zeros_like(residuals)
    later = residuals[reference_rows:]
    if len(later):
        half = LEVEL_ROWS // 2
        edged = np.pad(later, ((half, half), (0, 0)), constant_values=np.nan)
        windows = np.lib.stride_tricks.sliding_window_view(edged, 2 * half + 1, axis=0)
        empty = np.asarray(~known(windows).any(axis=2), dtype=np.bool_)
        level[reference_rows:] = np.where(empty, 0.0, np.nanmedian(np.where(empty[..., None], 0.0, windows), axis=2))
    return np.asarray(level + np.clip(residuals - level, -CLIP * spread, CLIP * spread))


def distances(averages: Floats, covariance: Floats, unsure: Floats | None = None) -> Floats:
    """Mahalanobis distance of each row (rows, modes); ``unsure`` (rows, modes) adds variance row by row."""
    if unsure is None or not unsure.any():
        return np.asarray(np.sqrt(np.einsum("ri,ij,rj->r", averages, np.linalg.inv(covariance), averages)))
    grown = covariance + np.einsum("ri,ij->rij", unsure, np.eye(len(covariance)))
    solved = np.linalg.solve(grown, averages[..., None])[..., 0]
    return np.asarray(np.sqrt(np.einsum("ri,ri->r", averages, solved)))


def learn(residuals: Floats, frozen: Flags, blocks: Ints, law_variance: Floats, step_h: float) -> Chart:
    """The chart of a reference.

    Args:
        residuals: (rows, modes) of left-out blocks, NaN where not measured.
        frozen: (rows,), which rows are of the regime of frost.
        blocks: (rows,), the block that each row was left out with.
        law_variance: (rows, modes), variance of the law at the reference rows.
        step_h: usual time between rows.
    """
    everywhere = np.ones(len(residuals), dtype=np.bool_)
    taken = [rows if _enough(residuals[rows]) else everywhere for rows in (~frozen, frozen)]
    spreads = [spread_of(residuals[rows]) for rows in taken]
    drawn_in = clipped(residuals, np.where(frozen[:, None], spreads[1], spreads[0]))
    warm, cold = (_limits(drawn_in, rows, spread, blocks, step_h) for rows, spread in zip(taken, spreads, strict=True))
    return Chart((warm, cold), np.nanquantile(law_variance, 0.95, axis=0))


def _enough(residuals: Floats) -> bool:
    """Whether a regime was seen for long enough to have limits of its own."""
    return len(residuals) > 0 and int(known(residuals).sum(axis=0).min()) >= REGIME_ROWS


def _limits(drawn_in: Floats, rows: Flags, spread: Floats, blocks: Ints, step_h: float) -> Limits:
    quick, reached = _average(moving_average(drawn_in, QUICK)[rows], QUICK, step_h)
    slow, _ = _average(moving_average(drawn_in, SLOW)[rows], SLOW, step_h)
    within, counts = np.unique(blocks[rows], return_counts=True)
    by_block = [
        float(np.quantile(reached[blocks[rows] == block], 1.0 - FLAGGED_SHARE))
        for block, count in zip(within.tolist(), counts.tolist(), strict=True)
        if count >= min(BLOCK_ROWS, int(counts.max()))
    ]
    wider = _for_so_few(len(reached) * step_h / WANDER_H, drawn_in.shape[1])
    quick, slow = (Average(each.weight, each.covariance, wider * each.alarm_limit) for each in (quick, slow))
    return Limits(spread, quick, slow, min(wider * max(by_block), quick.alarm_limit))


def _for_so_few(independent: float, modes: int) -> float:
    """By how much a distance in a covariance from so few independent samples spreads wider (Hotelling 1931)."""
    count = max(independent, modes + 2.0)
    return float(np.sqrt((count**2 - 1.0) / (count * (count - modes))))


def _average(averages: Floats, weight: float, step_h: float) -> tuple[Average, Floats]:
    covariance = averages.T @ averages / len(averages)
    covariance += 1e-9 * np.trace(covariance) * np.eye(len(covariance))
    found = distances(averages, covariance)
    return Average(weight, covariance, return_level(found, step_h)), found


def return_level(found: Floats, step_h: float) -> float:
    """The distance reached once in ``RETURN_YEARS``: Gumbel's law by probability-weighted moments (Landwehr 1979)."""
    run = max(1, round(MAXIMA_H / step_h))
    count = max(1, len(found) // run)
    maxima = np.sort([part.max() for part in np.array_split(found, count)])
    if count < 2:
        return float(2.0 * maxima[-1])
    rank = np.arange(count) / (count - 1)
    scale = (2.0 * float((rank * maxima).mean()) - float(maxima.mean())) / np.log(2.0)
    mode = float(maxima.mean()) - EULER * scale
    periods = RETURN_YEARS * HOURS_A_YEAR / (run * step_h)
    return float(mode - scale * np.log(-np.log1p(-1.0 / periods)))


def judge(chart: Chart, residuals: Floats, frozen: Flags, law_variance: Floats) -> Judged:
    """Rows in order of time, beginning with averages at nought.

    Args:
        residuals: (rows, modes), NaN where not measured.
        frozen: (rows,), which rows are of the regime of frost.
        law_variance: (rows, modes), variance of the law there; NaN where unknown.
    """
    judged = np.asarray(known(residuals).any(axis=1), dtype=np.bool_)
    excess = np.maximum(np.nan_to_num(law_variance) - chart.surest, 0.0)
    drawn_in = clipped(residuals, np.sqrt(chart.spread(frozen) ** 2 + excess))
    unsure = np.where(known(residuals), np.sqrt(excess), np.nan)
    quick, slow = _over_flag_and_alarm(chart, drawn_in, unsure, frozen)
    flagged = judged & (quick[0] > 1.0)
    score, reach = (np.where(judged, far, np.nan) for far in (quick[0], np.maximum(quick[1], slow[1])))
    return Judged(score, reach, flagged, episodes(reach > 1.0, flagged, judged))


def _over_flag_and_alarm(
    chart: Chart, drawn_in: Floats, unsure: Floats, frozen: Flags
) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Distances over the flag limit and over the alarm limit, (rows,) each, of the quick average and of the slow one."""
    out = []
    for weight in (QUICK, SLOW):
        averages, errors = moving_average(drawn_in, weight), np.square(moving_average(unsure, weight))
        flag, alarm = np.zeros(len(averages)), np.zeros(len(averages))
        for limits, rows in zip(chart.regimes, (~frozen, frozen), strict=True):
            average = limits.quick if weight == QUICK else limits.slow
            found = distances(averages[rows], average.covariance, errors[rows])
            flag[rows], alarm[rows] = found / limits.flag_limit, found / average.alarm_limit
        out.append((flag, alarm))
    return out[0], out[1]


def episodes(begins: Flags, flagged: Flags, judged: Flags) -> Flags:
    """Whether each row is within an episode: from where one begins until ``CLEAR_ROWS`` judged rows are quiet."""
    out, clear = np.zeros(len(begins), dtype=np.bool_), CLEAR_ROWS
    for row, (begin, flag, measured) in enumerate(zip(begins.tolist(), flagged.tolist(), judged.tolist(), strict=True)):
        if begin:
            clear = 0
        elif measured and clear < CLEAR_ROWS:
            clear = 0 if flag else clear + 1
        out[row] = clear < CLEAR_ROWS
    return out


def runs(alarm: Flags) -> list[tuple[int, int]]:
    """First row and the row after the last of each episode."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], alarm, [False])).astype(np.int8)))
    return [(int(first), int(after)) for first, after in edges.reshape(-1, 2)]
