"""What a bridge's parts feel of measured temperatures: holes filled, thermal lags, frost.

Each part follows the air as a first-order system; which lag matters for which mode is for the law of temperature.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

HOUR_S = 3600.0
LAGS_H = (0.0, 6.0, 30.0, 150.0)
FROZEN_LAGS = slice(1, 3)
THAW_H = 72.0
"""A structure is taken as frozen where what it feels with one of these lags is below 0 °C, and so long after."""

FILLED_S = 6.0 * HOUR_S
"""A temperature missing for no longer than this is drawn between its neighbours."""


def known(values: Floats) -> Flags:
    """Where a value is measured."""
    return np.asarray(~np.isnan(values), dtype=np.bool_)


def filled(times_s: Floats, degc: Floats, reference_rows: int) -> Floats:
    """Temperatures with short holes drawn straight, and longer ones told from the best other sensor.

    Args:
        times_s: (rows,); degc: (rows, sensors), NaN where unknown.
        reference_rows: rows from which one sensor's line against another is learnt.
    """
    out = degc.copy()
    for column in out.T:
        there = np.flatnonzero(~np.isnan(column))
        if len(there) < 2:
            continue
        holes = np.flatnonzero(np.isnan(column))
        right = np.searchsorted(there, holes).clip(1, len(there) - 1)
        short = times_s[there[right]] - times_s[there[right - 1]] <= FILLED_S
        inside = (holes > there[0]) & (holes < there[-1]) & short
        column[holes[inside]] = np.interp(times_s[holes[inside]], times_s[there], column[there])
    drawn = out.copy()
    for sensor in range(out.shape[1]):
        for other in _nearest(drawn[:reference_rows], sensor):
            lost = ~known(out[:, sensor]) & known(drawn[:, other])
            both = ~np.isnan(drawn[:reference_rows, [sensor, other]]).any(axis=1)
            if lost.any() and both.sum() >= 2:
                slope, offset = np.polyfit(drawn[:reference_rows][both, other], drawn[:reference_rows][both, sensor], 1)
                out[lost, sensor] = offset + slope * drawn[lost, other]
    return out


def _nearest(degc: Floats, sensor: int) -> list[int]:
    """The other sensors, that which goes best with this one first."""
    others = [other for other in range(degc.shape[1]) if other != sensor]
    away = {other: float(np.nanstd(degc[:, other] - degc[:, sensor])) for other in others}
    return sorted(others, key=lambda other: away[other])


def lagged(times_s: Floats, temperatures_degc: Floats) -> Floats:
    """Temperatures through first-order lags.

    Args:
        times_s: (rows,), rising.
        temperatures_degc: (rows, sensors), NaN where unknown; a lagged one holds its value there.

    Returns: (rows, sensors, lags) in the order of ``LAGS_H``; NaN where the temperature itself is unknown.
    """
    rows, sensors = temperatures_degc.shape
    felt = np.empty((rows, sensors, len(LAGS_H)))
    steps_h = np.diff(times_s, prepend=times_s[:1]) / HOUR_S
    for number, lag_h in enumerate(LAGS_H):
        share = np.ones(rows) if lag_h == 0.0 else -np.expm1(-steps_h / lag_h)
        for sensor in range(sensors):
            felt[:, sensor, number] = _followed(temperatures_degc[:, sensor], share)
    felt[np.isnan(temperatures_degc)] = np.nan
    return felt


def _followed(values: Floats, share: Floats) -> list[float]:
    known = values[~np.isnan(values)]
    state = float(known[0]) if known.size else float("nan")
    out = []
    for value, part in zip(values.tolist(), share.tolist(), strict=True):
        if value == value:
            state += part * (value - state)
        out.append(state)
    return out


def frost(felt_degc: Floats, step_h: float) -> Flags:
    """Which rows are of the regime of frost: a part of the structure is frozen, or was within ``THAW_H``."""
    slow = np.where(np.isnan(felt_degc), np.inf, felt_degc)[:, :, FROZEN_LAGS].min(axis=(1, 2)) < 0.0
    held = max(1, round(THAW_H / step_h))
    since = np.concatenate([np.zeros(held, dtype=np.int64), np.cumsum(slow)])
    return np.asarray(slow | (since[held:] > since[:-held]), dtype=np.bool_)


def coldest(felt_degc: Floats) -> Floats:
    """The coldest of what any sensor or slow part feels, (rows,): NaN where nothing is known."""
    degc = np.where(np.isnan(felt_degc), np.inf, felt_degc).min(axis=(1, 2))
    return np.where(np.isinf(degc), np.nan, degc)
