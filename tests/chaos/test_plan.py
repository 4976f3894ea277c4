"""The fault plan is the seed's alone, meets everybody, and asks nothing impossible of one disk or card."""

from __future__ import annotations

from collections import Counter

from tests.chaos.plan import EXCHANGES, KINDS, ON_THE_CARD, READINGS, SPAN_S, Fault, draw
from tests.chaos.storm import EFFECTS

PLANS = [draw(seed) for seed in range(1, 201)]


def test_a_seed_gives_the_same_plan_and_another_seed_another() -> None:
    assert draw(7) == draw(7)
    assert len({plan.faults for plan in PLANS}) == len(PLANS)


def test_two_hundred_plans_have_every_kind_on_everybody_over_every_pair() -> None:
    faults = [fault for plan in PLANS for fault in plan.faults]
    targets = {(fault.kind, fault.target) for fault in faults}

    assert {kind for kind, _ in targets} == set(KINDS) == set(EFFECTS)
    assert min(Counter(fault.kind for fault in faults).values()) >= 30
    assert {target for kind, target in targets if kind == "freeze"} >= {"broker", "hub", "influxd", "counter-01"}
    assert len({(plan.broker, plan.store) for plan in PLANS}) == 4


def test_two_hundred_runs_have_five_million_readings() -> None:
    assert all(sum(device.readings for device in plan.devices) == READINGS for plan in PLANS)
    assert READINGS * len(PLANS) >= 5_000_000


def test_hub_broker_and_an_agent_are_killed_in_every_run() -> None:
    for plan in PLANS:
        killed = {fault.target for fault in plan.faults if fault.kind in ("kill", "wipe")}
        assert killed >= {"broker", "hub"}
        assert killed & {device.name for device in plan.devices}


def test_the_weather_varies_by_seed() -> None:
    kinds = [{fault.kind for fault in plan.faults} for plan in PLANS]

    assert min(map(len, kinds)) <= 5
    assert max(map(len, kinds)) >= 9


def test_every_fault_ends_with_the_storm_and_faults_overlap() -> None:
    assert all(
        fault.at_s >= 0 and fault.at_s + fault.span_s <= SPAN_S + 1e-9 for plan in PLANS for fault in plan.faults
    )
    assert all(any(_overlap(one, other) for one in plan.faults for other in plan.faults) for plan in PLANS)


def test_a_card_suffers_one_thing_at_a_time_and_is_exchanged_once() -> None:
    for plan in PLANS:
        cards = [fault for fault in plan.faults if fault.kind in ON_THE_CARD]
        assert not any(_overlap(one, other) and one.target == other.target for one in cards for other in cards)
        assert max(Counter(one.target for one in cards if one.kind in EXCHANGES).values(), default=0) <= 1


def test_without_the_right_to_mount_no_disk_fails() -> None:
    kinds = {fault.kind for seed in range(1, 50) for fault in draw(seed, with_disks=False).faults}

    assert kinds.isdisjoint({"disk_full", "read_only"})


def _overlap(one: Fault, other: Fault) -> bool:
    return one is not other and one.at_s < other.at_s + other.span_s and other.at_s < one.at_s + one.span_s
