"""A simulated counter's bytes through the agent's own decoders and pipeline, without the clock of a real line."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edge.contract.records import Record
from edge.counter.pipeline import Config, pipeline
from edge.counter.sources import item_of
from edge.counter.ticket_line import TicketLineDecoder
from edge.pipeline import Tick
from firmware_bridge.message_stream import MessageStream
from simulators.counter.simulator import CounterSimulator, Settings

SECOND_US = 1_000_000
START_US = 1_790_000_000 * SECOND_US
STEP_US = SECOND_US // 10


class Journey:
    """The simulator, the decoders and the pipeline of one counter; times of records count from ``START_US``."""

    def __init__(self, settings: Settings, config: Config, seed: int) -> None:
        self.simulator = CounterSimulator(settings, np.random.default_rng(seed), START_US)
        self.pipeline = pipeline(config)
        self.board = MessageStream()
        self.tickets = TicketLineDecoder()

    def items(self, seconds: int) -> Iterator[tuple[int, object]]:
        """What the sources would deliver in so many seconds, each with its time, and the ticks between."""
        for step in range(seconds * 10):
            mono = step * STEP_US
            for emission in self.simulator.advance(START_US + mono):
                if emission.line == "tickets":
                    yield from ((mono, item) for item in self.tickets.feed(emission.data))
                elif emission.line == "mcu":
                    for received in self.board.feed(emission.data):
                        item = item_of(received.message, received.restarted)
                        if item is not None:
                            yield mono, item
            if step % 10 == 9:
                yield mono, Tick()

    def records(self, seconds: int) -> list[Record]:
        """The records of so many seconds."""
        return [record for mono, item in self.items(seconds) for record in self.pipeline.process(mono, item)]
