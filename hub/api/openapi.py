"""The OpenAPI document of the status API, its schemas taken from the types that answer."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from hub.api.answers import ANSWERS, Problem

_AT = "#/components/schemas/{name}"
_REFUSALS = {400: "the question is refused", 503: "the hub cannot answer now"}


def says(answer: type[msgspec.Struct], stream: bool = False) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that answers with ``answer``, or streams it as the data of events."""
    media = "text/event-stream" if stream else "application/json"
    found: dict[int | str, dict[str, Any]] = {200: _response(answer, "the answer", media)}
    found.update({status: _response(Problem, text, "application/json") for status, text in _REFUSALS.items()})
    return found


def gives_bytes(
    media: str = "application/octet-stream", missing: str = "it is not here whole"
) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that answers with a file; ``missing`` is why it may not."""
    file = {media: {"schema": {"type": "string", "format": "binary"}}}
    found: dict[int | str, dict[str, Any]] = {200: {"description": "the content", "content": file}}
    refusals = {**_REFUSALS, 404: missing}
    found.update({status: _response(Problem, text, "application/json") for status, text in refusals.items()})
    return found


def _response(answer: type[msgspec.Struct], text: str, media: str) -> dict[str, Any]:
    return {"description": text, "content": {media: {"schema": {"$ref": _AT.format(name=answer.__name__)}}}}


def _anything(kind: type) -> dict[str, Any]:
    """A value of any JSON type: a field of a record."""
    if kind is not object:
        raise NotImplementedError
    return {"description": "any JSON value"}


def document_of(app: FastAPI) -> dict[str, Any]:
    """The whole document, made anew."""
    document = get_openapi(title=app.title, version=app.version, routes=app.routes)
    _, schemas = msgspec.json.schema_components(ANSWERS, schema_hook=_anything, ref_template=_AT)
    document["components"] = {"schemas": schemas}
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
    return document
