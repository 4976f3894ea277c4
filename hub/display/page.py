"""The frame of every page: head, demo notice, languages, the line that tells whether the server answers."""

from __future__ import annotations

import functools
import hashlib
from importlib import resources
from typing import Final

import msgspec

from hub.city import City
from hub.display import wording
from hub.display.icon import sprite
from hub.display.language import HTML_LANG, LANGUAGES, OWN_NAME, Language, clock, said
from hub.display.markup import Markup, joined, tag

_CSS: Final = "text/css; charset=utf-8"
_JS: Final = "text/javascript; charset=utf-8"
STATIC: Final[dict[str, str]] = {
    "page.css": _CSS, "page.js": _JS, "told.js": _JS, "board.css": _CSS, "board.js": _JS, "phone.css": _CSS,
    "phone.js": _JS,
}  # fmt: skip
"""The files that pages load, and what they are."""

SECURITY: Final[dict[str, str]] = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""Headers of every page: it runs its own script and loads its own files, nothing else."""


@functools.cache
def static_file(name: str) -> bytes:
    """One of ``STATIC``, as it was installed."""
    return resources.files("hub.display").joinpath(name).read_bytes()


def static_url(name: str) -> str:
    """An address that changes when the file does."""
    return f"/static/{name}?v={hashlib.sha256(static_file(name)).hexdigest()[:12]}"


def page(city: City, title: str, path: str, content: Markup, now: int, language: Language) -> str:
    """A whole page.

    Args:
        path: of this page with its query, the language left out, for the links to the other languages.
    """
    ages = {name: said(words, language) for name, words in wording.AGES.items()}
    document = tag(
        "html",
        _head(title, said(city.name, language)),
        tag(
            "body",
            sprite(),
            tag("a", said(wording.SKIP, language), href="#main", class_="aside skip"),
            tag("aside", said(wording.DEMO, language), class_="demo") if city.demo else None,
            tag("noscript", tag("p", said(wording.NO_SCRIPT, language).format(clock(now, now, city.zone)))),
            _top(city, path, now, language),
            _cut(language),
            tag("main", content, id="main"),
            tag("p", id="news", class_="aside", aria_live="polite"),
        ),
        lang=HTML_LANG[language], data_now=now, data_ages=msgspec.json.encode(ages).decode(), data_zone=city.time_zone,
    )  # fmt: skip
    return f"<!doctype html>\n{document}\n"


def _head(title: str, city: str) -> Markup:
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{title} — {city}"),
        tag("link", rel="stylesheet", href=static_url("page.css")),
        tag("script", src=static_url("page.js"), defer=True),
    )


def _top(city: City, path: str, now: int, language: Language) -> Markup:
    name = tag("a", said(city.name, language), " ", tag("b", said(wording.TITLE, language)), href=f"/?lang={language}")
    state = joined(
        [
            tag("span", said(wording.CONNECTING, language), class_="when-connecting"),
            tag("span", said(wording.CONNECTED, language), class_="when-connected"),
        ]
    )
    return tag(
        "header",
        tag("p", name, class_="city"),
        tag(
            "p",
            tag("span", state, class_="link"),
            tag(
                "span", f"{said(wording.SERVER_TIME, language)} ", tag("time", clock(now, now, city.zone), id="clock")
            ),
            class_="now",
        ),
        tag("nav", *(_language(one, path, language) for one in LANGUAGES), aria_label=said(wording.LANGUAGE, language)),
    )  # fmt: skip


def _language(one: Language, path: str, chosen: Language) -> Markup:
    address = f"{path}{'&' if '?' in path else '?'}lang={one}"
    current = "page" if one == chosen else None
    return tag("a", OWN_NAME[one], href=address, lang=HTML_LANG[one], hreflang=HTML_LANG[one], aria_current=current)


def _cut(language: Language) -> Markup:
    """What is shown when the server is silent."""
    since = tag("span", f" ({said(wording.CUT_SINCE, language)} ", tag("time", "—", id="last-contact"), ")")
    return tag("p", said(wording.CUT, language), since, id="cut", role="alert", hidden=True)
