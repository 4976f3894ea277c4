"""What a campaign's truth says of an event's class: how far the best imitation by the other class is away.

Everything is done in the simulator's own girder, so that it says what anyone could know, not what our twin does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hub.bridge.change_class import MODEL_FLOOR, MODEL_SHARE
from hub.bridge.event_log import Entry
from simulators.bridge.building_site import Event, Load, modes_of
from simulators.bridge.campaign import DAY_S, START_S, Campaign, Truth
from simulators.bridge.girder import Real

PARTS = 12
SMALL_LOAD, SMALL_RESTRAINT, SMALL_STIFFNESS = 100.0, 0.02, 0.02


def of_entry(truth: Sequence[Truth], entry: Entry) -> Truth:
    """The event behind an entry of the log."""
    return next(one for one in truth if START_S + DAY_S * one.event.day == entry.begin_s)


def imitation(campaign: Campaign, events: Sequence[Truth], covariance: Real) -> float:
    """Chi-square of an effect against the best imitation by the other class.

    Args:
        events: of one kind, in order of time.
        covariance: (modes, modes), of the measured effect.
    """
    before = tuple(one.event for one in campaign.truth if one.at_s < events[0].at_s)
    count = len(events[0].effect)
    base = modes_of(campaign.built, before, count).frequency_hz
    effect = np.prod([1.0 + one.effect for one in events], axis=0) - 1.0
    others = _of_mass if events[0].event.kind == "structure" else _of_structure
    off = np.square(MODEL_SHARE * effect) + np.mean(np.square(MODEL_FLOOR * effect))
    precision = np.asarray(np.linalg.inv(covariance + np.diag(off)), dtype=np.float64)
    return min(_away(effect, pattern / base - 1.0, precision) for pattern in others(campaign, before, count))


def _away(effect: Real, pattern: Real, precision: Real) -> float:
    size = float(pattern @ precision @ effect) / float(pattern @ precision @ pattern)
    rest = effect - size * pattern
    return float(rest @ precision @ rest)


def _stretches() -> list[tuple[float, float]]:
    edges = np.linspace(0.0, 1.0, PARTS + 1)
    return [(float(edges[a]), float(edges[b])) for a in range(PARTS) for b in range(a + 1, PARTS + 1)]


def _of_mass(campaign: Campaign, before: tuple[Event, ...], count: int) -> list[Real]:
    loads = [Load(kg_m=SMALL_LOAD, from_share=a, to_share=b) for a, b in _stretches()]
    return [
        modes_of(campaign.built, (*before, Event(number=99, name="", day=0, loads=(load,))), count).frequency_hz
        for load in loads
    ]


def _of_structure(campaign: Campaign, before: tuple[Event, ...], count: int) -> list[Real]:
    ends = np.cumsum(campaign.built.element_m)
    middle = np.asarray((ends - 0.5 * campaign.built.element_m) / ends[-1], dtype=np.float64)
    found = [
        modes_of(
            campaign.built, before, count, np.where((middle >= a) & (middle < b), SMALL_STIFFNESS, 0.0)
        ).frequency_hz
        for a, b in _stretches()
    ]
    for left, right in ((1.0, 0.0), (0.0, 1.0), (1.0, 1.0)):
        gained = Event(number=99, name="", day=0, left=SMALL_RESTRAINT * left, right=SMALL_RESTRAINT * right)
        found.append(modes_of(campaign.built, (*before, gained), count).frequency_hz)
    return found
