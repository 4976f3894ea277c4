"""The simulated counter, and what the agent's own code makes of its bytes, beside the truth."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from edge.contract.records import Record
from edge.contract.records.counter import CounterAir, CounterPassages, CounterPeople, CounterQueue
from edge.counter.pipeline import Config
from simulators.counter.office import OUTDOOR_PPM, Office
from simulators.counter.simulator import CounterSimulator, Settings, simulator
from simulators.errors import SimulatorError
from simulators.simulator import Truth, parts_of
from tests.simulators.counter.journey import SECOND_US, START_US, Journey

SECONDS = 900


@pytest.fixture(scope="module")
def journey() -> tuple[Journey, list[Record], list[Truth]]:
    """A quarter of an hour from half past ten, and all that it gave."""
    walked = Journey(Settings(hour_of_day=10.5), Config(services=("residence", "seal")), seed=4)
    records = walked.records(SECONDS)
    return walked, records, walked.simulator.truth()


def test_the_simulator_stands_where_the_runner_looks_for_it() -> None:
    parts = parts_of("counter")

    made = parts.simulator(msgspec.convert({"hour_of_day": 9.5}, parts.settings), np.random.default_rng(1), START_US)

    assert made.lines == ("mcu", "tickets", "radar", "co2")


def test_settings_of_something_else_are_refused() -> None:
    with pytest.raises(SimulatorError, match="counter"):
        simulator({}, np.random.default_rng(1), START_US)


def test_the_same_seed_gives_the_same_bytes_and_truth_however_time_is_advanced() -> None:
    one = CounterSimulator(Settings(), np.random.default_rng(7), START_US)
    other = CounterSimulator(Settings(), np.random.default_rng(7), START_US)

    at_once = list(one.advance(START_US + 60 * SECOND_US))
    in_steps = [emission for step in range(241) for emission in other.advance(START_US + step * SECOND_US // 4)]

    assert at_once == in_steps
    assert one.truth() == other.truth()


def test_another_seed_gives_another_day() -> None:
    one = CounterSimulator(Settings(), np.random.default_rng(7), START_US)
    other = CounterSimulator(Settings(), np.random.default_rng(8), START_US)

    assert list(one.advance(START_US + 60 * SECOND_US)) != list(other.advance(START_US + 60 * SECOND_US))


def test_every_byte_of_both_lines_is_understood(journey: tuple[Journey, list[Record], list[Truth]]) -> None:
    walked, _, _ = journey

    assert (walked.board.counters.damaged, walked.board.counters.lost, walked.board.unknown) == (0, 0, 0)
    assert walked.board.counters.frames > SECONDS * 10
    assert (walked.tickets.counters.damaged, walked.tickets.counters.lost) == (0, 0)
    assert walked.tickets.counters.lines > SECONDS / 6


def test_people_are_counted_within_one_on_average(journey: tuple[Journey, list[Record], list[Truth]]) -> None:
    _, records, truth = journey
    true_people = {fact["t"]: fact["people"] for fact in truth if fact["what"] == "people"}

    errors = [
        abs(record.people - float(str(true_people[START_US + (record.t or 0)])))
        for record in records
        if isinstance(record, CounterPeople) and START_US + (record.t or 0) in true_people
    ]

    assert len(errors) > 60
    assert np.mean(errors) < 1.0


def test_queues_are_exactly_the_true_ones(journey: tuple[Journey, list[Record], list[Truth]]) -> None:
    _, records, truth = journey
    last_truth = {fact["service"]: fact["waiting"] for fact in truth if fact["what"] == "queue"}
    last_told = {
        record.service: record.waiting
        for record in records
        if isinstance(record, CounterQueue) and (record.t or 0) <= (SECONDS - 10) * SECOND_US
    }

    assert last_told == last_truth


def test_waits_are_exactly_the_true_ones(journey: tuple[Journey, list[Record], list[Truth]]) -> None:
    _, records, truth = journey
    true_waits = [(fact["service"], fact["ticket"], fact["wait_s"]) for fact in truth if fact["what"] == "wait"]
    told = {
        (record.service, record.last_called, record.last_wait_s)
        for record in records
        if isinstance(record, CounterQueue) and record.last_called is not None
    }

    assert len(true_waits) > 5
    assert told == set(true_waits)


def test_passages_add_up_to_the_true_ones(journey: tuple[Journey, list[Record], list[Truth]]) -> None:
    _, records, truth = journey
    until = START_US + (SECONDS // 60 - 1) * 60 * SECOND_US
    entered = [fact for fact in truth if fact.get("direction") == "in" and int(str(fact["t"])) < until]
    left = [fact for fact in truth if fact.get("direction") == "out" and int(str(fact["t"])) < until]

    passages = [record for record in records if isinstance(record, CounterPassages)]

    assert (sum(p.entered for p in passages), sum(p.left for p in passages)) == (len(entered), len(left))


def test_the_air_is_reported_and_rises_with_the_people(journey: tuple[Journey, list[Record], list[Truth]]) -> None:
    _, records, _ = journey

    air = [record for record in records if isinstance(record, CounterAir)]

    assert len(air) == SECONDS // 30 - 1
    assert all(record.co2_ppm is not None and 400 < record.co2_ppm < 3000 for record in air)


def test_carbon_dioxide_settles_where_breath_and_ventilation_balance() -> None:
    office = Office(np.random.default_rng(1), (), 999, 0, 0)
    for second in range(4 * 3600):
        office.step(float(second), 3.0)

    # Four clerks: 4 · 5.2e-6 m³/s over 3 · 400 m³/h of fresh air.
    assert office.co2_ppm == pytest.approx(OUTDOOR_PPM + 4 * 5.2e-6 / (3 * 400 / 3600) * 1e6, abs=1.0)


def test_a_replay_of_the_items_gives_the_same_records_byte_for_byte() -> None:
    config = Config(services=("residence",))
    live = Journey(Settings(), config, seed=9)
    recorded = list(live.items(90))
    steps = Journey(Settings(), config, seed=9).pipeline

    told = [msgspec.json.encode(record) for mono, item in recorded for record in live.pipeline.process(mono, item)]
    replayed = [msgspec.json.encode(record) for mono, item in recorded for record in steps.process(mono, item)]

    assert len(told) > 30
    assert replayed == told
