"""The simulated girder's bytes as an agent would have recorded them, a tenth of a second a read."""

from __future__ import annotations

from pathlib import Path

import numpy as np

RATE_HZ, CHANNELS = 200.0, 3
START_US = 1_790_000_000_000_000


def girder_recording(path: Path, seconds: float, hour_of_day: float = 10.0) -> Path:
    """Make the recording at ``path``: traffic and temperature from ``hour_of_day`` on."""
    from edge.bridge.sources import MessageReader, SerialSettings
    from edge.delivery import Delivery
    from edge.pipeline import Tick
    from edge.recording import Header, RecordingWriter
    from firmware_bridge.message_stream import MessageStream
    from simulators.bridge.settings import Settings
    from simulators.simulator import parts_of

    settings = Settings(rate_hz=RATE_HZ, hour_of_day=hour_of_day)
    simulator = parts_of("bridge").simulator(settings, np.random.default_rng(1), START_US)
    stream, reader = MessageStream(), MessageReader(SerialSettings(path="").temperatures)
    writer = RecordingWriter(path, Header(device="girder", family="bridge", pipeline={}, step=0, floor=0))
    for tenth in range(1, round(seconds * 10) + 1):
        mono = tenth * 100_000
        for emission in simulator.advance(START_US + mono):
            for told in stream.feed(emission.data):
                for item in reader.items_of(told.message):
                    writer.write(Delivery(mono, START_US, item))
        if tenth % 10 == 0:
            writer.write(Delivery(mono, START_US, Tick()))
        simulator.truth()
    writer.close()
    return path
