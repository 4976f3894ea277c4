"""The long-term chart as a standing SVG: residuals of the modes, the chart's distance with its limit, alarms and the log.

Residuals are six-hourly medians, so that months are readable; the distance is the hour's own. Lines break where
nothing was judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from hub.bridge.drift import Drift
from hub.bridge.felt_temperature import HOUR_S, Floats
from hub.bridge.long_term import LongTerm, day_of
from hub.bridge.plan_figure import COLOURS, FONTS
from hub.city import LoggedEvent
from hub.display.chart import ticks
from hub.display.language import Language, said
from hub.display.markup import Markup, tag
from hub.words import Words

WIDTH, LEFT, RIGHT, TOP, BELOW = 900.0, 52.0, 90.0, 34.0, 24.0
RESIDUALS, DISTANCE, GAP = 170.0, 90.0, 34.0
BIN_S: Final = 6.0 * HOUR_S
BROKEN_S: Final = 3.0 * BIN_S
TITLE: Final = Words(
    ja="温度の影響を除いた固有振動数の変化 [%]（6 時間の中央値）",
    easy="温度（おんど）で 説明（せつめい）できない ゆれの 変化（へんか） [%]",
    en="Change of natural frequencies, temperature removed [%] (medians of 6 h)",
)
CHART: Final = Words(
    ja="管理図の距離（破線：限界 1、帯：警報）", easy="いつもとの ちがい（線（せん）より 上（うえ）は 注意（ちゅうい））",
    en="Distance of the control chart (dashed: limit 1; shaded: alarm)",
)  # fmt: skip


def svg(
    chart: LongTerm, log: Sequence[LoggedEvent], zone: ZoneInfo, span_s: tuple[float, float], language: Language = "ja"
) -> Markup | None:
    """The figure of ``span_s`` [s UTC], None where nothing in it was judged."""
    drift = chart.drift
    inside = (chart.times_s >= span_s[0]) & (chart.times_s < span_s[1])
    if drift is None or not np.isfinite(drift.judged.score[inside]).any():
        return None
    times, residuals = _binned(chart.times_s[inside], 100.0 * drift.residuals[inside])
    reach = max(1.0, 1.1 * float(np.nanmax(np.abs(residuals))))
    score = drift.judged.score[inside]
    upper, lower = (
        (TOP, RESIDUALS, -reach, reach),
        (TOP + RESIDUALS + GAP, DISTANCE, 0.0, max(1.5, float(np.nanmax(score)))),
    )
    height = lower[0] + DISTANCE + BELOW
    return tag(
        "svg", tag("rect", width=WIDTH, height=height, fill="#fff"), *_alarms(chart, span_s, height),
        *_panel(upper, said(TITLE, language)), *_panel(lower, said(CHART, language)), *_days(span_s, zone, height),
        *_events(log, span_s, zone, height), *_modes(drift, times, residuals, upper, span_s),
        _path(chart.times_s[inside], score, lower, span_s, "#222", 1.0),
        _level(1.0, lower, "#b3261e", "6 4"), _level(0.0, upper, "#555", None),
        xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDTH:g} {height:g}", font_family=FONTS, font_size=12, role="img",
        aria_label=said(TITLE, language),
    )  # fmt: skip


_Panel = tuple[float, float, float, float]
"""Top, height, lowest and highest value."""


def _x(t_s: float, span_s: tuple[float, float]) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (t_s - span_s[0]) / (span_s[1] - span_s[0])


def _y(value: float, panel: _Panel) -> float:
    top, height, low, high = panel
    return top + height * (high - value) / (high - low)


def _binned(times_s: Floats, residuals: Floats) -> tuple[Floats, Floats]:
    """Medians of ``BIN_S``, at the middle of each; NaN where a mode was not measured."""
    numbers, first = np.unique(np.floor(times_s / BIN_S), return_index=True)
    parts = np.split(residuals, first[1:])
    rows = [
        [float(np.median(known)) if len(known := column[np.isfinite(column)]) else float("nan") for column in part.T]
        for part in parts
    ]
    return (numbers + 0.5) * BIN_S, np.array(rows)


def _panel(panel: _Panel, title: str) -> Iterator[Markup]:
    top, height, low, high = panel
    yield tag("text", title, x=LEFT, y=top - 7)
    yield tag("rect", x=LEFT, y=top, width=WIDTH - LEFT - RIGHT, height=height, fill="none", stroke="#999")
    for value in ticks(low, high):
        y = f"{_y(value, panel):.1f}"
        yield tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, stroke="#ddd")
        yield tag("text", f"{value:g}".replace("-", "−"), x=LEFT - 7, y=y, dy="0.35em", text_anchor="end")


def _days(span_s: tuple[float, float], zone: ZoneInfo, height: float) -> Iterator[Markup]:
    """Dates, ten at most."""
    days = (span_s[1] - span_s[0]) / 86_400.0
    step = next(each for each in (1, 2, 5, 7, 14, 30, 60, 120, 400) if days / each <= 10)
    day = datetime.fromtimestamp(span_s[0], UTC).astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    while day.timestamp() < span_s[1]:
        if day.timestamp() >= span_s[0]:
            x = f"{_x(day.timestamp(), span_s):.1f}"
            yield tag("line", x1=x, x2=x, y1=height - BELOW, y2=height - BELOW + 5, stroke="#555")
            yield tag("text", f"{day.month}/{day.day}", x=x, y=height - 6, text_anchor="middle")
        day += timedelta(days=step)


def _alarms(chart: LongTerm, span_s: tuple[float, float], height: float) -> Iterator[Markup]:
    for begin, end in chart.episodes:
        first, last = max(begin, span_s[0]), min(end or span_s[1], span_s[1])
        if first < last:
            yield tag(
                "rect", x=f"{_x(first, span_s):.1f}", y=TOP, width=f"{_x(last, span_s) - _x(first, span_s):.1f}",
                height=height - BELOW - TOP, fill="#b3261e", fill_opacity=0.10,
            )  # fmt: skip


def _events(log: Sequence[LoggedEvent], span_s: tuple[float, float], zone: ZoneInfo, height: float) -> Iterator[Markup]:
    """A line at the noon of each entry's day, with its number in the log."""
    for number, entry in enumerate(sorted(log, key=lambda one: one.date), 1):
        noon = day_of(entry.date, zone)[0] + 12.0 * HOUR_S
        if span_s[0] <= noon < span_s[1]:
            x = f"{_x(noon, span_s):.1f}"
            yield tag("line", x1=x, x2=x, y1=TOP - 4, y2=height - BELOW, stroke="#000", stroke_dasharray="3 3")
            yield tag("text", f"({number})", x=x, y=TOP - 20, text_anchor="middle")


