"""Weather: how often things go wrong in one simulated run, drawn anew for each seed."""

from __future__ import annotations

import random
from typing import NamedTuple


class Weather(NamedTuple):
    """Chances a tick or a message; some runs are calm in one respect and stormy in another."""

    lose: float
    duplicate: float
    delay_ticks: int
    partition: float
    partition_ticks: int
    broker_wiped: float
    device_crash: float
    hub_crash: float
    commit_fails: float
    commit_torn: float
    disk_fails: float
    clock_steps: float
    clock_unknown: float
    restore: float
    card_copied: float
    alarms: float
    quota_bytes: int


def draw_weather(rng: random.Random) -> Weather:
    """A weather: each hazard is absent in about a third of the runs."""

    def chance(most: float) -> float:
        return rng.choice([0.0, 1.0, 1.0]) * rng.uniform(0.0, most)

    restore = chance(0.01)
    quota_bytes = rng.choice([1 << 30, 1 << 30, 8_000])
    # A new epoch has no copy of what an older one delivered: a hub that lost that, too, cannot get it again.
    copies = restore == 0 and quota_bytes > 8_000
    return Weather(
        lose=chance(0.4),
        duplicate=chance(0.3),
        delay_ticks=rng.choice([0, 1, 5, 30]),
        partition=chance(0.02),
        partition_ticks=rng.randint(5, 80),
        broker_wiped=chance(0.02),
        device_crash=chance(0.03),
        hub_crash=chance(0.03),
        commit_fails=chance(0.2),
        commit_torn=chance(0.1),
        disk_fails=chance(0.05),
        clock_steps=chance(0.02),
        clock_unknown=chance(0.5),
        restore=restore,
        card_copied=chance(0.03) if copies else 0.0,
        alarms=chance(0.2),
        quota_bytes=quota_bytes,
    )


CALM = Weather(0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 << 30)
"""Nothing goes wrong: the end of every run, so that what can arrive does."""

EXCHANGES = CALM._replace(card_copied=0.05, partition=0.05, partition_ticks=12, delay_ticks=6)
"""Cards are exchanged while the hub has not come to what they had sent."""
