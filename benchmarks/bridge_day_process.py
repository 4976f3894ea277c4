"""What `bridge-day` measures, each in a process of its own: `python -m benchmarks.bridge_day_process WHAT …`.

`pipeline RECORDING`: a recording through the default pipeline to settled lines. `agent RECORDING DEVICE.toml SECONDS`: so
much of it through the true agent on a clock that is set, its line to the broker being one that counts every packet and
answers as a hub that has stored at once. `identify SAMPLES.npy RATE_HZ`: one identification. Each prints a line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter, deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.memory import memory_of
from benchmarks.wire import publish
from edge.agent import Agent, Delivered, FromMqtt, Parts
from edge.clock import Clock, Reading
from edge.config import load
from edge.contract.batch import decode_batch
from edge.contract.blob import decode_chunk
from edge.contract.control import Ack, BlobAck, State, decode, encode
from edge.contract.ranges import RangeSet
from edge.contract.records import BlobManifest
from edge.contract.topics import Channel, topic
from edge.delivery import Delivery
from edge.family import parts_of
from edge.lines import Lines
from edge.main import assembled
from edge.mqtt import Arrived, Connected, Event, Mqtt, Puback
from edge.outbox_schema import connect
from edge.pipeline import Tick
from edge.recording import open_recording
from edge.settle import Settler

BAND_HZ = (0.5, 20.0)
Answer = dict[str, Any]


def pipeline(recording: Path) -> Answer:
    """The default pipeline over a whole recording; reading the file is part of it."""
    opened = open_recording(recording)
    family = parts_of(opened.header.family)
    lines = Lines(family.pipeline(family.config()), Settler(opened.settler_state))
    used, count = time.process_time(), 0
    for delivery in opened.deliveries:
        count += len(lines.of(delivery))
    return {"cpu_s": time.process_time() - used, "records": count}


class SetClock(Clock):
    """A clock that stands where it was set; UTC is always believed."""

    def __init__(self) -> None:
        super().__init__("system")
        self.reading = Reading(0, 0, "synchronised", None)

    def mono_us(self) -> int:
        """Time since boot [µs]."""
        return self.reading.mono_us

    def read(self) -> Reading:
        """Both clocks."""
        return self.reading


class CountingLine(Mqtt):
    """A broker and a hub in one: takes every packet, counts it by its channel, and answers at once."""

    def __init__(self, device: str, parts: Parts) -> None:
        super().__init__(device, parts.loaded.config.hub, lambda *_: None)
        self._epoch: Callable[[], str] = lambda: parts.outbox.epoch
        self._topics_of = {channel: topic(device, channel) for channel in Channel}
        self._accounted = RangeSet()
        self._sizes: dict[str, int] = {}
        self.bytes: Counter[str] = Counter()
        self.messages: Counter[str] = Counter()
        self.records: Counter[str] = Counter()
        self.events: deque[Event] = deque()

    def open(self) -> None:
        """Connect at once."""
        self.connection += 1
        self.events.append(Connected())

    def close(self) -> None:
        """Nothing to close."""

    def publish(self, channel: Channel, payload: bytes, retain: bool = False) -> None:
        """Count the packet, and answer it as broker and hub would."""
        self.bytes[channel] += len(publish(self._topics_of[channel], payload, 1))
        self.messages[channel] += 1
        self.events.append(Puback())
        if channel is Channel.UP:
            batch = decode_batch(payload)
            self._accounted = self._accounted.add(batch.header.first, batch.header.last)
            for record, line in zip(batch.records, batch.lines, strict=True):
                self.records[type(record).__name__] += len(line)
                if isinstance(record, BlobManifest):
                    self._sizes[record.sha256] = record.size
        if channel in (Channel.UP, Channel.STATE):
            ranges = list(self._accounted)
            through = ranges.pop(0)[1] if ranges and ranges[0][0] == 1 else 0
            last = max((end for _, end in self._accounted), default=0)
            hello = decode(State, payload).hello if channel is Channel.STATE else None
            self._say(Ack(generation=1, epoch=self._epoch(), through=through, ranges=ranges, last=last, hello=hello))
        if channel is Channel.BLOB:
            chunk = decode_chunk(payload)
            have = chunk.header.offset + len(chunk.content)
            whole = have >= self._sizes[chunk.header.sha256]
            blob = BlobAck(sha256=chunk.header.sha256, have=have, outcome="whole" if whole else "partial")
            self._say(Ack(generation=1, epoch=self._epoch(), blob=blob))

    def _say(self, ack: Ack) -> None:
        self.events.append(Arrived(Channel.ACK, encode(ack)))


class DayAgent(Agent):
    """The agent with a clock that is set and a line that counts, driven by a recording instead of its own loop."""

    def __init__(self, parts: Parts, clock: SetClock) -> None:
        super().__init__(parts)
        self._clock = clock
        self.line = CountingLine(parts.loaded.config.device.name, parts)
        self._mqtt = self.line

    def live(self, delivery: Delivery) -> None:
        """A delivery, at its time, and what is due by then."""
        self._clock.reading = Reading(delivery.mono_us, delivery.offset_us, "synchronised", None)
        self._handle(Delivered(self._p.sources[0].name, delivery.mono_us, delivery.item))
        self._let_pass()

    def finish(self) -> None:
        """Send what still waits."""
        self._commit_if_any()
        self._p.link.hurry()
        self._let_pass()
        self._p.attachments.close()

    def _let_pass(self) -> None:
        self._periodic(0.0)
        while self.line.events:
            self._handle(FromMqtt(self.line.connection, self.line.events.popleft()))
            if not self.line.events:
                self._periodic(0.0)


def agent(recording: Path, device: Path, seconds: float) -> Answer:
    """So much of a recording through the true agent; bytes and messages by channel, and the highest resident set."""
    clock = SetClock()
    loaded = load(device)
    driven = DayAgent(assembled(loaded, connect(Path(loaded.config.outbox.path)), clock), clock)
    used = time.process_time()
    for delivery in open_recording(recording).deliveries:
        if delivery.mono_us > seconds * 1e6:
            break
        if not isinstance(delivery.item, Tick):
            driven.live(delivery)
    driven.finish()
    line = driven.line
    return {
        "cpu_s": time.process_time() - used,
        "bytes": line.bytes,
        "messages": line.messages,
        "lines": line.records,
        "peak_mb": memory_of(os.getpid()).peak_resident_mb,
    }


def identify(samples: Path, rate_hz: float) -> Answer:
    """One identification, the imports done before."""
    from edge.bridge.identification import identify as modes_of

    window = np.load(samples)
    used = time.process_time()
    found = modes_of([window], rate_hz, BAND_HZ)
    return {"cpu_s": time.process_time() - used, "modes": len(found)}


if __name__ == "__main__":
    what, *given = sys.argv[1:]
    if what == "pipeline":
        answer = pipeline(Path(given[0]))
    elif what == "agent":
        answer = agent(Path(given[0]), Path(given[1]), float(given[2]))
    else:
        answer = identify(Path(given[0]), float(given[1]))
    print(json.dumps(answer))
