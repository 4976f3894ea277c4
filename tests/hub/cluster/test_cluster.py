"""Three nats-servers, two workers and an agent as they are run: one worker sleeps through its leases in full flow."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from benchmarks.cluster import Form, measure
from benchmarks.cluster_rig import ask
from benchmarks.delivery_check import Verdict
from simulators import brokers, programs
from simulators.servers import Server

SMALL = Form(devices=1, readings_a_second=20.0, rounds=1, workers=2, kills=False, lease_s=2.0)


@pytest.fixture
def influx() -> Server:
    for program in (programs.NATS, programs.INFLUXD_1_8):
        if program.path() is None:
            pytest.skip(f"{program.name} is not installed: {program.install}")
    return brokers.influxdb_1_8()


def test_a_worker_that_sleeps_through_its_leases_and_wakes_loses_and_doubles_nothing(
    influx: Server, tmp_path: Path
) -> None:
    answers = []

    def look(workers: list[Server]) -> None:
        """Every hub tells the same of a device, whoever serves it; its agent has just been stopped."""
        for worker in workers:
            waiting = iter(range(100))
            while (
                ask(worker, "/api/v1/devices/counter-01")["liveness"] != "offline" and next(waiting, None) is not None
            ):
                time.sleep(0.1)
            [epoch] = ask(worker, "/api/v1/devices/counter-01/completeness")["epochs"]
            view = ask(worker, "/api/v1/devices/counter-01")
            answers.append((epoch["epoch"], epoch["complete_through"] == epoch["last"], view["liveness"]))

    with influx as store:
        outcome = measure(tmp_path, store, SMALL, look)

    assert outcome.verdict == Verdict(0, 0, 0, 0, 0, 0, 0, 0)
    assert outcome.readings > 100
    assert len(answers) == 2
    assert len(set(answers)) == 1
    assert answers[0][1:] == (True, "offline")
    assert outcome.recovery.frozen_s < 15
