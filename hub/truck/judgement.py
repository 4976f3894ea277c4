"""Judgement of a collection truck: where it is, what it does, how far its round is.

Rules it keeps, beside those of ``hub/judgement.py``:
- It collects from a collection record until a stop ends, or a position in motion, after it.
- The newest collection record says how many points are served: its number counts from the round's beginning.
- A truck without a word for the city's ``silent_after_s`` is silent, and what it did last is not shown as now.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from types import MappingProxyType
from typing import Generic, TypeVar

from edge.contract.records import Record
from edge.contract.records.truck import TruckCollection, TruckFix, TruckOdometer, TruckPosition, TruckStop
from hub.city import CollectionPoint, DeviceContext, Round
from hub.judgement import Alert, Figure, Level, Place, Status
from hub.truck import wording
from hub.truck.place import from_way_m
from hub.words import Words

SILENT_AFTER_S = 180.0
"""Where the city file says nothing: three times the longest pause between two positions."""

NO_FIX_AFTER_S = 300.0
OFF_THE_ROUND_M = 800.0
MOVING_M_S = 1.5
POSITION_FRESH_S = 90.0
COLLECTIONS_KEPT = 512

R = TypeVar("R", bound=Record)


class _Newest(Generic[R]):
    """The newest record of a series and its time [µs UTC]."""

    def __init__(self) -> None:
        self.record: R | None = None
        self.t = -1

    def take(self, record: R, t: int) -> bool:
        """Whether the record is newer than the one held, and now held."""
        if t < self.t:
            return False
        self.record, self.t = record, t
        return True


class Judgement:
    """One truck's records turned into its status."""

    past: Mapping[str, float] = MappingProxyType({"truck_collection": 43_200.0})

    def __init__(self, context: DeviceContext | None = None) -> None:
        self._context = context
        self._heard = -1
        self._position: _Newest[TruckPosition] = _Newest()
        self._fix: _Newest[TruckFix] = _Newest()
        self._stop: _Newest[TruckStop] = _Newest()
        self._collection: _Newest[TruckCollection] = _Newest()
        self._odometer: _Newest[TruckOdometer] = _Newest()
        self._collections: deque[tuple[int, str]] = deque(maxlen=COLLECTIONS_KEPT)
        self._off_since: int | None = None

    def observe(self, record: Record, t: int) -> None:
        """Take one stored record whose time is ``t`` [µs UTC]; of any kind, in any order."""
        self._heard = max(self._heard, t)
        if isinstance(record, TruckPosition):
            if self._position.take(record, t):
                self._watch_the_round(record, t)
        elif isinstance(record, TruckFix):
            self._fix.take(record, t)
        elif isinstance(record, TruckStop):
            self._stop.take(record, t)
        elif isinstance(record, TruckOdometer):
            self._odometer.take(record, t)
        elif isinstance(record, TruckCollection):
            self._collection.take(record, t)
            self._collections.append((t, record.point))

    def status(self, now: int) -> Status:
        """The status at ``now`` [µs UTC]."""
        position = self._position.record
        place = Place(lat_deg=position.lat_deg, lon_deg=position.lon_deg, t=self._position.t) if position else None
        level, headline = self._headline(now)
        return Status(level=level, headline=headline, figures=self._figures(), place=place)

    def alerts(self, now: int) -> list[Alert]:
        """What is going on at ``now`` [µs UTC]."""
        found: list[Alert] = []
        if self._silent(now):
            found.append(Alert(key="truck_silent", severity="warning", text=wording.SILENT, since=self._heard))
        if self._long_without_fix(now):
            found.append(Alert(key="truck_no_fix", severity="warning", text=wording.NO_FIX, since=self._fix.t))
        if self._off_since is not None:
            found.append(
                Alert(key="truck_off_round", severity="warning", text=wording.OFF_THE_ROUND, since=self._off_since)
            )
        return found

    def _silent(self, now: int) -> bool:
        after_s = self._context.thresholds.silent_after_s if self._context else None
        return self._heard >= 0 and now - self._heard > (after_s or SILENT_AFTER_S) * 1e6

    def _without_fix(self) -> bool:
        return self._fix.record is not None and self._fix.record.fix == "none" and self._fix.t >= self._position.t

    def _long_without_fix(self, now: int) -> bool:
        return self._without_fix() and now - self._fix.t > NO_FIX_AFTER_S * 1e6

    def _headline(self, now: int) -> tuple[Level, Words]:
        if self._heard < 0:
            return "unknown", wording.NOTHING_YET
        if self._silent(now):
            return "warning", wording.SILENT
        if self._off_since is not None:
            return "warning", wording.OFF_THE_ROUND
        if self._without_fix():
            return "warning" if self._long_without_fix(now) else "notice", wording.NO_FIX
        state = self._state()
        if state is wording.COLLECTING and self._collection.record:
            return "good", wording.collecting_at(self._name_of(self._collection.record.point))
        return ("unknown" if state is wording.UNKNOWN else "good"), state

    def _state(self) -> Words:
        position, collection = self._position, self._collection
        moving = position.record is not None and (position.record.speed_m_s or 0.0) >= MOVING_M_S
        driven_on = moving and position.t > collection.t
        if collection.record and collection.t > self._stop.t and not driven_on:
            return wording.COLLECTING
        if position.record is None or position.record.speed_m_s is None:
            return wording.UNKNOWN
        return wording.MOVING if moving else wording.STANDING

    def _figures(self) -> list[Figure]:
        state, t = self._state(), max(self._position.t, self._collection.t, self._stop.t)
        position, odometer = self._position.record, self._odometer.record
        speed = position.speed_m_s if position else None
        figures = [
            Figure(
                key="state", label=wording.STATE, value=None if state is wording.UNKNOWN else state.en.lower(), text=state,
                t=t if t >= 0 else None, fresh_for_s=POSITION_FRESH_S,
            ),
            *self._round_figures(),
            Figure(
                key="speed_km_h", label=wording.SPEED, value=None if speed is None else speed * 3.6, unit="km/h",
                t=self._position.t if position else None, fresh_for_s=POSITION_FRESH_S,
            ),
            Figure(
                key="distance_km", label=wording.DISTANCE, value=odometer.distance_m / 1000 if odometer else None,
                unit="km", t=self._odometer.t if odometer else None, fresh_for_s=86_400.0, digits=1,
            ),
        ]  # fmt: skip
        fix = self._fix.record
        figures.append(
            Figure(
                key="fix", label=wording.FIX, value=fix.fix if fix else None, t=max(self._fix.t, self._position.t)
                if fix else None, fresh_for_s=POSITION_FRESH_S, text=wording.FIX_KINDS[fix.fix] if fix else None,
            )
        )  # fmt: skip
        return figures

    def _round_figures(self) -> list[Figure]:
        collection, driven = self._collection.record, self._round()
        of = len(driven.points) if driven else 0
        served = collection.sequence if collection else None
        t = self._collection.t if collection else None
        figures = [
            Figure(
                key="points_served", label=wording.SERVED, value=served, t=t, fresh_for_s=86_400.0,
                text=wording.served_of(served, of) if served is not None and of else None,
            )
        ]  # fmt: skip
        if driven is None:
            return figures
        figures.append(
            Figure(
                key="progress_percent", label=wording.PROGRESS, unit="%", t=t, fresh_for_s=86_400.0,
                value=None if served is None else min(100.0, 100.0 * served / of),
            )
        )  # fmt: skip
        figures.append(
            Figure(key="round", label=wording.ROUND, value=driven.code, text=driven.name, fresh_for_s=86_400.0)
        )
        following = self._next(driven)
        if following is not None:
            figures.append(
                Figure(
                    key="next_point", label=wording.NEXT, value=following.code, text=following.name, t=t,
                    fresh_for_s=86_400.0,
                )
            )  # fmt: skip
        return figures

    def _round(self) -> Round | None:
        """The round being driven: the one that the newest collection names, or the only one there is."""
        rounds = [one for one in (self._context.rounds if self._context else []) if one.points]
        collection = self._collection.record
        if collection is not None:
            return next((one for one in rounds if one.code == collection.round), None)
        return rounds[0] if len(rounds) == 1 else None

    def _next(self, driven: Round) -> CollectionPoint | None:
        """The first point of the round, in its order, that is not served yet."""
        collection = self._collection.record
        newest = sorted(self._collections)[-collection.sequence :] if collection and collection.sequence else []
        served = {point for _, point in newest}
        return next((point for point in driven.points if point.code not in served), None)

    def _name_of(self, code: str) -> Words:
        driven = self._round()
        points = driven.points if driven else []
        return next((point.name for point in points if point.code == code), wording.code_as_words(code))

    def _watch_the_round(self, position: TruckPosition, t: int) -> None:
        driven, context = self._round(), self._context
        if driven is None or context is None:
            return
        depot = (context.lat_deg, context.lon_deg)
        way = [depot, *((point.lat_deg, point.lon_deg) for point in driven.points), depot]
        if from_way_m(position.lat_deg, position.lon_deg, way) <= OFF_THE_ROUND_M:
            self._off_since = None
        elif self._off_since is None:
            self._off_since = t
