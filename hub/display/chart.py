"""A chart: series of one field as an SVG, drawn on the server so that it needs no script."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from hub.display import wording
from hub.display.family_page import Chart
from hub.display.language import Language, instant, said
from hub.display.markup import Markup, joined, tag

WIDTH: Final = 640.0
HEIGHT: Final = 200.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 12.0, 12.0, 24.0
SERIES_DRAWN: Final = 8
"""As many as there are line styles that one can tell apart."""


class Line(NamedTuple):
    """One series to draw: its name and its points (µs UTC, value), oldest first."""

    name: str
    points: Sequence[tuple[int, float]]


class Axes(NamedTuple):
    """Where times and values lie in the picture.

    Attributes:
        t_from, t_to: [µs UTC].
        low, high: values at the lower and the upper edge.
    """

    t_from: int
    t_to: int
    low: float
    high: float

    def x(self, t: float) -> float:
        """Across."""
        return LEFT + (WIDTH - LEFT - RIGHT) * (t - self.t_from) / (self.t_to - self.t_from)

    def y(self, value: float) -> float:
        """Down."""
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - self.low) / (self.high - self.low)


def line_chart(
    chart: Chart, lines: Sequence[Line], span: tuple[int, int], joined_us: float, zone: ZoneInfo, language: Language
) -> Markup:
    """A figure with its caption; lines are broken where neighbours are more than ``joined_us`` apart.

    Args:
        span: beginning and end of the time axis [µs UTC].
    """
    title, unit = said(chart.title, language), chart.unit
    caption = tag("figcaption", title, tag("span", f" [{unit}]" if unit else "", class_="unit"))
    shown = [line for line in lines if line.points][:SERIES_DRAWN]
    if not shown:
        return tag("figure", caption, tag("p", said(wording.NO_POINTS, language), class_="empty"), class_="chart")
    axes = Axes(*span, *_reach([value for line in shown for _, value in line.points], chart.from_zero))
    picture = tag(
        "svg",
        value_axis(axes),
        time_axis(axes, zone),
        *(_line(axes, line, number, joined_us) for number, line in enumerate(shown)),
        viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}", role="img", aria_label=_spoken(title, unit, shown, chart.digits),
    )  # fmt: skip
    left_out = len([line for line in lines if line.points]) - len(shown)
    return tag("figure", caption, picture, legend(shown, unit, chart.digits, language, left_out), class_="chart")


def legend(lines: Sequence[Line], unit: str, digits: int, language: Language, left_out: int = 0) -> Markup:
    """Names of the lines with their newest values."""
    items = [
        tag(
            "li",
            tag("svg", tag("line", x1=0, y1=5, x2=26, y2=5), viewBox="0 0 26 10", class_=f"sample s{number}"),
            line.name,
            tag("b", f" {line.points[-1][1]:,.{digits}f}".replace("-", "−"), f" {unit}" if unit else ""),
        )
        for number, line in enumerate(lines)
    ]
    more = tag("li", said(wording.MORE, language).format(left_out)) if left_out else None
    return tag("ul", *items, more, class_="legend")


def value_axis(axes: Axes) -> Markup:
    """Lines across at round values, with their numbers."""
    parts = []
    for value in ticks(axes.low, axes.high):
        y = f"{axes.y(value):.1f}"
        parts.append(tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="grid"))
        parts.append(tag("text", _written(value), x=LEFT - 6, y=y, dy="0.35em", text_anchor="end"))
    return joined(parts)


def time_axis(axes: Axes, zone: ZoneInfo) -> Markup:
    """Local times of day along the lower edge."""
    parts = []
    for t in _round_times(axes):
        x = f"{axes.x(t):.1f}"
        parts.append(tag("line", x1=x, x2=x, y1=TOP, y2=HEIGHT - BOTTOM, class_="grid"))
        parts.append(
            tag("text", instant(t).astimezone(zone).strftime("%H:%M"), x=x, y=HEIGHT - 7, text_anchor="middle")
        )
    return joined(parts)


def ticks(low: float, high: float) -> list[float]:
    """Three to six round values in [low, high]."""
    rough = (high - low) / 4.0
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(magnitude * factor for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if magnitude * factor >= rough * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def _round_times(axes: Axes) -> list[int]:
    minute = 60_000_000
    for step in (minute, 5 * minute, 10 * minute, 15 * minute, 60 * minute, 180 * minute, 360 * minute):
        if (axes.t_to - axes.t_from) / step <= 6.5:
            return list(range(-(-axes.t_from // step) * step, axes.t_to + 1, step))
    return []


def _reach(values: Sequence[float], from_zero: bool) -> tuple[float, float]:
    low, high = min(values), max(values)
    if from_zero:
        return min(0.0, low), max(high * 1.08, low + 1e-9) if high > 0 else 1.0
    room = max((high - low) * 0.08, abs(high) * 0.002, 1e-9)
    return low - room, high + room


def _line(axes: Axes, line: Line, number: int, joined_us: float) -> Markup:
    path, before = "", None
    for t, value in line.points:
        pen = "M" if before is None or t - before > joined_us else "L"
        path += f"{pen}{axes.x(t):.1f} {axes.y(value):.1f}"
        before = t
    dots = line.points if len(line.points) <= 40 else line.points[-1:]
    return tag(
        "g",
        tag("path", d=path),
        *(tag("circle", cx=f"{axes.x(t):.1f}", cy=f"{axes.y(value):.1f}", r=2.2) for t, value in dots),
        class_=f"series s{number}",
    )


def _spoken(title: str, unit: str, lines: Sequence[Line], digits: int) -> str:
    newest = ", ".join(f"{line.name} {line.points[-1][1]:,.{digits}f} {unit}".strip() for line in lines)
    return f"{title}: {newest}"


def _written(value: float) -> str:
    digits = 0 if abs(value) >= 100 or value == int(value) else 1 if abs(value) >= 10 else 3
    text = f"{value:,.{digits}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")
