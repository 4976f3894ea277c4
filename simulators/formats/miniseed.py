"""miniSEED files (versions 2 and 3) as a bridge's recording, read by libmseed through pymseed.

Rules it keeps:
- The traces, in the order of their source identifiers, are the channels; they must share one rate, and their samples
  one grid to within a tenth of a sample.
- A second that one channel lacks is delivered for none: the sample counter runs on, and the pipeline counts the gap.
- Data in other than whole or floating-point numbers (logs, text) are no channels.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from edge.bridge.waveforms import check_whole_miniseed
from edge.contract.ranges import RangeSet
from edge.delivery import Delivery
from edge.errors import RecordingError
from simulators.formats.recording import Recording, device_of, with_ticks
from simulators.formats.samples import Samples, check_samples, chunks

FILE_BYTES = 512 * 1024 * 1024
GRID_TOLERANCE = 0.1
RATE_TOLERANCE = 1e-6


class _Segment(NamedTuple):
    """Samples of one channel without a gap: when the first was taken [ns UTC]."""

    channel: str
    start_ns: int
    rate_hz: float
    samples: Samples


class _Placed(NamedTuple):
    first: int
    samples: Samples

    @property
    def last(self) -> int:
        return self.first + len(self.samples) - 1


def open_miniseed(path: Path) -> Recording:
    """All traces of a file as the channels of one bridge; values as recorded (counts, or physical units).

    Raises:
        RecordingError: pymseed is not installed, the file is damaged, or its traces do not belong together.
    """
    segments = _segments(path)
    rate_hz = segments[0].rate_hz
    start_ns = min(segment.start_ns for segment in segments)
    channels: dict[str, list[_Placed]] = {}
    for segment in segments:
        if abs(segment.rate_hz - rate_hz) > RATE_TOLERANCE * rate_hz:
            raise RecordingError(
                f"miniSEED {path}: {segment.channel} at {segment.rate_hz:g} Hz, {segments[0].channel} at {rate_hz:g} Hz; "
                "select traces of one rate"
            )
        at = (segment.start_ns - start_ns) * rate_hz / 1e9
        if abs(at - round(at)) > GRID_TOLERANCE:
            raise RecordingError(
                f"miniSEED {path}: {segment.channel} lies {at - round(at):+.2f} samples off the others' grid; align it"
            )
        channels.setdefault(segment.channel, []).append(_Placed(round(at), segment.samples))
    common = _common(channels)
    if not common:
        raise RecordingError(
            f"miniSEED {path}: its {len(channels)} traces have no time in common; replay them one by one"
        )
    check_samples(f"miniSEED {path}", np.empty((1, len(channels)), dtype=np.float32), rate_hz)
    last = max(high for _, high in common)
    return Recording(
        family="bridge",
        device=device_of(path),
        pipeline={},
        deliveries=with_ticks(_deliveries(path, channels, common, rate_hz, start_ns // 1000)),
        duration_s=(last + 1) / rate_hz,
        description=f"miniSEED {path.name}: {len(channels)} channels ({', '.join(sorted(channels))}) at {rate_hz:g} Hz, "
        f"{common.count} samples in {len(common)} piece{'s' if len(common) > 1 else ''}",
    )


def _segments(path: Path) -> list[_Segment]:
    try:
        from pymseed import MS3TraceList
        from pymseed.exceptions import PymseedError
    except ImportError as problem:
        raise RecordingError(f"miniSEED {path}: needs pymseed; install machikado[engineer]") from problem
    if path.stat().st_size > FILE_BYTES:
        raise RecordingError(f"miniSEED {path}: {path.stat().st_size} bytes, at most {FILE_BYTES}; split it")
    try:
        check_whole_miniseed(path)
        traces = MS3TraceList.from_file(str(path), unpack_data=True)
        segments = [
            _Segment(str(trace.sourceid), int(part.starttime), float(part.samprate), np.array(part.np_datasamples))
            for trace in traces
            for part in trace
            if part.sampletype in ("i", "f", "d") and part.numsamples
        ]
    except (PymseedError, ValueError, OSError) as problem:
        raise RecordingError(f"miniSEED {path}: {str(problem).splitlines()[0]}") from problem
    if not segments:
        raise RecordingError(f"miniSEED {path}: no samples in it")
    return sorted(segments, key=lambda segment: (segment.channel, segment.start_ns))


def _common(channels: dict[str, list[_Placed]]) -> RangeSet:
    """Counters at which every channel has a sample."""
    sets = [RangeSet((part.first, part.last) for part in parts) for parts in channels.values()]
    common = sets[0]
    for other in sets[1:]:
        common = common.intersection(other)
    return common


def _deliveries(
    path: Path, channels: dict[str, list[_Placed]], common: RangeSet, rate_hz: float, offset_us: int
) -> Iterator[Delivery]:
    for first, last in common:
        columns = [_between(channels[name], first, last) for name in sorted(channels)]
        yield from chunks(f"miniSEED {path}", np.column_stack(columns), rate_hz, 1.0, offset_us, first)


def _between(parts: list[_Placed], first: int, last: int) -> Samples:
    """One channel's samples of a range that it has, overlaps taken from the earlier segment."""
    column: list[Samples] = []
    at = first
    for part in sorted(parts, key=lambda one: one.first):
        if part.first <= at <= part.last:
            until = min(part.last, last)
            column.append(part.samples[at - part.first : until - part.first + 1])
            at = until + 1
        if at > last:
            break
    return np.concatenate(column)
