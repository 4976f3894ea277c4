"""The sensor's sampling clock held against the device's: a straight line of delivery times over the sample counter.

Rules it keeps:
- Deliveries come late, never early: of every ``BIN_S`` seconds the least late one is kept, and the line goes through these.
- The rate is nominal until the line tells it to within ``KNOWN_PPM``; what is told after that always says how sure it is.
- A rate that is more than ``MOST_OFF`` from the nominal one is none of a sampling clock (a recording played faster, a wrong
  header): nothing is corrected by it.
- One late point is left out. Two in a row that agree are a jump (samples that the sensor lost and did not count, or a
  clock that was set): a new line begins there with the old slope, and the jump is counted.

The device's monotonic clock is disciplined by the kernel where UTC is known, so that the rate is one against UTC there.
"""

from __future__ import annotations

import math
from collections import deque
from typing import NamedTuple

import numpy as np

BIN_S = 10.0
BINS = 31
"""Points of the line: five minutes, so that a rate that follows the temperature is followed."""
KNOWN_PPM = 200.0
MOST_OFF = 0.05
GOOD_PPM, SETTLED_S = 20.0, 120.0
"""After a jump the old slope holds until the new line is as sure as this, or as long."""
JUMP_S = 0.02
JUMP_SIGMAS = 8.0
LEAST_SCATTER_S = 2e-4
"""Scatter below which the points' agreement is not believed: a serial line's own grain."""


class Rate(NamedTuple):
    """A measured sampling rate: over the nominal one, and its standard uncertainty [ppm]."""

    ratio: float
    std_ppm: float


class _Line(NamedTuple):
    """Slope [µs a sample], the middle point, and root mean square off the line [s]."""

    slope: float
    end: float
    mono: float
    off_s: float


class SampleClock:
    """Where the sample counter stands on the device's clock, and how fast it really runs.

    Args:
        rate_hz: the nominal sampling rate.
    """

    def __init__(self, rate_hz: float) -> None:
        self.rate_hz = rate_hz
        self.jumps = 0
        self.rate: Rate | None = None
        self._origin: tuple[int, float] | None = None
        self._us_a_sample = 1e6 / rate_hz
        self._points: deque[tuple[int, int]] = deque(maxlen=BINS)
        self._least: tuple[float, int, int] | None = None
        self._bin_ends = 0.0
        self._suspect: tuple[int, int] | None = None

    @property
    def ratio(self) -> float:
        """The true rate over the nominal one; 1 while it is not known."""
        return 1.0 if self.rate is None else self.rate.ratio

    def time_of(self, sample: int) -> int:
        """When the sample was taken [µs since boot], as far as the line knows."""
        if self._origin is None:
            return 0
        return max(0, round(self._predicted(sample)))

    def saw(self, end: int, mono: int) -> None:
        """Note that everything before sample ``end`` had been delivered at ``mono`` [µs since boot]."""
        if self._origin is None:
            self._origin = (end, float(mono))
            self._bin_ends = mono + BIN_S * 1e6
        if mono >= self._bin_ends:
            self._close_bin()
            self._bin_ends = mono + BIN_S * 1e6
        at, at_us = self._origin
        late = mono - at_us - (end - at) * self._us_a_sample
        if self._least is None or late < self._least[0]:
            self._least = (late, end, mono)
        if not self._points and late < 0.0:
            self._origin = (end, float(mono))

    def _predicted(self, sample: int) -> float:
        assert self._origin is not None
        return self._origin[1] + (sample - self._origin[0]) * self._us_a_sample

    def _close_bin(self) -> None:
        if self._least is None:
            return
        late, end, mono = self._least
        self._least = None
        point = (end, mono)
        if (
            self.rate is not None
            and len(self._points) >= 3
            and abs(late) > 1e6 * max(JUMP_S, JUMP_SIGMAS * self._scatter_s())
        ):
            self._off_the_line(point)
            return
        self._suspect = None
        self._points.append(point)
        self._fit()

    def _off_the_line(self, point: tuple[int, int]) -> None:
        before, self._suspect = self._suspect, point
        if before is None:
            return
        apart_us = (point[1] - before[1]) - (point[0] - before[0]) * self._us_a_sample
        if abs(apart_us) > 1e6 * max(JUMP_S, JUMP_SIGMAS * self._scatter_s()):
            return
        self.jumps += 1
        self._points.clear()
        self._points.extend((before, point))
        self._suspect = None
        self._origin = (point[0], float(point[1]))

    def _line(self) -> _Line:
        points = np.array(self._points, dtype=np.float64)
        end, mono = points.mean(axis=0).tolist()
        ends, monos = (points - (end, mono)).T
        slope = float(ends @ monos) / float(ends @ ends)
        return _Line(slope, end, mono, float(np.sqrt(np.mean((monos - slope * ends) ** 2))) * 1e-6)

    def _bend_ppm(self, slope: float) -> float:
        """By how much the rate at the line's end differs from its mean, by a parabola through the points."""
        points = np.array(self._points, dtype=np.float64)
        ends = points[:, 0] - points[:, 0].mean()
        curvature = float(np.polynomial.polynomial.polyfit(ends / ends[-1], points[:, 1] - points[0, 1], 2)[2])
        return 1e6 * abs(2.0 * curvature / float(ends[-1])) / slope

    def _scatter_s(self) -> float:
        return max(LEAST_SCATTER_S, self._line().off_s)

    def _fit(self) -> None:
        count = len(self._points)
        if count < 3:
            return
        slope, end, mono, off_s = self._line()
        span_s = (self._points[-1][1] - self._points[0][1]) * 1e-6
        scatter_s = max(LEAST_SCATTER_S, off_s * math.sqrt(count / (count - 2)))
        std_ppm = math.hypot(1e6 * scatter_s / span_s * math.sqrt(12.0 / count), self._bend_ppm(slope))
        is_first = self.rate is None
        ratio = 1e6 / (self.rate_hz * slope)
        if (is_first and std_ppm > KNOWN_PPM) or abs(ratio - 1.0) > MOST_OFF:
            return
        if self.rate is None or std_ppm <= max(self.rate.std_ppm, GOOD_PPM) or span_s > SETTLED_S:
            self.rate = Rate(ratio, std_ppm)
            self._us_a_sample = slope
        self._origin = (round(end), mono + (round(end) - end) * self._us_a_sample)
        if is_first:
            # Which delivery was the least late could not be told while the rate was not known.
            self._points.clear()
