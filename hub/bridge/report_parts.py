"""What the monthly report is written with: tables that say what is missing, numbers with their uncertainty, times.

Rules it keeps:
- What is not known is 「―」, never 0 and never an empty cell.
- A table without rows is a sentence that says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hub.display.markup import Markup, tag

UNKNOWN: Final = "―"
CONFIDENCE_95: Final = 1.96
SHORT_ROWS: Final = 14
"""A table of so many rows is not cut by the end of a page."""

Cell = str | Markup | None


def number(value: float | None, digits: int) -> str:
    """A number with the true minus sign."""
    return UNKNOWN if value is None or value != value else f"{value:,.{digits}f}".replace("-", "−")


def signed(value: float | None, digits: int) -> str:
    """A change, its sign always there but for what is rounded to nought."""
    if value is None or value != value:
        return UNKNOWN
    return f"{value:+,.{digits}f}".replace("-", "−") if round(value, digits) else f"{0.0:.{digits}f}"


def with_interval(value: float, half: float, digits: int) -> str:
    """A value and the half width of its interval."""
    return f"{number(value, digits)} ± {number(half, digits)}"


def mode_name(label: str) -> str:
    """What a mode is called."""
    return f"モード{label[1:]}" if label[:1] in ("m", "f") and label[1:].isdigit() else f"モード{label}"


def table(heads: Sequence[str], rows: Sequence[Sequence[Cell]], empty: str, numbers: range = range(0)) -> Markup:
    """A table whose columns ``numbers`` are set to the right; ``empty`` is said where there is no row."""
    if not rows:
        return tag("p", empty, class_="none")
    side = ["n" if at in numbers else None for at in range(len(heads))]
    body = [
        tag("tr", *(tag("td", cell or UNKNOWN, class_=each) for cell, each in zip(row, side, strict=True)))
        for row in rows
    ]
    head = tag("tr", *(tag("th", each, scope="col", class_=way) for each, way in zip(heads, side, strict=True)))
    return tag("table", tag("thead", head), tag("tbody", *body), class_="short" if len(rows) <= SHORT_ROWS else None)


def section(number_: int, title: str, *content: Cell) -> Markup:
    """A numbered section."""
    return tag("section", tag("h2", f"{number_}. {title}"), *content)


def note(content: str) -> Markup:
    """A remark on how to read what stands above."""
    return tag("p", content, class_="note")
