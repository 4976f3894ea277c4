"""The city as data: facilities, services, hours, rounds and devices, as frozen structs read from one TOML file.

The demo, the pages, the judgement of every family and ``doctor`` all read this and nothing else about the place.
``load_city`` (``hub/city_file.py``) makes one and checks it.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

from edge.contract.families import Family
from edge.contract.quantity import Code, Digest
from edge.contract.records.kiosk import Cabinet, Certificate
from edge.contract.topics import DEVICE_PATTERN
from hub.bridge.twin_file import Girder
from hub.errors import ConfigError
from hub.opening import ALWAYS, Hours, Opening, Weekday, opening_at
from hub.words import Words

FacilityKind = Literal["ward_office", "branch_office", "library", "bridge", "depot"]
DeviceName = Annotated[str, msgspec.Meta(pattern=DEVICE_PATTERN)]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
LocalTime = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Every table of the file: frozen, by keyword, unknown keys refused."""


class Bounds(Table, frozen=True, kw_only=True):
    """The box that every coordinate of the file lies in [° WGS 84]."""

    south_deg: Latitude
    north_deg: Latitude
    west_deg: Longitude
    east_deg: Longitude

    def contains(self, lat_deg: float, lon_deg: float) -> bool:
        """Whether a place lies in the box, its edges included."""
        return self.south_deg <= lat_deg <= self.north_deg and self.west_deg <= lon_deg <= self.east_deg


class Levels(Table, frozen=True, kw_only=True):
    """Where a value becomes worth a notice, a warning, and bad; rising or falling, in the unit of the field's name."""

    notice: float
    warning: float
    bad: float


class Crowding(Table, frozen=True, kw_only=True):
    """Where a rising value is worth a notice, a warning, and bad; without ``bad`` there are three levels and no worst one."""

    notice: float
    warning: float
    bad: float | None = None


class Thresholds(Table, frozen=True, kw_only=True):
    """When a value or a silence matters. What is None has no threshold.

    Attributes:
        silent_after_s: without any record for so long the subject is shown as silent.
        wait_min: expected waiting time at a counter.
        people: people in a waiting area.
        co2_ppm: carbon dioxide in a waiting area.
        seats_occupied_percent: occupied share of an area's seats.
        supply_percent: what is left of a supply (falling).
        frequency_shift_percent: departure of a natural frequency from its reference, temperature accounted for.
        late_min: a collection later than planned.
    """

    silent_after_s: Annotated[float, msgspec.Meta(gt=0)] | None = None
    wait_min: Crowding | None = None
    people: Crowding | None = None
    co2_ppm: Crowding | None = None
    seats_occupied_percent: Levels | None = None
    supply_percent: Levels | None = None
    frequency_shift_percent: Levels | None = None
    late_min: Levels | None = None

    def over(self, general: Thresholds) -> Thresholds:
        """These thresholds, with those of ``general`` where these have none."""
        mine, theirs = msgspec.structs.asdict(self), msgspec.structs.asdict(general)
        return Thresholds(**{key: theirs[key] if value is None else value for key, value in mine.items()})


class Service(Table, frozen=True, kw_only=True):
    """Something that the ward does for people: a certificate, a registration. ``windows``: how many counters serve it."""

    code: Code
    name: Words
    windows: Annotated[int, msgspec.Meta(ge=1, le=999)] = 1
    thresholds: Thresholds = Thresholds()


class Facility(Table, frozen=True, kw_only=True):
    """A building or a structure; ``hours`` names an ``[[hours]]``, and some services may keep others."""

    code: Code
    kind: FacilityKind
    name: Words
    lat_deg: Latitude
    lon_deg: Longitude
    hours: Code | None = None
    services: list[Code] = []
    service_hours: dict[Code, Code] = {}


class Seats(Table, frozen=True, kw_only=True):
    """A reading area of a library and how many seats it has."""

    code: Code
    name: Words
    seats: Annotated[int, msgspec.Meta(ge=1, le=10_000)]


class District(Table, frozen=True, kw_only=True):
    """A part of the city as people name it, and about its middle: what a visitor says instead of where they are."""

    code: Code
    name: Words
    lat_deg: Latitude
    lon_deg: Longitude


class CollectionPoint(Table, frozen=True, kw_only=True):
    """A place where waste is collected; ``planned`` is the local time of an undisturbed round."""

    code: Code
    name: Words
    lat_deg: Latitude
    lon_deg: Longitude
    planned: LocalTime


class Round(Table, frozen=True, kw_only=True):
    """A truck's way over its points, in order, on some weekdays."""

    code: Code
    name: Words
    waste: Words
    weekdays: list[Weekday]
    points: list[CollectionPoint]


