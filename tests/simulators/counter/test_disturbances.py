"""What goes wrong at a simulated counter, and that only the truth names it."""

from __future__ import annotations

import numpy as np
import pytest

from simulators.counter.disturbances import Burst, ClosedWindow, Disturbance, SystemFailure
from simulators.counter.office import Office, TicketHappened
from simulators.counter.simulator import SERVICES, CounterSimulator, Settings
from tests.simulators.counter.journey import SECOND_US, START_US


def happened(disturbances: tuple[Disturbance, ...], from_hour: float, hours: float) -> list[TicketHappened]:
    office = Office(np.random.default_rng(3), SERVICES, 999, 0, 20, disturbances)
    seconds = range(round(hours * 3600))
    return [event for second in seconds for event in office.step(float(second), from_hour + second / 3600)]


def test_a_failed_system_calls_and_finishes_nobody_while_tickets_are_issued() -> None:
    events = happened((SystemFailure(from_hour=10.0, to_hour=11.0),), from_hour=10.0, hours=0.9)

    assert {event.event for event in events} == {"issued"}


def test_a_failure_of_one_service_leaves_the_others_running() -> None:
    failure = SystemFailure(from_hour=10.0, to_hour=11.0, services=("residence",))

    called = {event.service for event in happened((failure,), 10.0, 0.9) if event.event == "called"}

    assert "residence" not in called
    assert "seal" in called


def test_a_closed_window_calls_nobody() -> None:
    events = happened((ClosedWindow(from_hour=10.0, to_hour=11.0, window=2),), from_hour=10.0, hours=0.9)

    assert 2 not in {event.window for event in events if event.event == "called"}
    assert 1 in {event.window for event in events if event.event == "called"}


def test_a_burst_brings_so_many_times_as_many() -> None:
    usual, burst = (
        sum(event.event == "issued" for event in happened(disturbances, 12.0, 0.9))
        for disturbances in ((), (Burst(from_hour=12.0, to_hour=13.0, times=3.0),))
    )

    assert burst == pytest.approx(3 * (usual - 20) + 20, rel=0.35)


def test_a_disturbance_s_beginning_and_end_are_in_the_truth_and_not_on_the_wire() -> None:
    failure = SystemFailure(from_hour=10.0 + 5 / 3600, to_hour=10.0 + 15 / 3600)
    disturbed = CounterSimulator(
        Settings(hour_of_day=10.0, disturbances=(failure,)), np.random.default_rng(5), START_US
    )

    wire = b"".join(emission.data for emission in disturbed.advance(START_US + 30 * SECOND_US))
    told = [fact for fact in disturbed.truth() if fact["what"] == "disturbance"]

    assert [(fact["which"], fact["begins"]) for fact in told] == [("system_failure", True), ("system_failure", False)]
    assert b"system_failure" not in wire
