"""The drawing of the plan's figure: a spectrogram, temperatures and changes of frequency under it on one axis of time, and
marks through all.

A standing SVG that needs nothing beside itself. Where nothing came the picture is grey and lines are broken. What is drawn
comes from a campaign (``campaign_figure``) or from what a hub has stored (``live_figure``).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from hub.bridge.felt_temperature import HOUR_S, Floats
from hub.display.chart import ticks
from hub.display.markup import Markup, joined, tag
from hub.display.spectrogram import Spectra, picture

WIDTH, LEFT, RIGHT = 1200.0, 70.0, 150.0
TOP, GAP, BELOW = 88.0, 26.0, 34.0
SPECTROGRAM, TEMPERATURE, CHANGES, ROW = 280.0, 110.0, 300.0, 21.0
BROKEN_H = 3.0
DAY_S = 24.0 * HOUR_S
HIGHEST_HZ = 20.0
"""Of an empty spectrogram."""
COLOURS = ("#0b57d0", "#b3261e", "#146c2e", "#7b1fa2", "#a65e00", "#00696f", "#5c5c5c", "#c2185b")
FONTS = "'Noto Sans CJK JP', 'Noto Sans JP', 'Hiragino Sans', 'Yu Gothic', sans-serif"
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


@dataclass(frozen=True)
class Image:
    """A spectrogram's picture (PNG) over the whole span, and the frequencies [Hz] at its lower and upper edge.

    ``highest_hz``: of the highest level, to which the axis goes.
    """

    png: bytes
    bottom_hz: float
    top_hz: float
    highest_hz: float


@dataclass(frozen=True)
class Trace:
    """A line over time: times [s UTC] and values, NaN where there is none.

    Neighbours more than ``joined_s`` and one and a half usual steps apart are not joined.
    """

    times_s: Floats
    values: Floats
    colour: str
    width: float = 1.5
    opacity: float = 1.0
    dash: str | None = None
    joined_s: float = BROKEN_H * HOUR_S


@dataclass(frozen=True)
class Mark:
    """A line through all panels with its number above; broken where nothing was found."""

    at_s: float
    name: str
    found: bool = True


@dataclass(frozen=True)
class Named:
    """An entry beside a panel: a name and the line that it is drawn with."""

    name: str
    colour: str
    dash: str | None = None


@dataclass(frozen=True)
class Titles:
    """Above the figure and above each panel; ``nothing`` stands in an empty panel."""

    figure: str
    spectrogram: str
    temperature: str
    changes: str
    nothing: str


@dataclass(frozen=True)
class Content:
    """What is drawn.

    Attributes:
        span_s: beginning and end of the axis of time [s UTC].
        image: of one sensor's spectra, None where there are none.
        tracked: frequencies [Hz] over the picture.
        temperatures: [°C].
        changes: of frequencies [%].
        degc, percent: values that the axes of the two panels must show (1 in 1,000 of ``percent`` at each end may be outside).
        sensors, modes: what the lines of the two lower panels are, where there is more than one.
        listed: below it, a line each: a name and what is said of it.
        spoken: the essential in words, for who does not see it.
    """

    span_s: tuple[float, float]
    titles: Titles
    image: Image | None
    tracked: Sequence[Trace]
    temperatures: Sequence[Trace]
    changes: Sequence[Trace]
    degc: Floats
    percent: Floats
    sensors: Sequence[Named]
    modes: Sequence[Named]
    marks: Sequence[Mark]
    listed: Sequence[tuple[str, str]]
    spoken: str | None = None


@dataclass(frozen=True)
class _Panel:
    """Where a panel's values lie: from ``top`` down over ``height``, values from ``low`` to ``high``."""

    top: float
    height: float
    low: float
    high: float
    title: str

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height

    def y(self, value: float) -> float:
        """Down."""
        return self.top + self.height * (self.high - value) / (self.high - self.low)


def image_of(spectra: Spectra, span_s: tuple[float, float]) -> Image:
    """The picture of spectra over ``span_s`` [s UTC]."""
    half = 0.5 * spectra.f_step_hz
    drawn = picture(spectra, (round(1e6 * span_s[0]), round(1e6 * span_s[1])))
    return Image(drawn, spectra.f_first_hz - half, spectra.highest_hz + half, spectra.highest_hz)