class Part(Table, frozen=True, kw_only=True):
    """A lane of a gate, a zone of a waiting area, a channel of a bridge, a supply of a kiosk: a code with a name."""

    code: Code
    name: Words


class Reference(Table, frozen=True, kw_only=True):
    """The days from ``first`` to ``last``, both included, in which a bridge was healthy by its owner's word."""

    first: dt.date
    last: dt.date


class LoggedEvent(Table, frozen=True, kw_only=True):
    """An entry of an owner's log: a local day, what it is believed to change, and what happened."""

    date: dt.date
    kind: Literal["structure", "load", "structure_and_load", "other"]
    text: Words


class Device(Table, frozen=True, kw_only=True):
    """A device and where it stands; the optional lists are those that its family uses.

    Attributes:
        place: where in the facility.
        hours: overrides the facility's.
        services: of the facility, shown at a counter.
        rounds: that a truck drives.
        lanes: of a gate.
        areas: whose seats a gate's device reports.
        capacity: people that fit: in a library, in a waiting area.
        zones: waiting areas of a counter.
        channels: accelerometers of a bridge.
        certificates: that a kiosk issues, or what another cabinet gives.
        certificate_hours: of those that keep other hours than the device.
        certificate_supplies: which supplies a certificate is printed with, where any one of them will do.
        supplies: of a kiosk.
        cabinet: which machine a kiosk's agent looks at.
        configuration: the digest that each part of a kiosk's configuration shall have.
        reference: from which a bridge's law of temperature is learnt; its first days where there is none.
        events: the log of a bridge's owner.
        girder: of a bridge, for its digital twin; ``modes`` of it are those measured, in the order of their labels.
    """

    name: DeviceName
    family: Family
    facility: Code
    place: Words
    lat_deg: Latitude
    lon_deg: Longitude
    hours: Code | None = None
    services: list[Code] = []
    rounds: list[Code] = []
    lanes: list[Part] = []
    areas: list[Seats] = []
    capacity: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None
    zones: list[Part] = []
    channels: list[Part] = []
    certificates: list[Certificate] = []
    certificate_hours: dict[Certificate, Code] = {}
    certificate_supplies: dict[Certificate, list[Code]] = {}
    supplies: list[Part] = []
    cabinet: Cabinet = "kiosk"
    configuration: dict[Code, Digest] = {}
    reference: Reference | None = None
    events: list[LoggedEvent] = []
    girder: Girder | None = None
    thresholds: Thresholds = Thresholds()


class City(Table, frozen=True, kw_only=True):
    """Everything the file says.

    Attributes:
        demo: the file holds invented data, and the pages say so.
        time_zone: of all local times in the file (IANA name).
        thresholds: of each family, where a service or a device has none of its own.
    """

    code: Code
    name: Words
    demo: bool
    time_zone: str
    bounds: Bounds
    hours: list[Hours] = []
    service: list[Service] = []
    facility: list[Facility] = []
    district: list[District] = []
    round: list[Round] = []
    device: list[Device] = []
    thresholds: dict[Family, Thresholds] = {}

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of all local times."""
        return ZoneInfo(self.time_zone)


class ServiceContext(Table, frozen=True, kw_only=True):
    """A service as one device's judgement needs it: thresholds settled (service, device, family, in this order)."""

    code: Code
    name: Words
    windows: int
    thresholds: Thresholds
    hours: Hours


class DeviceContext(Table, frozen=True, kw_only=True):
    """What a family's judgement gets of the city about its device; lists that the family does not use are empty."""

    device: str
    family: Family
    name: Words
    facility: Code
    facility_name: Words
    place: Words
    lat_deg: float
    lon_deg: float
    time_zone: str
    thresholds: Thresholds
    hours: Hours
    services: list[ServiceContext] = []
    rounds: list[Round] = []
    lanes: list[Part] = []
    areas: list[Seats] = []
    capacity: int | None = None
    zones: list[Part] = []
    channels: list[Part] = []
    certificates: list[Certificate] = []
    certificate_hours: dict[Certificate, Hours] = {}
    certificate_supplies: dict[Certificate, list[Code]] = {}
    supplies: list[Part] = []
    cabinet: Cabinet = "kiosk"
    configuration: dict[Code, Digest] = {}
    reference: Reference | None = None
    events: list[LoggedEvent] = []
    girder: Girder | None = None

    def opening(self, now: int, service: str | None = None) -> Opening:
        """Whether the device's subject (or one of its services) is open at ``now`` [µs UTC]."""
        return self.opening_of(next((each.hours for each in self.services if each.code == service), self.hours), now)

    def opening_of(self, hours: Hours, now: int) -> Opening:
        """Whether ``hours`` are open at ``now`` [µs UTC], in the city's time zone."""
        at = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=now)
        return opening_at(hours, at, ZoneInfo(self.time_zone))


