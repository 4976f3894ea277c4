"""A fleet of light devices in front of a real broker and hub, and the percentiles of what it answers."""

import pytest

from benchmarks.errors import MeasurementFailed
from benchmarks.fleet import Fleet
from benchmarks.fleet_plan import Answers, Phase, Plan
from benchmarks.hub_station import hub, stored_and_refused
from benchmarks.latencies import percentile, worst_span
from simulators import brokers

DEVICES, BACKLOG = 10, 700


def test_a_fleet_drains_its_backlog_and_what_it_observes_meanwhile() -> None:
    with brokers.nats() as broker, hub(broker.place) as station:
        plan = Plan((f"{broker.host}:{broker.port}",), DEVICES, BACKLOG)
        with Fleet(plan) as fleet:
            drained = fleet.run(Phase(every_s=0.1, group=3, seconds=30.0, until_drained=True))
            observed = fleet.run(Phase(every_s=0.1, group=3, seconds=1.0))
            settled = fleet.run(Phase(every_s=1.0, group=0, seconds=0.5))
        stored = [stored_and_refused(station.place, name) for name in plan.names]

    appended = drained.appended + observed.appended
    assert drained.drained_s is not None
    assert drained.opened_s is not None
    assert sum(observed.answers.readings) == observed.appended >= DEVICES * 3 * 5
    assert settled.appended == 0
    assert sum(count for count, _ in stored) == DEVICES * (BACKLOG + 1) + appended
    assert sum(refused for _, refused in stored) == 0


def test_a_percentile_weighs_a_group_by_its_readings() -> None:
    answers = Answers()
    answers.add(0.0, 1.0, 98)
    answers.add(1.0, 6.0, 2)

    assert percentile(answers, 0.98) == 1.0
    assert percentile(answers, 0.99) == 5.0


def test_the_worst_span_is_found_and_the_short_end_belongs_to_the_one_before() -> None:
    answers = Answers()
    for second in range(13):
        answers.add(float(second), second + (9.0 if second in (6, 12) else 1.0), 1)

    assert worst_span(answers, 5.0, 0.5) == 1.0
    assert worst_span(answers, 5.0, 1.0) == 9.0


def test_percentiles_of_nothing_are_no_figure() -> None:
    with pytest.raises(MeasurementFailed, match="no live reading"):
        percentile(Answers(), 0.5)
