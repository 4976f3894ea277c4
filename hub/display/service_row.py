"""One service as board and phone show it, fresh, old, or without information; ``told.js`` shows the same by the same rules.

Rules it keeps:
- Older than it stays fresh it is marked as old; after ``NO_INFORMATION_S`` without news nothing of it is shown any more.
- What is not known is a dash, never 0 and never empty.
- A wait is told in steps that its own uncertainty allows, and with its interval.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from hub.display.language import Language
from hub.display.markup import Markup, tag
from hub.display.public_words import KIOSK_SAID, NOTHING, SAID, spoken
from hub.public import NO_INFORMATION_S, PublicService
from hub.words import Words, read_after

MARKS: Final = {"good": "○", "notice": "△", "warning": "▲", "bad": "■", "closed": "－", "unknown": "？"}
"""Levels differ by shape too."""
SOON_MIN: Final = 2.5
FIVES_FROM_MIN: Final = 7.5


class Shown(NamedTuple):
    """How a service is shown: its level after the rules of age, whether that is old, and what may be told of it."""

    level: str
    is_old: bool
    tells: bool


def shown(service: PublicService, now: int) -> Shown:
    """How a service is shown at ``now`` [µs UTC]."""
    if service.level == "closed":
        return Shown("closed", False, False)
    age_s = math.inf if service.t is None else (now - service.t) / 1e6
    if service.level == "unknown" or age_s >= NO_INFORMATION_S:
        return Shown("unknown", False, False)
    return Shown(service.level, age_s > service.fresh_for_s, True)


def rounded_min(wait_min: float) -> int:
    """A wait as one says it: whole minutes, from 7.5 on in fives."""
    return 5 * math.floor(wait_min / 5 + 0.5) if wait_min >= FIVES_FROM_MIN else math.floor(wait_min + 0.5)


def wait_words(wait_min: tuple[float, float, float] | None, language: Language) -> tuple[Markup, Markup]:
    """The median and the interval of a wait in words; a dash and nothing where it is not known."""
    if wait_min is None:
        return Markup(NOTHING), Markup("")
    low, median, high = wait_min
    ends = (math.floor(low), math.ceil(high))
    said = spoken(SAID["soon"], language) if median < SOON_MIN else filled("about", language, rounded_min(median))
    return said, filled("range", language, *ends, strong=False)


def filled(key: str, language: Language, *numbers: int, strong: bool = True) -> Markup:
    """One of ``SAID`` with its numbers, set strong where they are what counts."""
    html = str(spoken(SAID[key], language))
    for number in numbers:
        html = html.replace("{}", tag("b", str(number)) if strong else str(number), 1)
    return Markup(read_after(int(numbers[-1]), html) if language == "easy" and numbers else html)


def level_words(service: PublicService, level: str, language: Language, kiosk: bool = False) -> Markup:
    """The word for a level."""
    words: dict[str, Words] = KIOSK_SAID if kiosk else SAID
    if level == "closed" and service.opens:
        return Markup(str(spoken(words["opens"], language)).replace("{}", service.opens))
    return spoken(words[level], language)


def service_row(
    service: PublicService, name: Markup, now: int, language: Language, clock: str | None = None, heading: str = "h2",
    below: Markup | None = None,
) -> Markup:  # fmt: skip
    """One service of a counter; ``clock`` is the time of its last word, for a page without a script, ``below`` stands last."""
    look = shown(service, now)
    wait, ends = wait_words(service.wait_min if look.tells else None, language)
    basis = _basis(service) if look.tells else None
    return tag(
        "article",
        tag(heading, name, class_="name", data_say=f"name:{service.key}"),
        _level(service, look, language),
        tag(
            "p", _label("wait", language), tag("span", wait, class_="median"), " ",
            tag("span", spoken(SAID[basis], language) if basis else ends, class_="range"), class_="wait",
        ),
        tag("p", _label("called", language), _number(service.called, look, "number"), class_="called"),
        tag("p", _label("waiting", language), _groups(service, look, language), class_="waiting"),
        tag("p", tag("time", clock or ""), class_="age"),
        below,
        class_=classes("service", look), data_key=service.key,
    )  # fmt: skip


def kiosk_row(
    service: PublicService, name: Markup, what: Markup | None, now: int, language: Language, heading: str = "h2"
) -> Markup:
    """One kiosk: whether it issues certificates now, and on the phone which."""
    look = shown(service, now)
    return tag(
        "article",
        tag(heading, name, class_="name", data_say=f"name:{service.key}"),
        _level(service, look, language, kiosk=True),
        what,
        tag("p", tag("time"), class_="age"),
        class_=f"{classes('service', look)} kiosk", data_key=service.key,
    )  # fmt: skip


def classes(name: str, look: Shown) -> str:
    """The classes that a look gives."""
    return f"{name} {look.level} old" if look.is_old else f"{name} {look.level}"


def _level(service: PublicService, look: Shown, language: Language, kiosk: bool = False) -> Markup:
    return tag(
        "p",
        tag("span", MARKS[look.level], class_="mark", aria_hidden="true"),
        tag(
            "span",
            tag("span", level_words(service, look.level, language, kiosk), class_="word"),
            tag("span", spoken(SAID["old"], language), class_="when-old", data_say="old"),
            class_="said",
        ),
        class_="level",
    )


def _basis(service: PublicService) -> str | None:
    """Which count a level rests on where no wait can be told."""
    if service.by_people:
        return "people"
    return "tickets" if service.wait_min is None and service.waiting is not None else None


def _label(key: str, language: Language) -> Markup:
    return tag("span", spoken(SAID[key], language), class_="label", data_say=key)


def _number(number: int | None, look: Shown, name: str) -> Markup:
    return tag("b", NOTHING if number is None or not look.tells else str(number), class_=name)


def _groups(service: PublicService, look: Shown, language: Language) -> Markup:
    known = service.waiting is not None and look.tells
    return tag("span", filled("groups", language, service.waiting or 0) if known else NOTHING, class_="groups")
