"""The counter's two sources on pseudo-terminals that the simulator writes to."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
import pytest

from edge.counter.items import AirReading, BoardAlive, LinePulse, ThermalFrame, TicketAlive, TicketEvent
from edge.counter.sources import McuSettings, TicketLineSettings, item_of, open_source
from edge.errors import SourceError
from firmware_bridge.messages import AirWords, Levels, Log, Message, Pulse, PulseEvent, Thermal
from simulators.counter.simulator import CounterSimulator, Settings
from simulators.wire import PtyLine

START_US = 1_790_000_000_000_000
REGISTERS = bytes([90, 0] * 64)

MEANINGS: list[tuple[Message, object]] = [
    (Thermal(1, 0, REGISTERS), ThermalFrame(REGISTERS)),
    (Pulse(0, PulseEvent.PASS_IN, 7, 100), LinePulse(0, "in", 7)),
    (Pulse(1, PulseEvent.PASS_OUT, 8, 100), LinePulse(1, "out", 8)),
    (Pulse(0, PulseEvent.BLOCKED, 9, 100), None),
    (Levels(((1, 812_500), (2, 22_125), (3, 41_000), (4, 455_000))), AirReading(812.5, 22.125, 41.0, 455.0)),
    (Levels(((2, -1_500), (77, 5))), AirReading(temperature_degc=-1.5)),
    (Levels(((77, 5),)), None),
    (AirWords(812, 0, 65_535), AirReading(812.0, -45.0, 100.0)),
    (Log(1, 2), None),
]


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[dict[str, PtyLine]]:
    made = {name: PtyLine(tmp_path / name) for name in CounterSimulator.lines}
    for line in made.values():
        line.open()
    yield made
    for line in made.values():
        line.close()


@pytest.mark.parametrize(("message", "item"), MEANINGS, ids=[str(message)[:40] for message, _ in MEANINGS])
def test_a_message_means_what_the_table_says(message: Message, item: object) -> None:
    assert item_of(message, restarted=False) == item


@pytest.mark.parametrize("air_sensor", ["levels", "scd4x"])
def test_both_sources_deliver_what_the_simulator_puts_on_its_lines(
    lines: dict[str, PtyLine], air_sensor: Literal["levels", "scd4x"]
) -> None:
    simulator = CounterSimulator(
        Settings(waiting_at_start=2, air_sensor=air_sensor), np.random.default_rng(2), START_US
    )
    sources = [
        open_source(McuSettings(path=str(lines["mcu"].path))),
        open_source(TicketLineSettings(path=str(lines["tickets"].path))),
    ]
    came: list[object] = []
    stop = threading.Event()
    threads = [threading.Thread(target=source.run, args=(came.append, stop)) for source in sources]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    for step in range(150):
        for emission in simulator.advance(START_US + step * 100_000):
            lines[emission.line].write(emission.data)
        time.sleep(0.002)
    time.sleep(0.3)
    stop.set()
    for thread in threads:
        thread.join(timeout=3.0)

    assert not any(thread.is_alive() for thread in threads)
    assert sum(isinstance(item, ThermalFrame) for item in came) == 150
    assert {type(item) for item in came} == {ThermalFrame, LinePulse, AirReading, BoardAlive, TicketEvent, TicketAlive}
    air = [msgspec.to_builtins(item) for item in came if isinstance(item, AirReading)]
    measured = {name for reading in air for name, level in reading.items() if name != "type" and level is not None}
    assert measured == {"co2_ppm", "temperature_degc", "humidity_percent", "illuminance_lux"}


@pytest.mark.parametrize("settings", [McuSettings(path="/nowhere/mcu"), TicketLineSettings(path="/nowhere/tickets")])
def test_a_line_that_is_not_there_is_said_with_its_path(settings: McuSettings | TicketLineSettings) -> None:
    with pytest.raises(SourceError, match="/nowhere/"):
        open_source(settings).run(lambda item: None, threading.Event())


def test_settings_of_another_family_are_refused() -> None:
    with pytest.raises(SourceError, match="ticket_line"):
        open_source({"kind": "gps"})
