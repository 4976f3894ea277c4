"""The plan's figure of a bridge from what a hub has stored: spectra of a sensor, temperatures, tracked frequencies, the log.

Rules it keeps:
- Nothing is filled in: a window in which nothing came has no value, breaks its line and is grey in the spectrogram.
- A spectrum stands for its window of the picture; of spectra with other frequencies than the newest ones none is drawn.
- An answer is bounded: ``COLUMNS`` spectra, ``POINTS_DRAWN`` points a line, ``SERIES_DRAWN`` lines, ``EVENTS_LISTED`` entries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from hub.bridge import figure_wording as words
from hub.bridge import live_twin, plan_figure, wording
from hub.bridge.felt_temperature import HOUR_S, Floats
from hub.bridge.hourly import MODE, TEMPERATURE, in_order
from hub.bridge.long_term import day_of
from hub.bridge.plan_figure import COLOURS, Content, Image, Mark, Named, Titles, Trace, circled
from hub.city import DeviceContext, LoggedEvent
from hub.display.chart import SERIES_DRAWN
from hub.display.language import Language, said
from hub.display.span_figure import DAY_US, LENGTHS_US, Draw, Newest, Question, Span, SpanFigure
from hub.display.spectrogram import COLUMNS, Spectra
from hub.store.port import Point, SeriesQuery
from hub.store.question import POINTS_MAX
from hub.words import Words

SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US
HOUR_US: Final = 60 * MINUTE_US
CAMPAIGN_MOST_US: Final = 1100 * DAY_US
"""A campaign that is longer is drawn from then on."""
EVERY_US: Final[dict[Span, int]] = {"1d": 10 * MINUTE_US, "7d": HOUR_US, "30d": 3 * HOUR_US, "campaign": 6 * HOUR_US}
"""Means over so long are drawn. Of a campaign its beginning is found by it; a long one is drawn by whole multiples of it."""
FINER_US: Final = (10 * SECOND_US, MINUTE_US, 10 * MINUTE_US, HOUR_US, 3 * HOUR_US)
"""What a campaign that is not long yet is drawn by."""
PIECE_US: Final = 30 * DAY_US
POINTS_DRAWN: Final = 600
SPECTRUM: Final = "bridge_spectrum"
SHORTEST_US: Final = 10 * SECOND_US
"""A window of the picture is a whole multiple of it."""
FIRST_LOOK_US: Final = 15 * MINUTE_US
"""So much of a window of the picture is looked at first, which is one row of spectra as a device reports them."""
EVENTS_LISTED: Final = 20
MODE_JOINED_S, TEMPERATURE_JOINED_S = 1800.0, 900.0
SPECTRUM_FRESH_S: Final = 600.0
MODE_FRESH_S: Final = 1800.0
TEMPERATURE_FRESH_S: Final = 600.0
DASHES: Final = (None, "7 3", "2 2.5", "9 3 2 3")
TEMPERATURE_COLOURS: Final = ("#444444", "#00696f", "#a65e00", "#7b1fa2")

_levels_of = msgspec.json.Decoder(list[float]).decode


class _Line(NamedTuple):
    """A series: its label, middles of windows [s UTC] and their means."""

    label: str
    times_s: Floats
    values: Floats


@dataclass(frozen=True)
class _Measured:
    """What the store had; times of the newest [µs UTC] by kind, ``every_s`` the windows of the means; the twin of a girder."""

    context: DeviceContext
    span_s: tuple[float, float]
    every_s: float
    modes: list[_Line]
    temperatures: list[_Line]
    sensor: str | None
    image: Image | None
    newest: Mapping[str, int]
    twin: live_twin.Twin | None


def read(question: Question) -> Draw:
    """Read a span; what is given back draws it.

    Raises:
        StoreError, QueryError: the store does not answer.
    """
    since, every_us = question.now - LENGTHS_US.get(question.span, CAMPAIGN_MOST_US), EVERY_US[question.span]
    found = [_series(question, quantity, since, every_us) for quantity in (MODE, TEMPERATURE)]
    if question.span == "campaign":
        begin = min((points[0].t for lines in found for points in lines.values()), default=None)
        since = question.now - LENGTHS_US["7d"] if begin is None else _first(question, max(begin, since), every_us)
        length = question.now - since
        finer_us = next((finer for finer in FINER_US if length <= POINTS_DRAWN * finer), None)
        if finer_us is not None:
            found = [_series(question, quantity, since, finer_us) for quantity in (MODE, TEMPERATURE)]
        every_us = finer_us or every_us * -(-length // (every_us * POINTS_DRAWN))
    sensor, spectra = _spectra(question, since)
    span_s = since / 1e6, question.now / 1e6
    newest: dict[str, int] = {}
    for one in question.store.latest(question.context.device):
        newest[one.kind] = max(one.t, newest.get(one.kind, 0))
    modes, temperatures = (
        [_line(label, lines[label], every_us, span_s) for label in sorted(lines, key=in_order)] for lines in found
    )
    image = None if spectra is None else plan_figure.image_of(spectra, span_s)
    measured = _Measured(
        question.context, span_s, every_us / 1e6, modes, temperatures, sensor, image, newest, _twin(question.context, modes)
    )  # fmt: skip
    return lambda language: _drawn(measured, language)


def _twin(context: DeviceContext, modes: Sequence[_Line]) -> live_twin.Twin | None:
    if context.girder is None:
        return None
    return live_twin.of(context.girder, {line.label: float(np.median(line.values)) for line in modes[:SERIES_DRAWN]})


def _series(question: Question, quantity: tuple[str, str], since: int, every_us: int) -> dict[str, list[Point]]:
    """Means over windows of a field, by the one tag of its kind, read in pieces that take little memory."""
    found: dict[str, list[Point]] = {}
    begin = since
    while begin < question.now:
        end = min((begin + PIECE_US) // every_us * every_us, question.now)
        query = SeriesQuery(question.context.device, *quantity, begin, end, {}, every_us, "mean", POINTS_MAX)
        for one in question.series(query):
            if one.points:
                found.setdefault(next(iter(one.tags.values())), []).extend(one.points)
        begin = end
    return found


def _first(question: Question, begin: int, every_us: int) -> int:
    """The first measurement of the window that begins so [µs UTC]."""
    end = min(begin + every_us, question.now)
    first = end
    for kind, field in (MODE, TEMPERATURE):
        query = SeriesQuery(question.context.device, kind, field, begin, end, {}, None, "last", POINTS_MAX)
        first = min([first, *(one.points[0].t for one in question.store.series(query) if one.points)])
    return first


def _line(label: str, points: Sequence[Point], every_us: int, span_s: tuple[float, float]) -> _Line:
    """Points at the middles of what of their windows is in the span, several windows joined to one of ``every_us``."""
    joined: dict[int, list[float]] = {}
    for t, value in points:
        joined.setdefault(t - t % every_us, []).append(float(value))
    starts = np.array(list(joined), dtype=np.float64) / 1e6
    middles = 0.5 * (np.maximum(starts, span_s[0]) + np.minimum(starts + every_us / 1e6, span_s[1]))
    return _Line(label, middles, np.array([sum(values) / len(values) for values in joined.values()]))


def _spectra(question: Question, since: int) -> tuple[str | None, Spectra | None]:
    """A spectrum of each window of the picture, of the first of the bridge's channels that has any."""
    every_us = -(-(question.now - since) // (COLUMNS * SHORTEST_US)) * SHORTEST_US
    begins = range(since - since % every_us, question.now, every_us)
    for channel in _channels(question, since):
        found = (_row(question, channel, max(begin, since), min(begin + every_us, question.now)) for begin in begins)
        rows = [row for row in found if row is not None]
        if rows:
            axis = rows[-1][2:]
            same = [row for row in rows if row[2:] == axis]
            return channel, Spectra([row[0] for row in same], [row[1] for row in same], axis[0], axis[1])
    return None, None


def _channels(question: Question, since: int) -> list[str]:
    """Those that reported spectra, in the order of the city file, others after them."""
    device, named = question.context.device, [part.code for part in question.context.channels]
    query = SeriesQuery(device, SPECTRUM, "averages", since, question.now, {}, DAY_US, "count", POINTS_MAX)
    there = [one.tags["channel"] for one in question.series(query) if one.points]
    return [code for code in named if code in there] + sorted(set(there) - set(named))


def _row(question: Question, channel: str, begin: int, end: int) -> tuple[int, list[float], float, float, int] | None:
    """The first spectrum in [begin, end): its time, levels, first frequency and step [Hz], and number of levels."""
    look = min(begin + FIRST_LOOK_US, end)
    for since, until in ((begin, look), (look, end)):
        found = _field(question, channel, "levels_db", since, until) if since < until else None
        if found is None:
            continue
        first, step = (_field(question, channel, name, found.t, found.t + 1) for name in ("f_first_hz", "f_step_hz"))
        levels = _levels_of(str(found.value))
        if first is not None and step is not None and float(step.value) > 0.0 and len(levels) > 1:
            return found.t, levels, float(first.value), float(step.value), len(levels)
    return None


def _field(question: Question, channel: str, name: str, since: int, until: int) -> Point | None:
    """The oldest value of a field of a channel's spectra in [since, until)."""
    query = SeriesQuery(
        question.context.device, SPECTRUM, name, since, until, {"channel": channel}, None, "last", 1
    )  # fmt: skip
    return next((one.points[0] for one in question.store.series(query) if one.points), None)


# ------------------------------------------------------------------------ drawing


def _drawn(measured: _Measured, language: Language) -> SpanFigure:
    zone = ZoneInfo(measured.context.time_zone)
    title = f"{said(words.TITLE, language)} {said(words.PERIOD, language).format(*plan_figure.dates(measured.span_s, zone))}"
    says = list(_says(measured, zone, language))
    modes, temperatures = measured.modes[:SERIES_DRAWN], _temperatures(measured)
    changes = [_change(line) for line in modes]
    content = Content(
        span_s=measured.span_s,
        titles=_titles(measured, title, language),
        image=measured.image,
        tracked=[_mode_trace(line, number, line.values, measured, 1.4) for number, line in enumerate(modes)],
        temperatures=[
            Trace(
                line.times_s,
                line.values,
                TEMPERATURE_COLOURS[number],
                1.3,
                1.0,
                DASHES[number],
                _joined(TEMPERATURE_JOINED_S, measured),
            )
            for number, line in enumerate(temperatures)
        ],
        changes=[
            _mode_trace(line, number, values, measured, 1.6)
            for number, (line, values) in enumerate(zip(modes, changes, strict=True))
        ],
        degc=_all([line.values for line in temperatures]),
        percent=_all(changes),
        sensors=[
            Named(_sensor_name(line.label, language), TEMPERATURE_COLOURS[number], DASHES[number])
            for number, line in enumerate(temperatures)
        ],
        modes=list(_mode_names(measured, language)),
        marks=[Mark(_noon(event, zone), circled(number)) for number, event in _events(measured, zone)],
        listed=list(_listed(measured, zone, language)),
        spoken=" ".join(says),
    )
    newest = [
        Newest(said(label, language), measured.newest.get(kind), fresh_s)
        for label, kind, fresh_s in (
            (words.SPECTRA, SPECTRUM, SPECTRUM_FRESH_S),
            (words.TEMPERATURES, TEMPERATURE[0], TEMPERATURE_FRESH_S),
            (words.FREQUENCIES, MODE[0], MODE_FRESH_S),
        )
    ]
    tables = [] if measured.twin is None else [live_twin.table(measured.twin, language)]
    return SpanFigure(str(plan_figure.svg(content, zone)), title, says, newest, tables)


def _temperatures(measured: _Measured) -> list[_Line]:
    """The structure's own first."""
    ordered = sorted(measured.temperatures, key=lambda line: (line.label != "structure", in_order(line.label)))
    return ordered[: len(TEMPERATURE_COLOURS)]


def _sensor_name(label: str, language: Language) -> str:
    return said(words.SENSORS[label], language) if label in words.SENSORS else label


def _joined(least_s: float, measured: _Measured) -> float:
    """Neighbours further apart than this are not joined: not even one window may lack its value."""
    return max(least_s, 1.5 * measured.every_s)


def _mode_trace(line: _Line, number: int, values: Floats, measured: _Measured, width: float) -> Trace:
    joined_s = _joined(MODE_JOINED_S, measured)
    return Trace(line.times_s, values, _colour(number), width, 1.0, _dash(number), joined_s)


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def _dash(number: int) -> str | None:
    return DASHES[number % len(DASHES)]


def _change(line: _Line) -> Floats:
    """From the span's median [%]."""
    return np.asarray(100.0 * (line.values / np.median(line.values) - 1.0))


def _all(columns: Sequence[Floats]) -> Floats:
    return np.concatenate(columns) if columns else np.empty(0)


def _titles(measured: _Measured, title: str, language: Language) -> Titles:
    spectrogram = said(words.NO_SPECTROGRAM, language)
    if measured.sensor is not None:
        names = {part.code: said(part.name, language) for part in measured.context.channels}
        spectrogram = said(words.SPECTROGRAM, language).format(names.get(measured.sensor, measured.sensor))
    return Titles(
        title,
        spectrogram,
        said(words.TEMPERATURE, language),
        said(words.CHANGES, language),
        said(words.NOTHING, language),
    )


def _mode_names(measured: _Measured, language: Language) -> Iterator[Named]:
    for number, line in enumerate(measured.modes[:SERIES_DRAWN]):
        label = line.label[1:] if line.label[:1] == "m" and line.label[1:].isdigit() else line.label
        yield Named(
            said(words.MODE, language).format(label, float(np.median(line.values))), _colour(number), _dash(number)
        )
    if len(measured.modes) > SERIES_DRAWN:
        yield Named(said(words.MORE, language).format(len(measured.modes) - SERIES_DRAWN), "none")


def _noon(event: LoggedEvent, zone: ZoneInfo) -> float:
    return day_of(event.date, zone)[0] + 12.0 * HOUR_S


def _events(measured: _Measured, zone: ZoneInfo) -> list[tuple[int, LoggedEvent]]:
    """Entries of the owner's log in the span, with their numbers in the whole log."""
    numbered = enumerate(sorted(measured.context.events, key=lambda one: one.date), 1)
    first, end = measured.span_s
    return [(number, event) for number, event in numbered if first <= _noon(event, zone) < end]


def _listed(measured: _Measured, zone: ZoneInfo, language: Language) -> Iterator[tuple[str, str]]:
    events = _events(measured, zone)
    for number, event in events[:EVENTS_LISTED]:
        yield (
            f"{circled(number)} {event.date}",
            f"{said(event.text, language)}（{said(words.KINDS[event.kind], language)}）",
        )
    if len(events) > EVENTS_LISTED:
        yield "…", said(words.MORE_EVENTS, language).format(len(events) - EVENTS_LISTED)


def _says(measured: _Measured, zone: ZoneInfo, language: Language) -> Iterator[str]:
    """The essential of the figure, a sentence each."""

    def filled(sentence: Words, *values: object) -> str:
        return said(sentence, language).format(*values).replace(" -", " −")

    first, last = (datetime.fromtimestamp(t, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M") for t in measured.span_s)
    unit, length_s = next(one for one in words.UNITS if measured.every_s >= one[1])
    every = filled(unit, round(measured.every_s / length_s))
    yield filled(words.SAYS_PERIOD, first, last, measured.context.time_zone, every)
    if measured.image is None:
        yield filled(words.SAYS_NO_SPECTRUM)
    for line in _temperatures(measured):
        label = said(wording.temperature_label(line.label), language)
        yield filled(words.SAYS_TEMPERATURE, label, line.values.min(), line.values.max(), line.values[-1])
    if not measured.temperatures:
        yield filled(words.SAYS_NO_TEMPERATURE)
    windows = max(1.0, (measured.span_s[1] - measured.span_s[0]) / measured.every_s)
    for line in measured.modes[:SERIES_DRAWN]:
        change = [f"{value:+.2f}" for value in (_change(line).min(), _change(line).max())]
        share = min(100, round(100.0 * len(line.values) / windows))
        label = said(wording.mode_label(line.label), language)
        yield filled(words.SAYS_MODE, label, np.median(line.values), *change, line.values[-1], share)
    if not measured.modes:
        yield filled(words.SAYS_NO_MODE)
    events = _events(measured, zone)
    for number, event in events[:EVENTS_LISTED]:
        kind = said(words.KINDS[event.kind], language)
        yield filled(words.SAYS_EVENT, circled(number), event.date, said(event.text, language), kind)
    if not events:
        yield filled(words.SAYS_NO_EVENT)
