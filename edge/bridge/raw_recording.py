"""A recording as an engineer has it: numbers, and what the file itself says of rate, names and time, doubts included.

Nothing is repaired here. What a file does not tell stays None; where its own clock breaks, a new piece begins.
"""

from __future__ import annotations

import math
import tokenize
import zipfile
import zlib
from array import array
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from edge.bridge.config import Channel
from edge.bridge.raw import Finding, FindingCode, Raw, Real
from edge.bridge.strong_motion import is_knet, is_volume, read_knet, read_volume
from edge.bridge.universal_file import SUFFIXES as UNIVERSAL_SUFFIXES
from edge.bridge.universal_file import read_universal
from edge.bridge.waveforms import read_waveform
from edge.errors import RecordingError, reason_of

TIME_NAMES = frozenset(("t", "time", "time_s", "t_s", "seconds", "s", "timestamp", "time_utc", "datetime", "date"))
UNEVEN = 0.2
GAP = 1.5
MOST_BACKWARDS = 0.01
FILE_BYTES = 2 * 1024**3
NOT_MEASURED = frozenset(("", "nan", "na", "n/a", "null", "none", "-"))


def read_raw(path: Path) -> Raw:
    """The recording in a file: arrays, tables, miniSEED, universal files, COSMOS or CSMIP volumes, K-NET components.

    A sidecar beside an array, a table or miniSEED is obeyed.

    Raises:
        RecordingError: the file is absent, unreadable, or not what its suffix says.
    """
    try:
        size = path.stat().st_size
        if size > FILE_BYTES:
            raise RecordingError(f"recording {path}: {size} bytes, at most {FILE_BYTES}; split it")
        if not size:
            raise RecordingError(f"recording {path}: it is empty; copy it again")
        suffix = path.suffix.lower()
        if suffix in (".mseed", ".miniseed", ".ms") or (suffix != ".npz" and path.with_suffix(".toml").exists()):
            waveform = read_waveform(path)
            values = np.asarray(waveform.samples, dtype=np.float64)
            told = any(
                channel != plain for channel, plain in zip(waveform.channels, _named(values.shape[1]), strict=True)
            )
            return Raw(
                values, waveform.rate_hz, waveform.channels, units_told=told and suffix in (".npy", ".csv"),
                start_us=waveform.start_us, clock_error_s=waveform.clock_error_s,
            )  # fmt: skip
        if suffix == ".npy":
            return _of_array(path, np.load(path, allow_pickle=False))
        if suffix == ".npz":
            return _of_npz(path)
        if suffix == ".csv":
            return _of_csv(path)
        if suffix in UNIVERSAL_SUFFIXES:
            return read_universal(path)
        if is_knet(path):
            return read_knet(path)
        if is_volume(path):
            return read_volume(path)
    except OSError as problem:
        raise RecordingError(f"recording {path}: {problem.strerror or problem}; check the path") from problem
    except (
        ValueError, KeyError, EOFError, MemoryError, tokenize.TokenError,
        zipfile.BadZipFile, zlib.error, RuntimeError,
    ) as problem:  # fmt: skip
        raise RecordingError(f"recording {path}: {reason_of(problem)}; is it what its suffix says?") from problem
    raise RecordingError(
        f"recording {path}: suffix {suffix!r} and of no known form; wanted .npy, .npz, .csv, .mseed, .uff, "
        "a COSMOS or CSMIP volume, or a K-NET component; convert it"
    )


def _of_array(path: Path, array: NDArray[np.generic], rate_hz: float | None = None) -> Raw:
    if array.dtype.kind not in "fiub" or array.ndim not in (1, 2):
        raise RecordingError(
            f"recording {path}: an array of {array.dtype} and shape {array.shape}, wanted numbers as (samples, channels)"
        )
    values = np.asarray(array, dtype=np.float64)
    values = values[:, None] if values.ndim == 1 else values
    findings: tuple[Finding, ...] = ()
    if values.shape[1] > 64 and values.shape[1] > 4 * values.shape[0]:
        findings = (Finding("transposed", f"shape {values.shape}: taken as {len(values)} channels in rows"),)
        values = values.T
    return Raw(values, rate_hz, _named(values.shape[1]), findings=findings)


def _named(columns: int) -> tuple[Channel, ...]:
    return tuple(Channel(name=f"ch{n + 1}") for n in range(columns))


def _of_npz(path: Path) -> Raw:
    with np.load(path, allow_pickle=False) as kept:
        tables = [name for name in kept.files if kept[name].ndim == 2 and kept[name].dtype.kind in "fiu"]
        name = "acc_cm_s2" if "acc_cm_s2" in kept.files else tables[0] if len(tables) == 1 else None
        if name is None:
            raise RecordingError(f"recording {path}: arrays {', '.join(kept.files)}; wanted acc_cm_s2, dt and chan")
        raw = _of_array(path, kept[name])
        dt = float(kept["dt"]) if "dt" in kept.files else None
        channels = raw.channels
        if "chan" in kept.files and kept["chan"].shape == (len(channels),):
            unit: Literal["cm/s2", "m/s2"] = "cm/s2" if name == "acc_cm_s2" else "m/s2"
            channels = tuple(Channel(name=f"ch{int(number)}", unit=unit) for number in kept["chan"])
    raw = raw._replace(channels=channels, units_told=name == "acc_cm_s2")
    if dt is None:
        return raw
    if not (np.isfinite(dt) and dt > 0.0):
        code: FindingCode = "time_reversed" if dt < 0.0 else "rate_impossible"
        wrong = Finding(code, f"the header's time step is {dt:g} s, wanted above 0; correct it", fatal=True)
        return raw._replace(findings=(*raw.findings, wrong))
    return raw._replace(rate_hz=round(1.0 / dt, 6))


