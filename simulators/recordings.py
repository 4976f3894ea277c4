"""Recordings: whatever was recorded, opened as the deliveries that the family's pipeline takes.

Rules it keeps:
- An agent's own recording already holds its ticks and is delivered as it is.
- What a file does not tell is not made up: without a date the offset of the clock is None, unless ``start_us`` says it.
- A bad file is refused in one line (``RecordingError``), as far as possible before the first delivery.
"""

from __future__ import annotations

from pathlib import Path

from edge.errors import RecordingError
from edge.recording import is_recording
from edge.recording import open_recording as open_agents_recording
from simulators.formats.recording import SIDECAR_SUFFIXES, WAVEFORM_SUFFIXES, Recording

MINISEED_SUFFIXES = frozenset((".mseed", ".miniseed", ".msd"))
NMEA_SUFFIXES = frozenset((".log", ".nmea", ".nma"))
HEAD_BYTES = 8


def open_recording(path: Path, start_us: int | None = None) -> Recording:
    """Open an agent's recording, a waveform (or its sidecar), a miniSEED file or an NMEA log.

    Args:
        path: the file; a waveform's sidecar may be given in its place and then names the waveform.
        start_us: UTC of the beginning [µs], used only where the file does not tell it.

    Raises:
        RecordingError: it cannot be read, is of no known format, or is damaged.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        agents = is_recording(path)
    except OSError as problem:
        raise RecordingError(f"recording {path}: {problem.strerror}; check the path") from problem
    if agents:
        return _of_an_agent(path)
    suffix = path.suffix.lower()
    if suffix in WAVEFORM_SUFFIXES or suffix in SIDECAR_SUFFIXES:
        from simulators.formats.waveform import open_waveform

        return open_waveform(path, start_us)
    if suffix in MINISEED_SUFFIXES or _is_miniseed(head):
        from simulators.formats.miniseed import open_miniseed

        return open_miniseed(path)
    if suffix in NMEA_SUFFIXES:
        from simulators.formats.nmea_log import open_nmea_log

        return open_nmea_log(path, start_us)
    raise RecordingError(
        f"recording {path}: no known format; wanted one made by 'machikado agent run --record', a waveform (.npy, .npz, "
        ".csv with a .toml beside it), miniSEED (.mseed) or an NMEA log (.log, .nmea)"
    )


def _is_miniseed(head: bytes) -> bool:
    """Version 3 begins with 'MS' and 3; version 2 with six digits and a quality letter."""
    return head[:3] == b"MS\x03" or (head[:6].isdigit() and head[6:7] in (b"D", b"R", b"Q", b"M"))


def _of_an_agent(path: Path) -> Recording:
    """The file is read once for its length: a second for some hours."""
    first: int | None = None
    last = count = 0
    for delivery in open_agents_recording(path).deliveries:
        first = delivery.mono_us if first is None else first
        last = delivery.mono_us
        count += 1
    if first is None:
        raise RecordingError(f"recording {path}: holds no delivery; was the agent stopped at once?")
    recording = open_agents_recording(path)
    header = recording.header
    duration_s = (last - first) / 1e6
    return Recording(
        family=header.family,
        device=header.device,
        pipeline=header.pipeline,
        deliveries=recording.deliveries,
        duration_s=duration_s,
        description=f"agent's recording of {header.device} ({header.family}): {count} deliveries, {duration_s:.0f} s",
        settler_state=recording.settler_state,
    )
