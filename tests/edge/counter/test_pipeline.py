"""The counter's pipeline from items to records."""

from __future__ import annotations

import re
import tomllib

import msgspec
import numpy as np
import pytest

from edge.config import parse
from edge.contract.records import ALL, BY_KIND, ModelState, Record, kind_of
from edge.contract.records.counter import (
    CounterAir,
    CounterHeartbeat,
    CounterOccupancy,
    CounterPassages,
    CounterPeople,
    CounterQueue,
    CounterTicket,
)
from edge.counter.items import AirReading, BoardAlive, LinePulse, ThermalFrame, TicketAlive, TicketEvent
from edge.counter.pipeline import Config, pipeline
from edge.counter.sources import McuSettings, TicketLineSettings
from edge.errors import ConfigError
from edge.family import parts_of
from edge.pipeline import Pipeline, Tick
from simulators.counter.thermal import ThermalScene, registers

DEVICE_TOML = """
[device]
name = "counter-01"
family = "counter"

[outbox]
path = "outbox.sqlite3"

[[source]]
kind = "mcu"
path = "/dev/machikado-mcu"

[[source]]
kind = "ticket_line"
path = "/dev/machikado-tickets"

[pipeline]
zone = "waiting"
lines = ["entrance"]
services = ["residence", "seal", "family_register", "moving"]
"""
SECOND = 1_000_000
ENVELOPE_AND_COUNTS = {
    *("kind", "t", "zone", "people", "low", "high", "method", "saturated"),
    *("line", "entered", "left", "window_s", "source", "model", "version", "running"),
}