def _of_csv(path: Path) -> Raw:
    """Numbers between commas; one line of names may stand above them, one column may be the time (s, or ISO 8601)."""
    with path.open(encoding="utf-8-sig") as file:
        first = file.readline().strip().split(",")
        second = file.readline().strip().split(",")
    if not first[0]:
        raise RecordingError(f"recording {path}: the first line is empty; is it a table of numbers?")
    headed = not any(map(_is_number, first)) and any(map(_is_number, second))
    names = [name.strip().strip('"').lower() for name in first] if headed else [""] * len(first)
    shown = second if headed and second != [""] else first
    dated = not _is_number(shown[0]) and _is_date(shown[0])
    values = _numbers(path, int(headed), dated, len(first))
    if values.ndim != 2 or values.shape[1] != len(names) or not np.isfinite(values).any():
        raise RecordingError(f"recording {path}: no rows of {len(names)} numbers; is it a table of numbers?")
    if values.shape[1] < 2 or not (dated or names[0] in TIME_NAMES or (not names[0] and _is_clock(values[:, 0]))):
        return Raw(values, None, _titled(names))
    rate_hz, breaks, findings = _timed(values[:, 0])
    return Raw(values[:, 1:], rate_hz, _titled(names[1:]), breaks, findings)


def _numbers(path: Path, skipped: int, dated: bool, columns: int) -> Real:
    """The rows of a table, NaN where nothing stands or a word for nothing."""
    values = array("d")
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = (line for line in islice(file, skipped, None) if line.strip() and not line.startswith("#"))
        for number, line in enumerate(lines, 1):
            row = line.strip().split(",")
            if len(row) != columns:
                raise RecordingError(
                    f"recording {path}: row {number} has {len(row)} fields, wanted {columns}; correct it"
                )
            for column, text in enumerate(row):
                if text.strip().lower() in NOT_MEASURED:
                    values.append(math.nan)
                    continue
                try:
                    values.append(_seconds(text) if dated and not column else float(text))
                except ValueError:
                    wanted = "a time" if dated and not column else "a number or nothing"
                    raise RecordingError(
                        f"recording {path}: row {number}, column {column + 1}: {text[:40]!r}, wanted {wanted}; correct it"
                    ) from None
    return np.array(values, dtype=np.float64).reshape(-1, columns)


def _titled(names: list[str]) -> tuple[Channel, ...]:
    kept = ["".join(c if c.isascii() and (c.isalnum() or c in "_.-") else "_" for c in name)[:32] for name in names]
    plain = [name.lstrip("_.-") or f"ch{n + 1}" for n, name in enumerate(kept)]
    return tuple(Channel(name=name if plain.count(name) == 1 else f"ch{n + 1}") for n, name in enumerate(plain))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text.strip().strip('"'))
    except ValueError:
        return False
    return True


def _seconds(text: str) -> float:
    moment = datetime.fromisoformat(text.strip().strip('"')).replace(tzinfo=None)
    return float(np.datetime64(moment, "us").astype(float)) / 1e6


def _is_clock(column: Real) -> bool:
    """Whether a nameless first column can be nothing but time: it counts on in even steps."""
    steps = np.diff(column)
    return bool(len(steps) > 8 and np.isfinite(steps).all() and np.ptp(steps) < 1e-3 * abs(steps).max())


def _timed(t: Real) -> tuple[float | None, tuple[int, ...], tuple[Finding, ...]]:
    """Rate, breaks and findings from a column of times [s]."""
    steps = np.diff(t)
    if not len(steps):
        return None, (), ()
    if not np.isfinite(t).all():
        return None, (), (Finding("time_uneven", "the time column holds what is no number; correct it", fatal=True),)
    backwards = int((steps <= 0.0).sum())
    if backwards > MOST_BACKWARDS * len(steps) and backwards > 1:
        says = f"time stands still or runs backwards at {backwards} of {len(steps)} steps; sort the rows and mend the clock"
        return None, (), (Finding("time_reversed", says, fatal=True),)
    usual = float(np.median(steps))
    broken = np.flatnonzero((steps > GAP * usual) | (steps <= 0.0))
    within = np.delete(steps, broken)
    findings = []
    if backwards:
        findings.append(Finding("time_reversed", f"time runs backwards at {backwards} rows; the record is cut there"))
    gaps = len(broken) - backwards
    if gaps:
        lost_s = float(np.maximum(steps[broken] - usual, 0.0).sum())
        findings.append(Finding("gaps", f"{gaps} gaps of {lost_s:.3g} s together; the record is cut there"))
    if len(within) and float(within.std()) > UNEVEN * usual:
        says = f"steps of time scatter by {100.0 * within.std() / usual:.0f} %; resample it evenly"
        return None, (), (*findings, Finding("time_uneven", says, fatal=True))
    rate_hz = float(1.0 / within.mean()) if len(within) else 1.0 / usual
    return rate_hz, tuple(int(at) + 1 for at in broken), tuple(findings)
