"""A recording written in another form: miniSEED, a table, or NetCDF, by kept libraries (libmseed, NumPy, SciPy).

Values are written as they are read, in the units of the file. What has gaps in its own time is refused: how long they are is
not kept, and a record without them would lie.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from edge.bridge.raw import Raw
from edge.errors import RecordingError

SUFFIXES = (".mseed", ".csv", ".nc")


def write_recording(raw: Raw, rate_hz: float, start_us: int, path: Path) -> None:
    """Write all channels.

    Args:
        rate_hz: samples a second.
        start_us: UTC of the first sample [µs].

    Raises:
        RecordingError: the suffix is none of ``SUFFIXES``, the record has gaps, or the file cannot be written.
    """
    if raw.breaks:
        raise RecordingError(
            f"recording {path}: {len(raw.breaks)} gaps in time; cut the record there and convert the parts"
        )
    writers = {".mseed": _mseed, ".csv": _csv, ".nc": _netcdf}
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise RecordingError(f"recording {path}: suffix {path.suffix!r}; wanted one of {', '.join(SUFFIXES)}")
    try:
        writer(raw, rate_hz, start_us, path)
    except OSError as problem:
        raise RecordingError(f"recording {path}: {problem.strerror or problem}; choose another place") from problem


def _seconds(raw: Raw, rate_hz: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.arange(len(raw.values)) / rate_hz


def _mseed(raw: Raw, rate_hz: float, start_us: int, path: Path) -> None:
    import pymseed

    traces = pymseed.MS3TraceList()
    for column in range(raw.values.shape[1]):
        source = f"FDSN:XX_MCHKD_{column + 1:02d}_H_N_{(column + 1) % 10}"
        samples = np.ascontiguousarray(raw.values[:, column])
        traces.add_data(source, samples, "d", rate_hz, starttime=start_us * 1000)
    with path.open("wb"):
        pass  # libmseed says nothing that a program can read of a place where it cannot write
    try:
        traces.to_file(str(path), overwrite=True, format_version=3, encoding=pymseed.DataEncoding.FLOAT64)
    except pymseed.MiniSEEDError as problem:
        raise RecordingError(f"recording {path}: {problem}; is the disk full?") from problem


def _csv(raw: Raw, rate_hz: float, start_us: int, path: Path) -> None:
    names = ",".join(["time_s", *(channel.name for channel in raw.channels)])
    table = np.column_stack([_seconds(raw, rate_hz), raw.values])
    np.savetxt(path, table, delimiter=",", header=names, comments="", fmt=["%.9f"] + ["%.9g"] * raw.values.shape[1])


def _netcdf(raw: Raw, rate_hz: float, start_us: int, path: Path) -> None:
    from scipy.io import netcdf_file

    with netcdf_file(str(path), "w") as file:
        file.createDimension("time", len(raw.values))
        time = file.createVariable("time", "d", ("time",))
        time[:] = start_us * 1e-6 + _seconds(raw, rate_hz)
        time.units = "seconds since 1970-01-01T00:00:00Z"
        file.sampling_rate_hz = rate_hz
        for column, channel in enumerate(raw.channels):
            variable = file.createVariable(channel.name, "d", ("time",))
            variable[:] = raw.values[:, column]
            variable.units = channel.unit if raw.units_told else "unknown"
