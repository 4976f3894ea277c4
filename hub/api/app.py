"""The FastAPI application: routes are thin, what they ask stands in live, ledger reader and store."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, FastAPI, Query, Request
from fastapi import Path as PathParameter
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from edge.contract.limits import LIST_ITEMS
from edge.contract.records import BY_KIND, BlobManifest
from edge.contract.shapes import shape_of
from hub.api import answers
from hub.api.drawn import DrawnFigures
from hub.api.figures import router as figures
from hub.api.metrics import metrics_text
from hub.api.openapi import document_of, gives_bytes, says
from hub.api.parts import Parts, parts_of
from hub.api.streams import LEFT, PUBLIC_PACE_S, Feeds, Stream
from hub.api.times import duration_us, instant_us
from hub.blobs import manifests
from hub.display.public_routes import router as public_pages
from hub.display.routes import router as pages
from hub.errors import BusyError, DrawingError, QueryError, StoreError
from hub.kiosk.offers import offers
from hub.kiosk.upkeep import work
from hub.ledger_reader import page_limit
from hub.live import View
from hub.public import PublicService
from hub.store.port import Aggregate, SeriesQuery
from hub.store.question import POINTS_MAX

POINTS_USUAL = 5000
"""Points of an answer where the question names no limit."""
SQLITE_MOST = 2**62
TAGS_MOST = 16


class HubApp(FastAPI):
    """FastAPI that is done with a request for an event stream once it has been understood: 9 kB less a stream."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        left: list[Stream] = []
        scope[LEFT] = left
        await super().__call__(scope, receive, send)
        for stream in left:
            await stream.serve(receive, send)


def bare_app() -> FastAPI:
    """The application's addresses, without anything behind them."""
    app = HubApp(title="machikado status API", version="1", docs_url=None, redoc_url=None)
    app.include_router(router)
    app.include_router(figures)
    app.include_router(public_pages)
    app.include_router(pages)
    app.openapi = lambda: document_of(app)  # type: ignore[method-assign]
    return app


def create_app(parts: Parts) -> FastAPI:
    """The application over its parts."""
    app = bare_app()
    app.state.parts = parts
    app.state.drawn = DrawnFigures(parts)
    app.state.feeds = Feeds(parts.live, parts.now, lambda: parts.is_ending)

    async def refuse(_: Request, problem: Exception) -> Response:
        return JSONResponse({"error": str(problem)}, status_code=400 if isinstance(problem, QueryError) else 503)

    async def refuse_form(_: Request, problem: Exception) -> Response:
        assert isinstance(problem, RequestValidationError)
        return JSONResponse({"error": _in_one_line(problem)}, status_code=400)

    for kind in (QueryError, StoreError, BusyError, DrawingError):
        app.add_exception_handler(kind, refuse)
    app.add_exception_handler(RequestValidationError, refuse_form)
    return app


def _in_one_line(problem: RequestValidationError) -> str:
    first = problem.errors()[0]
    name = ".".join(str(step) for step in first["loc"][1:])
    return f"{name} {str(first.get('input'))[:40]!r}: {first['msg'][:1].lower()}{first['msg'][1:]}"


router = APIRouter()
Limit = Annotated[int, Query(description="most rows in the answer, up to 1000")]


