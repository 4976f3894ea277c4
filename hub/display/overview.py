"""The whole city on one page: what to know now, then a section a family with a card a device and the map."""

from __future__ import annotations

from typing import Final

from edge.contract.families import FAMILIES, Family
from hub.city import City
from hub.display import wording
from hub.display.card import alert_line, card
from hub.display.icon import drawn
from hub.display.language import Language, said
from hub.display.map import city_map
from hub.display.markup import Markup, joined, tag
from hub.family import page_of
from hub.judgement import Alert
from hub.live import View

ALERTS_SHOWN: Final = 6
_RANK: Final = {"critical": 0, "warning": 1, "info": 2}


def overview(city: City, views: list[View], now: int, language: Language) -> Markup:
    """Everything below the page's head."""
    families = [family for family in FAMILIES if any(view.family == family for view in views)]
    sections = [_section(city, family, views, now, language) for family in families]
    return joined(
        [
            tag("h1", said(wording.TITLE, language), class_="aside"),
            summary(city, views, now, language),
            tag("div", *sections, class_="city-grid"),
        ]
    )


def summary(city: City, views: list[View], now: int, language: Language) -> Markup:
    """How many devices are heard, and the most urgent alerts of all of them."""
    heard = sum(view.liveness == "live" for view in views)
    need = sum(view.liveness == "live" and view.status.level in ("warning", "bad") for view in views)
    alerts = sorted(((view, alert) for view in views for alert in view.alerts), key=_urgency)
    lines = [_line(city, view, alert, now, language) for view, alert in alerts[:ALERTS_SHOWN]]
    left = len(alerts) - len(lines)
    more = tag("li", said(wording.MORE, language).format(left), class_="more") if left else None
    return tag(
        "section",
        tag(
            "dl",
            _count(said(wording.DEVICES_HEARD, language), f"{heard} / {len(views)}", heard < len(views)),
            _count(said(wording.LEVELS_NEED, language), str(need), need > 0),
            _count(said(wording.COUNT_ALERTS, language), str(len(alerts)), False),
            class_="counts",
        ),
        tag(
            "div",
            tag("h2", said(wording.ALERTS, language)),
            tag("ul", *lines, more, class_="alerts") if alerts else tag("p", said(wording.NO_ALERTS, language)),
            class_="what",
        ),
        class_="summary", id="summary", data_devices="*", data_fragment=f"/fragment/summary?lang={language}",
    )  # fmt: skip


def _urgency(one: tuple[View, Alert]) -> tuple[int, int]:
    return _RANK[one[1].severity], -one[1].since


def _line(city: City, view: View, alert: Alert, now: int, language: Language) -> Markup:
    name = tag("a", said(view.name, language), href=f"/device/{view.device}?lang={language}")
    return tag("li", alert_line(alert, now, city.zone, language), " ", name, class_=alert.severity)


def _count(label: str, value: str, strong: bool) -> Markup:
    return tag("div", tag("dt", label), tag("dd", value), class_="count strong" if strong else "count")


def _kinds(views: list[View], language: Language) -> str:
    """What stands in a section: each kind of machine once."""
    return (", " if language == "en" else "・").join(dict.fromkeys(said(view.called, language) for view in views))


def _section(city: City, family: Family, views: list[View], now: int, language: Language) -> Markup:
    own = [view for view in views if view.family == family]
    page = page_of(family)
    drawn_map = city_map(city, own, now, city.zone, language)
    cards = tag("div", *(card(view, now, city.zone, language) for view in own), class_="cards")
    wide = "mapped" if drawn_map else f"of-{min(len(own), 4)}"
    return tag(
        "section",
        tag("h2", drawn(page.icon), _kinds(own, language), id=f"family-{family}"),
        tag("div", drawn_map, cards, class_="with-map") if drawn_map else cards,
        class_=f"family {wide}", aria_labelledby=f"family-{family}",
    )  # fmt: skip
