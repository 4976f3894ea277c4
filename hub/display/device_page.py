"""The page of one device: its figures and alerts, its series over time, what the ledger knows, how the device is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from hub.city import City, DeviceContext, context_of
from hub.display import wording
from hub.display.card import full_card
from hub.display.chart import SERIES_DRAWN, Line, line_chart
from hub.display.family_page import Chart, Spectrogram
from hub.display.figure import age, figure_row
from hub.display.language import Language, said
from hub.display.map import city_map
from hub.display.markup import Markup, joined, tag
from hub.display.span_figure import Span
from hub.display.spectrogram import figure as spectrogram_figure
from hub.display.spectrogram import read_spectra
from hub.family import device_page_of, page_of
from hub.judgement import Figure
from hub.ledger_port import EpochRow, LedgerAnswers
from hub.live import View
from hub.store.port import Series, SeriesQuery, Store
from hub.words import Words

SPANS_US: Final = {"1h": 3_600_000_000, "6h": 21_600_000_000, "24h": 86_400_000_000}
WINDOWS: Final = 120
"""Condensed points a line."""
EPOCHS_SHOWN: Final = 5
RANGES_SHOWN: Final = 5
HEALTH_FRESH_S: Final = 180.0
CHARTS_PERIOD_S: Final = 15


class Sources(NamedTuple):
    """What a device's page is made from."""

    city: City
    store: Store
    ledger: LedgerAnswers
    drawing: Callable[[str, int, Language], Markup | None]


class Choice(NamedTuple):
    """What a visitor chose: how far back the charts go, and the span of the family's figure."""

    reach: str
    span: Span


def device_page(
    view: View, views: list[View], sources: Sources, choice: Choice, now: int, language: Language, below: Markup | None
) -> Markup:
    """Everything below the page's head; ``below`` stands at the end.

    Raises:
        StoreError: store or ledger does not answer.
    """
    city = sources.city
    path = f"/device/{view.device}?lang={language}&span={choice.span}"
    own_map = city_map(city, views, now, city.zone, language) if page_of(view.family).moves else None
    choices = [
        tag(
            "a",
            said(words, language),
            href=f"{path}&range={name}",
            aria_current="true" if name == choice.reach else None,
        )
        for name, words in wording.RANGES.items()
    ]
    return joined(
        [
            tag("p", tag("a", f"← {said(wording.BACK, language)}", href=f"/?lang={language}"), class_="back"),
            tag("h1", said(view.name, language), tag("span", f"{said(view.called, language)} {view.device}", class_="code")),
            tag(
                "div",
                tag("div", full_card(view, now, city.zone, language), own_map),
                about(view, sources, now, language),
                class_="device-grid",
            ),
            tag(
                "nav", tag("h2", said(wording.CHARTS, language)), *choices, class_="ranges",
                aria_label=said(wording.RANGE, language),
            ),
            charts(view, sources, choice.reach, now, language),
            below,
        ]
    )  # fmt: skip


def charts(view: View, sources: Sources, reach: str, now: int, language: Language) -> Markup:
    """The family's charts over the last ``reach``.

    Raises:
        StoreError: the store does not answer.
    """
    context = context_of(sources.city, view.device)
    family = device_page_of(context)
    span = (now - SPANS_US[reach], now)
    drawn = [_chart(one, context, sources, span, language) for one in family.charts]
    if family.spectrogram is not None:
        drawn.insert(0, _spectrogram(family.spectrogram, context, sources, reach, span, language))
    own = sources.drawing(view.device, now, language)
    if own is not None:
        drawn.append(tag("figure", own, class_="chart"))
    return tag(
        "div", *drawn, class_="charts", id="charts", data_every=CHARTS_PERIOD_S,
        data_fragment=f"/fragment/{view.device}/charts?range={reach}&lang={language}",
    )  # fmt: skip


def _chart(chart: Chart, context: DeviceContext, sources: Sources, span: tuple[int, int], language: Language) -> Markup:
    every_us = (span[1] - span[0]) // WINDOWS // 1000 * 1000
    limit = (WINDOWS + 2) * 2 * SERIES_DRAWN
    query = SeriesQuery(context.device, chart.kind, chart.field, *span, {}, every_us, chart.aggregate, limit)
    names = _Names(sources.city, context, chart.called, language)
    lines = [_as_line(one, chart.scale, names) for one in sources.store.series(query)]
    joined_us = max(chart.joined_s * 1e6, 2.5 * every_us)
    return line_chart(chart, lines, span, joined_us, ZoneInfo(context.time_zone), language)


def _spectrogram(
    wanted: Spectrogram, context: DeviceContext, sources: Sources, reach: str, span: tuple[int, int], language: Language
) -> Markup:
    part = first_part(sources.store, context.device, wanted, span)
    spectra = read_spectra(sources.store, context.device, wanted, part, span) if part else None
    names = _Names(sources.city, context, wanted.called, language)
    kind, field = wanted.tracked
    query = SeriesQuery(context.device, kind, field, *span, {}, None, "mean", 4000)
    tracked = [_as_line(one, 1.0, names) for one in sources.store.series(query)][:SERIES_DRAWN]
    source = f"/picture/{context.device}/spectrogram.png?part={quote(part or '')}&range={reach}&to={span[1]}"
    title = f"{said(wanted.title, language)} ({names.of(part)})" if part else said(wanted.title, language)
    return spectrogram_figure(title, source, spectra, tracked, span, ZoneInfo(context.time_zone), language)


