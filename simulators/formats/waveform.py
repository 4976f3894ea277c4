"""NumPy and CSV waveforms with a small sidecar that says what the numbers are.

The sidecar stands beside the waveform under its name with the ending ``.toml`` or ``.json``, or anywhere else and names
it by ``file`` (from the sidecar's folder). It holds at least ``rate_hz``::

    file = "setup_1.npy"            # not needed beside the waveform
    rate_hz = 256.0
    start_utc = 2024-05-01T03:00:00Z
    columns = [3, 4, 5]             # absent: all
    array = "acc_cm_s2"             # of an .npz with several
    weight = 1.0                    # channel units that a raw 1 is worth
    [[pipeline.channels]]           # the pipeline's table, as in a device's file
    name = "top-x"
"""

from __future__ import annotations

import tomllib
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np

from edge.errors import RecordingError, reason_of
from simulators.formats.recording import SIDECAR_SUFFIXES, WAVEFORM_SUFFIXES, Recording, device_of, with_ticks
from simulators.formats.samples import Samples, check_samples, chunks

CSV_BYTES = 256 * 1024 * 1024
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class Sidecar(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a waveform's numbers are; the module's text shows one."""

    rate_hz: Annotated[float, msgspec.Meta(gt=0)]
    file: str | None = None
    start_utc: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    clock_error_s: Annotated[float, msgspec.Meta(ge=0.0)] | None = None
    columns: Annotated[list[Annotated[int, msgspec.Meta(ge=0)]], msgspec.Meta(min_length=1)] | None = None
    array: str | None = None
    weight: float = 1.0
    pipeline: dict[str, Any] = {}


def open_waveform(path: Path, start_us: int | None = None) -> Recording:
    """The waveform at ``path``, or the one that the sidecar at ``path`` names.

    Raises:
        RecordingError: there is no sidecar, or either file is not what it should be.
    """
    path, sidecar = _both(path)
    samples = _columns(path, _load(path, sidecar), sidecar)
    check_samples(f"waveform {path}", samples, sidecar.rate_hz)
    offset = start_us if sidecar.start_utc is None else (sidecar.start_utc - EPOCH) // timedelta(microseconds=1)
    duration_s = len(samples) / sidecar.rate_hz
    return Recording(
        family="bridge",
        device=device_of(path),
        pipeline=sidecar.pipeline,
        deliveries=with_ticks(chunks(f"waveform {path}", samples, sidecar.rate_hz, sidecar.weight, offset)),
        duration_s=duration_s,
        description=f"waveform {path.name}: {len(samples)} samples × {samples.shape[1]} channels at "
        f"{sidecar.rate_hz:g} Hz, {duration_s:.0f} s",
    )


def _both(path: Path) -> tuple[Path, Sidecar]:
    """The waveform's path and its sidecar, whichever of them was given."""
    if path.suffix.lower() in SIDECAR_SUFFIXES:
        sidecar = _sidecar(path)
        if sidecar.file is not None:
            return path.parent / sidecar.file, sidecar
        found = [beside for suffix in sorted(WAVEFORM_SUFFIXES) if (beside := path.with_suffix(suffix)).is_file()]
        if len(found) != 1:
            raise RecordingError(f'sidecar {path}: {len(found)} waveforms beside it; name one by file = "…"')
        return found[0], sidecar
    written = next((one for suffix in (".toml", ".json") if (one := path.with_suffix(suffix)).is_file()), None)
    if written is None:
        raise RecordingError(
            f"waveform {path}: no sidecar {path.with_suffix('.toml').name} beside it; write one with rate_hz = …"
        )
    return path, _sidecar(written)


def _sidecar(path: Path) -> Sidecar:
    try:
        text = path.read_bytes()
        content = msgspec.json.decode(text) if path.suffix.lower() == ".json" else tomllib.loads(text.decode())
        return msgspec.convert(content, Sidecar)
    except OSError as problem:
        raise RecordingError(f"sidecar {path}: {problem.strerror}; check the path") from problem
    except (msgspec.DecodeError, tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise RecordingError(f"sidecar {path}: {problem}") from problem


def _load(path: Path, sidecar: Sidecar) -> Samples:
    try:
        if path.suffix.lower() == ".csv":
            return _csv(path)
        loaded = np.load(path, mmap_mode="r" if path.suffix.lower() == ".npy" else None, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return loaded
        with loaded:
            names = [sidecar.array] if sidecar.array else list(loaded.files)
            if len(names) != 1 or names[0] not in loaded.files:
                raise RecordingError(
                    f"waveform {path}: array {sidecar.array!r}, wanted one of {', '.join(loaded.files)}; set array = …"
                )
            return np.asarray(loaded[names[0]])
    except OSError as problem:
        raise RecordingError(f"waveform {path}: {problem.strerror or problem}; check the file") from problem
    except (ValueError, EOFError, zipfile.BadZipFile) as problem:
        raise RecordingError(f"waveform {path}: {reason_of(problem)}; is it what its suffix says?") from problem


def _csv(path: Path) -> Samples:
    """Numbers between commas, one sample a line; one line of names may stand above them."""
    size = path.stat().st_size
    if size > CSV_BYTES:
        raise RecordingError(f"waveform {path}: {size} bytes of CSV, at most {CSV_BYTES}; convert it to .npy")
    with path.open(encoding="utf-8-sig") as file:
        named = not _are_numbers(file.readline())
    return np.loadtxt(path, delimiter=",", skiprows=int(named), ndmin=2, dtype=np.float64, encoding="utf-8-sig")


def _are_numbers(line: str) -> bool:
    try:
        [float(field) for field in line.split(",")]
    except ValueError:
        return False
    return True


def _columns(path: Path, samples: Samples, sidecar: Sidecar) -> Samples:
    if samples.ndim == 1:
        samples = samples.reshape(-1, 1)
    if sidecar.columns is None or samples.ndim != 2:
        return samples
    if max(sidecar.columns) >= samples.shape[1]:
        raise RecordingError(f"waveform {path}: column {max(sidecar.columns)}, it has 0–{samples.shape[1] - 1}")
    return samples[:, sidecar.columns]
