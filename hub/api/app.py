"""The FastAPI application: routes are thin, what they ask stands in live, ledger reader and store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from hub.api.metrics import metrics_text
from hub.api.times import duration_us, instant_us
from hub.errors import QueryError, StoreError
from hub.ledger_reader import LedgerReader
from hub.live import Live
from hub.store.port import Aggregate, SeriesQuery, Store
from hub.writer import Counters

STREAMS_MOST = 500
"""Most event streams at once; more are refused with 503."""
STREAM_PERIOD_S = 0.5
KEEPALIVE_PERIODS = 20


@dataclass
class Parts:
    """What the API answers from."""

    live: Live
    ledger: LedgerReader
    store: Store
    counters: Counters
    now: Callable[[], int]
    inbox_bytes: Callable[[], int]
    broker_connected: Callable[[], bool]
    streams: int = 0


def create_app(parts: Parts) -> FastAPI:
    """The application over its parts."""
    app = FastAPI(title="machikado status API", version="1", docs_url=None, redoc_url=None)
    app.state.parts = parts
    app.include_router(router)

    async def refuse(_: Request, problem: Exception) -> Response:
        return JSONResponse({"error": str(problem)}, status_code=400 if isinstance(problem, QueryError) else 503)

    app.add_exception_handler(QueryError, refuse)
    app.add_exception_handler(StoreError, refuse)
    return app


router = APIRouter()
Limit = Annotated[int, Query(description="most rows in the answer")]


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


def _answer(content: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json")


@router.get("/api/v1/overview", summary="Every device of the city as it is now")
def overview(request: Request) -> Response:
    parts = _parts(request)
    now = parts.now()
    return _answer({"now": now, "version": parts.live.version, "devices": parts.live.views(now)})


@router.get("/api/v1/devices", summary="Devices that the hub has heard of, by name, in pages")
def devices(request: Request, after: str = "", limit: Limit = 100) -> Response:
    rows = _parts(request).ledger.devices(after, limit)
    return _answer({"devices": rows, "next": rows[-1].name if len(rows) == limit else None})


@router.get("/api/v1/devices/{device}", summary="One device of the city as it is now")
def device(request: Request, device: str) -> Response:
    parts = _parts(request)
    view = parts.live.view(device, parts.now())
    if view is None:
        return _answer({"error": f"device {device!r}: not in the city file"}, 404)
    return _answer(view)


@router.get("/api/v1/devices/{device}/completeness", summary="What the ledger knows: complete, missing, refused, lost")
def completeness(request: Request, device: str, limit: Limit = 20) -> Response:
    ledger = _parts(request).ledger
    return _answer({"device": device, "epochs": ledger.completeness(device, limit), "lost": ledger.lost(device, limit)})


@router.get("/api/v1/devices/{device}/latest", summary="The newest record of each series of a device")
def latest(request: Request, device: str) -> Response:
    found = _parts(request).store.latest(device)
    return _answer({"device": device, "latest": [one._asdict() for one in found]})


@router.get("/api/v1/devices/{device}/series", summary="A field over time, single readings or condensed")
def series(
    request: Request,
    device: str,
    kind: str,
    field: str,
    start: Annotated[str, Query(alias="from", description="RFC 3339, µs since 1970, or -1h")] = "-1h",
    end: Annotated[str, Query(alias="to", description="RFC 3339, µs since 1970, or now")] = "now",
    every: Annotated[str | None, Query(description="width of a window: 10s, 5m, 1h, 1d")] = None,
    aggregate: Aggregate = "mean",
    tag: Annotated[list[str] | None, Query(description="name:value; may be repeated")] = None,
    limit: Annotated[int, Query(description="most points in the answer")] = 5000,
) -> Response:
    parts = _parts(request)
    now = parts.now()
    tags = dict(_tag(one) for one in tag or [])
    query = SeriesQuery(
        device, kind, field, instant_us(start, now), instant_us(end, now), tags,
        None if every is None else duration_us(every), aggregate, limit,
    )  # fmt: skip
    found = parts.store.series(query)
    return _answer(
        {
            "device": device,
            "kind": kind,
            "field": field,
            "from": query.t_from,
            "to": query.t_to,
            "every_us": query.every_us,
            "aggregate": aggregate if every else None,
            "series": [{"tags": one.tags, "points": one.points, "truncated": one.truncated} for one in found],
        }
    )


@router.get("/api/v1/alerts", summary="What a person should know now")
def alerts(request: Request) -> Response:
    parts = _parts(request)
    now = parts.now()
    found = [{"device": view.device, "alert": alert} for view in parts.live.views(now) for alert in view.alerts]
    return _answer({"now": now, "alerts": found})


@router.get("/api/v1/quarantine", summary="Refused messages and records, newest first, in pages")
def quarantine(request: Request, device: str | None = None, before: int = 2**62, limit: Limit = 100) -> Response:
    rows = _parts(request).ledger.quarantine(device, before, limit)
    return _answer({"quarantine": rows, "next": rows[-1].id if len(rows) == limit else None})


@router.get("/healthz", summary="Whether the hub works", response_class=PlainTextResponse)
def healthz(request: Request) -> Response:
    connected = _parts(request).broker_connected()
    return PlainTextResponse("ok\n" if connected else "the broker is away\n", 200 if connected else 503)


@router.get("/metrics", summary="Prometheus metrics", response_class=PlainTextResponse)
def metrics(request: Request) -> Response:
    parts = _parts(request)
    text = metrics_text(
        parts.counters,
        parts.ledger.totals(),
        parts.live.views(parts.now()),
        parts.inbox_bytes(),
        parts.broker_connected(),
    )
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4")


@router.get("/api/v1/events", summary="Server-sent events: each device when it changes")
async def events(request: Request) -> Response:
    parts = _parts(request)
    if parts.streams >= STREAMS_MOST:
        return _answer({"error": f"{parts.streams} streams are open: at most {STREAMS_MOST}; try again later"}, 503)
    return StreamingResponse(
        _stream(parts, request), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


async def _stream(parts: Parts, request: Request) -> AsyncIterator[bytes]:
    """Devices as they change, and a heartbeat so that a page knows the hub is there."""
    parts.streams += 1
    seen = -1
    try:
        for period in range(2**31):
            if await request.is_disconnected():
                return
            version = parts.live.version
            now = parts.now()
            for view in parts.live.views(now, seen) if version != seen else ():
                yield b"event: device\ndata: " + msgspec.json.encode(view) + b"\n\n"
            seen = version
            if period % 4 == 0:
                yield f"event: time\ndata: {now}\n\n".encode()
            await asyncio.sleep(STREAM_PERIOD_S)
    finally:
        parts.streams -= 1


def _tag(text: str) -> tuple[str, str]:
    name, found, value = text.partition(":")
    if not found:
        raise QueryError(f"tag {text!r}: wanted name:value, e.g. mode:m1")
    return name, value