def _answer(content: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json")


@router.get("/api/v1/overview", summary="Every device of the city as it is now", responses=says(answers.Overview))
def overview(request: Request) -> Response:
    parts = parts_of(request)
    now = parts.now()
    return _answer(answers.Overview(now=now, version=parts.live.version, devices=parts.live.views(now)))


@router.get(
    "/api/v1/devices", summary="Devices that the hub has heard of, by name, in pages", responses=says(answers.Devices)
)
def devices(request: Request, after: str = "", limit: Limit = 100) -> Response:
    parts = parts_of(request)
    with parts.turn():
        rows = parts.ledger.devices(after, limit)
        more = bool(rows) and parts.ledger.has_devices_after(rows[-1].name)
        return _answer(answers.Devices(devices=rows, next=rows[-1].name if more else None))


@router.get("/api/v1/devices/{device}", summary="One device of the city as it is now", responses=says(View))
def device(request: Request, device: str) -> Response:
    parts = parts_of(request)
    view = parts.live.view(device, parts.now())
    if view is None:
        return _answer({"error": f"device {device!r}: not in the city file"}, 404)
    return _answer(view)


@router.get(
    "/api/v1/devices/{device}/completeness",
    summary="What the ledger knows: complete, missing, refused, lost",
    responses=says(answers.Completeness),
)
def completeness(request: Request, device: str, limit: Limit = 20) -> Response:
    ledger = parts_of(request).ledger
    return _answer(
        answers.Completeness(device=device, epochs=ledger.completeness(device, limit), lost=ledger.lost(device, limit))
    )


@router.get(
    "/api/v1/devices/{device}/latest",
    summary="The newest record of each series of a device",
    responses=says(answers.LatestRecords),
)
def latest(request: Request, device: str) -> Response:
    parts = parts_of(request)
    with parts.turn():
        found = [answers.LatestRecord(**one._asdict()) for one in parts.store.latest(device)]
        return _answer(answers.LatestRecords(device=device, latest=found))


@router.get(
    "/api/v1/devices/{device}/series",
    summary="A field over time, single readings or condensed",
    responses=says(answers.SeriesAnswer),
)
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
    limit: Annotated[int | None, Query(description="most points in the answer, up to 100000")] = None,
) -> Response:
    parts = parts_of(request)
    now = parts.now()
    if len(tag or ()) > TAGS_MOST:
        raise QueryError(f"{len(tag or ())} tags: at most {TAGS_MOST}")
    query = SeriesQuery(
        device, kind, field, instant_us(start, now), instant_us(end, now), dict(_tag(one) for one in tag or []),
        None if every is None else duration_us(every), aggregate, points_most(kind, field, limit),
    )  # fmt: skip
    with parts.turn():
        found = [
            answers.SeriesPart(
                tags=one.tags, points=[(point.t, point.value) for point in one.points], truncated=one.truncated
            )
            for one in parts.series(query)
        ]
        answer = answers.SeriesAnswer(
            device=device, kind=kind, field=field, from_=query.t_from, to=query.t_to, every_us=query.every_us,
            aggregate=aggregate if every else None, series=found,
        )  # fmt: skip
        return _answer(answer)


@router.get(
    "/api/v1/alerts",
    summary="What a person should know now, or with history what went on, newest first, in pages",
    responses=says(answers.Alerts),
)
def alerts(
    request: Request,
    history: Annotated[bool, Query(description="also what has ended, from the hub's file")] = False,
    before: Annotated[int, Query(ge=1, le=SQLITE_MOST, description="with history: only ids below")] = SQLITE_MOST,
    limit: Annotated[int, Query(description="with history: most rows in the answer, up to 1000")] = 100,
) -> Response:
    parts = parts_of(request)
    now = parts.now()
    if history:
        with parts.turn():
            rows = parts.ledger.alerts(before, limit)
            were = [answers.OneAlert(device=row.device, alert=row.alert, id=row.id, until=row.until) for row in rows]
            return _answer(answers.Alerts(now=now, alerts=were, next=rows[-1].id if len(rows) == limit else None))
    found = [answers.OneAlert(device=view.device, alert=one) for view in parts.live.views(now) for one in view.alerts]
    return _answer(answers.Alerts(now=now, alerts=found))


@router.get(
    "/api/v1/quarantine",
    summary="Refused messages and records, newest first, in pages",
    responses=says(answers.Quarantine),
)
def quarantine(
    request: Request,
    device: str | None = None,
    before: Annotated[int, Query(ge=1, le=SQLITE_MOST, description="only ids below")] = SQLITE_MOST,
    limit: Limit = 100,
) -> Response:
    parts = parts_of(request)
    with parts.turn():
        rows = parts.ledger.quarantine(device, before, limit)
        return _answer(answers.Quarantine(quarantine=rows, next=rows[-1].id if len(rows) == limit else None))


@router.get(
    "/api/v1/devices/{device}/blobs",
    summary="Waveforms and photos that a device announced, newest first",
    responses=says(answers.Blobs),
)
def blobs(
    request: Request,
    device: str,
    start: Annotated[str, Query(alias="from", description="RFC 3339, µs since 1970, or -7d")] = "-7d",
    limit: Limit = 100,
) -> Response:
    parts = parts_of(request)
    with parts.turn():
        announced = manifests(parts.store, device, instant_us(start, parts.now()))
        found = [_blob(parts, manifest) for _, manifest in reversed(announced[-page_limit(limit) :])]
    return _answer(answers.Blobs(device=device, blobs=found))


