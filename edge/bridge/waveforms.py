"""Waveform files of others as what a source would have delivered: NumPy and CSV arrays with a sidecar, and miniSEED.

A sidecar is a small TOML file beside the data (``setup_1.npy`` → ``setup_1.toml``) or named explicitly; it is the one that
a replay reads too (``simulators/formats/waveform.py``):

    rate_hz = 256.0
    weight = 1.0                    # channel units that a raw 1 is worth
    columns = [0, 3]                # absent: all
    start_utc = 2026-11-25T03:00:00Z
    clock_error_s = 0.0003          # how far the start may be off: nodes are joined only below a millisecond
    [[pipeline.channels]]           # the pipeline's table, as in a device's file
    name = "vx"
    unit = "m/s"

An ``.npz`` with ``acc_cm_s2``, ``dt`` and ``chan`` (the CSMIP collection) and miniSEED know rate and channels themselves.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from edge.bridge.config import Channel
from edge.bridge.items import AccelerationChunk
from edge.errors import RecordingError, reason_of

FILE_BYTES = 2 * 1024**3
"""Largest waveform file [bytes]."""


class Sidecar(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an array cannot say of itself."""

    rate_hz: float
    file: str | None = None
    start_utc: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    clock_error_s: Annotated[float, msgspec.Meta(ge=0.0)] | None = None
    columns: list[Annotated[int, msgspec.Meta(ge=0)]] | None = None
    array: str | None = None
    weight: float = 1.0
    pipeline: dict[str, Any] = {}

    def channels(self, columns: int) -> tuple[Channel, ...]:
        """The channels that its pipeline table names, or ``ch1`` … where it names none."""
        named = self.pipeline.get("channels", [{"name": f"ch{n + 1}"} for n in range(columns)])
        return tuple(msgspec.convert(named, list[Channel]))


class Waveform(NamedTuple):
    """Samples (n, channels) as in the file, their rate and what each column is.

    ``start_us``, ``clock_error_s``: UTC of the first sample [µs], and how far it may be off; None where it is not told.
    """

    samples: NDArray[np.float32]
    rate_hz: float
    channels: tuple[Channel, ...]
    start_us: int | None = None
    clock_error_s: float | None = None


