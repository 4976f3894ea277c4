"""What a family draws of a device over a span of time: a standing SVG, and the essential of it in words.

A family's ``page.py`` names the maker (``FamilyPage.span_figure``); ``hub/api/drawn.py`` keeps what was made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, NamedTuple, get_args

import msgspec

from hub.city import DeviceContext
from hub.display.language import Language
from hub.store.port import Series, SeriesQuery, Store
from hub.words import Words

Span = Literal["1d", "7d", "30d", "campaign"]
SPANS: Final[tuple[Span, ...]] = get_args(Span)
USUAL: Final[Span] = "7d"
DAY_US: Final = 86_400_000_000
LENGTHS_US: Final[dict[Span, int]] = {"1d": DAY_US, "7d": 7 * DAY_US, "30d": 30 * DAY_US}
"""A campaign begins with the first thing that was measured."""


class Question(NamedTuple):
    """What is asked, and where it is read.

    Attributes:
        series: as ``Store.series``, long questions answered from condensed windows.
        now: end of the span [µs UTC].
    """

    context: DeviceContext
    store: Store
    series: Callable[[SeriesQuery], list[Series]]
    span: Span
    now: int


class Newest(NamedTuple):
    """The newest value of a quantity: its time [µs UTC], None where there never was one, and how long it is fresh [s]."""

    label: str
    t: int | None
    fresh_for_s: float


class Table(NamedTuple):
    """A table below a figure: title, the sentence before it, heads, rows whose first cell names them, and how to read it."""

    title: str
    says: str
    heads: list[str]
    rows: list[list[str]]
    note: str


class SpanFigure(NamedTuple):
    """The figure in one language.

    Attributes:
        svg: stands for itself.
        title: with the days from which to which it goes.
        says: the essential of it, a sentence each.
        newest: of each quantity in it.
        tables: what the family tells beside it.
    """

    svg: str
    title: str
    says: list[str]
    newest: list[Newest]
    tables: list[Table] = []


Draw = Callable[[Language], SpanFigure]
"""Draws what was read, in a language."""


class SpanFigureOffer(msgspec.Struct, frozen=True, kw_only=True):
    """What a family has of this kind: its title, and what reads a span and gives who draws it.

    ``read`` raises StoreError or QueryError where the store does not answer.
    """

    title: Words
    read: Callable[[Question], Draw]
