"""Seeded runs of the whole system under weather: nothing lost, nothing twice, nothing silent."""

import msgspec
import pytest

from edge.link import Link
from tests.simulation.parts import SIMULATED_LINK, SimulatedDevice
from tests.simulation.planted import IN_THEIR_WEATHER, PLANTED
from tests.simulation.weather import EXCHANGES
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


def test_no_reading_is_doubled_where_cards_are_exchanged_before_a_hub_that_is_behind() -> None:
    red = {}
    for seed in range(60):
        world = World(seed, weather=EXCHANGES)
        finding = world.run(STORM_TICKS, CALM_TICKS)
        assert world.exchanged
        if finding.is_red:
            red[seed] = finding

    assert red == {}


@pytest.mark.parametrize("planted", PLANTED + IN_THEIR_WEATHER, ids=lambda planted: planted.__name__)
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


class LingeringDevice(SimulatedDevice):
    """A device on a metered line: its records wait for company."""

    def start(self, tick: int) -> None:
        """See ``SimulatedDevice.start``."""
        super().start(tick)
        self.link = Link(self.outbox, msgspec.structs.replace(SIMULATED_LINK, linger_s=6.0), self.draw)


class MeteredWorld(World):
    """The same weather over metered lines."""

    device_type = LingeringDevice


def test_no_reading_is_lost_doubled_or_altered_where_records_linger() -> None:
    red = {seed: finding for seed in range(40) if (finding := MeteredWorld(seed).run(STORM_TICKS, CALM_TICKS)).is_red}

    assert red == {}
