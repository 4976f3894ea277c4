"""A figure on a page: its value with unit and interval, its age, and grey once it is older than it stays fresh.

Rules it keeps:
- What is not known is a dash, never 0 and never empty.
- Every figure with a time carries it; the server writes the time of day, the browser counts the age each second.
- Grey is decided by the same rule at both ends: age above ``fresh_for_s``.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from hub.display import wording
from hub.display.language import Language, clock, instant, said, unit
from hub.display.markup import Markup, joined, tag
from hub.judgement import Figure

UNKNOWN = "—"
LONG = 24
FULL_WIDTH = 0x2000


def is_old(figure: Figure, now: int) -> bool:
    """Whether it is older than it stays fresh; what is not known has no age."""
    return figure.t is not None and now - figure.t > figure.fresh_for_s * 1e6


def figure_row(figure: Figure, now: int, zone: ZoneInfo, language: Language) -> Markup:
    """One figure: label, value, age."""
    old = is_old(figure, now)
    return tag(
        "div",
        tag("dt", said(figure.label, language)),
        tag("dd", _value(figure, language), _bar(figure), class_="value words" if figure.text else "value"),
        tag("dd", None if figure.t is None else age(figure.t, now, zone, figure.fresh_for_s), class_="age"),
        class_=" ".join(["figure", *(["old"] if old else []), *(["long"] if _is_long(figure, language) else [])]),
        data_key=figure.key,
    )


def age(t: int, now: int, zone: ZoneInfo, fresh_for_s: float | None = None) -> Markup:
    """A time of day, from which the browser counts the age."""
    return tag(
        "time", clock(t, now, zone), datetime=instant(t).isoformat(timespec="milliseconds"), data_t=t,
        data_fresh=fresh_for_s,
    )  # fmt: skip


def _is_long(figure: Figure, language: Language) -> bool:
    """Whether the value needs a line of its own: a full-width character is as wide as two others."""
    text = said(figure.text, language) if figure.text is not None and figure.value is not None else ""
    return sum(2 if ord(character) > FULL_WIDTH else 1 for character in text) > LONG


def _value(figure: Figure, language: Language) -> Markup:
    if figure.value is None:
        return joined([tag("span", UNKNOWN, aria_hidden="true"), _hidden(said(wording.UNKNOWN, language))])
    name, interval = unit(figure.unit, language), _interval(figure)
    after = tag("span", f" ({interval})", class_="interval") if interval else None
    if figure.text is not None:
        written = f" ({interval}{_apart(name)})" if interval else None
        return joined([said(figure.text, language), tag("span", written, class_="interval") if written else None])
    if isinstance(figure.value, bool):
        return joined([said(wording.YES if figure.value else wording.NO, language)])
    if isinstance(figure.value, str):
        return joined([figure.value])
    shown = tag("span", _apart(name), class_="unit") if name else None
    return joined([_number(figure.value, figure.digits), shown, after])


def _apart(unit_name: str) -> str:
    """A unit as it stands behind a number."""
    return unit_name if unit_name in ("", "%", "分", "°C") else f" {unit_name}"


def _interval(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return ""
    return f"{_number(figure.low, figure.digits)}–{_number(figure.high, figure.digits)}"


def _number(value: float, digits: int) -> str:
    return f"{value:,.{digits}f}".replace("-", "−")


def _bar(figure: Figure) -> Markup | None:
    """A share of a hundred as a bar beside its number."""
    if figure.unit != "%" or isinstance(figure.value, bool) or not isinstance(figure.value, int | float):
        return None
    width = min(100.0, max(0.0, float(figure.value)))
    return tag(
        "svg",
        tag("rect", width=100, height=6, rx=3, class_="groove"),
        tag("rect", width=f"{width:g}", height=6, rx=3, class_="filled"),
        viewBox="0 0 100 6", class_="bar", aria_hidden="true", preserveAspectRatio="none",
    )  # fmt: skip


def _hidden(content: str) -> Markup:
    """Read aloud, not seen."""
    return tag("span", content, class_="aside")
