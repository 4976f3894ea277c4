"""The frame of the pages for citizens: board and phone. It is whole without a script, and says when it was made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from hub.city import City, Facility, Service, facility_of
from hub.display import wording
from hub.display.language import HTML_LANG, LANGUAGES, Language, clock, said
from hub.display.markup import Markup, tag
from hub.display.page import static_url
from hub.display.public_words import CERTIFICATES, KIOSK_SAID, SAID, dictionary, spoken
from hub.public import PublicService
from hub.words import Words

STREAM: Final = "/api/v1/now/events"


def frame(
    city: City, name: str, title: str, body: Markup, now: int, languages: Sequence[Language],
    services: list[PublicService], more: dict[str, Words] | None = None, at_once: bool = False,
) -> str:  # fmt: skip
    """A whole page.

    Args:
        name: of its style sheet and script.
        languages: it is written in the first and its script knows all of them.
        services: that it shows.
        more: what its script says beside what every such page does.
        at_once: whether its stream may not pause between two messages.
    """
    first = languages[0]
    words = {one: _dictionary(city, one, services, more or {}) for one in languages}
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{title} — {said(city.name, first)}"),
        tag("link", rel="stylesheet", href=static_url(f"{name}.css")),
        tag("script", src=static_url("told.js"), defer=True),
        tag("script", src=static_url(f"{name}.js"), defer=True),
    )
    document = tag(
        "html",
        head,
        tag(
            "body",
            tag("noscript", tag("p", said(wording.NO_SCRIPT, first).format(clock(now, now, city.zone)))),
            tag("p", spoken(SAID["cut"], first), id="cut", role="alert", hidden=True, data_say="cut"),
            body,
            tag("p", id="news", class_="aside", aria_live="polite"),
            class_=name,
        ),
        lang=HTML_LANG[first], data_lang=first, data_languages=" ".join(languages), data_now=now,
        data_zone=city.time_zone, data_words=_json(words), data_services=_json(services),
        data_stream=f"{STREAM}?at_once=true" if at_once else STREAM,
    )  # fmt: skip
    return f"<!doctype html>\n{document}\n"


def service_name(city: City, service: PublicService) -> Words:
    """What a service is called; a kiosk by its place."""
    if service.service:
        return _service(city, service.service).name
    return next(device for device in city.device if device.name == service.device).place


def facility_of_service(city: City, service: PublicService) -> Facility:
    """The facility that a service is had at."""
    return facility_of(city, next(device for device in city.device if device.name == service.device).facility)


def board_languages(asked: str | None) -> tuple[Language, ...]:
    """All three in turn, or the one that was asked for."""
    return next(((one,) for one in LANGUAGES if one == asked), LANGUAGES)


def _service(city: City, code: str) -> Service:
    return next(service for service in city.service if service.code == code)


def _dictionary(
    city: City, language: Language, services: Iterable[PublicService], more: dict[str, Words]
) -> dict[str, str]:
    services = list(services)
    names = {f"name:{one.key}": service_name(city, one) for one in services}
    kiosks = (
        {f"k:{key}": words for key, words in KIOSK_SAID.items()} if any(not one.service for one in services) else {}
    )
    certificates = {f"c:{key}": words for key, words in CERTIFICATES.items()} if kiosks else {}
    return dictionary({**SAID, **kiosks, **certificates, **names, **more}, language)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
