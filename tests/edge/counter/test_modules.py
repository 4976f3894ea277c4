"""Modules on lines of their own and the ticket machine's feed, each against a simulator that speaks its true bytes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from edge.contract.records import Record
from edge.contract.records.counter import CounterAir, CounterPassages, CounterPeople
from edge.counter.items import BoardAlive, Co2Reading, LinePulse, RadarFrame, TicketAlive, TicketEvent
from edge.counter.module_sources import Co2Settings, RadarSettings
from edge.counter.pipeline import Config, pipeline
from edge.counter.sources import BoardItems, open_source
from edge.counter.ticket_feed import TicketFeedSettings
from edge.counter.ticket_line import encode_line
from edge.errors import SourceError
from edge.pipeline import Tick
from firmware_bridge.messages import Hello, Levels, Message, SensorKind
from firmware_bridge.serial_line import Arrival
from simulators.counter.modules import Mhz19Module, radar_frame
from simulators.http_line import HttpLine
from simulators.wire import PtyLine

SECOND = 1_000_000
WAIT_S = 20.0


@pytest.fixture
def line(tmp_path: Path) -> Iterator[PtyLine]:
    made = PtyLine(tmp_path / "module")
    made.open()
    yield made
    made.close()


@contextmanager
def running(settings: object) -> Iterator[list[object]]:
    """What a source delivers while the block lasts."""
    came: list[object] = []
    stop = threading.Event()
    thread = threading.Thread(target=open_source(settings).run, args=(came.append, stop))
    thread.start()
    try:
        yield came
    finally:
        stop.set()
        thread.join(timeout=WAIT_S)
        assert not thread.is_alive()


def until(is_true: Callable[[], bool], meanwhile: Callable[[], object] = lambda: None) -> bool:
    ends = time.monotonic() + WAIT_S
    while not is_true() and time.monotonic() < ends:
        meanwhile()
        time.sleep(0.02)
    return is_true()


def test_a_radar_s_people_are_counted_and_its_ghosts_are_not(line: PtyLine) -> None:
    rng = np.random.default_rng(3)
    with running(RadarSettings(path=str(line.path))) as came:
        assert until(lambda: len(came) > 0, lambda: line.write(radar_frame(rng, 1)))
        line.write(radar_frame(rng, 2)[:17] + radar_frame(rng, 0) + radar_frame(rng, 5))
        assert until(lambda: RadarFrame(3) in came)

    assert set(map(type, came)) == {RadarFrame}
    assert came[-2:] == [RadarFrame(0), RadarFrame(3)]


def test_a_carbon_dioxide_module_is_asked_and_answers(line: PtyLine) -> None:
    module = Mhz19Module()
    module.co2_ppm = 812.0
    with running(Co2Settings(path=str(line.path), every_s=1.0)) as came:
        assert until(lambda: len(came) >= 2, lambda: line.write(module.answer(line.read())))

    assert set(came) == {Co2Reading(812.0)}


@pytest.mark.parametrize("settings", [RadarSettings(path="/nowhere/radar"), Co2Settings(path="/nowhere/co2")])
def test_a_module_that_is_not_there_is_said_with_its_path(settings: RadarSettings | Co2Settings) -> None:
    with pytest.raises(SourceError, match="/nowhere/"):
        open_source(settings).run(lambda item: None, threading.Event())


def test_a_module_that_says_nothing_is_an_error(line: PtyLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.counter.module_sources.SILENT_AFTER_S", 0.0)

    with pytest.raises(SourceError, match=r"nothing for 1 s at 9600 baud"):
        open_source(Co2Settings(path=str(line.path), every_s=1.0)).run(lambda item: None, threading.Event())


@contextmanager
def listening() -> Iterator[HttpLine]:
    machine = HttpLine(0)
    machine.open()
    yield machine
    machine.close()


def test_a_feed_by_http_tells_each_line_once_in_order(line: PtyLine) -> None:
    issued = [TicketEvent("residence", "issued", ticket) for ticket in range(1, 30)]
    with listening() as machine:
        machine.write(encode_line(1, TicketAlive()))
        with running(TicketFeedSettings(url=machine.url, every_s=0.2)) as came:
            assert until(lambda: len(came) == 1)
            for number, event in enumerate(issued, 2):
                machine.write(encode_line(number, event))
            assert until(lambda: len(came) >= 30)
            machine.write(encode_line(31, TicketAlive()))
            assert until(lambda: len(came) >= 31)

    assert came == [TicketAlive(), *issued, TicketAlive()]


def test_a_feed_that_does_not_answer_is_an_error_that_names_it() -> None:
    with listening() as machine:
        url = machine.url

    with pytest.raises(SourceError, match="check the ticket machine and the network"):
        open_source(TicketFeedSettings(url=url)).run(lambda item: None, threading.Event())


def arrived(message: Message, restarted: bool = False) -> Arrival:
    return Arrival(mono_us=0, message=message, sequence=0, lost_before=0, restarted=restarted)


def test_two_zones_of_a_lane_make_a_passage_of_that_line() -> None:
    items = BoardItems()
    codes = [0, 2000, 3000, 1000, 0, 1000, 3000, 2000, 0, 2000, 0]

    found = [item for code in codes for item in items(arrived(Levels(((17, code),))))]
    hello = Hello(7, (1, 0, 0), SensorKind.LINE_COUNTER, 0, 0, 0)
    booted = list(items(arrived(hello, restarted=True)))
    after = [item for code in codes[:5] for item in items(arrived(Levels(((17, code),))))]

    assert found == [LinePulse(1, "in", 1), LinePulse(1, "out", 2)]
    assert booted == [BoardAlive(restarted=True)]
    assert after == [LinePulse(1, "in", 1)]


def test_a_radar_and_a_module_become_records_and_do_not_keep_a_silent_board_alive() -> None:
    steps = pipeline(Config())
    records: list[Record] = []
    for tenth in range(1300):
        mono = tenth * SECOND // 10
        records += steps.process(mono, RadarFrame(3 if tenth % 2 else 2))
        if tenth % 50 == 0:
            records += steps.process(mono, Co2Reading(700.0))
        if tenth % 10 == 0:
            records += steps.process(mono, Tick())

    people = [record for record in records if isinstance(record, CounterPeople)]
    assert {(one.zone, one.people, one.low, one.high, one.saturated) for one in people} == {("radar", 2.5, 2, 3, True)}
    assert {record.co2_ppm for record in records if isinstance(record, CounterAir)} == {700.0}
    assert not [record for record in records if isinstance(record, CounterPassages)]
