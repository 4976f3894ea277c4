"""The plan's figure: spectrogram of a sensor, temperature and tracked frequencies under it, and the events through all.

A standing SVG that needs nothing beside itself. Where nothing came the picture is grey, lines are broken, and what has
no detectable effect is said so.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from hub.bridge.campaign_answer import Analysed
from hub.bridge.felt_temperature import HOUR_S, Floats
from hub.bridge.residual_figure import COLOURS, FONTS
from hub.display.chart import ticks
from hub.display.markup import Markup, joined, tag
from hub.display.spectrogram import Spectra, picture
from hub.errors import HubError, SeriesRefused

WIDTH, LEFT, RIGHT = 1200.0, 70.0, 150.0
TOP, GAP, BELOW = 88.0, 26.0, 34.0
SPECTROGRAM, TEMPERATURE, FREQUENCIES, ROW = 280.0, 110.0, 300.0, 21.0
BROKEN_H = 3.0
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
SAYS = {"structure": "構造の変化", "mass": "質量の変化", "undetermined": "構造か質量かは判別不能"}


@dataclass(frozen=True)
class Panel:
    """Where a panel's values lie: from ``top`` down over ``height``, values from ``low`` to ``high``."""

    top: float
    height: float
    low: float
    high: float
    title: str

    def y(self, value: float) -> float:
        """Down."""
        return self.top + self.height * (self.high - value) / (self.high - self.low)


def read_spectra(path: Path) -> Spectra:
    """Spectra of one sensor: ``t`` (rows,) [s UTC], ``f_hz`` (bins,) in equal steps, ``levels_db`` (rows, bins).

    Raises SeriesRefused when the file holds something else.
    """
    try:
        with np.load(path, allow_pickle=False) as held:
            times, bins, levels = (np.asarray(held[name], dtype=np.float64) for name in ("t", "f_hz", "levels_db"))
    except (OSError, ValueError, KeyError) as problem:
        raise SeriesRefused(f"{path}: {problem}; wanted a .npz with t, f_hz and levels_db") from problem
    if levels.shape != (len(times), len(bins)) or len(bins) < 2 or not len(times):
        raise SeriesRefused(f"{path}: levels_db is {levels.shape}; wanted rows of t by bins of f_hz, two bins at least")
    moments = [round(1e6 * t) for t in times.tolist()]
    return Spectra(moments, levels.tolist(), float(bins[0]), float(bins[1] - bins[0]))


def svg(analysed: Analysed, spectra: Spectra | None, zone: ZoneInfo, sensor: str = "S5") -> Markup:
    """The figure.

    Args:
        spectra: of one sensor; its panel is left empty without.
        sensor: its name.
    """
    windows, judged = analysed.windows, analysed.judged
    span = (float(windows.times_s[0]), float(windows.times_s[-1]))
    percent = 100.0 * (judged.logs - judged.logs[:24].mean(axis=0, where=np.isfinite(judged.logs[:24])))
    plain = percent - 100.0 * judged.law
    plain -= np.nanmean(plain[:72], axis=0)
    panels = _panels(spectra, windows.temperatures_degc[:, 0], np.concatenate([percent, plain]), sensor)
    height = panels[-1].top + panels[-1].height + BELOW
    listed = list(_list(analysed, height))
    drawn = [
        *_frame(panels, span, zone),
        *([_image(spectra, panels[0], span)] if spectra is not None else [_empty(panels[0])]),
        *_tracked(analysed, panels[0], span),
        _line(windows.times_s[::6], windows.temperatures_degc[::6, 0], panels[1], span, "#444", 1.0, 1.0),
        *_departures(analysed, percent, plain, panels[2], span),
        *_events(analysed, panels, span),
        *listed,
    ]
    whole = height + ROW * (len(listed) + 1)
    return tag(
        "svg", tag("rect", width=WIDTH, height=whole, fill="#fff"), *drawn, xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH:g} {whole:g}", width=WIDTH, height=whole, font_family=FONTS, font_size=13, role="img",
    )  # fmt: skip


def png(drawing: Markup, width: int = 1800) -> bytes:
    """The figure as a PNG.

    Raises HubError where the renderer is not installed.
    """
    try:
        import resvg_py
    except ImportError as problem:
        raise HubError("a PNG needs resvg-py (pip install 'machikado[engineer]'), or write an SVG") from problem
    return bytes(resvg_py.svg_to_bytes(svg_string=str(drawing), width=width, background="#ffffff"))


