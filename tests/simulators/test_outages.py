"""A plan of kills is fair, repeatable, and really carried out."""

import random
import threading
from collections import Counter
from collections.abc import Callable

import pytest

from simulators import brokers
from simulators.outages import Kill, carry_out, plan_kills
from simulators.servers import Server

VICTIMS = ("agent", "broker", "hub")


def test_every_victim_is_killed_as_often_as_asked_and_the_named_ones_wiped_in_half() -> None:
    plan = plan_kills(VICTIMS, 10, 30.0, wiped={"broker"}, rng=random.Random(3))

    assert Counter(kill.victim for kill in plan) == dict.fromkeys(VICTIMS, 10)
    assert Counter(kill.victim for kill in plan if kill.wipe) == {"broker": 5}
    assert [kill.at_s for kill in plan] == sorted(kill.at_s for kill in plan)
    assert all(0 <= kill.at_s <= 30.0 and 0 <= kill.down_s <= 0.2 for kill in plan)


def test_a_seed_gives_the_same_plan() -> None:
    assert plan_kills(VICTIMS, 3, 9.0, {"hub"}, random.Random(3)) == plan_kills(
        VICTIMS, 3, 9.0, {"hub"}, random.Random(3)
    )
    assert plan_kills(VICTIMS, 3, 9.0, {"hub"}, random.Random(3)) != plan_kills(
        VICTIMS, 3, 9.0, {"hub"}, random.Random(4)
    )


@pytest.mark.parametrize("launch", [brokers.mosquitto, brokers.nats])
def test_a_broker_is_another_process_after_its_kill_and_keeps_or_forgets_as_planned(
    launch: Callable[[], Server],
) -> None:
    plan = [Kill(0.05, "broker", 0.0, wipe=False), Kill(0.1, "broker", 0.0, wipe=True)]
    with launch() as broker:
        first_pid, kept = broker.pid, broker.place.store / "kept"
        kept.write_text("kept")

        seen = [
            (kill.wipe, broker.pid != first_pid, kept.exists())
            for kill in carry_out(plan, {"broker": broker}, threading.Event())
        ]

        assert seen == [(False, True, True), (True, True, False)]
        assert brokers.answers_mqtt(broker.place)


def test_a_halt_ends_the_plan_before_the_next_kill() -> None:
    halt = threading.Event()
    halt.set()
    with brokers.mosquitto() as broker:
        pid = broker.pid

        carried_out = list(carry_out([Kill(60.0, "broker", 0.0, wipe=False)], {"broker": broker}, halt))

        assert carried_out == []
        assert broker.pid == pid
