"""The pages' addresses. A page is whole without a script; the script replaces parts of it by fragments.

The event stream says only *that* a device changed, in no language; the browser then asks for that device's fragment.
So one stream serves pages and programs alike, HTML is made in one place, and a page that was asleep asks for what it
shows, not for what it missed.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, Protocol

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from hub.api.drawn import drawn_of
from hub.api.parts import Parts, parts_of
from hub.display import wording
from hub.display.card import card, full_card
from hub.display.compressed import compressed
from hub.display.device_page import SPANS_US, Choice, Sources, about, charts, device_page
from hub.display.language import Language, language_of, said
from hub.display.map import city_map
from hub.display.markup import Markup, tag
from hub.display.overview import overview, summary
from hub.display.page import SECURITY, STATIC, page, static_file
from hub.display.span_figure import USUAL, Span
from hub.display.span_section import span_section
from hub.display.spectrogram import picture, read_spectra
from hub.display.wall import HubNow, wall
from hub.family import page_of
from hub.live import View
from hub.words import Words

router: Final = APIRouter(include_in_schema=False)
Reach = Annotated[Literal["1h", "6h", "24h"], Query(alias="range")]
YEAR_S: Final = 31_536_000


def _html(content: str, status: int = 200) -> Response:
    return HTMLResponse(content, status, SECURITY)


def _sources(parts: Parts) -> Sources:
    return Sources(parts.live.city, parts.store, parts.ledger, parts.live.drawing)


def not_found(parts: Parts, language: Language, sentence: Words = wording.NOT_FOUND) -> Response:
    """The page that says that there is nothing at an address."""
    words = said(sentence, language)
    back = tag("a", said(wording.BACK, language), href=f"/?lang={language}")
    content = tag("div", tag("h1", words), tag("p", back))
    return _html(page(parts.live.city, words, "/", content, parts.now(), language), 404)


@router.get("/")
def whole_city(request: Request, lang: str = "ja") -> Response:
    """The whole city."""
    parts, language = parts_of(request), language_of(lang)
    city, now = parts.live.city, parts.now()
    content = overview(city, parts.live.views(now), now, language)
    return _html(page(city, said(wording.TITLE, language), "/", content, now, language))


@router.get("/wall")
def operators_wall(request: Request, lang: str = "ja") -> Response:
    """The operator's wall."""
    parts, language = parts_of(request), language_of(lang)
    content = tag("div", tag("h1", said(wording.WALL, language), class_="aside"), _wall(parts, language), class_="wall")
    return _html(page(parts.live.city, said(wording.WALL, language), "/wall", content, parts.now(), language))


@router.get("/fragment/wall")
def fragment_wall(request: Request, lang: str = "ja") -> Response:
    """The operator's wall without its frame."""
    return _html(_wall(parts_of(request), language_of(lang)))


def _wall(parts: Parts, language: Language) -> Markup:
    now = parts.now()
    views = parts.live.views(now)
    with parts.turn():
        newest = {view.device: next(iter(parts.ledger.completeness(view.device, 1)), None) for view in views}
        hub = HubNow(parts.inbox_bytes(), parts.broker_connected(), parts.ledger.totals())
    return wall(parts.live.city, views, newest, hub, now, language)


@router.get("/device/{device}")
def one_device(request: Request, device: str, lang: str = "ja", reach: Reach = "1h", span: Span = USUAL) -> Response:
    """One device."""
    parts, language = parts_of(request), language_of(lang)
    now = parts.now()
    view = parts.live.view(device, now)
    if view is None:
        return not_found(parts, language)
    choice = Choice(reach, span)
    figure = _figure(request, device, choice, language)
    with parts.turn():
        content = device_page(view, parts.live.views(now), _sources(parts), choice, now, language, figure)
    path = f"/device/{view.device}?range={reach}&span={span}"
    return _html(page(parts.live.city, said(view.name, language), path, content, now, language))


