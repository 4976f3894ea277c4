"""A map without tiles: rounds, collection points, facilities, and where moving devices were heard last.

Rules it keeps:
- North is up; a degree of longitude is as long as it is at this latitude; the bar says how long 500 m are.
- A device whose place is old, or that is not heard, is grey; one outside the map is named beside it, never at its edge.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from hub.city import City, Facility, Round
from hub.display import wording
from hub.display.figure import age
from hub.display.language import Language, said
from hub.display.markup import Markup, tag
from hub.family import page_of
from hub.live import View

METRES_A_DEGREE: Final = 111_320.0
ROOM_M: Final = 250.0
WIDTH: Final = 720.0
PLACE_FRESH_S: Final = 180.0
SCALE_BAR_M: Final = 500.0
READING: Final = re.compile(r"（[ぁ-んー ]+）")
"""Readings in やさしい日本語: no room for them on a map."""


class Frame(NamedTuple):
    """Where the map lies [° WGS 84], and how many units of the picture a metre is."""

    west_deg: float
    north_deg: float
    east_deg: float
    south_deg: float
    units_a_metre: float

    @property
    def height(self) -> float:
        """Of the picture."""
        return (self.north_deg - self.south_deg) * METRES_A_DEGREE * self.units_a_metre

    def at(self, lat_deg: float, lon_deg: float) -> tuple[float, float]:
        """Where a place lies in the picture."""
        across_m = (lon_deg - self.west_deg) * METRES_A_DEGREE * math.cos(math.radians(self.north_deg))
        down_m = (self.north_deg - lat_deg) * METRES_A_DEGREE
        return round(across_m * self.units_a_metre, 1), round(down_m * self.units_a_metre, 1)

    def holds(self, lat_deg: float, lon_deg: float) -> bool:
        """Whether a place lies on the map."""
        return self.south_deg <= lat_deg <= self.north_deg and self.west_deg <= lon_deg <= self.east_deg


def frame_of(city: City) -> Frame | None:
    """The map that holds every collection point and facility; None for a city without rounds."""
    places = [(point.lat_deg, point.lon_deg) for one in city.round for point in one.points]
    if not places:
        return None
    places += [(one.lat_deg, one.lon_deg) for one in city.facility]
    south, north = min(lat for lat, _ in places), max(lat for lat, _ in places)
    west, east = min(lon for _, lon in places), max(lon for _, lon in places)
    room_lat = ROOM_M / METRES_A_DEGREE
    room_lon = room_lat / math.cos(math.radians(north))
    west, east = max(west - room_lon, city.bounds.west_deg), min(east + room_lon, city.bounds.east_deg)
    north, south = min(north + room_lat, city.bounds.north_deg), max(south - room_lat, city.bounds.south_deg)
    across_m = (east - west) * METRES_A_DEGREE * math.cos(math.radians(north))
    return Frame(west, north, east, south, WIDTH / across_m)


def city_map(city: City, views: Sequence[View], now: int, zone: ZoneInfo, language: Language) -> Markup | None:
    """The map with every device that moves; None where there is nothing to draw."""
    frame = frame_of(city)
    moving = [view for view in views if page_of(view.family).moves]
    if frame is None or not moving:
        return None
    shown = [
        view
        for view in moving
        if view.status.place and frame.holds(view.status.place.lat_deg, view.status.place.lon_deg)
    ]
    names = {one.name: said(one.place, language) for one in city.device}
    drawing = tag(
        "svg",
        *(_facility(frame, one, language) for one in city.facility),
        *(_round(frame, one, number) for number, one in enumerate(city.round)),
        *(_device(frame, view, moving.index(view), names[view.device], now) for view in shown),
        _scale_bar(frame),
        viewBox=f"0 0 {WIDTH:g} {frame.height:.0f}", role="img",
        aria_label=f"{said(wording.MAP, language)}: {', '.join(names[view.device] for view in shown)}",
    )  # fmt: skip
    beside = [names[view.device] for view in moving if view not in shown]
    return tag(
        "figure",
        tag("figcaption", said(wording.MAP, language)),
        drawing,
        tag(
            "ul",
            *(_when(view, moving.index(view), names[view.device], now, zone) for view in shown),
            tag("li", f"{said(wording.OFF_THE_MAP, language)}: {', '.join(beside)}") if beside else None,
            class_="legend",
        ),
        tag("p", said(wording.MAP_NOTE, language), class_="note"),
        class_="map", id="map", data_devices=" ".join(view.device for view in moving),
        data_fragment=f"/fragment/map?lang={language}",
    )  # fmt: skip


def _facility(frame: Frame, facility: Facility, language: Language) -> Markup:
    x, y = frame.at(facility.lat_deg, facility.lon_deg)
    name = said(facility.name, language)
    anchor, dx = ("end", -11) if x > WIDTH * 0.5 else ("start", 11)
    return tag(
        "g",
        tag("title", name),
        tag("rect", x=x - 5.5, y=y - 5.5, width=11, height=11),
        tag("text", READING.sub("", name), x=x + dx, y=y, dy="0.35em", text_anchor=anchor),
        class_="facility",
    )


def _round(frame: Frame, one: Round, number: int) -> Markup:
    at = [frame.at(point.lat_deg, point.lon_deg) for point in one.points]
    line = " ".join(f"{x},{y}" for x, y in at)
    points = [tag("circle", cx=x, cy=y, r=5.5) for x, y in at]
    return tag("g", tag("title", one.name.ja), tag("polyline", points=line), *points, class_=f"round s{number % 8}")


def _device(frame: Frame, view: View, number: int, name: str, now: int) -> Markup:
    place = view.status.place
    assert place is not None
    x, y = frame.at(place.lat_deg, place.lon_deg)
    return tag(
        "g",
        tag("title", name),
        tag("circle", cx=x, cy=y, r=17),
        tag("text", str(number + 1), x=x, y=y, dy="0.36em", text_anchor="middle"),
        class_=f"mover s{number % 8}{_old(view, now)}",
        data_fades=place.t,
        data_fresh=PLACE_FRESH_S,
    )


def _when(view: View, number: int, name: str, now: int, zone: ZoneInfo) -> Markup:
    place = view.status.place
    assert place is not None
    return tag(
        "li", tag("span", str(number + 1), class_=f"number s{number % 8}{_old(view, now)}"), f"{name} ",
        age(place.t, now, zone, PLACE_FRESH_S),
    )  # fmt: skip


def _old(view: View, now: int) -> str:
    place = view.status.place
    heard = view.liveness == "live" and place is not None and now - place.t <= PLACE_FRESH_S * 1e6
    return "" if heard else " old"


def _scale_bar(frame: Frame) -> Markup:
    length, y = SCALE_BAR_M * frame.units_a_metre, frame.height - 14
    right = WIDTH - 14
    return tag(
        "g",
        tag("line", x1=round(right - length, 1), x2=right, y1=y, y2=y),
        tag("text", f"{SCALE_BAR_M:.0f} m", x=right, y=y - 6, text_anchor="end"),
        class_="scale",
    )