def first_part(store: Store, device: str, wanted: Spectrogram, span: tuple[int, int]) -> str | None:
    """The first channel that reported a spectrum."""
    query = SeriesQuery(device, wanted.kind, "averages", *span, {}, None, "last", 1)
    return next((one.tags[wanted.tag] for one in store.series(query)), None)


class _Names:
    """Names of a device's series in one language: of the parts in the city file, or as the family calls them."""

    def __init__(
        self, city: City, context: DeviceContext, called: Callable[[str], Words] | None, language: Language
    ) -> None:
        self._parts = _parts_of(city, context, language)
        self._called = called
        self._language = language

    def of(self, code: str) -> str:
        """The name of a part."""
        if code in self._parts:
            return self._parts[code]
        return code if self._called is None else said(self._called(code), self._language)


def _parts_of(city: City, context: DeviceContext, language: Language) -> dict[str, str]:
    named: list[tuple[str, Words]] = [
        (part.code, part.name)
        for parts in (context.lanes, context.zones, context.channels, context.supplies)
        for part in parts
    ]
    named += [(one.code, one.name) for one in city.service]
    named += [(one.code, one.name) for one in context.areas]
    return {code: said(name, language) for code, name in named}


def _as_line(series: Series, scale: float, names: _Names) -> Line:
    name = " ".join(names.of(code) for code in series.tags.values())
    return Line(name, [(point.t, float(point.value) * scale) for point in series.points])


def about(view: View, sources: Sources, now: int, language: Language) -> Markup:
    """What the ledger knows of the device's records, and how the device itself is.

    Raises:
        StoreError: the ledger does not answer.
    """
    epochs = sources.ledger.completeness(view.device, EPOCHS_SHOWN)
    return tag(
        "section",
        tag("h2", said(wording.COMPLETENESS, language)),
        _verdict(epochs[0], language) if epochs else tag("p", said(wording.NO_BOOKS, language)),
        _epochs(epochs, language) if epochs else None,
        tag("h2", said(wording.THE_DEVICE, language)),
        _health(view, sources.city, now, language),
        class_="about", id="about", data_every=CHARTS_PERIOD_S, data_fragment=f"/fragment/{view.device}/about?lang={language}",
    )  # fmt: skip


def _verdict(epoch: EpochRow, language: Language) -> Markup:
    missing = sum(last - first + 1 for first, last in epoch.missing)
    if not missing:
        return tag("p", said(wording.COMPLETE, language).format(f"{epoch.last:,}"))
    ranges = ", ".join(
        f"{first}–{last}" if last > first else str(first) for first, last in epoch.missing[:RANGES_SHOWN]
    )
    if len(epoch.missing) > RANGES_SHOWN:
        ranges += " …"
    return tag("p", said(wording.INCOMPLETE, language).format(f"{missing:,}", ranges), class_="incomplete")


def _epochs(epochs: list[EpochRow], language: Language) -> Markup:
    heads = (wording.EPOCH, wording.STORED, wording.MISSING, wording.REFUSED, wording.LOST)
    rows = [
        tag(
            "tr", tag("td", tag("code", epoch.epoch[:8])),
            *(
                tag("td", f"{count:,}", class_="number" if not count else "number some")
                for count in (epoch.stored, sum(b - a + 1 for a, b in epoch.missing), epoch.refused, epoch.lost)
            ),
        )
        for epoch in epochs
    ]  # fmt: skip
    return tag(
        "div",
        tag(
            "table",
            tag("thead", tag("tr", *(tag("th", said(head, language), scope="col") for head in heads))),
            tag("tbody", *rows),
        ),
        class_="scroll",
    )


def _health(view: View, city: City, now: int, language: Language) -> Markup:
    health = view.health
    if health is None:
        return tag("p", said(wording.NO_HEALTH, language))

    def row(
        label: Words, value: float | str | None, unit: str = "", digits: int = 0, text: Words | None = None
    ) -> Markup:
        figure = Figure(
            key=label.en, label=label, value=value, unit=unit, digits=digits, text=text, fresh_for_s=HEALTH_FRESH_S
        )
        return figure_row(figure, now, city.zone, language)

    free = None if health.disk_free_bytes is None else health.disk_free_bytes / 1e9
    return tag(
        "div",
        tag(
            "dl",
            row(wording.CLOCK, health.clock_quality, text=wording.CLOCKS[health.clock_quality]),
            row(wording.UPTIME, health.uptime_s / 3600.0, "h", 1),
            row(wording.OUTBOX, health.outbox_records),
            row(wording.CPU, health.cpu_percent, "%"),
            row(wording.MEMORY, health.memory_percent, "%"),
            row(wording.BOARD_TEMPERATURE, health.temperature_degc, "°C", 1),
            row(wording.DISK, free, "GB", 1),
            row(wording.REFUSED_HERE, health.records_refused),
            class_="no-age",
        ),
        None
        if health.t is None
        else tag(
            "p", f"{said(wording.HEARD, language)} ", age(health.t, now, city.zone, HEALTH_FRESH_S), class_="heard"
        ),
    )
