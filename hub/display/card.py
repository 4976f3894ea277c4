"""A card: one device at a glance, and the same with every figure for its own page.

A device that is not heard is grey whatever it said last, and so is one whose telling figures are all old. After five
minutes without news there is no level left to read.
"""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

from hub.display import wording
from hub.display.figure import age, figure_row, is_old
from hub.display.icon import icon
from hub.display.language import Language, said
from hub.display.markup import Markup, joined, tag
from hub.family import page_of
from hub.judgement import Alert, Figure
from hub.live import View

FIGURES_ON_A_CARD: Final = 6
ALERTS_ON_A_CARD: Final = 2
TELLING_FRESH_S: Final = 3600.0
"""A figure that stays fresh for longer (a round's name, a day's distance) does not show that a device works."""

GONE_S: Final = 300.0
"""Without news for so long a card tells no level any more, only that there is no information; ``page.js`` has the same."""


def card(view: View, now: int, zone: ZoneInfo, language: Language) -> Markup:
    """One device on the page of the whole city."""
    name = said(view.name, language)
    figures = card_figures(view)
    left_out = len(listed(view)) - len(figures)
    return tag(
        "article",
        tag(
            "div",
            tag("h3", tag("a", name, href=f"/device/{view.device}?lang={language}")),
            chip(view, language),
            class_="top",
        ),
        _kind(view, language),
        tag("p", said(view.status.headline, language), class_="headline"),
        _alerts(_told_beside_headline(view), ALERTS_ON_A_CARD, now, zone, language),
        tag("dl", *(figure_row(one, now, zone, language) for one in figures)) if figures else None,
        tag(
            "p",
            _heard(view, now, zone, language),
            tag(
                "a", said(wording.DETAILS, language),
                f" ({said(wording.MORE, language).format(left_out)})" if left_out else None,
                tag("span", f" {name}", class_="aside"), href=f"/device/{view.device}?lang={language}",
            ),
            class_="foot",
        ),
        class_=f"card {look(view, now)}", id=f"card-{view.device}",
        data_devices=view.device, data_fragment=f"/fragment/{view.device}?lang={language}",
        data_said=f"{name}：{said(view.status.headline, language)}",
    )  # fmt: skip


def _kind(view: View, language: Language) -> Markup | None:
    """What machine it is, where a family has several and its place does not say it."""
    kind = said(view.called, language)
    if page_of(view.family).variant is None or kind.lower() in said(view.name, language).lower():
        return None
    return tag("p", kind, class_="kind")


def full_card(view: View, now: int, zone: ZoneInfo, language: Language) -> Markup:
    """One device with all its figures and alerts."""
    return tag(
        "section",
        tag(
            "div",
            chip(view, language),
            tag("p", said(view.status.headline, language), class_="headline"),
            _heard(view, now, zone, language),
            class_="lead",
        ),
        _alerts(_told_beside_headline(view), len(view.alerts), now, zone, language),
        tag("h2", said(wording.FIGURES, language)),
        tag("dl", *(figure_row(one, now, zone, language) for one in listed(view)), class_="all"),
        class_=f"card full {look(view, now)}", id=f"card-{view.device}",
        data_devices=view.device, data_fragment=f"/fragment/{view.device}/full?lang={language}",
        data_said=f"{said(view.name, language)}：{said(view.status.headline, language)}",
    )  # fmt: skip


def look(view: View, now: int) -> str:
    """The class that colours a card: its level, or that it is not to be believed."""
    if view.liveness != "live":
        return "silent"
    telling = [one for one in view.status.figures if one.t is not None and one.fresh_for_s <= TELLING_FRESH_S]
    if not telling or not all(is_old(one, now) for one in telling):
        return view.status.level
    is_gone = all(now - (one.t or 0) > max(one.fresh_for_s, GONE_S) * 1e6 for one in telling)
    return f"{view.status.level} stale gone" if is_gone else f"{view.status.level} stale"


def card_figures(view: View) -> list[Figure]:
    """The figures that the family shows first."""
    wanted = page_of(view.family).card
    found = [one for beginning in wanted for one in view.status.figures if one.key.startswith(beginning)]
    return found[:FIGURES_ON_A_CARD]


def listed(view: View) -> list[Figure]:
    """The figures of a device, without the one that only says again what its card says first."""
    answers = page_of(view.family).answers
    again = [one for one in view.status.figures if answers is not None and one.key.startswith(answers)]
    return [one for one in view.status.figures if len(again) != 1 or one is not again[0]]


def chip(view: View, language: Language) -> Markup:
    """Level or silence in shape and word; the browser shows the others once every telling figure is old, or gone."""
    if view.liveness != "live":
        return tag("p", icon(view.liveness), said(wording.LIVENESS[view.liveness], language), class_="chip")
    level = view.status.level
    return tag(
        "p",
        tag("span", icon(level), said(wording.LEVELS[level], language), class_="when-fresh"),
        tag("span", icon("unknown"), said(wording.STALE, language), class_="when-stale"),
        tag("span", icon("unknown"), said(wording.GONE, language), class_="when-gone"),
        class_="chip",
    )


def _told_beside_headline(view: View) -> list[Alert]:
    """The alerts but that of the device's own silence, which is the headline already."""
    return [alert for alert in view.alerts if alert.text != view.status.headline]


def _alerts(alerts: list[Alert], most: int, now: int, zone: ZoneInfo, language: Language) -> Markup | None:
    if not alerts:
        return None
    shown = [
        tag("li", alert_line(alert, now, zone, language), class_=alert.severity)
        for alert in alerts[:most]
    ]  # fmt: skip
    left = len(alerts) - len(shown)
    more = tag("li", said(wording.MORE, language).format(left), class_="more") if left else None
    return tag("ul", *shown, more, class_="alerts")


def alert_line(alert: Alert, now: int, zone: ZoneInfo, language: Language) -> Markup:
    """One alert: severity in shape and word, its text, since when."""
    severity = tag("span", icon(alert.severity), said(wording.SEVERITIES[alert.severity], language), class_="severity")
    return joined(
        [severity, " ", said(alert.text, language), " ", tag("span", age(alert.since, now, zone), class_="age")]
    )


def _heard(view: View, now: int, zone: ZoneInfo, language: Language) -> Markup:
    when = said(wording.NEVER, language) if view.heard_t is None else age(view.heard_t, now, zone)
    return tag("span", f"{said(wording.HEARD, language)} ", when, class_="heard")
