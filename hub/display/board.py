"""The signage board of one facility: its services, how busy each is, and the numbers being called, to be read at 5 m.

Sizes follow from the viewing distance, not from taste: at ``DISTANCE_M`` on a screen of ``SCREEN_INCHES`` at 1080 lines,
what one comes for (service, level, wait, number) is at least ``ESSENTIAL_ARCMIN`` high and all else ``OTHER_ARCMIN``
(ISO 9241-303: 20 to 22 arc minutes are preferred, 16 are the least). A kanji is 0.88, a digit or capital 0.73 of its
font's size; ``board.css`` is written in units of 1/54 of the height, and a test measures in the browser.
"""

from __future__ import annotations

from typing import Final

from hub.city import City, Facility
from hub.display.language import Language, clock
from hub.display.markup import Markup, joined, tag
from hub.display.public_page import board_languages, frame, service_name
from hub.display.public_words import BOARD_TITLE, SAID, spoken
from hub.display.service_row import kiosk_row, service_row
from hub.public import PublicService

DISTANCE_M: Final = 5.0
SCREEN_INCHES: Final = 55.0
ESSENTIAL_ARCMIN: Final = 20.0
OTHER_ARCMIN: Final = 16.0


def board(city: City, facility: Facility, services: list[PublicService], now: int, asked: str | None) -> str:
    """The whole page: the facility's counters, its kiosks in a line below; ``asked``: one language instead of all in turn."""
    languages = board_languages(asked)
    language = languages[0]
    queues = [one for one in services if one.service]
    kiosks = [one for one in services if not one.service]
    title = str(spoken(BOARD_TITLE, language))
    body = joined(
        [
            _head(city, facility, now, language),
            tag(
                "main",
                _columns(language),
                *(service_row(one, _name(city, one, language), now, language) for one in queues),
            ),
            tag(
                "footer",
                *(kiosk_row(one, _name(city, one, language), None, now, language) for one in kiosks),
            ),
        ]
    )
    names = {"facility": facility.name, "board": BOARD_TITLE}
    return frame(city, "board", title, body, now, languages, services, names, at_once=True)


def _head(city: City, facility: Facility, now: int, language: Language) -> Markup:
    return tag(
        "header",
        tag("h1", spoken(facility.name, language), data_say="facility"),
        tag("p", spoken(SAID["demo"], language), class_="demo", data_say="demo") if city.demo else None,
        tag("p", class_="pages"),
        tag("p", tag("time", clock(now, now, city.zone)[:5], class_="clock"), class_="at"),
    )


def _columns(language: Language) -> Markup:
    """What the columns are, for a wide board; each row says it for itself to a screen reader and on a tall one."""
    labels = [
        tag("span", spoken(SAID[key], language), aria_hidden="true", data_say=key)
        for key in ("wait", "called", "waiting")
    ]
    note = tag("p", spoken(SAID["note"], language), class_="note", data_say="note")
    return tag("div", note, *labels, class_="columns")


def _name(city: City, service: PublicService, language: Language) -> Markup:
    return spoken(service_name(city, service), language)
