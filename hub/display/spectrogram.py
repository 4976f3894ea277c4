"""A spectrogram: the spectra of one channel over time as a picture, with the tracked frequencies drawn over it.

Where no spectrum came the picture is grey. Colours run from the 5th to the 99.5th percentile of what is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from hub.display import wording
from hub.display.chart import HEIGHT, LEFT, RIGHT, WIDTH, Axes, Line, legend, time_axis, value_axis
from hub.display.family_page import Spectrogram
from hub.display.language import Language, said
from hub.display.markup import Markup, tag
from hub.display.png import indexed_png
from hub.store.port import Point, SeriesQuery, Store

COLUMNS: Final = 360
SPECTRA_MOST: Final = 400
NOTHING: Final = 255
JOINED: Final = 1.5
"""Spectra no further apart than so many usual distances leave no gap."""
_STOPS: Final = (
    (248, 250, 253), (196, 214, 243), (110, 150, 226), (52, 74, 190), (60, 20, 120), (140, 20, 70), (226, 81, 0),
    (255, 199, 0),
)  # fmt: skip
_decode = msgspec.json.Decoder(list[float]).decode


class Spectra(NamedTuple):
    """What is drawn: times [µs UTC] and levels [dB] of each spectrum, in steps from the first frequency [Hz]."""

    times: list[int]
    levels: list[list[float]]
    f_first_hz: float
    f_step_hz: float

    @property
    def highest_hz(self) -> float:
        """Of the highest level."""
        return self.f_first_hz + self.f_step_hz * (max(map(len, self.levels)) - 1)


def read_spectra(store: Store, device: str, wanted: Spectrogram, part: str, span: tuple[int, int]) -> Spectra | None:
    """The newest spectra of one channel, None when there are none.

    Raises:
        StoreError: the store does not answer.
    """

    def field(name: str, limit: int) -> list[Point]:
        found = store.series(SeriesQuery(device, wanted.kind, name, *span, {wanted.tag: part}, None, "last", limit))
        return list(found[0].points) if found else []

    rows = [(point.t, _decode(str(point.value))) for point in field("levels_db", SPECTRA_MOST)]
    first, step = field("f_first_hz", SPECTRA_MOST), field("f_step_hz", SPECTRA_MOST)
    rows = [(t, levels) for t, levels in rows if levels]
    if not rows or not first or not step:
        return None
    return Spectra([t for t, _ in rows], [levels for _, levels in rows], float(first[-1].value), float(step[-1].value))


def picture(spectra: Spectra, span: tuple[int, int]) -> bytes:
    """The spectra as a PNG, time to the right, frequency upward."""
    ordered = sorted(level for row in spectra.levels for level in row)
    low, high = ordered[int(0.05 * (len(ordered) - 1))], ordered[int(0.995 * (len(ordered) - 1))]
    scale = 254.0 / max(high - low, 1e-9)
    height = max(map(len, spectra.levels))
    columns = [bytes([NOTHING]) * height] * COLUMNS
    for number, levels in enumerate(spectra.levels):
        pixels = bytes(min(254, max(0, int((level - low) * scale))) for level in levels)
        first, end = _columns_of(spectra.times, number, span)
        columns[first:end] = [pixels.ljust(height, bytes([NOTHING]))] * (end - first)
    rows = [bytes(column[row] for column in columns) for row in range(height - 1, -1, -1)]
    return indexed_png(rows, _palette())


def _columns_of(times: Sequence[int], number: int, span: tuple[int, int]) -> tuple[int, int]:
    """Columns from the spectrum before to this one, of the usual distance where that is further away: ``t`` is a window's end."""
    usual = sorted(after - before for before, after in pairwise(times)) or [60_000_000]
    length = usual[len(usual) // 2]
    before = times[number - 1] if number else 0
    begin = before if times[number] - before <= JOINED * length else times[number] - length
    width = (span[1] - span[0]) / COLUMNS
    first = round((begin - span[0]) / width)
    end = max(first + 1, round((times[number] - span[0]) / width))
    return max(0, min(first, COLUMNS)), max(0, min(end, COLUMNS))


def _palette() -> list[tuple[int, int, int]]:
    colours = []
    for level in range(255):
        at = level / 254.0 * (len(_STOPS) - 1)
        below = min(int(at), len(_STOPS) - 2)
        share = at - below
        red, green, blue = (round(a + share * (b - a)) for a, b in zip(_STOPS[below], _STOPS[below + 1], strict=True))
        colours.append((red, green, blue))
    return [*colours, (224, 224, 224)]


def figure(
    title: str, source: str, spectra: Spectra | None, tracked: Sequence[Line], span: tuple[int, int], zone: ZoneInfo,
    language: Language,
) -> Markup:  # fmt: skip
    """The picture at ``source`` between axes of frequency and time, tracked frequencies drawn over it."""
    caption = tag("figcaption", title, tag("span", " [Hz]", class_="unit"))
    if spectra is None:
        return tag("figure", caption, tag("p", said(wording.NO_POINTS, language), class_="empty"), class_="chart")
    axes = Axes(*span, 0.0, spectra.highest_hz)
    half = spectra.f_step_hz / 2
    top, bottom = axes.y(spectra.highest_hz + half), axes.y(spectra.f_first_hz - half)
    dots = [
        tag(
            "g",
            *(
                tag("circle", cx=f"{axes.x(t):.1f}", cy=f"{axes.y(value):.1f}", r=2.4)
                for t, value in line.points
                if value <= axes.high
            ),
            class_=f"series s{number} tracked",
        )
        for number, line in enumerate(tracked)
    ]
    drawing = tag(
        "svg",
        tag(
            "image", href=source, x=LEFT, y=f"{top:.2f}", width=WIDTH - LEFT - RIGHT, height=f"{bottom - top:.2f}",
            preserveAspectRatio="none",
        ),
        value_axis(axes), time_axis(axes, zone), *dots,
        viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}", role="img", aria_label=title,
    )  # fmt: skip
    return tag("figure", caption, drawing, legend(tracked, "Hz", 3, language), class_="chart spectrogram")