def _blob(parts: Parts, manifest: BlobManifest) -> answers.Blob:
    here = parts.blobs.where(manifest.sha256)
    return answers.Blob(
        sha256=manifest.sha256, form=manifest.form, size=manifest.size, t_from=manifest.t_from, t_to=manifest.t_to,
        have=here.have, whole=here.file is not None,
    )  # fmt: skip


@router.get(
    "/api/v1/blobs/{sha256}", summary="The content of a blob", responses=gives_bytes(), response_class=FileResponse
)
def blob(request: Request, sha256: Annotated[str, PathParameter(pattern="^[0-9a-f]{64}$")]) -> Response:
    file = parts_of(request).blobs.where(sha256).file
    if file is None:
        return _answer({"error": f"blob {sha256}: is not here whole; see /api/v1/devices/NAME/blobs"}, 404)
    return FileResponse(file, media_type="application/octet-stream", filename=file.name)


@router.get(
    "/api/v1/certificates",
    summary="Which certificates can be had where right now",
    responses=says(answers.Certificates),
)
def certificates(request: Request) -> Response:
    parts = parts_of(request)
    now = parts.now()
    return _answer(answers.Certificates(now=now, offers=offers(parts.live.views(now))))


@router.get(
    "/api/v1/maintenance",
    summary="Kiosks with something to mend, by how many citizens it affects",
    responses=says(answers.Maintenance),
)
def maintenance(request: Request) -> Response:
    parts = parts_of(request)
    now = parts.now()
    return _answer(answers.Maintenance(now=now, work=work(parts.live.views(now))))


@router.get("/healthz", summary="Whether the hub works", response_class=PlainTextResponse)
def healthz(request: Request) -> Response:
    connected = parts_of(request).broker_connected()
    return PlainTextResponse("ok\n" if connected else "the broker is away\n", 200 if connected else 503)


@router.get("/metrics", summary="Prometheus metrics", response_class=PlainTextResponse)
def metrics(request: Request) -> Response:
    parts = parts_of(request)
    text = metrics_text(
        parts.counters,
        parts.ledger.totals(),
        parts.live.views(parts.now()),
        parts.inbox_bytes(),
        parts.broker_connected(),
        None if parts.groups_served is None else parts.groups_served(),
    )
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4")


@router.get(
    "/api/v1/events",
    summary="Server-sent events: each device when it changes",
    responses=says(View, stream=True),
)
async def events(request: Request) -> Response:
    feeds: Feeds = request.app.state.feeds
    return Stream(feeds, feeds.devices)


@router.get("/api/v1/now", summary="What citizens are told now: queues and kiosks", responses=says(answers.Now))
def told_now(request: Request) -> Response:
    parts = parts_of(request)
    t = parts.now()
    services = parts.live.services(parts.live.views(t), t)
    return _answer(answers.Now(now=t, services=services))


@router.get(
    "/api/v1/now/events",
    summary="Server-sent events: each service when it changes, and a beat with the age of each device's last word",
    responses=says(PublicService, stream=True),
)
async def now_events(
    request: Request,
    at_once: Annotated[bool, Query(description="for a display: no pause of a second between two messages")] = False,
) -> Response:
    feeds: Feeds = request.app.state.feeds
    return Stream(feeds, feeds.public, 0.0 if at_once else PUBLIC_PACE_S)


def points_most(kind: str, field: str, limit: int | None) -> int:
    """How many points an answer may have; a list counts as all its items.

    Raises:
        QueryError: ``limit`` is more than that.
    """
    record = BY_KIND.get(kind)
    shape = shape_of(record).field(field) if record else None
    most = POINTS_MAX // (shape.items or LIST_ITEMS) if shape and shape.base == "list" else POINTS_MAX
    if limit is not None and not 1 <= limit <= most:
        raise QueryError(f"limit {limit}: wanted 1–{most} points; narrow the interval or give a window (every)")
    return min(POINTS_USUAL, most) if limit is None else limit


def _tag(text: str) -> tuple[str, str]:
    name, found, value = text.partition(":")
    if not found:
        raise QueryError(f"tag {text[:40]!r}: wanted name:value, e.g. mode:m1")
    return name, value