def _figure(request: Request, device: str, choice: Choice, language: Language) -> Markup | None:
    """The section of the family's figure over a span, None where it has none."""
    parts, drawn = parts_of(request), drawn_of(request)
    offer = drawn.offer(device)
    if isinstance(offer, str):
        return None
    figure = drawn.svg(offer, device, choice.span, language)
    zone = parts.live.city.zone
    return span_section(device, offer.title, figure, choice.span, choice.reach, parts.now(), zone, language)


@router.get("/fragment/summary")
def fragment_summary(request: Request, lang: str = "ja") -> Response:
    """What to know now."""
    parts, now = parts_of(request), parts_of(request).now()
    return _html(summary(parts.live.city, parts.live.views(now), now, language_of(lang)))


@router.get("/fragment/map")
def fragment_map(request: Request, lang: str = "ja") -> Response:
    """The map of what moves."""
    parts, now = parts_of(request), parts_of(request).now()
    city = parts.live.city
    drawn = city_map(city, parts.live.views(now), now, city.zone, language_of(lang))
    return _html(drawn or "", 200 if drawn else 404)


@router.get("/fragment/{device}")
def fragment_card(request: Request, device: str, lang: str = "ja") -> Response:
    """A device's card."""
    return _fragment(request, device, lambda view, now, parts: card(view, now, parts.live.city.zone, language_of(lang)))


@router.get("/fragment/{device}/full")
def fragment_full(request: Request, device: str, lang: str = "ja") -> Response:
    """A device with all its figures."""
    language = language_of(lang)
    return _fragment(request, device, lambda view, now, parts: full_card(view, now, parts.live.city.zone, language))


@router.get("/fragment/{device}/charts")
def fragment_charts(request: Request, device: str, lang: str = "ja", reach: Reach = "1h") -> Response:
    """A device's charts."""

    def make(view: View, now: int, parts: Parts) -> Markup:
        with parts.turn():
            return charts(view, _sources(parts), reach, now, language_of(lang))

    return _fragment(request, device, make)


@router.get("/fragment/{device}/figure")
def fragment_figure(
    request: Request, device: str, lang: str = "ja", reach: Reach = "1h", span: Span = USUAL
) -> Response:
    """A device's figure over a span."""
    section = _figure(request, device, Choice(reach, span), language_of(lang))
    return _html(section or "", 200 if section else 404)


@router.get("/fragment/{device}/about")
def fragment_about(request: Request, device: str, lang: str = "ja") -> Response:
    """A device's ledger and health."""
    return _fragment(request, device, lambda view, now, parts: about(view, _sources(parts), now, language_of(lang)))


@router.get("/picture/{device}/spectrogram.png")
def spectrogram(
    request: Request, device: str, part: str, to: Annotated[int, Query(ge=0, le=2**53)], reach: Reach = "1h"
) -> Response:
    """The spectra of one channel as a picture, up to ``to`` [µs UTC]."""
    parts = parts_of(request)
    view = parts.live.view(device, to)
    wanted = page_of(view.family).spectrogram if view else None
    if wanted is None or to <= SPANS_US[reach]:
        return Response(status_code=404)
    span = (to - SPANS_US[reach], to)
    with parts.turn():
        spectra = read_spectra(parts.store, device, wanted, part, span)
        content = picture(spectra, span) if spectra else None
    if content is None:
        return Response(status_code=404)
    return Response(content, media_type="image/png", headers={"Cache-Control": "private, max-age=300"})


@router.get("/static/{name}")
def static(request: Request, name: str) -> Response:
    """The style sheets and the scripts; their address changes with their content."""
    if name not in STATIC:
        return Response(status_code=404)
    headers = {"Cache-Control": f"public, max-age={YEAR_S}, immutable", "X-Content-Type-Options": "nosniff"}
    return compressed(request, static_file(name), STATIC[name], headers)


@router.get("/favicon.ico")
def no_icon() -> Response:
    """There is none."""
    return Response(status_code=204)


class _Make(Protocol):
    def __call__(self, view: View, now: int, parts: Parts) -> Markup: ...


def _fragment(request: Request, device: str, make: _Make) -> Response:
    parts = parts_of(request)
    now = parts.now()
    view = parts.live.view(device, now)
    return Response(status_code=404) if view is None else _html(make(view, now, parts))
