"""What a family adds to the pages: its name, which figures its card shows, which series are drawn."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from hub.city import DeviceContext
from hub.display.span_figure import SpanFigureOffer
from hub.public import TellServices
from hub.store.port import Aggregate
from hub.words import Words


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """One field over time, a line a series.

    Attributes:
        kind, field: what is asked of the store.
        title: with the unit after it.
        unit: of the drawn values, after ``scale``.
        scale: what stored values are multiplied by.
        joined_s: neighbours further apart than this are not joined by a line.
        from_zero: whether the axis begins at 0.
        digits: decimals of the newest value beside the chart.
        called: the name of a series by its tag, where the city file has none.
    """

    kind: str
    field: str
    title: Words
    unit: str = ""
    scale: float = 1.0
    aggregate: Aggregate = "mean"
    joined_s: float = 180.0
    from_zero: bool = True
    digits: int = 0
    called: Callable[[str], Words] | None = None


class Spectrogram(msgspec.Struct, frozen=True, kw_only=True):
    """Spectra over time as a picture, with what was tracked in them.

    Attributes:
        kind: of records with ``f_first_hz``, ``f_step_hz`` and ``levels_db``.
        tag: which tells the pictures of a device apart.
        tracked: kind and field [Hz] drawn over them.
        called: the name of what is tracked, by its tag.
    """

    kind: str
    tag: str
    title: Words
    tracked: tuple[str, str]
    called: Callable[[str], Words] | None = None


class FamilyPage(msgspec.Struct, frozen=True, kw_only=True):
    """A family on the pages.

    Attributes:
        card: beginnings of the keys of the figures on a card, the most telling first.
        icon: an SVG path in a box of 24 × 24.
        span_figure: what it draws over days and weeks, None for nothing.
        moves: whether its devices are drawn on the map.
        services: what citizens are told of its devices on board and phone, None for nothing.
        variant: the page of one device, where they are not all the same machine.
        answers: beginning of the keys of figures that the first of its card answers too, where there is one of them only.
    """

    name: Words
    card: tuple[str, ...]
    icon: str
    charts: tuple[Chart, ...]
    spectrogram: Spectrogram | None = None
    span_figure: SpanFigureOffer | None = None
    moves: bool = False
    services: TellServices | None = None
    variant: Callable[[DeviceContext], FamilyPage] | None = None
    answers: str | None = None
