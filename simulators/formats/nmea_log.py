"""NMEA logs as a truck's recording: the sentences at the pace of their own times."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from edge.delivery import Delivery
from edge.errors import RecordingError, SourceError
from edge.pipeline import Tick
from edge.truck.log import NmeaLog, read_log
from simulators.formats.recording import TICK_US, Recording, device_of, with_ticks

TAIL_US = 2 * TICK_US
"""Two ticks after the last sentence let the last moment be given."""


def open_nmea_log(path: Path, start_us: int | None = None) -> Recording:
    """The log at ``path``; its dates are taken as the receiver gave them (a receiver's week roll-over included).

    Raises:
        RecordingError: it cannot be read or holds no intact sentence.
    """
    try:
        log = read_log(path)
    except SourceError as problem:
        raise RecordingError(str(problem)) from problem
    offset = log.utc_offset_us()
    dated = "no date in it" if offset is None else "dates as the receiver gave them"
    last = max(mono for mono, _ in log.deliveries())
    return Recording(
        family="truck",
        device=device_of(path),
        pipeline={},
        deliveries=with_ticks(_deliveries(log, start_us if offset is None else offset, last)),
        duration_s=(last + TAIL_US) / 1e6,
        description=f"NMEA log {path.name}: {len(log.sentences)} sentences, {log.bad} damaged, {last / 1e6:.0f} s, {dated}",
    )


def _deliveries(log: NmeaLog, offset_us: int | None, last: int) -> Iterator[Delivery]:
    for mono, sentence in log.deliveries():
        yield Delivery(mono, offset_us, sentence)
    yield Delivery(last + TAIL_US, offset_us, Tick())
