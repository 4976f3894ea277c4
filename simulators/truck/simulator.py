"""A collection truck's round over street and point, as the sentences of its receiver on the line ``gps``.

Truth, a line of JSON each: ``position`` (every second: where it truly was, how far it had driven, whether the receiver
had a fix), ``stop`` (a stand of any reason that ended; ``t`` is the departure), ``collection`` (the stand was at a
collection point; ``t`` is the arrival).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated

import msgspec
import numpy as np

from edge.contract.quantity import Code
from simulators.errors import SimulatorError
from simulators.simulator import Emission, Truth
from simulators.truck.drive import Drive, Halt, Target
from simulators.truck.receiver import Canyon, Receiver, sentences
from simulators.truck.roads import Plane, Spot, way

SECOND_US = 1_000_000
VIEW_EVERY_S = 5
PLACE_ERROR_M = 3.0
"""How exactly the driver stops at a point, one standard deviation [m]."""


class Point(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A collection point, WGS 84."""

    name: Code
    lat_deg: float
    lon_deg: float


KAMATA = (
    Point(name="p1", lat_deg=35.5587, lon_deg=139.7262),
    Point(name="p2", lat_deg=35.5606, lon_deg=139.7240),
    Point(name="p3", lat_deg=35.5630, lon_deg=139.7231),
    Point(name="p4", lat_deg=35.5655, lon_deg=139.7228),
    Point(name="p5", lat_deg=35.5676, lon_deg=139.7206),
    Point(name="p6", lat_deg=35.5641, lon_deg=139.7185),
)
"""An invented round in Ota, Tokyo."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A truck, its round and its receiver.

    Attributes:
        points: the round, driven in order, again and again.
        depot: where it starts, and unloads after the last point.
        stand_s: mean time at a point [s].
        unload_s: mean time at the depot [s].
        cruise_m_s: speed on a free street.
        turned_deg, block_m: direction and width of the streets' grid.
        error_m: the receiver's error under open sky, one standard deviation a direction [m].
        canyons: how many places with high houses lie on the round.
        canyon_radius_m: their size.
    """

    points: Annotated[tuple[Point, ...], msgspec.Meta(min_length=1, max_length=512)] = KAMATA
    depot: Point | None = None
    stand_s: Annotated[float, msgspec.Meta(ge=1)] = 35.0
    unload_s: Annotated[float, msgspec.Meta(ge=1)] = 120.0
    cruise_m_s: Annotated[float, msgspec.Meta(gt=1, le=30)] = 9.0
    turned_deg: float = 18.0
    block_m: Annotated[float, msgspec.Meta(gt=10)] = 90.0
    error_m: Annotated[float, msgspec.Meta(ge=0)] = 2.0
    canyons: Annotated[int, msgspec.Meta(ge=0, le=100)] = 2
    canyon_radius_m: Annotated[float, msgspec.Meta(gt=0)] = 80.0


class TruckSimulator:
    """One truck; simulated time begins at ``start_us`` with the truck standing."""

    lines = ("gps",)

    def __init__(self, settings: Settings, rng: np.random.Generator, start_us: int) -> None:
        stops = [*settings.points, *([settings.depot] if settings.depot else [])]
        if settings.depot:
            stops = [stops[-1], *stops[:-1]]
        self._plane = Plane(stops[0].lat_deg, stops[0].lon_deg)
        self._points = frozenset(point.name for point in settings.points)
        targets = [self._target(stop, settings, rng) for stop in stops]
        self._drive = Drive(targets, settings.cruise_m_s, settings.turned_deg, settings.block_m, rng)
        self._receiver = Receiver(settings.error_m, self._canyons(targets, settings, rng), rng)
        self._start_us = start_us
        self._second = 0
        self._truth: list[Truth] = []

    def advance(self, until_us: int) -> Iterator[Emission]:
        """The receiver's sentences up to ``until_us``, one emission a second."""
        while self._start_us + self._second * SECOND_US <= until_us:
            yield Emission("gps", self._one_second())
            self._second += 1

    def truth(self) -> list[Truth]:
        """The true facts since the last call."""
        told, self._truth = self._truth, []
        return told

    def _one_second(self) -> bytes:
        t = self._start_us + self._second * SECOND_US
        for halt in self._drive.run_to(float(self._second)):
            self._tell(halt)
        drive = self._drive
        error, fixed = self._receiver.error(drive.spot)
        lat, lon = self._plane.degrees(drive.spot)
        self._truth.append({
            "t": t, "what": "position", "lat_deg": lat, "lon_deg": lon, "speed_m_s": drive.speed_m_s,
            "distance_m": drive.distance_m, "fix": fixed,
        })  # fmt: skip
        believed = self._plane.degrees(Spot(drive.spot.east + error.east, drive.spot.north + error.north))
        seen = self._receiver.observe(*believed, drive.speed_m_s, drive.course_deg, fixed)
        return sentences(t, seen, self._receiver, self._second % VIEW_EVERY_S == 0)

    def _tell(self, halt: Halt) -> None:
        lat, lon = self._plane.degrees(halt.spot)
        began = self._start_us + round(halt.began_s * 1e6)
        ended = self._start_us + round(halt.ended_s * 1e6)
        if halt.name in self._points:
            self._truth.append({"t": began, "what": "collection", "point": halt.name})
        self._truth.append({
            "t": ended, "what": "stop", "dwell_s": halt.ended_s - halt.began_s, "point": halt.name,
            "lat_deg": lat, "lon_deg": lon,
        })  # fmt: skip

    def _target(self, stop: Point, settings: Settings, rng: np.random.Generator) -> Target:
        spot = self._plane.spot(stop.lat_deg, stop.lon_deg)
        east, north = rng.normal(0.0, PLACE_ERROR_M, 2)
        at_point = stop.name in self._points
        return Target(
            Spot(spot.east + float(east), spot.north + float(north)),
            stop.name if at_point else "none",
            settings.stand_s if at_point else settings.unload_s,
        )

    @staticmethod
    def _canyons(targets: list[Target], settings: Settings, rng: np.random.Generator) -> list[Canyon]:
        """High houses half way along the longest street between two stops, so that no stand is hidden."""
        canyons = []
        for _ in range(settings.canyons):
            at = int(rng.integers(0, len(targets)))
            start, end = targets[at].spot, targets[(at + 1) % len(targets)].spot
            corners = [start, *way(start, end, settings.turned_deg, settings.block_m)]
            one, other = max(pairwise(corners), key=lambda piece: math.dist(*piece))
            canyons.append(
                Canyon(Spot((one.east + other.east) / 2, (one.north + other.north) / 2), settings.canyon_radius_m)
            )
        return canyons


def simulator(settings: object, rng: np.random.Generator, start_us: int) -> TruckSimulator:
    """A truck as ``settings`` say.

    Raises:
        SimulatorError: they are not a truck's.
    """
    if not isinstance(settings, Settings):
        raise SimulatorError(f"simulator truck: settings of type {type(settings).__name__}, wanted a truck's Settings")
    return TruckSimulator(settings, rng, start_us)