def _modes(
    drift: Drift, times_s: Floats, residuals: Floats, panel: _Panel, span_s: tuple[float, float]
) -> Iterator[Markup]:
    for column, name in enumerate(drift.modes):
        colour = COLOURS[column % len(COLOURS)]
        yield _path(times_s, residuals[:, column], panel, span_s, colour, 1.3)
        y = panel[0] + 12 + 17 * column
        yield tag(
            "line", x1=WIDTH - RIGHT + 10, x2=WIDTH - RIGHT + 30, y1=y - 4, y2=y - 4, stroke=colour, stroke_width=3
        )
        yield tag("text", name, x=WIDTH - RIGHT + 36, y=y)


def _level(value: float, panel: _Panel, colour: str, dashes: str | None) -> Markup:
    y = f"{_y(value, panel):.1f}"
    return tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, stroke=colour, stroke_dasharray=dashes)


def _path(
    times_s: Floats, values: Floats, panel: _Panel, span_s: tuple[float, float], colour: str, width: float
) -> Markup:
    path, before = "", -np.inf
    for t, value in zip(times_s.tolist(), values.tolist(), strict=True):
        if value == value:
            path += f"{'M' if t - before > BROKEN_S else 'L'}{_x(t, span_s):.1f} {_y(value, panel):.1f}"
            before = t
    return tag("path", d=path, fill="none", stroke=colour, stroke_width=width)