def frames(people: list[tuple[float, float, float, float]], seconds: int, begin_s: int = 0) -> list[tuple[int, object]]:
    """Frames of people (column, row, radius, °C above floor) who stand still, ten a second, and ticks."""
    scene = ThermalScene(np.random.default_rng(1))
    seen = np.array(people).reshape(-1, 4)
    items: list[tuple[int, object]] = []
    for second in range(begin_s, begin_s + seconds):
        temperatures = scene.temperatures(float(second), seen)
        items += [
            (second * SECOND + place * SECOND // 10, ThermalFrame(registers(counts)))
            for place, counts in enumerate(scene.counts(temperatures, 10))
        ]
        items.append((second * SECOND + SECOND - 1, Tick()))
    return items


def run(steps: Pipeline, items: list[tuple[int, object]]) -> list[Record]:
    return [record for mono, item in items for record in steps.process(mono, item)]


def test_the_family_s_parts_stand_where_the_runtime_looks_for_them() -> None:
    parts = parts_of("counter")

    settings = msgspec.convert({"kind": "ticket_line", "path": "/dev/ttyUSB0"}, parts.settings)

    assert parts.open_source(settings).name == "tickets"
    assert parts.pipeline(msgspec.convert({}, parts.config)).process(0, Tick()) == []


def test_the_documented_configuration_is_accepted_and_a_wrong_key_is_named() -> None:
    raw = tomllib.loads(DEVICE_TOML)

    loaded = parse(raw)

    assert [type(source) for source in loaded.sources] == [McuSettings, TicketLineSettings]
    assert isinstance(loaded.pipeline, Config)
    with pytest.raises(ConfigError, match="heartbeat_s"):
        parse({**raw, "pipeline": {"heartbeats_s": 5.0}})


def test_a_configuration_of_something_else_is_refused() -> None:
    with pytest.raises(ConfigError, match="counter"):
        pipeline({"window_s": 3})


@pytest.mark.parametrize("model", ["counter-people", "counter-people-onnx", "none"])
def test_two_people_apart_are_two_and_nobody_is_nobody(model: str) -> None:
    steps = pipeline(Config(people_model=model))

    empty = run(steps, frames([], 61))
    two = run(steps, frames([(2.0, 2.0, 0.6, 4.0), (6.0, 5.5, 0.6, 4.0)], 41, begin_s=61))

    last_empty = [record for record in empty if isinstance(record, CounterPeople)][-1]
    last_two = [record for record in two if isinstance(record, CounterPeople)][-1]
    assert last_empty.people < 0.5
    assert last_two.people == pytest.approx(2.0, abs=0.6)
    assert last_two.low <= last_two.people <= last_two.high
    assert last_two.method == ("rule" if model == "none" else "model")


def test_people_who_are_there_when_the_sensor_starts_are_seen() -> None:
    steps = pipeline(Config(people_model="none"))

    records = run(steps, frames([(2.0, 2.0, 0.6, 4.0), (6.0, 5.5, 0.6, 4.0)], 31))

    assert [record for record in records if isinstance(record, CounterPeople)][-1].people == pytest.approx(2.0, abs=0.6)


def test_a_full_area_is_said_to_be_more_than_the_sensor_tells_apart() -> None:
    steps = pipeline(Config())
    crowd = [(column, row, 0.65, 4.0) for column in (1.0, 3.0, 5.0, 7.0) for row in (1.0, 3.0, 5.0, 7.0)]
    run(steps, frames([], 61))

    records = run(steps, frames(crowd[:15], 31, begin_s=61))

    assert [record for record in records if isinstance(record, CounterPeople)][-1].saturated


def test_a_model_that_cannot_be_had_is_said_once_and_the_rule_counts() -> None:
    steps = pipeline(Config(people_model="no-such-model"))

    records = run(steps, frames([(2.0, 2.0, 0.6, 4.0)], 31))

    states = [record for record in records if isinstance(record, ModelState)]
    assert [(state.model, state.running) for state in states] == [("no-such-model", False)]
    assert {record.method for record in records if isinstance(record, CounterPeople)} == {"rule"}


def test_frames_that_no_room_can_show_are_not_counted() -> None:
    steps = pipeline(Config(people_model="none"))
    broken = ThermalFrame(np.full(64, 0x07FF, dtype="<u2").tobytes())

    records = run(steps, [(second * SECOND, broken) for second in range(60)])

    assert not [record for record in records if isinstance(record, CounterPeople)]


def test_passages_are_counted_once_each_way_and_an_empty_minute_is_said() -> None:
    steps = pipeline(Config())
    items: list[tuple[int, object]] = [
        (1 * SECOND, LinePulse(0, "in", 1)),
        (2 * SECOND, LinePulse(0, "in", 2)),
        (2 * SECOND, LinePulse(0, "in", 2)),
        (3 * SECOND, LinePulse(0, "out", 3)),
        (4 * SECOND, LinePulse(9, "out", 1)),
        (61 * SECOND, BoardAlive(restarted=True)),
        (62 * SECOND, LinePulse(0, "out", 1)),
        (130 * SECOND, BoardAlive(restarted=False)),
        (190 * SECOND, Tick()),
    ]

    passages = [record for record in run(steps, items) if isinstance(record, CounterPassages)]

    assert [(record.t, record.entered, record.left) for record in passages] == [
        (60 * SECOND, 2, 1),
        (120 * SECOND, 0, 1),
        (180 * SECOND, 0, 0),
    ]


def test_air_that_cannot_be_is_left_out_and_the_rest_is_kept() -> None:
    steps = pipeline(Config())

    records = run(steps, [(0, AirReading(co2_ppm=0.0, temperature_degc=21.5)), (31 * SECOND, Tick())])

    air = [record for record in records if isinstance(record, CounterAir)]
    assert [(record.co2_ppm, record.temperature_degc) for record in air] == [(None, 21.5)]


@pytest.mark.parametrize(
    ("model", "air", "occupied", "method"),
    [
        ("counter-occupancy", AirReading(800.0, 22.0, 30.0, 430.0), True, "model"),
        ("counter-occupancy", AirReading(450.0, 20.0, 30.0, 0.0), False, "model"),
        ("counter-occupancy-onnx", AirReading(800.0, 22.0, 30.0, 430.0), True, "model"),
        ("counter-occupancy-onnx", AirReading(450.0, 20.0, 30.0, 0.0), False, "model"),
        ("counter-occupancy", AirReading(None, 22.0, 30.0, 430.0), True, "rule"),
        ("none", AirReading(800.0, 22.0, 30.0, 0.0), False, "rule"),
    ],
)
def test_occupancy_follows_air_and_light(model: str, air: AirReading, occupied: bool, method: str) -> None:
    steps = pipeline(Config(occupancy_model=model))

    records = run(steps, [(0, air), (31 * SECOND, Tick())])

    found = [record for record in records if isinstance(record, CounterOccupancy)]
    assert [(record.occupied, record.method) for record in found] == [(occupied, method)]


def test_a_ticket_event_gives_its_record_and_its_service_s_queue() -> None:
    steps = pipeline(Config())

    records = run(steps, [(5 * SECOND, TicketEvent(service="residence", event="issued", ticket=12))])

    assert records[-2:] == [
        CounterTicket(t=5 * SECOND, service="residence", event="issued", ticket=12),
        CounterQueue(t=5 * SECOND, service="residence", waiting=1, windows_open=0),
    ]


def test_a_ticket_machine_that_is_alive_but_quiet_is_said_every_five_seconds() -> None:
    steps = pipeline(Config(services=("residence",)))
    alive: list[tuple[int, object]] = [(second * SECOND, TicketAlive()) for second in range(0, 60, 5)]

    records = run(steps, alive)

    said = sorted(record.t or 0 for record in records if isinstance(record, CounterHeartbeat | CounterQueue))
    assert max(np.diff(said)) <= 5 * SECOND
    assert {record.source for record in records if isinstance(record, CounterHeartbeat)} == {"tickets"}


def test_a_ticket_machine_that_is_dead_is_not_said_to_be_alive() -> None:
    steps = pipeline(Config(services=("residence",)))
    steps.process(0, TicketAlive())

    records = run(steps, [(second * SECOND, Tick()) for second in range(31, 300)])

    assert records == []


def test_every_kind_that_a_counter_reports_is_in_the_contract() -> None:
    steps = pipeline(Config())
    items = [*frames([(2.0, 2.0, 0.6, 4.0)], 61), (61 * SECOND, TicketEvent(service="seal", event="issued", ticket=1))]

    records = run(steps, items)

    assert records
    assert all(BY_KIND[kind_of(record)] in ALL for record in records)
    for record in records:
        assert msgspec.json.decode(msgspec.json.encode(record), type=type(record)) == record


@pytest.mark.parametrize("model", ["counter-people", "counter-people-onnx", "none"])
def test_no_byte_of_a_frame_is_in_any_record(model: str) -> None:
    """Frames with a planted row of pixels (20.25 °C, 31.5 °C, 27.75 °C, ...), and every byte that is published of them."""
    steps = pipeline(Config(people_model=model))
    planted = np.array([81, 126, 111, 93, 119, 87, 123, 99], dtype="<u2")
    scene = ThermalScene(np.random.default_rng(3))
    published = b""
    for second in range(120):
        for counts in scene.counts(scene.temperatures(float(second), np.empty((0, 4))), 10):
            marked = counts.copy()
            marked[3] = planted
            for record in steps.process(second * SECOND, ThermalFrame(registers(marked))):
                published += msgspec.json.encode(record) + msgspec.msgpack.encode(record)

    degrees = planted / 4
    assert published.count(b"counter_people") >= 10
    for pair in range(len(planted) - 1):
        assert planted[pair : pair + 2].tobytes() not in published
        assert planted[pair : pair + 2].astype(np.uint8).tobytes() not in published
        for kind in ("<f4", "<f8", ">f4", ">f8"):
            assert degrees[pair : pair + 1].astype(kind).tobytes() not in published
        assert f"{degrees[pair]}".encode() not in published
        assert f"{planted[pair]},{planted[pair + 1]}".encode() not in published
    assert set(_fields(published)) <= ENVELOPE_AND_COUNTS
    assert len(published) < 120 * 10 * 128 / 10, "a tenth of the frames' bytes would hold more than counts"


def _fields(published: bytes) -> list[str]:
    return [name.decode() for name in re.findall(rb'"([a-z0-9_]+)":', published)]
