"""The operator's wall: every device, what is going on, what waits where, and whether the ledger is complete, on one screen.

A tile is grey for a device that is not heard, whatever it said last; numbers that should be nought are strong when not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from hub.city import City
from hub.display import wording
from hub.display.card import alert_line, chip, look
from hub.display.figure import age
from hub.display.language import Language, said
from hub.display.markup import Markup, tag
from hub.judgement import Alert
from hub.ledger_port import EpochRow
from hub.live import View
from hub.words import Words

ALERTS_SHOWN: Final = 12
EVERY_S: Final = 2
_RANK: Final = {"critical": 0, "warning": 1, "info": 2}


class HubNow(NamedTuple):
    """The hub itself: bytes in its inbox, whether it has its broker, and the ledger's sums."""

    inbox_bytes: int
    has_broker: bool
    totals: Mapping[str, int]


def wall(
    city: City, views: list[View], newest: Mapping[str, EpochRow | None], hub: HubNow, now: int, language: Language
) -> Markup:
    """Everything below the page's head; ``newest`` is the newest epoch of each device, None before its first record."""
    alerts = sorted(((view, alert) for view in views for alert in view.alerts), key=_urgency)
    lines = [_line(city, view, alert, now, language) for view, alert in alerts[:ALERTS_SHOWN]]
    left = len(alerts) - len(lines)
    more = tag("li", said(wording.MORE, language).format(left), class_="more") if left else None
    return tag(
        "section",
        _sums(views, hub, len(alerts), language),
        tag(
            "div",
            tag("h2", said(wording.DEVICES, language), class_="aside"),
            tag("div", *(_tile(city, view, newest.get(view.device), now, language) for view in views), class_="tiles"),
            tag(
                "div",
                tag("h2", said(wording.ALERTS, language)),
                tag("ul", *lines, more, class_="alerts") if alerts else tag("p", said(wording.NO_ALERTS, language)),
                class_="going-on",
            ),
            class_="two",
        ),
        id="wall", data_every=EVERY_S, data_fragment=f"/fragment/wall?lang={language}",
    )  # fmt: skip


def _sums(views: list[View], hub: HubNow, alerts: int, language: Language) -> Markup:
    heard = sum(view.liveness == "live" for view in views)
    backlog = sum(view.health.outbox_records for view in views if view.health is not None)
    broker = wording.BROKER_HERE if hub.has_broker else wording.BROKER_AWAY
    return tag(
        "dl",
        _sum(wording.DEVICES_HEARD, f"{heard} / {len(views)}", heard < len(views), language),
        _sum(wording.COUNT_ALERTS, str(alerts), alerts > 0, language),
        _sum(wording.BROKER, said(broker, language), not hub.has_broker, language),
        _sum(wording.INBOX, f"{hub.inbox_bytes / 1024:,.0f} KiB", hub.inbox_bytes > 1024 * 1024, language),
        _sum(wording.BACKLOG, f"{backlog:,}", backlog > 1000, language),
        *(
            _sum(words, f"{hub.totals[key]:,}", hub.totals[key] > 0, language)
            for words, key in (
                (wording.MISSING, "missing"), (wording.LOST, "lost"), (wording.QUARANTINED, "quarantine"),
            )
        ),
        class_="sums",
    )  # fmt: skip


def _sum(label: Words, value: str, strong: bool, language: Language) -> Markup:
    words = said(label, language)
    return tag("div", tag("dt", words), tag("dd", value), class_="count strong" if strong else "count")


def _tile(city: City, view: View, newest: EpochRow | None, now: int, language: Language) -> Markup:
    heard = age(view.heard_t, now, city.zone, view.silent_after_s) if view.heard_t else said(wording.NEVER, language)
    return tag(
        "article",
        tag("h3", tag("a", said(view.name, language), href=f"/device/{view.device}?lang={language}")),
        chip(view, language),
        tag("p", said(view.status.headline, language), class_="headline"),
        tag("p", tag("span", heard, class_="age"), " ", _books(newest, language), class_="foot"),
        class_=f"card tile {look(view, now)}",
    )


def _books(newest: EpochRow | None, language: Language) -> Markup | None:
    """Whether the device's newest epoch is complete."""
    if newest is None:
        return None
    holes = sum(last - first + 1 for first, last in newest.missing)
    if holes:
        return tag("span", said(wording.HOLES, language).format(f"{holes:,}"), class_="incomplete")
    return tag("span", said(wording.ALL_THERE, language))


def _urgency(one: tuple[View, Alert]) -> tuple[int, int]:
    return _RANK[one[1].severity], -one[1].since


def _line(city: City, view: View, alert: Alert, now: int, language: Language) -> Markup:
    return tag(
        "li",
        alert_line(alert, now, city.zone, language),
        " ",
        tag("b", said(view.name, language)),
        class_=alert.severity,
    )
