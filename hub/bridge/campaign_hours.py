"""Ten-minute windows of a campaign gathered to hours: one value with its uncertainty a mode, and what explains it.

A window far from its neighbours' median is left out. A frequency moves with the level of vibration, so that the level
stands beside it in every hour.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hub.bridge.felt_temperature import HOUR_S, Flags, Floats, filled, known, lagged

NEIGHBOURS = 25
"""Windows whose median tells where a mode is: two hours before and after."""

FAR_SIGMAS = 6.0
FAR_HOURS_SIGMAS = 5.0
UNKNOWN_STD = 0.002
"""Relative uncertainty of a frequency whose own is not told."""

KNEES_DEGC = (-1.0, 0.0, 1.0)
NAMES = ("above", "below", "ice")


@dataclass(frozen=True)
class Hours:
    """A campaign by the hour; rows are hours with a temperature and at least one mode.

    Attributes:
        times_s: (rows,), middle of each hour, UTC.
        logs: (rows, modes), natural logarithm of frequency, NaN where not measured.
        stated: (rows, modes), relative standard uncertainty as identification states it.
        felt_degc: (rows, sensors, lags) from ``felt_temperature.lagged``.
        ice_degc: by knee, (rows, sensors, lags): the part below the knee, lagged; what a frozen part feels.
        loudness: (rows,), decades of level over its median; None where no level was kept, or one that never varies.
    """

    times_s: Floats
    logs: Floats
    stated: Floats
    felt_degc: Floats
    ice_degc: dict[float, Floats]
    loudness: Floats | None

    @property
    def hours(self) -> Floats:
        """Times in hours from the first row."""
        return np.asarray((self.times_s - self.times_s[0]) / HOUR_S)


def gather(
    times_s: Floats, frequencies_hz: Floats, std_hz: Floats | None, temperatures_degc: Floats, level: Floats | None
) -> Hours:
    """Hours of a campaign.

    Args:
        times_s: (windows,), rising.
        frequencies_hz, std_hz: (windows, modes), NaN where not identified.
        temperatures_degc: (windows, sensors). level: (windows,) [any unit, above 0].
    """
    degc = filled(times_s, temperatures_degc, len(times_s))
    kept = known(degc).all(axis=1)
    times_s, degc, logs = times_s[kept], degc[kept], np.log(frequencies_hz[kept])
    relative = np.full_like(logs, UNKNOWN_STD) if std_hz is None else std_hz[kept] / frequencies_hz[kept]
    relative = np.where(known(relative) & (relative > 0.0), relative, UNKNOWN_STD)
    weight = np.where(known(logs) & ~_far(logs, relative), relative**-2.0, 0.0)
    hour = np.floor(times_s / HOUR_S).astype(np.int64)
    first = np.flatnonzero(np.diff(hour, prepend=hour[0] - 1))
    total = np.add.reduceat(weight, first)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.add.reduceat(weight * np.nan_to_num(logs), first) / total
        stated = total**-0.5
    rows = (total > 0.0).any(axis=1)
    felt = _hourly(lagged(times_s, degc), first)[rows]
    ice = {knee: _hourly(lagged(times_s, np.minimum(degc - knee, 0.0)), first)[rows] for knee in KNEES_DEGC}
    loudness = None if level is None else _hourly(_decades(level[kept]), first)[rows]
    if loudness is not None and not np.ptp(loudness):
        loudness = None
    stated = np.where(total > 0.0, stated, np.nan)[rows]
    middle = HOUR_S * (hour[first][rows].astype(np.float64) + 0.5)
    return Hours(middle, mean[rows], stated, felt, ice, loudness)


def without_far(hours: Hours, residuals: Floats, usual: Floats) -> Flags:
    """(rows, modes): hours that no law and no slow noise explains.

    Args:
        residuals: (rows, modes), without law and slow part; usual: (rows, modes), their standard deviation.
    """
    return np.asarray(known(hours.logs) & (np.abs(np.nan_to_num(residuals)) > FAR_HOURS_SIGMAS * usual))


def _far(logs: Floats, relative: Floats) -> Flags:
    """Which windows are far from their neighbours' median."""
    half = NEIGHBOURS // 2
    edged = np.pad(logs, ((half, half), (0, 0)), constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(edged, NEIGHBOURS, axis=0)
    empty = np.asarray(~known(windows).any(axis=2), dtype=np.bool_)
    filled_in = np.where(empty[..., None], 0.0, windows)
    away = np.abs(logs - np.nanmedian(filled_in, axis=2))
    usual = 1.4826 * np.nanmedian(np.abs(np.where(known(logs), away, np.nan)), axis=0)
    return np.asarray(known(logs) & (away > FAR_SIGMAS * np.maximum(relative, usual)))


def _decades(level: Floats) -> Floats:
    """Decades over the median; 0 where the level is not known."""
    there = known(level) & (level > 0.0)
    decades = np.log10(np.where(there, level, 1.0)) - float(np.median(np.log10(level[there]))) if there.any() else level
    return np.where(there, decades, 0.0)


def _hourly(values: Floats, first: np.ndarray) -> Floats:
    """Mean of each hour's windows, along the first axis."""
    counts = np.diff(np.append(first, len(values)))
    total = np.add.reduceat(values, first, axis=0)
    return np.asarray(total / counts.reshape(-1, *([1] * (values.ndim - 1))))
