"""The OpenAPI document that is checked in says what the API says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

from hub.api.document import text

DOCUMENT = Path(__file__).parents[3] / "docs/openapi.json"


def test_the_checked_in_document_has_not_drifted() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == text(), "run: python -m hub.api.document --write"


def test_the_hub_serves_the_document_that_is_checked_in(hub: httpx.Client) -> None:
    assert hub.get("/openapi.json").json() == json.loads(DOCUMENT.read_text(encoding="utf-8"))


def test_every_reference_leads_somewhere() -> None:
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))

    for reference in references(document):
        node: Any = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
        assert node


def test_every_path_says_what_it_answers_and_how_it_refuses() -> None:
    paths = json.loads(DOCUMENT.read_text(encoding="utf-8"))["paths"]
    answering = {name: one["get"]["responses"] for name, one in paths.items() if name.startswith("/api/")}

    assert [name for name, responses in answering.items() if "schema" not in json.dumps(responses["200"])] == []
    assert [name for name, responses in answering.items() if not {"400", "503"} <= set(responses)] == []
    assert not any(name.startswith(("/fragment", "/device", "/static")) for name in paths)


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for inner in node.values() for found in references(inner)]
    return [found for inner in node for found in references(inner)] if isinstance(node, list) else []
