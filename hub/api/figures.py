"""The figure of a device over a span, as SVG and as PNG."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from hub.api.answers import Problem
from hub.api.drawn import drawn_of
from hub.api.openapi import gives_bytes
from hub.display.compressed import compressed
from hub.display.language import Language
from hub.display.span_figure import USUAL, Span

router: Final = APIRouter()
Over = Annotated[Span, Query(description="the last day, week or 30 days, or everything since the first measurement")]
In = Annotated[Language, Query(description="Japanese, plain Japanese or English")]
HEADERS: Final = {
    "Cache-Control": "private, max-age=60",
    "Content-Security-Policy": "default-src 'none'; img-src data:",
    "X-Content-Type-Options": "nosniff",
}
MISSING: Final = "there is no such device, or its family draws no figure"


@router.get(
    "/api/v1/devices/{device}/figure.svg",
    summary="What was measured at a bridge over a span, as one drawing",
    responses=gives_bytes("image/svg+xml", MISSING),
    response_class=Response,
)
def figure_svg(request: Request, device: str, span: Over = USUAL, lang: In = "ja") -> Response:
    drawn = drawn_of(request)
    offer = drawn.offer(device)
    if isinstance(offer, str):
        return _not_found(offer)
    figure = drawn.svg(offer, device, span, lang)
    return compressed(request, figure.svg.encode(), "image/svg+xml", HEADERS)


@router.get(
    "/api/v1/devices/{device}/figure.png",
    summary="The same drawing as a picture",
    responses=gives_bytes("image/png", MISSING),
    response_class=Response,
)
def figure_png(request: Request, device: str, span: Over = USUAL, lang: In = "ja") -> Response:
    drawn = drawn_of(request)
    offer = drawn.offer(device)
    if isinstance(offer, str):
        return _not_found(offer)
    return Response(drawn.png(offer, device, span, lang), media_type="image/png", headers=HEADERS)


def _not_found(why: str) -> Response:
    return Response(msgspec.json.encode(Problem(error=why)), 404, media_type="application/json")
