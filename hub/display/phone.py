"""The phone page: which counter near me is free, how long I wait with my number, where a certificate can be had now.

Rules it keeps:
- A place and a number stay in the browser: nothing of them is in any request.
- Without a script it lists every counter as it was when the page was made, with that time.
- A forecast is shown where the judgement makes one, and nothing in its place where it does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from hub.city import City, CollectionPoint, District, Facility
from hub.display import wording
from hub.display.language import HTML_LANG, LANGUAGES, OWN_NAME, Language, clock, said
from hub.display.markup import Markup, joined, tag
from hub.display.public_page import facility_of_service, frame, service_name
from hub.display.public_words import CERTIFICATES, PHONE_SAID, PHONE_TITLE, SAID, spoken
from hub.display.service_row import filled, kiosk_row, service_row, shown, wait_words
from hub.public import PublicService

PATH: Final = "/now"


def phone(city: City, services: list[PublicService], now: int, language: Language) -> str:
    """The whole page."""
    queues = [one for one in services if one.service]
    kiosks = [one for one in services if not one.service]
    body = joined(
        [
            _head(city, now, language),
            tag(
                "main",
                _finder(city, queues, language),
                _mine(city, queues, language),
                _offices(city, queues, now, language),
                _kiosks(city, kiosks, now, language),
                tag("p", spoken(SAID["note"], language), class_="note"),
            ),
        ]
    )
    title = str(said(PHONE_TITLE, language))
    return frame(city, "phone", title, body, now, (language,), services, PHONE_SAID)


def _head(city: City, now: int, language: Language) -> Markup:
    links = [
        tag(
            "a", OWN_NAME[one], href=f"{PATH}?lang={one}", lang=HTML_LANG[one], hreflang=HTML_LANG[one],
            aria_current="page" if one == language else None,
        )
        for one in LANGUAGES
    ]  # fmt: skip
    return tag(
        "header",
        tag("p", spoken(SAID["demo"], language), class_="demo") if city.demo else None,
        tag("nav", *links, aria_label=said(wording.LANGUAGE, language)),
        tag("h1", spoken(PHONE_TITLE, language)),
        tag(
            "p", spoken(city.name, language), " ",
            tag("time", clock(now, now, city.zone)[:5], class_="clock"), class_="at",
        ),
    )  # fmt: skip


def _finder(city: City, queues: list[PublicService], language: Language) -> Markup:
    """Works by script only: service and place are chosen here, compared in the browser and sent nowhere."""
    codes = dict.fromkeys(one.service for one in queues)
    names = {service.code: service.name for service in city.service}
    wanted = [tag("option", said(PHONE_SAID["any"], language), value="")]
    wanted += [tag("option", said(names[code], language), value=code) for code in codes]
    named: Sequence[District | CollectionPoint] = city.district or [at for each in city.round for at in each.points]
    places = [tag("option", said(PHONE_SAID["anywhere"], language), value="")]
    places += [tag("option", said(each.name, language), value=f"{each.lat_deg},{each.lon_deg}") for each in named]
    return tag(
        "section",
        tag("h2", spoken(PHONE_SAID["find"], language)),
        _choice("wanted", "service", wanted, language),
        _choice("place", "place", places, language),
        tag("button", spoken(PHONE_SAID["here"], language), type="button", id="here", hidden=True),
        tag("p", id="refused", role="status"),
        tag("p", id="found", class_="answer"),
        tag("p", spoken(PHONE_SAID["private"], language), class_="hint"),
        id="finder", hidden=True,
    )  # fmt: skip


def _mine(city: City, queues: list[PublicService], language: Language) -> Markup:
    """Works by script only: the number is kept in the browser."""
    options = [
        tag("option", f"{said(facility_of_service(city, one).name, language)} {said(service_name(city, one), language)}",
            value=one.key)
        for one in queues
    ]  # fmt: skip
    number = tag(
        "label", spoken(PHONE_SAID["number"], language),
        tag("input", id="number", type="text", inputmode="numeric", autocomplete="off", maxlength=5),
    )  # fmt: skip
    return tag(
        "section",
        tag("h2", spoken(PHONE_SAID["mine"], language)),
        _choice("queue", "service", options, language),
        number,
        tag("button", spoken(PHONE_SAID["keep"], language), type="button", id="keep"),
        tag("button", spoken(PHONE_SAID["forget"], language), type="button", id="forget"),
        tag("p", id="mine", class_="answer"),
        tag("p", spoken(PHONE_SAID["kept"], language), class_="hint"),
        id="ticket", hidden=True,
    )  # fmt: skip


def _choice(name: str, label: str, options: list[Markup], language: Language) -> Markup:
    return tag("label", spoken(PHONE_SAID[label], language), tag("select", *options, id=name))


def _offices(city: City, queues: list[PublicService], now: int, language: Language) -> Markup:
    sections = [
        _office(city, facility_of_service(city, first), [first, *rest], now, language)
        for _, (first, *rest) in groupby(queues, key=lambda one: facility_of_service(city, one).code)
    ]
    return tag("section", tag("h2", spoken(PHONE_SAID["offices"], language)), *sections, id="offices")


def _office(city: City, facility: Facility, queues: list[PublicService], now: int, language: Language) -> Markup:
    rows = []
    for one in queues:
        clock_t = clock(one.t, now, city.zone) if one.t is not None and shown(one, now).tells else None
        name = spoken(service_name(city, one), language)
        rows.append(service_row(one, name, now, language, clock_t, "h4", _forecast(one, now, language)))
    return tag(
        "section",
        tag("h3", spoken(facility.name, language), class_="office"),
        *rows,
        data_place=f"{facility.lat_deg},{facility.lon_deg}",
    )


def _forecast(service: PublicService, now: int, language: Language) -> Markup | None:
    look = shown(service, now)
    if not service.ahead or not look.tells or look.is_old:
        return None
    by_calendar = f"（{spoken(PHONE_SAID['by_calendar'], language)}）" if service.by_calendar else ""
    parts = []
    for one in service.ahead:
        median, ends = wait_words((one.low, one.median, one.high), language)
        parts.append(
            tag("span", filled("ahead", language, one.in_min, strong=False), " ", median, " ", tag("small", ends))
        )
    line = Markup(f"{spoken(PHONE_SAID['forecast'], language)}{by_calendar}： {' '.join(parts)}")
    return tag("p", line, class_="ahead")


def _kiosks(city: City, kiosks: list[PublicService], now: int, language: Language) -> Markup | None:
    if not kiosks:
        return None
    rows = []
    for one in kiosks:
        what = (
            "・".join(said(CERTIFICATES[code], language) for code in one.certificates) if shown(one, now).tells else ""
        )
        name = joined(
            [spoken(facility_of_service(city, one).name, language), " ", spoken(service_name(city, one), language)]
        )
        rows.append(kiosk_row(one, name, tag("p", what, class_="certificates"), now, language, "h3"))
    return tag("section", tag("h2", spoken(PHONE_SAID["kiosks"], language)), *rows, id="kiosks")
