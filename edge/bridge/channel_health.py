"""What is wrong with one channel, from a few seconds of its samples; every judgement is a pure function.

A finding is about the sensor, never about the bridge: a heavy vehicle or an earthquake is not a spike, because it
swings on for more than one sample.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.bridge.config import Channel
from edge.contract.records.bridge import SensorFinding

Real = NDArray[np.float64]

STUCK_S = 1.0
DROPOUT_S = 0.25
CLIPPED_SAMPLES = 5
CLIPPED_STEPS = 100.0
SPIKES = 1
SPIKE_RATIO = 20.0
JUMP_RATIO = 8.0


def judge(samples: Real, rate_hz: float, channel: Channel, seconds: Real) -> SensorFinding:
    """The finding for one channel from its own samples alone.

    Args:
        samples: (n,) [m/s² or m/s], gaps left out.
        seconds: (k, 2) mean and standard deviation of each second of it.
    """
    if _dropped(samples, rate_hz):
        return "dropout"
    if _stuck(samples, rate_hz):
        return "stuck"
    if _clipped(samples, channel):
        return "clipping"
    if _spiky(samples):
        return "spikes"
    if _jumped(seconds):
        return "offset_jump"
    if channel.highest_noise is not None and noise_floor(seconds) > channel.highest_noise * abs(channel.in_si):
        return "noisy"
    return "ok"


def noise_floor(seconds: Real) -> float:
    """Standard deviation of the quietest second."""
    return float(seconds[:, 1].min())


def out_of_family(levels: Real, comparable: NDArray[np.bool_], most: float) -> NDArray[np.bool_]:
    """Which of (channels,) levels are more than ``most`` times the median of the other comparable ones.

    With fewer than three to compare nobody can say who is wrong, and nobody is.
    """
    found = np.zeros(len(levels), dtype=np.bool_)
    if comparable.sum() < 3:
        return found
    for index in np.flatnonzero(comparable):
        others = comparable.copy()
        others[index] = False
        found[index] = levels[index] > most * median(levels[others])
    return found


def median(values: Real) -> float:
    """Middle of (n,) finite values; ``numpy.median`` takes ten times as long over a few of them."""
    half = len(values) // 2
    if len(values) % 2:
        return float(np.partition(values, half)[half])
    ordered = np.partition(values, (half - 1, half))
    return 0.5 * float(ordered[half - 1] + ordered[half])


def _longest_run(flags: NDArray[np.bool_]) -> int:
    """Most consecutive true values."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max()) if len(edges) else 0


def _dropped(samples: Real, rate_hz: float) -> bool:
    if not np.isfinite(samples).all():
        return True
    silent = samples == 0.0
    return bool(silent.any()) and not silent.all() and _longest_run(silent) >= max(3, DROPOUT_S * rate_hz)


def _stuck(samples: Real, rate_hz: float) -> bool:
    same = samples[1:] == samples[:-1]
    if same.mean() < 0.5 * STUCK_S * rate_hz / max(1, len(samples)):
        return False
    return _longest_run(same) + 1 >= min(len(samples), max(3, STUCK_S * rate_hz))


def _clipped(samples: Real, channel: Channel) -> bool:
    if channel.full_scale is not None:
        limit = 0.999 * channel.full_scale * abs(channel.in_si)
        return bool((abs(samples) >= limit).sum() >= 2)
    top, bottom = samples.max(), samples.min()
    at_top, at_bottom = int((samples == top).sum()), int((samples == bottom).sum())
    if max(at_top, at_bottom) < CLIPPED_SAMPLES:
        return False
    steps = abs(np.diff(samples))
    smallest = steps[steps > 0.0].min(initial=np.inf)
    return bool(top - bottom > CLIPPED_STEPS * smallest)


def _spiky(samples: Real) -> bool:
    """Single samples that stand alone: the curvature there dwarfs the usual one and the curvature around."""
    if len(samples) < 32:
        return False
    bend = abs(samples[1:-1] - 0.5 * (samples[2:] + samples[:-2]))
    usual = median(bend)
    suspects = np.flatnonzero(bend > SPIKE_RATIO * max(usual, 1e-12))
    alone = 0
    for at in suspects[bend[suspects].argsort()[::-1][:16]]:
        around = np.concatenate((bend[max(0, at - 12) : max(0, at - 1)], bend[at + 2 : at + 13]))
        # A lonely sample bends its two neighbours half as much; a step bends one of them not at all.
        beside = bend[max(0, at - 1) : at + 2].min()
        alone += bool(len(around) and around.max() < 0.15 * bend[at] and beside > 0.3 * bend[at])
    return alone >= SPIKES


def _jumped(seconds: Real) -> bool:
    """The mean steps once between two calm levels, by far more than seconds differ otherwise and than it vibrates."""
    means, deviations = seconds[:, 0], seconds[:, 1]
    count = len(means)
    if count < 6:
        return False
    if float(np.ptp(means)) <= 3.0 * median(deviations):
        return False
    best, at = 0.0, 0
    for cut in range(2, count - 1):
        step = abs(median(means[:cut]) - median(means[cut:]))
        if step > best:
            best, at = step, cut
    spread = max(float(np.ptp(means[:at])) if at else 0.0, float(np.ptp(means[at + 1 :])) if at + 1 < count else 0.0)
    # A vehicle that begins near the window's end has a mean of its own too, but it swings about it.
    swing = max(median(deviations[:at]), median(deviations[at:]))
    return best > JUMP_RATIO * max(spread, 1e-12) and best > 3.0 * swing
