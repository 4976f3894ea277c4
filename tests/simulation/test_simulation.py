"""Seeded runs of the whole system under weather: nothing lost, nothing twice, nothing silent."""

import pytest

from tests.simulation.planted import PLANTED
from tests.simulation.world import World

SEEDS = 120
STORM_TICKS = 150
CALM_TICKS = 500


@pytest.mark.parametrize("block", range(4))
def test_no_reading_is_lost_doubled_or_altered_in_any_weather(block: int) -> None:
    per_block = SEEDS // 4

    red = {
        seed: finding
        for seed in range(block * per_block, (block + 1) * per_block)
        if (finding := World(seed).run(STORM_TICKS, CALM_TICKS)).is_red
    }

    assert red == {}


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.__name__)
def test_a_planted_bug_turns_seeds_red(planted: type[World]) -> None:
    red = 0
    for seed in range(SEEDS):
        try:
            red += planted(seed).run(STORM_TICKS, CALM_TICKS // 2).is_red
        except AssertionError:
            red += 1
        if red == 2:
            break

    assert red == 2, f"{planted.__name__}: only {red} of {SEEDS} seeds turned red"
