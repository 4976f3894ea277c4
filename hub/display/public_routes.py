"""The addresses of the pages for citizens: ``/board/<facility>`` and ``/now``."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hub.api.parts import parts_of
from hub.display import wording
from hub.display.board import board
from hub.display.compressed import compressed
from hub.display.language import language_of
from hub.display.page import SECURITY
from hub.display.phone import phone
from hub.display.public_page import facility_of_service
from hub.display.routes import not_found

router: Final = APIRouter(include_in_schema=False)
_HEADERS: Final = {**SECURITY, "Permissions-Policy": "geolocation=(self), camera=(), microphone=()"}
_HTML: Final = "text/html; charset=utf-8"


@router.get("/board/{facility}")
def one_board(request: Request, facility: str, lang: str | None = None) -> Response:
    """The signage board of a facility."""
    parts = parts_of(request)
    city, now = parts.live.city, parts.now()
    place = next((one for one in city.facility if one.code == facility), None)
    services = [
        one
        for one in parts.live.services(parts.live.views(now), now)
        if facility_of_service(city, one).code == facility
    ]
    if place is None or not services:
        return not_found(parts, language_of(lang or "ja"), wording.NO_BOARD)
    return compressed(request, board(city, place, services, now, lang).encode(), _HTML, _HEADERS)


@router.get("/now")
def on_the_phone(request: Request, lang: str = "ja") -> Response:
    """The phone page."""
    parts = parts_of(request)
    now = parts.now()
    content = phone(parts.live.city, parts.live.services(parts.live.views(now), now), now, language_of(lang))
    return compressed(request, content.encode(), _HTML, _HEADERS)
