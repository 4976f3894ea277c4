"""What a collection truck says: where it is, when it stops, what it has collected. Never who drives."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from edge.contract.quantity import Code, Count, meaning, quantity, tag
from edge.contract.records.base import Priority, Record


class TruckPosition(Record, tag="truck_position", frozen=True, kw_only=True):
    """A position kept by the thinning step: it moved, turned, or a minute has passed."""

    lat_deg: Annotated[float, quantity("°", "latitude, WGS 84", -90, 90)]
    lon_deg: Annotated[float, quantity("°", "longitude, WGS 84", -180, 180)]
    speed_m_s: Annotated[float, quantity("m/s", "speed over ground", 0, 100)] | None = None
    course_deg: Annotated[float, quantity("°", "course over ground, from true north", 0, 360)] | None = None
    accuracy_m: Annotated[float, quantity("m", "horizontal error estimated by the receiver (95 %)", 0, 1e5)] | None = (
        None
    )
    satellites: Annotated[Count, quantity("1", "satellites used")] | None = None


class TruckFix(Record, tag="truck_fix", frozen=True, kw_only=True):
    """The receiver's state; said when it changes."""

    priority: ClassVar[Priority] = Priority.STATE

    fix: Annotated[Literal["none", "2d", "3d"], meaning("kind of fix")]


class TruckStop(Record, tag="truck_stop", frozen=True, kw_only=True):
    """A stop has ended; ``t`` is the departure."""

    lat_deg: Annotated[float, quantity("°", "latitude of the stop, WGS 84", -90, 90)]
    lon_deg: Annotated[float, quantity("°", "longitude of the stop, WGS 84", -180, 180)]
    dwell_s: Annotated[float, quantity("s", "how long the truck stood", 0, 86_400)]
    point: Annotated[Code, tag("collection point within reach, or 'none'")] = "none"


class TruckCollection(Record, tag="truck_collection", frozen=True, kw_only=True):
    """The truck served a collection point."""

    priority: ClassVar[Priority] = Priority.STATE

    point: Annotated[Code, tag("collection point of the city file")]
    round: Annotated[Code, meaning("round of the city file")]
    sequence: Annotated[Count, quantity("1", "how many points of the round are served, this one included")]


class TruckOdometer(Record, tag="truck_odometer", frozen=True, kw_only=True):
    """Distance and moving time since the agent's epoch began."""

    distance_m: Annotated[float, quantity("m", "distance by position", 0)]
    moving_s: Annotated[float, quantity("s", "time in motion", 0)]


RECORDS = (TruckPosition, TruckFix, TruckStop, TruckCollection, TruckOdometer)
