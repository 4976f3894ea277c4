"""Ten thousand events in any order: the protocol's invariants hold after each, and the planted bugs break them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.simulation.model import Delivery
from tests.simulation.planted import PLANTED
from tests.simulation.world import World

STEPS = 50
EVENTS = 10_000
LOOK = settings(
    max_examples=EVENTS * 13 // (STEPS * 10),
    stateful_step_count=STEPS,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def test_nothing_is_lost_doubled_or_silent_in_ten_thousand_events_in_any_order() -> None:
    class Counted(Delivery):
        steps = 0

    run_state_machine_as_test(Counted, settings=LOOK)

    assert Counted.steps >= EVENTS


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.__name__)
def test_a_planted_bug_breaks_an_invariant(planted: type[World]) -> None:
    class Broken(Delivery):
        world_type = planted

    with pytest.raises((AssertionError, ExceptionGroup)):
        run_state_machine_as_test(Broken, settings=settings(LOOK, phases=[Phase.generate], report_multiple_bugs=False))
