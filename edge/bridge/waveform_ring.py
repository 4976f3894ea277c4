"""The ring of raw waveforms: miniSEED files of an hour each, kept for some days, from which windows are cut.

Rules it keeps:
- Samples are kept as the sensor gave them; 24-bit counts stay whole numbers (Steim-2), and each record's extra header says
  what a count weighs, in which unit, and which channel it is.
- Times are UTC by the sampling clock's line, the rate is the measured one. Without a known clock nothing is kept.
- Records are appended once a minute, synced; a power cut takes at most that.
- The oldest hours go when there are more than the days or the bytes that are allowed; nothing else is ever deleted.

Format: FDSN miniSEED 3 (https://docs.fdsn.org/projects/miniseed3), written and read by libmseed through pymseed.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.bridge.config import Channel
from edge.errors import KeeperError
from edge.host.durable import make_folder

SUFFIX = ".mseed"
HOUR_US = 3_600_000_000
RECORD_BYTES = 4096
CUT_MOST_S = 3600.0
HEADER_ROOT = "machikado"

Column = NDArray[np.int32] | NDArray[np.float32]


class Stretch(NamedTuple):
    """Samples without a gap: (n, channels), when the first was taken [µs UTC], and how many come a second."""

    t: int
    rate_hz: float
    samples: Column
    weight: float


class WaveformRing:
    """The files of one device; used from one thread.

    Raises of every method: KeeperError when the disk does not obey, or pymseed is not installed.
    """

    def __init__(self, folder: Path, channels: tuple[Channel, ...], days: float, most_bytes: int) -> None:
        self._folder = folder
        self._channels = channels
        self._keep_us = round(days * 24 * HOUR_US)
        self._most = most_bytes

    def append(self, stretch: Stretch) -> None:
        """Put a stretch behind what is there."""
        path = self._folder / f"{_hour_of(stretch.t)}{SUFFIX}"
        try:
            if not path.exists():
                make_folder(self._folder)
                self._prune(stretch.t)
            with path.open("ab") as file:
                file.write(b"".join(self._records([stretch])))
                file.flush()
                os.fsync(file.fileno())
        except OSError as problem:
            raise KeeperError(f"waveforms {path}: {problem.strerror}; check the disk's space and health") from problem

    def cut(self, t_from: int, t_to: int) -> bytes:
        """What is held from ``t_from`` to ``t_to`` [µs UTC], as miniSEED.

        Raises:
            KeeperError: nothing of it is held, or it is longer than ``CUT_MOST_S``.
        """
        if not 0 < t_to - t_from <= CUT_MOST_S * 1e6:
            raise KeeperError(f"waveform of {(t_to - t_from) / 1e6:g} s: wanted more than 0 and at most {CUT_MOST_S:g}")
        stretches = [part for path in self._files_of(t_from, t_to) for part in self._read(path, t_from, t_to)]
        if not stretches:
            raise KeeperError(f"waveform from {_instant(t_from)} to {_instant(t_to)}: {self._said_of_what_is_held()}")
        return b"".join(record for channel, part in stretches for record in self._records([part], channel))

    def held(self) -> tuple[int, int]:
        """When the oldest hour that is held began [µs UTC], 0 for none; and the bytes of all."""
        files = self._files()
        return (_start_of(files[0]) if files else 0), sum(path.stat().st_size for path in files)

    def _said_of_what_is_held(self) -> str:
        oldest, _ = self.held()
        return f"not held; the oldest hour held began at {_instant(oldest)}" if oldest else "nothing is held yet"

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob(f"*{SUFFIX}"))

    def _files_of(self, t_from: int, t_to: int) -> list[Path]:
        return [path for path in self._files() if t_from - HOUR_US - 60_000_000 < _start_of(path) < t_to]

    def _prune(self, now: int) -> None:
        held = [(path, path.stat().st_size) for path in self._files()]
        total = sum(size for _, size in held)
        for path, size in held:
            if _start_of(path) + HOUR_US > now - self._keep_us and total <= self._most:
                return
            path.unlink()
            total -= size

    def _records(self, stretches: list[Stretch], only: int | None = None) -> Iterator[bytes]:
        """The stretches as miniSEED records; ``only``: they are of this one channel."""
        pymseed = _pymseed()
        for stretch in stretches:
            whole = stretch.samples.dtype == np.int32
            for column in range(stretch.samples.shape[1]):
                channel = column if only is None else only
                traces = pymseed.MS3TraceList()
                traces.add_data(
                    _source_of(channel, stretch.rate_hz), np.ascontiguousarray(stretch.samples[:, column]),
                    "i" if whole else "f", stretch.rate_hz, starttime=stretch.t * 1000,
                )  # fmt: skip
                yield from traces.generate(
                    max_record_length=RECORD_BYTES, format_version=3,
                    encoding=pymseed.DataEncoding.STEIM2 if whole else pymseed.DataEncoding.FLOAT32,
                    extra_headers=self._extra_header(channel, stretch.weight),
                )  # fmt: skip

    def _extra_header(self, channel: int, weight: float) -> str:
        named = self._channels[channel] if channel < len(self._channels) else Channel(name=f"ch{channel + 1}")
        return json.dumps(
            {HEADER_ROOT: {"channel": named.name, "unit": named.unit, "unit_a_count": weight * named.scale}}
        )

    def _read(self, path: Path, t_from: int, t_to: int) -> Iterator[tuple[int, Stretch]]:
        """Stretches of single channels, trimmed to the window; a record that was torn ends the file."""
        pymseed = _pymseed()
        try:
            for record in pymseed.MS3Record.from_buffer(path.read_bytes(), unpack_data=True):
                header = record.get_extra_header(f"/{HEADER_ROOT}/unit_a_count")
                first, rate_hz = int(record.starttime) // 1000, float(record.samprate)
                skip = max(0, math.ceil((t_from - first) * rate_hz / 1e6))
                until = max(0, math.ceil((t_to - first) * rate_hz / 1e6))
                samples = np.array(record.np_datasamples)[skip:until, None]
                if len(samples):
                    channel = int(str(record.sourceid).split("_")[2]) - 1
                    scale = self._channels[channel].scale if channel < len(self._channels) else 1.0
                    at = first + round(skip * 1e6 / rate_hz)
                    yield channel, Stretch(at, rate_hz, samples, float(header or 1.0) / scale)
        except pymseed.MiniSEEDError:
            return
        except OSError as problem:
            raise KeeperError(f"waveforms {path}: {problem.strerror}; check the disk's health") from problem


def _pymseed() -> Any:
    try:
        import pymseed
    except ImportError as problem:
        raise KeeperError("waveforms: pymseed is not installed; install machikado[bridge]") from problem
    return pymseed


def _source_of(channel: int, rate_hz: float) -> str:
    """FDSN source identifier: the location is the channel's number, an accelerometer (N) of the band of its rate."""
    band = "F" if rate_hz >= 1000.0 else "C" if rate_hz >= 250.0 else "H" if rate_hz >= 80.0 else "B"
    return f"FDSN:XX_MCHKD_{channel + 1:02d}_{band}_N_{(channel + 1) % 10}"


def _hour_of(t: int) -> str:
    return datetime.fromtimestamp(t // 1_000_000, UTC).strftime("%Y%m%dT%H")


def _start_of(path: Path) -> int:
    return int(datetime.strptime(path.stem, "%Y%m%dT%H").replace(tzinfo=UTC).timestamp()) * 1_000_000


def _instant(t: int) -> str:
    return datetime.fromtimestamp(t / 1e6, UTC).isoformat(timespec="seconds")
