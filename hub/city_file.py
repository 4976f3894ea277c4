"""A city's file read and checked: what one line of it says about another must be true.

``problems_of`` finds everything that is wrong, for ``doctor``; ``load_city`` refuses a city with any problem.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from edge.contract.families import Family
from hub.city import City, Crowding, Device, Facility, Levels, Round, Thresholds
from hub.errors import ConfigError
from hub.opening import Hours
from hub.strict_toml import parse_toml, read_toml

CITIES: Final = Path(__file__).parent / "cities"
"""The cities that come with the package."""

_PARTS: Final[dict[Family, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "bridge": (("channels",), ("reference", "events", "girder")),
    "truck": (("rounds",), ()),
    "gate": (("lanes",), ("areas", "capacity")),
    "kiosk": (("certificates",), ("supplies", "certificate_hours", "certificate_supplies", "configuration")),
    "counter": (("services", "zones"), ("capacity",)),
}
"""Of each family, which lists a device must have and which it may have."""


def load_city(path: Path) -> City:
    """The city that a TOML file describes.

    Raises:
        ConfigError: the file cannot be read, has an unknown key or a wrong value, or contradicts itself.
    """
    return _checked(read_toml(path, City), str(path))


def parse_city(text: str, name: str = "city") -> City:
    """The city that TOML text describes; ``name`` begins the error messages. Raises as ``load_city``."""
    return _checked(parse_toml(text, City, name), name)


def built_in_city(code: str) -> City:
    """A city that comes with the package, e.g. ``ota``. Raises as ``load_city``."""
    path = CITIES / f"{code}.toml"
    if not path.is_file():
        known = ", ".join(sorted(each.stem for each in CITIES.glob("*.toml")))
        raise ConfigError(f"city {code!r}: does not come with the package; known: {known}")
    return load_city(path)


def problems_of(city: City) -> list[str]:
    """What is wrong in a city that parses, one line each; empty when all is well."""
    return [
        *_zone_problems(city),
        *_repeated(city),
        *(line for hours in city.hours for line in _hours_problems(hours)),
        *(line for facility in city.facility for line in _facility_problems(city, facility)),
        *(
            line
            for each in city.district
            for line in _outside(city, f"district {each.code!r}", each.lat_deg, each.lon_deg)
        ),
        *(line for each in city.round for line in _round_problems(city, each)),
        *(line for device in city.device for line in _device_problems(city, device)),
        *_threshold_problems(city),
    ]


def _checked(city: City, name: str) -> City:
    problems = problems_of(city)
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise ConfigError(f"{name}: {problems[0]}{more}")
    return city


def _zone_problems(city: City) -> Iterator[str]:
    try:
        ZoneInfo(city.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield f"time_zone {city.time_zone!r}: not a known IANA name; wanted e.g. 'Asia/Tokyo'"
    box = city.bounds
    if box.south_deg >= box.north_deg or box.west_deg >= box.east_deg:
        yield "bounds: south must lie below north, and west below east"


def _repeated(city: City) -> Iterator[str]:
    lists: dict[str, list[str]] = {
        "hours": [each.code for each in city.hours],
        "service": [each.code for each in city.service],
        "facility": [each.code for each in city.facility],
        "district": [each.code for each in city.district],
        "round": [each.code for each in city.round],
        "point": [point.code for each in city.round for point in each.points],
        "device": [each.name for each in city.device],
    }
    for kind, codes in lists.items():
        for code, times in Counter(codes).items():
            if times > 1:
                yield f"{kind} {code!r}: named {times} times; give each its own"


def _hours_problems(hours: Hours) -> Iterator[str]:
    days = [*hours.weekly.items(), *((each.on.isoformat(), each.open) for each in hours.exceptions)]
    for day, spans in days:
        last = ""
        for span in spans:
            first, end = span.split("-")
            if first >= end or first < last:
                yield f"hours {hours.code!r}, {day}: {span!r} ends before it begins or overlaps the one before"
            last = end
    for off in hours.yearly:
        for text in (off.first, off.last):
            try:
                dt.date.fromisoformat(f"2000-{text}")
            except ValueError:
                yield f"hours {hours.code!r}: {text!r} is no day of any year; wanted month-day, e.g. '12-29'"


def _unknown(what: str, kind: str, wanted: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    have = set(known)
    for code in wanted:
        if code not in have:
            yield f"{what}: {kind} {code!r} is not known; known: {', '.join(sorted(have)) or 'none'}"


def _outside(city: City, what: str, lat_deg: float, lon_deg: float) -> Iterator[str]:
    if not city.bounds.contains(lat_deg, lon_deg):
        yield f"{what}: {lat_deg}°, {lon_deg}° lies outside the city's bounds; are the two swapped?"


def _hours_codes(*codes: str | None) -> list[str]:
    return [code for code in codes if code is not None]


def _facility_problems(city: City, facility: Facility) -> Iterator[str]:
    what = f"facility {facility.code!r}"
    known = [each.code for each in city.hours]
    yield from _outside(city, what, facility.lat_deg, facility.lon_deg)
    yield from _unknown(what, "hours", _hours_codes(facility.hours, *facility.service_hours.values()), known)
    yield from _unknown(what, "service", facility.services, [each.code for each in city.service])
    yield from _unknown(f"{what}, service_hours", "service", facility.service_hours, facility.services)


def _round_problems(city: City, each: Round) -> Iterator[str]:
    what = f"round {each.code!r}"
    if not each.points:
        yield f"{what}: has no points; wanted at least one"
    last = ""
    for point in each.points:
        yield from _outside(city, f"{what}, point {point.code!r}", point.lat_deg, point.lon_deg)
        if point.code == "none":
            yield f"{what}: a point may not be called 'none', which says 'no point' in a record"
        if point.planned < last:
            yield f"{what}, point {point.code!r}: planned {point.planned} is before the point in front of it ({last})"
        last = point.planned


def _device_problems(city: City, device: Device) -> Iterator[str]:
    what = f"device {device.name!r}"
    yield from _outside(city, what, device.lat_deg, device.lon_deg)
    named = _hours_codes(device.hours, *device.certificate_hours.values())
    yield from _unknown(what, "hours", named, [each.code for each in city.hours])
    of_certificates = [*device.certificate_hours, *device.certificate_supplies]
    yield from _unknown(what, "certificate", of_certificates, device.certificates)
    printed_with = [code for codes in device.certificate_supplies.values() for code in codes]
    yield from _unknown(what, "supply", printed_with, [each.code for each in device.supplies])
    yield from _unknown(what, "round", device.rounds, [each.code for each in city.round])
    yield from _unknown(what, "facility", [device.facility], [each.code for each in city.facility])
    for facility in city.facility:
        if facility.code == device.facility:
            yield from _unknown(f"{what} at {facility.code!r}", "service", device.services, facility.services)
    for parts in (device.lanes, device.areas, device.zones, device.channels, device.supplies):
        for code, times in Counter(part.code for part in parts).items():
            if times > 1:
                yield f"{what}: part {code!r} is named {times} times; give each its own"
    if device.reference is not None and device.reference.first > device.reference.last:
        yield f"{what}: reference ends on {device.reference.last}, before it begins on {device.reference.first}"
    must, may = _PARTS[device.family]
    for part in sorted({name for pair in _PARTS.values() for names in pair for name in names}):
        given = bool(getattr(device, part))
        if part in must and not given:
            yield f"{what}: a {device.family} needs {part!r}"
        if given and part not in (*must, *may):
            yield f"{what}: {part!r} is not for a {device.family}; remove it or correct the family"


def _threshold_problems(city: City) -> Iterator[str]:
    places: list[tuple[str, Thresholds]] = [
        *((f"thresholds.{family}", each) for family, each in city.thresholds.items()),
        *((f"service {each.code!r}", each.thresholds) for each in city.service),
        *((f"device {each.name!r}", each.thresholds) for each in city.device),
    ]
    for what, thresholds in places:
        for name, value in msgspec.structs.asdict(thresholds).items():
            if not isinstance(value, Crowding | Levels):
                continue
            levels = [value.notice, value.warning, *([] if value.bad is None else [value.bad])]
            falls = isinstance(value, Levels) and levels == sorted(levels, reverse=True)
            if levels != sorted(levels) and not falls:
                yield f"{what}: {name} must rise or fall from notice over warning to bad, not {levels}"
