"""Recordings of several nodes of one structure: joined onto one clock where their clocks allow it, else analysed apart.

Rules it keeps:
- Nodes are joined only where each tells its start and how far that may be off, two together are off by at most
  ``SYNCHRONOUS_S``, and their rates agree to ``RATE_PPM``: at 10 Hz a millisecond is already 3.6° of a mode's phase.
- Joined samples are moved onto the first node's grid by a windowed sinc; only what all nodes have is kept.
- Nodes that are not joined give frequencies, the same mode's weighed by their uncertainties, and no shape: which way one
  node moves while another moves is not known. The answer says so.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.bridge.analyse import Analysis, Status, analyse
from edge.bridge.identification import Mode
from edge.bridge.raw import Finding, Raw, Real
from edge.spectra.windows import kaiser_beta

SYNCHRONOUS_S = 1e-3
RATE_PPM = 20.0
HALF_TAPS = 32
SAME_MODE = 0.01
"""Relative distance within which two nodes' modes are one, where their own intervals are narrower."""


def analyse_nodes(
    raws: Sequence[Raw], rate_hz: float | None = None, band_hz: tuple[float, float] = (0.5, 20.0)
) -> Analysis:
    """Modes of one structure from the recordings of its nodes; see ``analyse`` for one."""
    if len(raws) == 1:
        return analyse(raws[0], rate_hz, band_hz)
    reason = why_apart(raws)
    if reason is None:
        joined = join(raws)
        if joined is not None:
            says = f"{len(raws)} nodes on one clock, {len(joined.values) / (joined.rate_hz or 1.0):.0f} s in common"
            return analyse(
                joined._replace(findings=(*joined.findings, Finding("nodes_joined", says))), rate_hz, band_hz
            )
        reason = "they have no time in common"
    return _apart([analyse(raw, rate_hz, band_hz) for raw in raws], reason)


def why_apart(raws: Sequence[Raw]) -> str | None:
    """Why nodes cannot be joined; None where they can."""
    rates = [raw.rate_hz for raw in raws if raw.rate_hz is not None]
    if len(rates) < len(raws) or any(abs(rate / rates[0] - 1.0) * 1e6 > RATE_PPM for rate in rates):
        return f"their sampling rates differ by more than {RATE_PPM:g} ppm or are not told"
    errors = [raw.clock_error_s for raw in raws if raw.clock_error_s is not None and raw.start_us is not None]
    if len(errors) < len(raws):
        return "not every node tells its start and how far that may be off (start_utc, clock_error_s)"
    worst = sum(sorted(errors)[-2:])
    if worst > SYNCHRONOUS_S:
        return f"two nodes may be {1e3 * worst:.3g} ms apart, at most {1e3 * SYNCHRONOUS_S:g} ms allow a joint shape"
    if any(raw.breaks for raw in raws):
        return "a node has gaps in its time"
    return None


def join(raws: Sequence[Raw]) -> Raw | None:
    """Synchronous nodes as one recording, channels renamed ``n1.…``; None where they have no time in common."""
    first = raws[0]
    assert first.rate_hz is not None
    moved = [_on_grid(raw, first) for raw in raws]
    begin = max(at for at, _ in moved)
    end = min(at + len(values) for at, values in moved)
    if end <= begin:
        return None
    columns = np.concatenate([values[begin - at : end - at] for at, values in moved], axis=1)
    channels = tuple(
        type(channel)(**{**{name: getattr(channel, name) for name in channel.__struct_fields__},
                         "name": f"n{number}.{channel.name}"[:32]})
        for number, raw in enumerate(raws, 1)
        for channel in raw.channels
    )  # fmt: skip
    findings = tuple(finding for raw in raws for finding in raw.findings)
    return Raw(columns, first.rate_hz, channels, (), findings, all(raw.units_told for raw in raws))


def _on_grid(raw: Raw, first: Raw) -> tuple[int, Real]:
    """A node's samples at whole samples of the first node's counter, and the number of the first of them."""
    assert first.rate_hz is not None
    assert first.start_us is not None
    assert raw.start_us is not None
    offset = (raw.start_us - first.start_us) * 1e-6 * first.rate_hz
    whole = round(offset)
    part = offset - whole
    if abs(part) < 1e-6:
        return whole, raw.values
    # Sample n of the grid lies at n − part of the node's own counting.
    n = np.arange(-HALF_TAPS, HALF_TAPS + 1)
    taps = np.sinc(n - part) * np.kaiser(len(n), kaiser_beta(80.0))
    taps /= taps.sum()
    columns = [np.convolve(column, taps, mode="valid") for column in raw.values.T]
    return whole + HALF_TAPS, np.column_stack(columns)


def _apart(answers: Sequence[Analysis], reason: str) -> Analysis:
    found = [mode for answer in answers if answer.status in ("ok", "weak") for mode in answer.modes]
    modes = tuple(_weighed(group) for group in _groups(found))
    channels = tuple(channel for answer in answers for channel in answer.channels)
    why = tuple(reason for answer in answers for reason in answer.why)
    says = f"nodes are not joined: {reason}; frequencies hold, there is no joint mode shape"
    findings = (*(finding for answer in answers for finding in answer.findings), Finding("nodes_apart", says))
    statuses = {answer.status for answer in answers}
    order: tuple[Status, ...] = ("ok", "weak", "no_mode", "bad_input")
    status = next(one for one in order if one in statuses)
    shaped = tuple(mode._replace(shape=np.full(len(channels), np.nan, dtype=np.complex128)) for mode in modes)
    return Analysis(
        status, shaped, (), channels, why, findings, answers[0].rate_hz, min(answer.used_s for answer in answers)
    )


def _groups(modes: Sequence[Mode]) -> list[list[Mode]]:
    """Modes that are one: each within the tolerance, or three of its own deviations, of the group's first."""
    groups: list[list[Mode]] = []
    for mode in sorted(modes, key=lambda one: one.frequency_hz):
        near = max(SAME_MODE * mode.frequency_hz, 3.0 * mode.frequency_std_hz)
        if groups and mode.frequency_hz - groups[-1][0].frequency_hz <= near:
            groups[-1].append(mode)
        else:
            groups.append([mode])
    return groups


def _weighed(group: list[Mode]) -> Mode:
    """One mode of a group: the mean weighed by the inverse of the variances."""
    frequency, frequency_std = _mean([(mode.frequency_hz, mode.frequency_std_hz) for mode in group])
    damping, damping_std = _mean([(mode.damping, mode.damping_std) for mode in group])
    clearest = max(group, key=lambda mode: mode.snr_db)
    return clearest._replace(
        frequency_hz=frequency, frequency_std_hz=frequency_std, damping=damping, damping_std=damping_std
    )


def _mean(values: Sequence[tuple[float, float]]) -> tuple[float, float]:
    weights: NDArray[np.float64] = np.array([1.0 / max(std, 1e-12) ** 2 for _, std in values])
    mean = float(weights @ np.array([value for value, _ in values]) / weights.sum())
    return mean, float(weights.sum() ** -0.5)