def facility_of(city: City, code: str) -> Facility:
    """The facility of that code.

    Raises:
        ConfigError: the city has none.
    """
    for facility in city.facility:
        if facility.code == code:
            return facility
    raise ConfigError(f"facility {code!r}: not in the city {city.code!r}; it has {_list(city.facility)}")


def is_open(city: City, facility: str, at: dt.datetime, service: str | None = None) -> Opening:
    """Whether a facility, or one of its services, is open at ``at``.

    Raises:
        ConfigError: the city has no such facility, or it does not offer the service.
        ValueError: ``at`` has no time zone.
    """
    found = facility_of(city, facility)
    if service is not None and service not in found.services:
        raise ConfigError(f"service {service!r}: not offered at {facility!r}; it offers {', '.join(found.services)}")
    return opening_at(_hours(city, _hours_code(found, service)), at, city.zone)


def context_of(city: City, device: str) -> DeviceContext:
    """Everything that the judgement of one device needs of the city.

    Raises:
        ConfigError: the city has no such device.
    """
    found = next((each for each in city.device if each.name == device), None)
    if found is None:
        raise ConfigError(f"device {device!r}: not in the city {city.code!r}; add a [[device]] to its file")
    facility = facility_of(city, found.facility)
    thresholds = found.thresholds.over(city.thresholds.get(found.family, Thresholds()))
    return DeviceContext(
        device=found.name,
        family=found.family,
        name=_joined(facility.name, found.place),
        facility=facility.code,
        facility_name=facility.name,
        place=found.place,
        lat_deg=found.lat_deg,
        lon_deg=found.lon_deg,
        time_zone=city.time_zone,
        thresholds=thresholds,
        hours=_hours(city, found.hours or facility.hours),
        services=[
            ServiceContext(
                code=each.code,
                name=each.name,
                windows=each.windows,
                thresholds=each.thresholds.over(thresholds),
                hours=_hours(city, found.hours or _hours_code(facility, each.code)),
            )
            for each in city.service
            if each.code in found.services
        ],
        rounds=[each for each in city.round if each.code in found.rounds],
        lanes=found.lanes,
        areas=found.areas,
        capacity=found.capacity,
        zones=found.zones,
        channels=found.channels,
        certificates=found.certificates,
        certificate_hours={each: _hours(city, code) for each, code in found.certificate_hours.items()},
        certificate_supplies=found.certificate_supplies,
        supplies=found.supplies,
        cabinet=found.cabinet,
        configuration=found.configuration,
        reference=found.reference,
        events=found.events,
        girder=found.girder,
    )


def always_open(city: City) -> City:
    """The same city with everything open at every moment, for a demo that somebody starts at night."""
    weekly = ALWAYS.weekly
    return msgspec.structs.replace(
        city,
        hours=[Hours(code=each.code, weekly=weekly, holidays="open") for each in city.hours],
        round=[msgspec.structs.replace(each, weekdays=list(weekly)) for each in city.round],
    )


def rounds_from(city: City, start: LocalTime) -> City:
    """The same city with each round's first point planned at ``start``, the others as far behind it as before.

    For a demo that drives its trucks as soon as it starts. Times past midnight go on at 00:00.
    """

    def moved(each: Round) -> Round:
        shift = _minutes(start) - _minutes(each.points[0].planned)
        points = [
            msgspec.structs.replace(point, planned=_clock(_minutes(point.planned) + shift)) for point in each.points
        ]
        return msgspec.structs.replace(each, points=points)

    return msgspec.structs.replace(city, round=[moved(each) for each in city.round])


def _minutes(local_time: str) -> int:
    return int(local_time[:2]) * 60 + int(local_time[3:])


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def _hours_code(facility: Facility, service: str | None) -> str | None:
    return facility.service_hours.get(service, facility.hours) if service else facility.hours


def _hours(city: City, code: str | None) -> Hours:
    """A subject without hours never closes: a bridge stands at night too."""
    return next((each for each in city.hours if each.code == code), ALWAYS)


def _joined(first: Words, second: Words) -> Words:
    return Words(
        ja=f"{first.ja} {second.ja}",
        easy=f"{first.easy} {second.easy}",
        en=f"{first.en}, {second.en}",
        reading=f"{first.reading} {second.reading}".strip(),
    )


def _list(facilities: list[Facility]) -> str:
    return ", ".join(each.code for each in facilities) or "none"


__all__ = [
    "Bounds", "City", "CollectionPoint", "Device", "DeviceContext", "Facility", "Hours", "Levels", "LoggedEvent",
    "Opening", "Part", "Reference", "Round", "Seats", "Service", "ServiceContext", "Thresholds", "always_open", "context_of",
    "facility_of", "is_open", "rounds_from",
]  # fmt: skip
