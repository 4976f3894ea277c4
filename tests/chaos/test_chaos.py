"""The short form of the chaos harness: a few seeds with real processes, and a seed that a planted bug must turn red."""

from __future__ import annotations

import pytest

from tests.chaos.fleet import Run, runs

OPTIONS = ("--readings", "3000", "--span", "5")
SEEDS = (7, 3)
"""Mosquitto into SQLite and NATS into InfluxDB."""


@pytest.fixture(scope="module")
def done() -> dict[int, Run]:
    return {run.seed: run for run in runs(SEEDS, len(SEEDS), OPTIONS)}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.timeout(280)
def test_nothing_is_lost_doubled_altered_or_silent_whatever_the_seed_does(done: dict[int, Run], seed: int) -> None:
    run = done[seed]

    assert run.verdict == "green", "\n".join(run.examples)
    assert run.tally["readings"] >= 3000
    assert sum(run.faults.values()) >= 5


@pytest.mark.timeout(280)
def test_a_planted_bug_turns_it_red() -> None:
    [run] = runs([7], 1, (*OPTIONS, "--bug", "forgotten_when_sent"))

    assert run.wrong["lost"] > 0
