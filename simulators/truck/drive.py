"""A truck that drives its round: speeds up, slows for corners, waits at lights, stands at collection points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulators.truck.roads import Spot, way

STEP_S = 0.1
ACCELERATION_M_S2 = 1.0
BRAKING_M_S2 = 1.5
CREEP_M_S = 0.5
CORNER_M_S = 4.0
LIGHT_PROBABILITY = 0.25
LIGHT_S = (15.0, 45.0)


class Target(NamedTuple):
    """Where to stand, for how long on average, and how it is called (``none`` where nothing is collected)."""

    spot: Spot
    name: str
    stand_s: float


class Halt(NamedTuple):
    """The truck stood: when [s since the start], where and at which point."""

    began_s: float
    ended_s: float
    spot: Spot
    name: str


class _Leg(NamedTuple):
    end: Spot
    end_speed_m_s: float
    halt_s: float
    name: str


class Drive:
    """The truck's motion; ``spot``, ``speed_m_s`` and ``course_deg`` are the truth at ``at_s`` [s since the start]."""

    def __init__(
        self, targets: Sequence[Target], cruise_m_s: float, turned_deg: float, block_m: float, rng: np.random.Generator
    ) -> None:
        self.at_s = 0.0
        self.spot = targets[0].spot
        self.speed_m_s = 0.0
        self.course_deg = 0.0
        self.distance_m = 0.0
        self._targets = targets
        self._next = 0
        self._cruise_m_s = cruise_m_s
        self._grid = (turned_deg, block_m)
        self._rng = rng
        self._legs: list[_Leg] = []
        self._halt: tuple[float, float, str] | None = None
        self._stand(self._stand_s(targets[0]), targets[0].name)

    def run_to(self, at_s: float) -> list[Halt]:
        """Drive until ``at_s``; the halts that ended meanwhile."""
        ended: list[Halt] = []
        while self.at_s < at_s - STEP_S / 2:
            self.at_s += STEP_S
            if self._halt is not None:
                began, until, name = self._halt
                if self.at_s >= until:
                    ended.append(Halt(began, self.at_s, self.spot, name))
                    self._halt = None
            else:
                self._move()
        return ended

    def _move(self) -> None:
        if not self._legs:
            self._plan()
        leg = self._legs[0]
        left = math.dist(self.spot, leg.end)
        limit = math.sqrt(leg.end_speed_m_s**2 + 2 * BRAKING_M_S2 * left)
        speed = max(CREEP_M_S, min(self.speed_m_s + ACCELERATION_M_S2 * STEP_S, self._cruise_m_s, limit))
        way_m = min(left, speed * STEP_S)
        if left > 0:
            east, north = (leg.end.east - self.spot.east) / left, (leg.end.north - self.spot.north) / left
            self.spot = Spot(self.spot.east + east * way_m, self.spot.north + north * way_m)
            self.course_deg = math.degrees(math.atan2(east, north)) % 360.0
        self.speed_m_s = speed
        self.distance_m += way_m
        if left - way_m < 0.01:
            self._legs.pop(0)
            if leg.halt_s > 0:
                self._stand(leg.halt_s, leg.name)

    def _plan(self) -> None:
        """The legs to the next target, each corner slow enough to brake for what follows."""
        self._next = (self._next + 1) % len(self._targets)
        target = self._targets[self._next]
        *corners, end = way(self.spot, target.spot, *self._grid)
        legs = [_Leg(end, 0.0, self._stand_s(target), target.name)]
        for corner in reversed(corners):
            light = self._rng.random() < LIGHT_PROBABILITY
            wait_s = float(self._rng.uniform(*LIGHT_S))
            after = legs[0]
            in_time = math.sqrt(after.end_speed_m_s**2 + 2 * BRAKING_M_S2 * math.dist(corner, after.end))
            speed = 0.0 if light else min(CORNER_M_S, in_time)
            legs.insert(0, _Leg(corner, speed, wait_s if light else 0.0, "none"))
        self._legs = legs

    def _stand_s(self, target: Target) -> float:
        return float(target.stand_s * self._rng.uniform(0.8, 1.6))

    def _stand(self, seconds: float, name: str) -> None:
        self._halt = (self.at_s, self.at_s + seconds, name)
        self.speed_m_s = 0.0
