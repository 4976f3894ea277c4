"""The modes of one recording, and whether to believe them: the field's own steps over a whole file at once.

Rules it keeps:
- A channel is judged before it is used; what is sick is left out with the reason, never averaged in.
- A stretch in which a kept channel is sick is cut out for all; nothing is filled in.
- A mode in ``modes`` passed the field's gates. What passed only weaker ones stands apart, or makes the answer weak.
- Every answer says why it is what it is.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.bridge.channel_trust import Trust, channel_trust, windows_of
from edge.bridge.config import Channel
from edge.bridge.identification import CI95, Gates, Mode, identify
from edge.bridge.raw import Finding, Raw
from edge.bridge.reduce_rate import decimation_factor
from edge.bridge.steadiness import Moved, Part, followed, parts_of, restlessness
from edge.bridge.unit_mix import Mix, coherence, mixed_quantities, unlike_scales
from edge.spectra.decimation import Decimator

Real = NDArray[np.float64]
Flags = NDArray[np.bool_]
Status = Literal["ok", "weak", "no_mode", "bad_input"]

LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 1.0, 10_000.0
RATE_TOLERANCE = 0.002
LEAST_SAMPLES = 256
CALM_RATIO = 10.0
WEAK = Gates(peak_db=5.0, highest_damping=0.15, frequency_std=0.02, presence=0.3)


class Analysis(NamedTuple):
    """The answer; ``why`` (channels,) is empty where a channel was used; shapes have NaN where it was not."""

    status: Status
    modes: tuple[Mode, ...]
    weak_modes: tuple[Mode, ...]
    channels: tuple[Channel, ...]
    why: tuple[str, ...]
    findings: tuple[Finding, ...]
    rate_hz: float | None
    used_s: float

    def to_builtins(self) -> dict[str, Any]:
        """As JSON has it: frequencies [Hz], damping as a fraction of critical, 95 % intervals, shapes by channel (null
        where unused, largest component 1)."""
        return {
            "status": self.status,
            "modes": [_described(mode) for mode in self.modes],
            "weak_modes": [_described(mode) for mode in self.weak_modes],
            "channels": [
                {"name": channel.name, "used": not why, "why": why}
                for channel, why in zip(self.channels, self.why, strict=True)
            ],
            "findings": [{"code": finding.code, "says": finding.says} for finding in self.findings],
            "rate_hz": self.rate_hz,
            "used_s": round(self.used_s, 3),
        }


def unreadable(says: str) -> Analysis:
    """The answer to a file that is no recording."""
    return Analysis("bad_input", (), (), (), (), (Finding("unreadable", says, fatal=True),), None, 0.0)


def analyse(raw: Raw, rate_hz: float | None = None, band_hz: tuple[float, float] = (0.5, 20.0)) -> Analysis:
    """Modes of a recording.

    Args:
        raw: the recording as read.
        rate_hz: its sampling rate where the file does not say it, or says it wrong.
        band_hz: lowest and highest frequency to look at.
    """
    rate, findings = _rate(raw, rate_hz)
    if rate is None or any(finding.fatal for finding in findings):
        return _refused(raw, rate, findings)
    if len(raw.values) < LEAST_SAMPLES:
        short = Finding("too_short", f"{len(raw.values)} samples, wanted at least {LEAST_SAMPLES}; record longer", True)
        return _refused(raw, rate, [*findings, short])
    trust = channel_trust(raw, rate, band_hz)
    sick, why = trust.sick, trust.why
    used = np.array([not reason for reason in why])
    findings += _said(raw, trust)
    if not used.any():
        return _refused(raw, rate, [*findings, Finding("no_channel", "no channel can be trusted", True)], why)
    factor = decimation_factor(rate, min(band_hz[1], 0.4 * rate))
    pieces = _pieces(raw, used, sick, rate)
    longest = max(pieces, key=len, default=np.zeros((0, int(used.sum()))))
    if len(longest) // factor < LEAST_SAMPLES:
        short = Finding(
            "too_short",
            f"the longest sound stretch is {len(longest) / rate:.3g} s, wanted {LEAST_SAMPLES * factor / rate:.3g} s "
            "and a few hundred periods of the lowest mode; record longer",
            True,
        )
        return _refused(raw, rate, [*findings, short], why)
    velocity = np.array([channel.is_velocity for channel in raw.channels])[used]
    seen = _understood(raw, longest, rate, used, velocity, band_hz)
    findings += seen.findings
    reduced = [Decimator(factor, rate, tuple(seen.velocity.tolist())).push(piece)[1] for piece in pieces]
    return _answer(raw, reduced, rate / factor, band_hz, used, why, findings)


def _rate(raw: Raw, given: float | None) -> tuple[float | None, list[Finding]]:
    findings = list(raw.findings)
    told = raw.rate_hz
    if given is not None and told is not None and abs(given / told - 1.0) > RATE_TOLERANCE:
        says = f"the file says {told:g} Hz, {given:g} Hz was given: the given one is taken; correct the file if it is right"
        findings.append(Finding("rate_conflict", says))
    rate = told if given is None else given
    if rate is None:
        if not any(finding.fatal for finding in findings):
            findings.append(Finding("rate_unknown", "the file does not say its sampling rate; give --rate HZ", True))
    elif not LOWEST_RATE_HZ <= rate <= HIGHEST_RATE_HZ:
        says = f"a sampling rate of {rate:g} Hz, wanted {LOWEST_RATE_HZ:g} to {HIGHEST_RATE_HZ:g}; correct it"
        findings.append(Finding("rate_impossible", says, True))
    return rate, findings


def _refused(raw: Raw, rate_hz: float | None, findings: list[Finding], why: list[str] | None = None) -> Analysis:
    reasons = why or ["the recording cannot be analysed"] * len(raw.channels)
    reasons = [reason or "the recording cannot be analysed" for reason in reasons]
    return Analysis("bad_input", (), (), raw.channels, tuple(reasons), tuple(findings), rate_hz, 0.0)


def _said(raw: Raw, trust: Trust) -> list[Finding]:
    findings = []
    out = [f"{channel.name} ({reason})" for channel, reason in zip(raw.channels, trust.why, strict=True) if reason]
    if out:
        findings.append(Finding("channels_left_out", f"left out: {', '.join(out)}"))
    kept = np.array([not reason for reason in trust.why])
    sick = trust.sick & kept
    if sick.any():
        share = 100.0 * float(sick.any(axis=1).mean())
        who = ", ".join(
            f"{raw.channels[at].name} ({trust.passing[at]})" for at in np.flatnonzero(sick.any(axis=0)).tolist()
        )
        findings.append(
            Finding("time_left_out", f"{share:.0f} % of the time is cut out, where a channel was sick: {who}")
        )
    return findings


def _pieces(raw: Raw, used: Flags, sick: Flags, rate_hz: float) -> list[Real]:
    """Runs of samples of the used channels [SI] in which all of them are sound."""
    good = np.ones(len(raw.values), dtype=np.bool_)
    for window, bad in zip(windows_of(len(raw.values), rate_hz), sick[:, used], strict=True):
        good[window] = not bad.any()
    edges = {0, len(good), *raw.breaks, *(np.flatnonzero(np.diff(good.astype(np.int8))) + 1).tolist()}
    in_si = np.array([channel.in_si for channel in raw.channels])[used]
    cuts = sorted(edges)
    return [
        raw.values[start:stop, used] * in_si
        for start, stop in pairwise(cuts)
        if good[start]
    ]  # fmt: skip


class _Understood(NamedTuple):
    velocity: Flags
    findings: list[Finding]


def _understood(
    raw: Raw, samples: Real, rate_hz: float, used: Flags, velocity: Flags, band_hz: tuple[float, float]
) -> _Understood:
    """Which of the used channels are velocities: as declared, or, where nothing was declared, as their phases say."""
    seen = coherence(samples, rate_hz, (band_hz[0], min(band_hz[1], 0.4 * rate_hz)))
    names = [channel.name for channel, one in zip(raw.channels, used, strict=True) if one]
    if seen is None or velocity.any():
        return _Understood(velocity, [])
    mix = mixed_quantities(seen)
    if mix is not None:
        return _quantities(mix, names, velocity)
    scales = unlike_scales(seen)
    if scales is None:
        return _Understood(velocity, [])
    ratio, high = scales
    says = (
        f"{_listed(names, high)} stand at {ratio:.3g} times the level of the others and move with them: units are "
        "mixed (g beside cm/s² is 981, g beside m/s² 9.8); frequencies and damping hold, the shapes need one unit"
    )
    return _Understood(velocity, [Finding("mixed_scales", says)])


def _quantities(mix: Mix, names: list[str], velocity: Flags) -> _Understood:
    base = f"{_listed(names, mix.first)} move a quarter turn off {_listed(names, ~mix.first)}: velocities and accelerations"
    if mix.velocity is None:
        says = f"units are mixed: {base} in one file, which is which the levels do not tell; shapes need one unit"
        return _Understood(velocity, [Finding("mixed_quantities", says)])
    says = f"units are mixed: {base} in one file; {_listed(names, mix.velocity)} taken as velocities and differentiated"
    return _Understood(mix.velocity, [Finding("mixed_quantities", says)])


def _listed(names: list[str], which: Flags) -> str:
    return ", ".join(name for name, one in zip(names, which, strict=True) if one)


def _answer(
    raw: Raw, pieces: list[Real], rate_hz: float, band_hz: tuple[float, float], used: Flags, why: list[str],
    findings: list[Finding],
) -> Analysis:  # fmt: skip
    band = (band_hz[0], min(band_hz[1], 0.4 * rate_hz))
    clear = tuple(identify(pieces, rate_hz, band))
    apart = tuple(
        mode for mode in identify(pieces, rate_hz, band, WEAK)
        if all(abs(mode.frequency_hz / other.frequency_hz - 1.0) > 0.02 for other in clear)
    )  # fmt: skip
    used_s = sum(len(piece) for piece in pieces) / rate_hz
    ratio = restlessness(pieces, rate_hz)
    parts = parts_of(pieces, rate_hz, band, WEAK)
    both, moved = followed(clear + apart, parts)
    unsteady = ratio > CALM_RATIO or 2 * sum(index in moved for index in range(len(clear))) > len(clear) > 0
    status: Status = "no_mode" if not both else "weak" if unsteady or not clear else "ok"
    findings = [
        *findings,
        *_steadiness_said(ratio, parts, both, moved),
        *_modes_said(clear, apart, used_s, band),
    ]
    clear, apart = both[: len(clear)], both[len(clear) :]
    shown, aside = (clear, apart) if clear else (apart, ())
    spread = [tuple(mode._replace(shape=_spread(mode.shape, used)) for mode in modes) for modes in (shown, aside)]
    return Analysis(status, spread[0], spread[1], raw.channels, tuple(why), tuple(findings), rate_hz, used_s)


def _steadiness_said(
    ratio: float, parts: tuple[Part, ...], modes: tuple[Mode, ...], moved: dict[int, Moved]
) -> list[Finding]:
    """What excitation and structure did meanwhile."""
    findings = []
    if ratio > CALM_RATIO:
        says = (
            f"the level changes {ratio:.0f}-fold: an earthquake or another transient; frequencies follow the amplitude, "
            "and intervals, which assume steady excitation, are too narrow"
        )
        findings.append(Finding("not_stationary", says))
    widened = "the intervals are widened to hold the parts' own"
    between = [one.says for one in moved.values() if one.between_parts]
    if between:
        says = f"{'; '.join(between)}: the frequency follows the amplitude, or the excitation is not white; {widened}"
        findings.append(Finding("amplitude_dependent", says))
    beside = [one.says for one in moved.values() if not one.between_parts]
    if beside:
        says = f"{'; '.join(beside)}: the recording as a whole says other than its parts; {widened}"
        findings.append(Finding("parts_disagree", says))
    alone = [f"{_hz(part.modes)} in {part.name}" for part in parts if part.modes]
    if alone and not modes:
        says = f"weak, and in a part of the time only: {', '.join(alone)}; no mode is told from that"
        findings.append(Finding("parts_only", says))
    return findings


def _modes_said(
    clear: tuple[Mode, ...], apart: tuple[Mode, ...], used_s: float, band: tuple[float, float]
) -> list[Finding]:
    """What stands out, and how."""
    findings = []
    if clear:
        findings.append(Finding("clear_modes", f"{len(clear)} modes stand out clearly and throughout {used_s:.3g} s"))
    if apart:
        findings.append(Finding("weak_modes", f"{_hz(apart)} stand out weakly or for part of the time"))
    if not clear and not apart:
        says = f"nothing between {band[0]:g} and {band[1]:g} Hz stands out for long"
        findings.append(Finding("no_peak", says))
    return findings


def _hz(modes: tuple[Mode, ...]) -> str:
    return f"{', '.join(f'{mode.frequency_hz:.3g}' for mode in modes)} Hz"


def _spread(shape: NDArray[np.complex128], used: Flags) -> NDArray[np.complex128]:
    spread = np.full(len(used), np.nan, dtype=np.complex128)
    spread[used] = shape
    return spread


def _described(mode: Mode) -> dict[str, Any]:
    frequency = CI95 * mode.frequency_std_hz / mode.frequency_hz
    damping = CI95 * mode.damping_std / mode.damping
    return {
        "frequency_hz": mode.frequency_hz,
        "frequency_ci95_hz": [
            mode.frequency_hz * float(np.exp(-frequency)),
            mode.frequency_hz * float(np.exp(frequency)),
        ],
        "damping": mode.damping,
        "damping_ci95": [mode.damping * float(np.exp(-damping)), mode.damping * float(np.exp(damping))],
        "shape": _real_shape(mode.shape),
        "snr_db": round(mode.snr_db, 2),
    }


def _real_shape(shape: NDArray[np.complex128]) -> list[float | None]:
    """The shape along the axis on which it lies best, largest component 1."""
    known = np.isfinite(shape.real)
    if not known.any():
        return [None] * len(shape)
    square = complex((shape[known] ** 2).sum())
    axis = np.exp(-0.5j * np.angle(square)) if square else 1.0
    along = (shape * axis).real
    along = along / along[known][abs(along[known]).argmax()]
    return [float(value) if one else None for value, one in zip(along, known, strict=True)]
