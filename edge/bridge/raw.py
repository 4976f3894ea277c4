"""What a recording's file says: numbers, rate, names and units, and what is wrong with it."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.bridge.config import Channel

Real = NDArray[np.float64]

FindingCode = Literal[
    "unreadable", "cut_short", "header_conflict",
    "rate_unknown", "rate_conflict", "rate_impossible", "too_short", "gaps", "time_reversed",
    "time_uneven", "transposed", "channels_left_out", "time_left_out", "no_channel", "mixed_quantities", "mixed_scales",
    "not_stationary", "amplitude_dependent", "parts_disagree", "parts_only", "clear_modes", "weak_modes",
    "no_peak", "short_record", "nodes_joined", "nodes_apart",
]  # fmt: skip


class Finding(NamedTuple):
    """One thing that a reader of the answer must know; ``fatal``: the recording cannot be analysed for it."""

    code: FindingCode
    says: str
    fatal: bool = False


class Raw(NamedTuple):
    """What a file holds.

    Attributes:
        values: (n, channels) as in the file.
        rate_hz: samples a second as the file says; None where it does not.
        channels: name and, where the file tells it, unit of each column.
        breaks: numbers of samples that do not follow the one before.
        findings: what is wrong with the file as a whole.
        units_told: whether the file says what unit its columns have.
        start_us: UTC of the first sample [µs], None where it is not told.
        clock_error_s: how far that may be off, None where it is not told.
    """

    values: Real
    rate_hz: float | None
    channels: tuple[Channel, ...]
    breaks: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()
    units_told: bool = False
    start_us: int | None = None
    clock_error_s: float | None = None