def _panels(spectra: Spectra | None, degc: Floats, percent: Floats, sensor: str) -> list[Panel]:
    highest = 20.0 if spectra is None else spectra.highest_hz
    below = TOP + SPECTROGRAM + GAP
    low, high = float(np.nanquantile(percent, 0.001)), float(np.nanquantile(percent, 0.999))
    cold, warm = float(np.nanmin(degc)), float(np.nanmax(degc))
    return [
        Panel(TOP, SPECTROGRAM, 0.0, highest, f"鉛直センサー {sensor} のスペクトログラムと追跡した固有振動数 [Hz]"),
        Panel(below, TEMPERATURE, cold - 1.0, warm + 1.0, "センサー温度 [°C]"),
        Panel(
            below + TEMPERATURE + GAP, FREQUENCIES, low - 0.5, high + 0.5,
            "固有振動数の変化 [%]（薄い線：測定値、濃い線：温度と振動レベルの影響を除いた値）",
        ),
    ]  # fmt: skip


def _x(t_s: float, span: tuple[float, float]) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (t_s - span[0]) / (span[1] - span[0])


def _frame(panels: Sequence[Panel], span: tuple[float, float], zone: ZoneInfo) -> Iterator[Markup]:
    yield tag("text", _dates(span, zone), x=LEFT, y=24, font_size=17, font_weight="bold")
    for panel in panels:
        yield tag("text", panel.title, x=LEFT, y=panel.top - 7, font_size=13)
        yield tag(
            "rect", x=LEFT, y=panel.top, width=WIDTH - LEFT - RIGHT, height=panel.height, fill="none", stroke="#999"
        )
        for value in ticks(panel.low, panel.high):
            y = f"{panel.y(value):.1f}"
            yield tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, stroke="#ddd")
            yield tag("text", f"{value:g}".replace("-", "−"), x=LEFT - 8, y=y, dy="0.35em", text_anchor="end")
    bottom = panels[-1].top + panels[-1].height
    for t, name in _months(span, zone):
        x = f"{_x(t, span):.1f}"
        yield tag("line", x1=x, x2=x, y1=bottom, y2=bottom + 6, stroke="#555")
        yield tag("text", name, x=x, y=bottom + 20, text_anchor="middle")


def _dates(span: tuple[float, float], zone: ZoneInfo) -> str:
    first, last = (
        datetime.fromtimestamp(t, UTC).astimezone(zone).strftime("%Y-%m-%d") for t in (span[0], span[1] - 1.0)
    )
    return f"橋の振動モニタリング {first} ～ {last}"


def _months(span: tuple[float, float], zone: ZoneInfo) -> Iterator[tuple[float, str]]:
    """Firsts and middles of months."""
    day = datetime.fromtimestamp(span[0], UTC).astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    while (day := day + timedelta(days=1)).timestamp() < span[1]:
        if day.day in (1, 15):
            yield day.timestamp(), f"{day.month}/{day.day}"


def _image(spectra: Spectra, panel: Panel, span: tuple[float, float]) -> Markup:
    content = base64.b64encode(picture(spectra, (round(1e6 * span[0]), round(1e6 * span[1])))).decode()
    half = 0.5 * spectra.f_step_hz
    top, bottom = panel.y(spectra.highest_hz + half), panel.y(spectra.f_first_hz - half)
    return tag(
        "image", href=f"data:image/png;base64,{content}", x=LEFT, y=f"{top:.1f}", width=WIDTH - LEFT - RIGHT,
        height=f"{bottom - top:.1f}", preserveAspectRatio="none",
    )  # fmt: skip


def _empty(panel: Panel) -> Markup:
    return tag(
        "text", "スペクトルなし", x=(WIDTH - RIGHT + LEFT) / 2, y=panel.top + panel.height / 2, text_anchor="middle",
        fill="#777",
    )  # fmt: skip


def _tracked(analysed: Analysed, panel: Panel, span: tuple[float, float]) -> Iterator[Markup]:
    """Tracked frequencies over the spectrogram, every third hour."""
    judged = analysed.judged
    for number, logs in enumerate(judged.logs.T):
        path = _path(judged.times_s[::3], np.exp(logs[::3]), panel, span)
        yield tag("path", d=path, fill="none", stroke="#fff", stroke_width=2.6, stroke_opacity=0.7)
        yield tag("path", d=path, fill="none", stroke=COLOURS[number % len(COLOURS)], stroke_width=1.2)


