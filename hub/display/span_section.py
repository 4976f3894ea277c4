"""A device's figure over a span on its page: the picture, what it says in words, how old its newest values are."""

from __future__ import annotations

import zlib
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from hub.display import wording
from hub.display.figure import age
from hub.display.language import Language, said
from hub.display.markup import Markup, tag
from hub.display.span_figure import SPANS, Newest, Span, SpanFigure, Table
from hub.words import Words

PERIOD_S: Final = 60
"""How often the browser asks for it anew [s]."""


def span_section(
    device: str, title: Words, figure: SpanFigure, span: Span, reach: str, now: int, zone: ZoneInfo, language: Language
) -> Markup:
    """The section; ``reach`` is the choice of the charts above it, which its links keep."""

    def asked(path: str, **further: object) -> str:
        return f"{path}?{urlencode({'lang': language, 'span': span, **further})}"

    api = f"/api/v1/devices/{device}/figure"
    choices = [
        tag(
            "a", said(wording.SPANS[one], language), href=f"{asked(f'/device/{device}', range=reach, span=one)}#figure",
            aria_current="true" if one == span else None,
        )
        for one in SPANS
    ]  # fmt: skip
    # The picture's address changes with the picture, and only then.
    drawing = tag(
        "img", src=asked(f"{api}.svg", drawn=f"{zlib.crc32(figure.svg.encode()):08x}"), alt=figure.title,
        aria_describedby="figure-says",
    )  # fmt: skip
    return tag(
        "section",
        tag("nav", tag("h2", said(title, language)), *choices, class_="ranges", aria_label=said(title, language)),
        tag(
            "div",
            tag("div", drawing, class_="drawing", tabindex="0", role="region", aria_label=figure.title),
            tag("dl", *(_newest(one, now, zone, language) for one in figure.newest), class_="ages"),
            tag("ul", *(tag("li", one) for one in figure.says), id="figure-says", class_="says"),
            tag(
                "p", said(wording.AS_FILE, language), " ", tag("a", "SVG", href=asked(f"{api}.svg")), " ",
                tag("a", "PNG", href=asked(f"{api}.png")), class_="note",
            ),
            class_="chart",
        ),
        *(_table(one) for one in figure.tables),
        class_="span-figure", id="figure", data_every=PERIOD_S,
        data_fragment=asked(f"/fragment/{device}/figure", range=reach),
    )  # fmt: skip


def _newest(one: Newest, now: int, zone: ZoneInfo, language: Language) -> Markup:
    is_old = one.t is None or now - one.t > one.fresh_for_s * 1e6
    return tag(
        "div",
        tag("dt", said(wording.NEWEST, language).format(one.label)),
        tag(
            "dd",
            said(wording.NEVER, language) if one.t is None else age(one.t, now, zone, one.fresh_for_s),
            class_="age",
        ),
        class_="figure old" if is_old else "figure",
    )


def _table(one: Table) -> Markup:
    rows = [
        tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell, class_="number") for cell in row[1:]))
        for row in one.rows
    ]
    head = tag("tr", *(tag("th", each, scope="col") for each in one.heads))
    whole = tag("table", tag("thead", head), tag("tbody", *rows))
    return tag(
        "div",
        tag("h3", one.title),
        tag("p", one.says, class_="says"),
        tag("div", whole, class_="scroll", tabindex="0", role="region", aria_label=one.title),
        tag("p", one.note, class_="note"),
        class_="chart twin",
    )