def svg(content: Content, zone: ZoneInfo) -> Markup:
    """The figure, with times of ``zone``."""
    panels, span = _panels(content), content.span_s
    spectrogram, temperature, changes = panels
    height = changes.bottom + BELOW
    drawn = [
        *(_clip(number, panel) for number, panel in enumerate(panels)),
        *_frame(panels, content.titles.figure, span, zone),
        _nothing(spectrogram, content.titles) if content.image is None else _image(content.image, spectrogram),
        _within(0, (part for trace in content.tracked for part in _over_the_picture(trace, spectrogram, span))),
        _within(1, (_line(trace, temperature, span) for trace in content.temperatures)),
        *_legend(content.sensors, temperature),
        _within(2, (_line(trace, changes, span) for trace in content.changes)),
        *_legend(content.modes, changes),
        *(_nothing(panel, content.titles) for panel in _empty(content, panels)),
        *_marks(content.marks, changes.bottom, span),
        *_list(content.listed, height),
    ]
    whole = height + ROW * (len(content.listed) + 1)
    return tag(
        "svg", None if content.spoken is None else tag("desc", content.spoken),
        tag("rect", width=WIDTH, height=whole, fill="#fff"), *drawn, xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH:g} {whole:g}", width=WIDTH, height=whole, font_family=FONTS, font_size=13, role="img",
        aria_label=None if content.spoken is None else content.titles.figure,
    )  # fmt: skip


def circled(number: int) -> str:
    """A number as the owner's log writes it."""
    return CIRCLED[number - 1] if number <= len(CIRCLED) else f"({number})"


def dates(span_s: tuple[float, float], zone: ZoneInfo) -> tuple[str, str]:
    """The first and the last day of a span [s UTC]; with the time of day where it is short."""
    form = "%Y-%m-%d" if span_s[1] - span_s[0] > 2.0 * DAY_S else "%Y-%m-%d %H:%M"
    first, last = (datetime.fromtimestamp(t, UTC).astimezone(zone).strftime(form) for t in (span_s[0], span_s[1] - 1.0))
    return first, last


def _panels(content: Content) -> tuple[_Panel, _Panel, _Panel]:
    highest, titles = HIGHEST_HZ if content.image is None else content.image.highest_hz, content.titles
    below = TOP + SPECTROGRAM + GAP
    cold, warm, low, high = 0.0, 20.0, -1.0, 1.0
    if np.isfinite(content.degc).any():
        cold, warm = float(np.nanmin(content.degc)), float(np.nanmax(content.degc))
    if np.isfinite(content.percent).any():
        low, high = (float(np.nanquantile(content.percent, share)) for share in (0.001, 0.999))
    return (
        _Panel(TOP, SPECTROGRAM, 0.0, highest, titles.spectrogram),
        _Panel(below, TEMPERATURE, cold - 1.0, warm + 1.0, titles.temperature),
        _Panel(below + TEMPERATURE + GAP, CHANGES, low - 0.5, high + 0.5, titles.changes),
    )


def _empty(content: Content, panels: tuple[_Panel, _Panel, _Panel]) -> Iterator[_Panel]:
    for values, panel in ((content.degc, panels[1]), (content.percent, panels[2])):
        if not np.isfinite(values).any():
            yield panel


def _x(t_s: float, span: tuple[float, float]) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (t_s - span[0]) / (span[1] - span[0])


def _frame(panels: Sequence[_Panel], title: str, span: tuple[float, float], zone: ZoneInfo) -> Iterator[Markup]:
    yield tag("text", title, x=LEFT, y=24, font_size=17, font_weight="bold")
    for panel in panels:
        yield tag("text", panel.title, x=LEFT, y=panel.top - 7, font_size=13)
        yield tag(
            "rect", x=LEFT, y=panel.top, width=WIDTH - LEFT - RIGHT, height=panel.height, fill="none", stroke="#999"
        )
        for value in ticks(panel.low, panel.high):
            y = f"{panel.y(value):.1f}"
            yield tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, stroke="#ddd")
            yield tag("text", f"{value:g}".replace("-", "−"), x=LEFT - 8, y=y, dy="0.35em", text_anchor="end")
    bottom = panels[-1].bottom
    for t, name in _times(span, zone):
        x = f"{_x(t, span):.1f}"
        yield tag("line", x1=x, x2=x, y1=bottom, y2=bottom + 6, stroke="#555")
        yield tag("text", name, x=x, y=bottom + 20, text_anchor="middle")


def _times(span: tuple[float, float], zone: ZoneInfo) -> Iterator[tuple[float, str]]:
    """Minutes or hours of up to two days, days of up to twelve, every third of up to 45, else firsts and middles of months."""
    days = (span[1] - span[0]) / DAY_S
    at = datetime.fromtimestamp(span[0], UTC).astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if days <= 2.0:
        step = next(timedelta(minutes=each) for each in (1, 5, 10, 30, 60, 180) if days * 1440.0 / each <= 16.0)
    else:
        step = timedelta(days=3) if 12.0 < days <= 45.0 else timedelta(days=1)
    while (at := at + step).timestamp() < span[1]:
        if at.timestamp() < span[0]:
            continue
        if days <= 45.0 or at.day == 1 or (at.day == 15 and days <= 400.0):
            date = f"{at.month}/{at.day}" if days <= 400.0 else f"{at.year}/{at.month}"
            yield at.timestamp(), date if at.hour == 0 else at.strftime("%H:%M")


