"""Which channels of a whole recording to trust, and when: the field's judgements over every window, then together.

Rules it keeps:
- A channel sick in more than ``SICK_SHARE`` of the windows is left out; one sick for less costs those windows only.
- A level far above the others' is a sickness where units are known. Where they are not, it may be another unit, and
  the phases decide.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.bridge.channel_health import judge, out_of_family
from edge.bridge.config import Health
from edge.bridge.raw import Raw
from edge.bridge.unit_mix import coherence, mixed_quantities

Real = NDArray[np.float64]
Flags = NDArray[np.bool_]

SICK_SHARE = 0.25
IMPOSSIBLE = 1e5
"""Departure over the usual one beyond which a value is no vibration: the strongest earthquakes reach a hundredth."""
SMALLEST, LARGEST = 1e-30, 1e30
"""Magnitudes beyond which values are of no unit there is, and their powers leave the range of numbers."""
WORDS = {
    "dropout": "values missing", "stuck": "the value stands still", "clipping": "it clips", "spikes": "single spikes",
    "offset_jump": "its offset jumps", "noisy": "too noisy", "impossible": "values that no vibration has",
}  # fmt: skip


class Trust(NamedTuple):
    """What is believed of which channel.

    Attributes:
        sick: (windows, channels) by window of ``windows_of``.
        why: for each channel why it is left out, or nothing.
        passing: for each channel what is wrong with it in most of its sick windows, or nothing.
    """

    sick: Flags
    why: list[str]
    passing: list[str]


def channel_trust(raw: Raw, rate_hz: float, band_hz: tuple[float, float]) -> Trust:
    """Judge every channel of a recording, window by window."""
    windows = windows_of(len(raw.values), rate_hz)
    count = len(raw.channels)
    sick = np.zeros((len(windows), count), dtype=np.bool_)
    levels = np.full((len(windows), count), np.nan)
    seen: list[list[str]] = [[] for _ in range(count)]
    for index, channel in enumerate(raw.channels):
        column = raw.values[:, index] * channel.in_si
        outlier = _impossible(column)
        for at, window in enumerate(windows):
            samples = column[window]
            seconds = _seconds(samples, rate_hz)
            levels[at, index] = float(np.median(seconds[:, 1]))
            finding = "impossible" if outlier[window].any() else str(judge(samples, rate_hz, channel, seconds))
            if finding != "ok":
                sick[at, index] = True
                seen[index].append(finding)
    why = [_reason(raw.values[:, index], seen[index], len(windows)) for index in range(count)]
    passing = [_commonest(one) for one in seen]
    return Trust(sick, _strangers(raw, levels, sick, why, rate_hz, band_hz), passing)


def windows_of(samples: int, rate_hz: float) -> list[slice]:
    """The windows that are judged one by one; the last one takes the rest."""
    size = min(samples, round(Health().window_s * rate_hz))
    starts = list(range(0, samples - size + 1, size))
    return [slice(start, samples if start == starts[-1] else start + size) for start in starts]


def _seconds(samples: Real, rate_hz: float) -> Real:
    """Mean and standard deviation of each whole second, (seconds, 2)."""
    size = max(2, min(round(rate_hz), len(samples)))
    cut = samples[: len(samples) // size * size].reshape(-1, size)
    with np.errstate(invalid="ignore", over="ignore"):
        return np.stack((cut.mean(axis=1), cut.std(axis=1)), axis=1)


def _impossible(column: Real) -> Flags:
    finite = np.isfinite(column)
    if not finite.any():
        return np.zeros(len(column), dtype=np.bool_)
    off = abs(column - np.median(column[finite]))
    usual = float(np.median(off[finite]))
    return np.asarray(finite & (off > IMPOSSIBLE * usual)) if usual > 0.0 else np.zeros(len(column), dtype=np.bool_)


def _reason(column: Real, seen: list[str], windows: int) -> str:
    finite = column[np.isfinite(column)]
    if not len(finite):
        return "no value is a number"
    if float(np.ptp(finite)) == 0.0:
        return f"constant: every value is {finite[0]:g}"
    size = abs(finite)
    if float(np.median(size)) > LARGEST or float(size.max()) < SMALLEST:
        return f"values up to {size.max():.3g}: of no unit that a vibration is told in"
    if len(seen) <= SICK_SHARE * windows:
        return ""
    return f"{_commonest(seen)} in {len(seen)} of {windows} windows"


def _commonest(seen: list[str]) -> str:
    most = max(sorted(set(seen)), key=seen.count, default="")
    return WORDS.get(most, most)


def _strangers(
    raw: Raw, levels: Real, sick: Flags, why: list[str], rate_hz: float, band_hz: tuple[float, float]
) -> list[str]:
    """Adds channels far above the others' level, unless the file tells no units and they are plainly of another one."""
    sound = np.array([not reason for reason in why])
    calm = np.where(sick, np.nan, levels)
    level = np.array([np.nanmedian(calm[:, c]) if sound[c] else 0.0 for c in range(len(why))])
    velocity = np.array([channel.is_velocity for channel in raw.channels])
    strange = np.zeros(len(why), dtype=np.bool_)
    for alike in (velocity, ~velocity):
        strange |= out_of_family(level, alike & sound, Health().out_of_family)
    if not raw.units_told and strange.any():
        strange &= ~_of_another_unit(raw, sick, sound, strange, rate_hz, band_hz)
    usual = float(np.median(level[sound & ~strange])) if (sound & ~strange).any() else 1.0
    return [
        f"{level[c] / max(usual, np.finfo(np.float64).tiny):.0f} times the level of its neighbours"
        if strange[c]
        else reason
        for c, reason in enumerate(why)
    ]


def _of_another_unit(
    raw: Raw, sick: Flags, sound: Flags, strange: Flags, rate_hz: float, band_hz: tuple[float, float]
) -> Flags:
    """(channels,) which strangers move with the others, and either stand a quarter turn off or are several.

    One loud channel in phase with many others has a wrong gain: it is sick, and no other unit.
    """
    kept = np.flatnonzero(sound)
    whole = np.flatnonzero(~sick[:, sound].any(axis=1))
    found = np.zeros(len(sound), dtype=np.bool_)
    if not len(whole):
        return found
    windows = windows_of(len(raw.values), rate_hz)
    joined = np.concatenate([raw.values[windows[at]] for at in whole])[:, kept]
    seen = coherence(joined, rate_hz, (band_hz[0], min(band_hz[1], 0.4 * rate_hz)))
    if seen is None:
        return found
    several = int(strange.sum()) > 1 or mixed_quantities(seen) is not None
    found[kept] = seen.together[:, ~strange[kept]].any(axis=1) & several
    return found
