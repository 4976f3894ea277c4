"""A simulated gate's bytes through the true decoder and the true pipeline, second by second."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from edge.contract.records import Record
from edge.gate.pipeline import Config, pipeline
from edge.gate.sources import item_of
from edge.pipeline import Tick
from firmware_bridge.message_stream import MessageStream
from simulators.gate.settings import Settings
from simulators.gate.simulator import simulator
from simulators.simulator import Truth

START = 1_795_000_000_000_000
SLICE_US = 100_000


class Played(NamedTuple):
    """Records and true facts of one run, and whether the line was clean."""

    records: list[Record]
    truth: list[Truth]
    damaged: int


def play(settings: Settings, config: Config, hours: float, seed: int) -> Played:
    """Run a simulated gate for ``hours``."""
    simulated, made = simulator(settings, np.random.default_rng(seed), START), pipeline(config)
    stream = MessageStream()
    records: list[Record] = []
    truth: list[Truth] = []
    for number in range(1, round(hours * 36_000) + 1):
        mono = number * SLICE_US
        for emission in simulated.advance(START + mono):
            for received in stream.feed(emission.data):
                item = item_of(received.message, received.restarted)
                records += made.process(mono, item) if item is not None else []
        if number % 10 == 0:
            records += made.process(mono, Tick())
        truth += simulated.truth()
    return Played(records, truth, stream.counters.damaged + stream.counters.lost)