def _departures(
    analysed: Analysed, percent: Floats, plain: Floats, panel: Panel, span: tuple[float, float]
) -> Iterator[Markup]:
    times = analysed.judged.times_s
    for number, name in enumerate(analysed.names):
        colour = COLOURS[number % len(COLOURS)]
        yield _line(times, percent[:, number], panel, span, colour, 0.7, 0.25)
        yield _line(times, plain[:, number], panel, span, colour, 1.5, 1.0)
        y = panel.top + 14 + ROW * number
        yield tag(
            "line", x1=WIDTH - RIGHT + 12, x2=WIDTH - RIGHT + 36, y1=y - 4, y2=y - 4, stroke=colour, stroke_width=3
        )
        hertz = float(analysed.judged.start_hz[number])
        yield tag("text", f"{name} {hertz:.2f} Hz", x=WIDTH - RIGHT + 42, y=y)


def _line(
    times_s: Floats, values: Floats, panel: Panel, span: tuple[float, float], colour: str, width: float, opacity: float
) -> Markup:
    return tag(
        "path", d=_path(times_s, values, panel, span), fill="none", stroke=colour, stroke_width=width,
        stroke_opacity=opacity,
    )  # fmt: skip


def _path(times_s: Floats, values: Floats, panel: Panel, span: tuple[float, float]) -> str:
    """Broken where nothing was measured for ``BROKEN_H`` and more than the usual step."""
    parts: list[str] = []
    before = -np.inf
    reach = max(BROKEN_H * HOUR_S, 1.5 * float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.0)
    for t, value in zip(times_s.tolist(), values.tolist(), strict=True):
        if value != value:
            continue
        parts.append(f"{'M' if t - before > reach else 'L'}{_x(t, span):.1f} {panel.y(value):.1f}")
        before = t
    return "".join(parts)


def _events(analysed: Analysed, panels: Sequence[Panel], span: tuple[float, float]) -> Iterator[Markup]:
    bottom = panels[-1].top + panels[-1].height
    taken = -np.inf
    for change in analysed.judged.changes:
        x = _x(change.at_s, span)
        dash = None if change.found else "5 4"
        yield tag(
            "line", x1=f"{x:.1f}", x2=f"{x:.1f}", y1=TOP - 28, y2=bottom, stroke="#000", stroke_width=1.1,
            stroke_dasharray=dash,
        )  # fmt: skip
        numbers = sorted({entry.event.number for entry in change.entries})
        name = "".join(circled(number) for number in numbers) or "？"
        taken = max(x, taken + 15.0)
        yield tag("text", name, x=f"{taken:.1f}", y=TOP - 34, text_anchor="middle", font_size=16)


def circled(number: int) -> str:
    """A number as the owner's log writes it."""
    return CIRCLED[number - 1] if number <= len(CIRCLED) else f"({number})"


def _list(analysed: Analysed, top: float) -> Iterator[Markup]:
    """What each event did, a line each."""
    rows = [
        (entry.begin_s, f"{circled(entry.event.number)} {entry.event.name}", "比較できる測定がない")
        for entry in analysed.judged.outside
    ]
    for change, told in zip(analysed.judged.changes, analysed.answer.changes, strict=True):
        entries = change.entries
        name = "＋".join(f"{circled(one.event.number)} {one.event.name}" for one in entries) or "？ 記録にない変化"
        if told.says == "changed":
            effects = "、".join(
                f"{mode} {effect.percent:+.2f} ± {(effect.ci95[1] - effect.ci95[0]) / 2:.2f}"
                for mode, effect in told.effects.items()
            ).replace("-", "−")
            says = f"{effects} %；{SAYS[told.kind]}"
        else:
            says = "検出できる影響なし"
        rows.append((change.at_s, f"{name}{'（分離できないため合計）' if told.sum else ''}", says))
    for number, (_, name, says) in enumerate(sorted(rows)):
        yield tag(
            "text", joined([tag("tspan", f"{name}：", font_weight="bold"), says]), x=LEFT, y=top + ROW * (number + 1)
        )