def read_waveform(path: Path, sidecar: Path | None = None) -> Waveform:
    """The waveform in a file, by its suffix.

    Raises:
        RecordingError: the file or its sidecar is absent, unreadable, too large or not what its suffix says.
    """
    readers = {".npy": _read_npy, ".csv": _read_csv, ".npz": _read_npz}
    suffix = path.suffix.lower()
    try:
        if path.stat().st_size > FILE_BYTES:
            raise RecordingError(f"waveform {path}: {path.stat().st_size} bytes, at most {FILE_BYTES}; split it")
        if suffix in (".mseed", ".miniseed", ".ms"):
            return _checked(path, _read_miniseed(path))
        if suffix not in readers:
            raise RecordingError(f"waveform {path}: suffix {suffix!r}, wanted .npy, .npz, .csv or .mseed; convert it")
        return _checked(path, readers[suffix](path, sidecar))
    except OSError as problem:
        raise RecordingError(f"waveform {path}: {problem.strerror or problem}; check the path") from problem
    except (ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as problem:
        raise RecordingError(f"waveform {path}: {reason_of(problem)}; is it what its suffix says?") from problem


def chunks(waveform: Waveform, chunk_s: float = 1.0) -> Iterator[tuple[int, AccelerationChunk]]:
    """(µs since the beginning when it was complete, chunk), in order."""
    size = max(1, round(chunk_s * waveform.rate_hz))
    for first in range(0, len(waveform.samples), size):
        part = waveform.samples[first : first + size]
        yield (
            round((first + len(part)) * 1e6 / waveform.rate_hz),
            AccelerationChunk(
                run=0,
                first_sample=first,
                rate_hz=waveform.rate_hz,
                channels=part.shape[1],
                encoding="f4",
                data=part.astype("<f4").tobytes(),
            ),
        )


def _checked(path: Path, waveform: Waveform) -> Waveform:
    samples, rate_hz, channels = waveform[:3]
    if samples.ndim != 2 or not len(samples):
        raise RecordingError(f"waveform {path}: an array of shape {samples.shape}, wanted (samples, channels)")
    if not 1.0 <= rate_hz <= 10_000.0:
        raise RecordingError(f"waveform {path}: rate {rate_hz} Hz, wanted 1 to 10000; correct it")
    if len(channels) != samples.shape[1]:
        raise RecordingError(
            f"waveform {path}: {samples.shape[1]} columns, the sidecar names {len(channels)}; name each column"
        )
    return waveform


def _sidecar(path: Path, sidecar: Path | None) -> Sidecar:
    beside = sidecar or path.with_suffix(".toml")
    if not beside.exists():
        raise RecordingError(f"waveform {path}: no sidecar {beside}; write one with rate_hz and channels")
    try:
        return msgspec.toml.decode(beside.read_bytes(), type=Sidecar)
    except msgspec.DecodeError as problem:
        raise RecordingError(f"sidecar {beside}: {problem}; correct it") from problem


def _arranged(samples: NDArray[Any], described: Sidecar) -> Waveform:
    columns = samples if samples.ndim > 1 else samples[:, None]
    if described.columns is not None:
        columns = columns[:, described.columns]
    values = np.asarray(columns * described.weight, dtype=np.float32)
    start = described.start_utc
    start_us = None if start is None else round(start.timestamp() * 1e6)
    return Waveform(values, described.rate_hz, described.channels(columns.shape[-1]), start_us, described.clock_error_s)


def _read_npy(path: Path, sidecar: Path | None) -> Waveform:
    return _arranged(np.load(path, allow_pickle=False), _sidecar(path, sidecar))


def _read_csv(path: Path, sidecar: Path | None) -> Waveform:
    with path.open(encoding="utf-8") as file:
        first = file.readline()
    headed = any(character.isalpha() and character not in "eEnaifNAIF" for character in first)
    samples = np.genfromtxt(path, delimiter=",", skip_header=int(headed), dtype=np.float64, ndmin=2)
    return _arranged(samples, _sidecar(path, sidecar))


def _read_npz(path: Path, sidecar: Path | None) -> Waveform:
    with np.load(path, allow_pickle=False) as kept:
        if sidecar is not None:
            described = _sidecar(path, sidecar)
            return _arranged(kept[described.array or kept.files[0]], described)
        samples = np.asarray(kept["acc_cm_s2"], dtype=np.float32)
        channels = tuple(Channel(name=f"ch{int(number)}", unit="cm/s2") for number in kept["chan"])
        return Waveform(samples, round(1.0 / float(kept["dt"]), 6), channels)


def _read_miniseed(path: Path) -> Waveform:
    """Traces that begin together and run at one rate; a gap becomes values that are not finite."""
    try:
        from pymseed import MiniSEEDError, MS3TraceList
    except ImportError as problem:
        raise RecordingError(f"waveform {path}: pymseed is not installed; install machikado[engineer]") from problem
    try:
        check_whole_miniseed(path)
        traces = list(MS3TraceList.from_file(str(path), unpack_data=True))
    except MiniSEEDError as problem:
        raise RecordingError(f"waveform {path}: {problem}; is it miniSEED?") from problem
    segments = [(trace.sourceid, segment) for trace in traces for segment in trace]
    if not segments:
        raise RecordingError(f"waveform {path}: no traces; is it miniSEED?")
    rates = {segment.samprate for _, segment in segments}
    if len(rates) > 1:
        raise RecordingError(f"waveform {path}: several rates {sorted(rates)}; split it by rate")
    rate_hz = float(rates.pop())
    start = min(segment.starttime for _, segment in segments)
    count = max(round((segment.endtime - start) * 1e-9 * rate_hz) + 1 for _, segment in segments)
    names = [trace.sourceid for trace in traces]
    samples = np.full((count, len(names)), np.nan, dtype=np.float32)
    for name, segment in segments:
        first = round((segment.starttime - start) * 1e-9 * rate_hz)
        if np.isfinite(samples[first : first + int(segment.numsamples), names.index(name)]).any():
            raise RecordingError(
                f"waveform {path}: records of {_code(name)} overlap: their times and {rate_hz:g} Hz disagree; correct the rate"
            )
        values = np.asarray(segment.np_datasamples, dtype=np.float32)
        samples[first : first + len(values), names.index(name)] = values
    return Waveform(samples, rate_hz, tuple(Channel(name=_code(name)) for name in names), round(start / 1000))


def check_whole_miniseed(path: Path) -> None:
    """Refuse a file whose last record is cut, of which libmseed's list of traces says nothing.

    Raises:
        RecordingError: the file ends within a record, or holds something else there.
        MiniSEEDError: it cannot be read.
    """
    from pymseed import MiniSEEDError, MS3Record

    whole = 0
    try:
        for record in MS3Record.from_file(str(path)):
            whole += int(record.reclen)
    except MiniSEEDError as problem:
        if not whole:
            raise
        size = path.stat().st_size
        raise RecordingError(
            f"waveform {path}: no whole record from byte {whole} of {size} on; copy the file again, or keep its whole "
            f"records: head -c {whole}"
        ) from problem


def _code(source_id: str) -> str:
    """``FDSN:XX_S5__H_N_Z`` to ``xx_s5__h_n_z``."""
    kept = "".join(c if c.isalnum() or c in "_.-" else "_" for c in source_id.split(":")[-1].lower())
    return kept.lstrip("_.-")[:32] or "ch"
