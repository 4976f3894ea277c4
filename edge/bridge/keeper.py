"""What a bridge keeps beside its records: the ring of raw waveforms, and the windows about the passages worth it.

It follows the deliveries as the pipeline does, with a sampling clock of its own, and looks at the records that came of
them; it changes neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edge.blobs import Content
from edge.bridge.assemble import Coding, is_whole
from edge.bridge.config import Channel, Config
from edge.bridge.event_choice import EventChoice, Window
from edge.bridge.items import AccelerationChunk
from edge.bridge.sample_clock import SampleClock
from edge.bridge.waveform_ring import Stretch, WaveformRing
from edge.contract.records import RawHeld, Record
from edge.contract.records.bridge import BridgeNovelty, BridgePassage
from edge.delivery import Delivery

FLUSH_S = 60
SAY_EVERY_US = 3_600_000_000
GIB = 1 << 30


def keeper(config: object, folder: Path) -> BridgeKeeper | None:
    """The bridge's keeper; None where the configuration keeps no waveforms."""
    assert isinstance(config, Config)
    return BridgeKeeper(config, folder) if config.waveforms.days else None


class BridgeKeeper:
    """See ``edge.keeper.Keeper``; holds at most a minute of samples."""

    def __init__(self, config: Config, folder: Path) -> None:
        table = config.waveforms
        self._channels: tuple[Channel, ...] = tuple(config.channels)
        self._ring = WaveformRing(folder, self._channels, table.days, int(table.quota_gib * GIB))
        self._choice = EventChoice(table.events_a_day, table.before_s, table.after_s)
        self._run: tuple[int, float, Coding] | None = None
        self._clock = SampleClock(1.0)
        self._held: list[bytes] = []
        self._first = 0
        self._next = 0
        self._offset_us: int | None = None
        self._ended: list[Window] = []
        self._said_at = 0

    def saw(self, delivery: Delivery, records: Sequence[Record]) -> None:
        """See ``Keeper.saw``."""
        if self._offset_us != delivery.offset_us and (self._offset_us is None or delivery.offset_us is None):
            self._flush()
        self._offset_us = delivery.offset_us
        item = delivery.item
        if isinstance(item, AccelerationChunk) and is_whole(item):
            self._take(item, delivery.mono_us)
        if delivery.offset_us is not None:
            for record in records:
                self._judge(record, delivery.offset_us)

    def due(self, utc_us: int) -> list[Content | Record]:
        """See ``Keeper.due``."""
        self._ended += self._choice.ended_by(utc_us)
        ended, self._ended = self._ended, []
        made: list[Content | Record] = [self._content(window) for window in ended]
        if utc_us - self._said_at >= SAY_EVERY_US:
            self._said_at = utc_us
            oldest, size = self._ring.held()
            made.append(RawHeld(held_from=oldest, held_bytes=size))
        return made

    def cut(self, t_from: int, t_to: int) -> Content:
        """See ``Keeper.cut``."""
        return self._content(Window(t_from, t_to, float("inf")))

    def close(self) -> None:
        """See ``Keeper.close``."""
        self._flush()

    def _content(self, window: Window) -> Content:
        self._flush()
        return Content("miniseed", self._ring.cut(window.t_from, window.t_to), window.worth, window.t_from, window.t_to)

    def _judge(self, record: Record, offset_us: int) -> None:
        if isinstance(record, BridgePassage) and record.t is not None:
            self._ended += self._choice.passed(record.t + offset_us, record.peak_m_s2)
        elif isinstance(record, BridgeNovelty) and record.t is not None:
            self._choice.scored(record.t + offset_us, record.score)

    def _take(self, chunk: AccelerationChunk, mono_us: int) -> None:
        coding = Coding.of(chunk)
        run = (chunk.run, chunk.rate_hz, coding)
        if run != self._run:
            self._flush()
            if self._run is None or run[:2] != self._run[:2]:
                self._clock = SampleClock(chunk.rate_hz)
            self._run = run
            self._first = self._next = chunk.first_sample
        data = chunk.data
        if chunk.first_sample != self._next:
            data = data[max(0, self._next - chunk.first_sample) * coding.sample_bytes :]
            if chunk.first_sample > self._next:
                self._flush()
                self._first = chunk.first_sample
        if not data:
            return
        self._held.append(data)
        self._next = chunk.first_sample + len(chunk.data) // coding.sample_bytes
        self._clock.saw(self._next, mono_us)
        if self._next - self._first >= FLUSH_S * chunk.rate_hz:
            self._flush()

    def _flush(self) -> None:
        """Put what is held into the ring; without a known clock it has no place there."""
        data, self._held = b"".join(self._held), []
        first, self._first = self._first, self._next
        if not data or self._run is None or self._offset_us is None:
            return
        _, rate_hz, coding = self._run
        t = self._clock.time_of(first) + self._offset_us
        self._ring.append(Stretch(t, rate_hz * self._clock.ratio, coding.counts(data), coding.weight))