def _image(image: Image, panel: _Panel) -> Markup:
    top, bottom = panel.y(image.top_hz), panel.y(image.bottom_hz)
    return tag(
        "image", href=f"data:image/png;base64,{base64.b64encode(image.png).decode()}", x=LEFT, y=f"{top:.1f}",
        width=WIDTH - LEFT - RIGHT, height=f"{bottom - top:.1f}", preserveAspectRatio="none",
    )  # fmt: skip


def _nothing(panel: _Panel, titles: Titles) -> Markup:
    return tag(
        "text", titles.nothing, x=(WIDTH - RIGHT + LEFT) / 2, y=panel.top + panel.height / 2, text_anchor="middle",
        fill="#777",
    )  # fmt: skip


def _clip(number: int, panel: _Panel) -> Markup:
    """What is drawn within a panel ends at its edge: the axis of changes leaves out the wildest values."""
    within = tag("rect", x=LEFT, y=panel.top, width=WIDTH - LEFT - RIGHT, height=panel.height)
    return tag("clipPath", within, id=f"panel-{number}")


def _within(number: int, lines: Iterable[Markup]) -> Markup:
    return tag("g", *lines, clip_path=f"url(#panel-{number})")


def _over_the_picture(trace: Trace, panel: _Panel, span: tuple[float, float]) -> Iterator[Markup]:
    path = _path(trace, panel, span)
    yield tag("path", d=path, fill="none", stroke="#fff", stroke_width=2.6, stroke_opacity=0.7, stroke_linecap="round")
    yield tag(
        "path", d=path, fill="none", stroke=trace.colour, stroke_width=trace.width, stroke_linecap="round",
        stroke_dasharray=trace.dash,
    )  # fmt: skip


def _line(trace: Trace, panel: _Panel, span: tuple[float, float]) -> Markup:
    return tag(
        "path", d=_path(trace, panel, span), fill="none", stroke=trace.colour, stroke_width=trace.width,
        stroke_opacity=trace.opacity, stroke_linecap="round", stroke_dasharray=trace.dash,
    )  # fmt: skip


def _path(trace: Trace, panel: _Panel, span: tuple[float, float]) -> str:
    """Broken where nothing was measured; what stands alone is a dot."""
    times_s = trace.times_s
    reach = max(trace.joined_s, 1.5 * float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.0)
    runs: list[list[str]] = []
    before = -np.inf
    for t, value in zip(times_s.tolist(), trace.values.tolist(), strict=True):
        if value != value:
            continue
        if t - before > reach:
            runs.append([])
        runs[-1].append(f"{_x(t, span):.1f} {panel.y(value):.1f}")
        before = t
    return "".join(f"M{'L'.join(run)}" if len(run) > 1 else f"M{run[0]}h0" for run in runs)


def _legend(names: Sequence[Named], panel: _Panel) -> Iterator[Markup]:
    for number, one in enumerate(names):
        y = panel.top + 14 + ROW * number
        yield tag(
            "line", x1=WIDTH - RIGHT + 12, x2=WIDTH - RIGHT + 36, y1=y - 4, y2=y - 4, stroke=one.colour, stroke_width=3,
            stroke_dasharray=one.dash,
        )  # fmt: skip
        yield tag("text", one.name, x=WIDTH - RIGHT + 42, y=y)


def _marks(marks: Sequence[Mark], bottom: float, span: tuple[float, float]) -> Iterator[Markup]:
    taken = -np.inf
    for mark in marks:
        x = _x(mark.at_s, span)
        yield tag(
            "line", x1=f"{x:.1f}", x2=f"{x:.1f}", y1=TOP - 28, y2=bottom, stroke="#000", stroke_width=1.1,
            stroke_dasharray=None if mark.found else "5 4",
        )  # fmt: skip
        taken = max(x, taken + 15.0)
        yield tag("text", mark.name, x=f"{taken:.1f}", y=TOP - 34, text_anchor="middle", font_size=16)


def _list(listed: Sequence[tuple[str, str]], top: float) -> Iterator[Markup]:
    for number, (name, says) in enumerate(listed):
        yield tag(
            "text", joined([tag("tspan", f"{name}：", font_weight="bold"), says]), x=LEFT, y=top + ROW * (number + 1)
        )
