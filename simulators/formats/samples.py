"""Columns of samples as a bridge's recording: chunks of one second, delivered when their last sample was taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from edge.bridge.items import CHANNELS, AccelerationChunk
from edge.delivery import Delivery
from edge.errors import RecordingError

Samples = NDArray[np.generic]
LARGEST_I24 = 2**23 - 1
RATE_HZ = (1.0, 10_000.0)


def check_samples(what: str, samples: Samples, rate_hz: float) -> None:
    """Refuse what no bridge's source could deliver; ``samples`` are (times × channels) numbers.

    Raises:
        RecordingError: wrong shape, type or rate.
    """
    if samples.ndim != 2 or not samples.shape[0] or not 1 <= samples.shape[1] <= CHANNELS:
        raise RecordingError(f"{what}: shape {samples.shape}, wanted (samples, channels) with 1–{CHANNELS} channels")
    if samples.dtype.kind not in "iuf":
        raise RecordingError(f"{what}: values of type {samples.dtype}, wanted integers or floating-point numbers")
    if not RATE_HZ[0] <= rate_hz <= RATE_HZ[1]:
        raise RecordingError(f"{what}: {rate_hz:g} Hz, wanted {RATE_HZ[0]:g}–{RATE_HZ[1]:g} Hz")


def chunks(
    what: str, samples: Samples, rate_hz: float, weight: float, offset_us: int | None, first: int = 0
) -> Iterator[Delivery]:
    """The samples cut at whole seconds of the counter, which begins with ``first`` (counter 0 is at 0 µs).

    Integers that fit 24 bits travel as such, exactly; everything else as 32-bit floats (relative error up to 6e-8).

    Raises:
        RecordingError: a value is not finite: what is missing must be left out, not marked.
    """
    size = max(1, round(rate_hz))
    end = first + len(samples)
    at = first
    while at < end:
        until = min((at // size + 1) * size, end)
        piece = np.asarray(samples[at - first : until - first])
        if not np.isfinite(piece).all():
            row = at - first + int(np.argmin(np.isfinite(piece).all(axis=1)))
            raise RecordingError(f"{what}: sample {row} is not a finite number; cut the recording there")
        encoding, data = _encoded(piece)
        item = AccelerationChunk(
            run=1,
            first_sample=at,
            rate_hz=rate_hz,
            channels=piece.shape[1],
            encoding=encoding,
            weight=weight,
            data=data,
        )
        yield Delivery(round(until / rate_hz * 1e6), offset_us, item)
        at = until


def _encoded(piece: Samples) -> tuple[Literal["i24", "f4"], bytes]:
    if piece.dtype.kind in "iu" and abs(piece.astype(np.float64)).max() <= LARGEST_I24:
        wide = np.ascontiguousarray(piece, dtype="<i4").view(np.uint8).reshape(-1, 4)
        return "i24", wide[:, :3].tobytes()
    return "f4", np.ascontiguousarray(piece, dtype="<f4").tobytes()
