"""The short form of the chaos harness: a few seeds with real processes, and a planted bug that must turn one red."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest

from tests.chaos.fleet import Run, runs

OPTIONS = ("--readings", "2000", "--span", "4")
SEEDS = (7, 8)
"""Mosquitto into SQLite and NATS into InfluxDB."""
BUG, BUG_SEED = "outbox_in_memory", 7

pytestmark = [pytest.mark.xdist_group("chaos"), pytest.mark.timeout(320)]


class Short(NamedTuple):
    """The runs of the short form, all of them at once: they wait more than they compute."""

    clean: dict[int, Run]
    planted: Run


@pytest.fixture(scope="module")
def short() -> Short:
    def run(seeds: Sequence[int], *more: str) -> list[Run]:
        return list(runs(seeds, len(seeds), (*OPTIONS, *more)))

    with ThreadPoolExecutor() as pool:
        clean, planted = pool.submit(run, SEEDS), pool.submit(run, [BUG_SEED], "--bug", BUG)
        return Short({one.seed: one for one in clean.result()}, planted.result()[0])


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_doubled_altered_or_silent_whatever_the_seed_does(short: Short, seed: int) -> None:
    run = short.clean[seed]

    assert run.verdict == "green", "\n".join(run.examples)
    assert run.tally["readings"] >= 2000
    assert sum(run.faults.values()) >= 5


def test_a_planted_bug_turns_it_red(short: Short) -> None:
    assert short.planted.wrong["lost"] > 0
