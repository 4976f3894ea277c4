"""The generated documents say what the contract says, and every quantity in them is explained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edge.contract.documents import DOCUMENTS, differing, write
from edge.contract.records import ALL, ENVELOPE
from edge.contract.shapes import envelope, shape_of
from edge.contract.topics import PUBLISHED, Channel
from hub.store.lineprotocol import KEY_TAGS, OWN_FIELDS, UNKNOWN

ROOT = Path(__file__).parents[2]
RESERVED = {"time", "field", "measurement", *KEY_TAGS, *OWN_FIELDS}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_checked_in_document_has_not_drifted(name: str) -> None:
    assert name not in differing(ROOT), "run: python -m edge.contract.documents --write"


def test_a_document_that_drifted_is_named_and_written_anew(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "docs/data-dictionary.md").write_text("old")

    assert differing(tmp_path) == ["docs/data-dictionary.md"]
    assert write(tmp_path) == ["docs/data-dictionary.md"]
    assert differing(tmp_path) == []


@pytest.mark.parametrize("record", ALL, ids=lambda record: record.__name__)
def test_every_field_has_a_meaning_and_every_number_a_unit(record: Any) -> None:
    shape = shape_of(record)
    fields = (*shape.tags, *shape.fields)

    assert shape.meaning
    assert [field.name for field in fields if not field.meaning] == []
    assert [field.name for field in fields if field.base in ("float", "int") and not field.unit] == []


@pytest.mark.parametrize("record", ALL, ids=lambda record: record.__name__)
def test_no_field_is_called_like_what_the_store_adds(record: Any) -> None:
    """InfluxDB drops a field called ``time`` without a word."""
    shape = shape_of(record)

    assert RESERVED & {field.name for field in (*shape.tags, *shape.fields)} == set()


def test_the_envelope_is_what_the_records_say_it_is() -> None:
    assert tuple(field.name for field in envelope()) == ENVELOPE


def test_the_dictionary_names_everything_the_store_adds() -> None:
    text = DOCUMENTS["docs/data-dictionary.md"]()

    assert all(f"| `{name}` |" in text for name in (*KEY_TAGS, *OWN_FIELDS))
    assert f"`{UNKNOWN}`" in text


def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(DOCUMENTS["docs/asyncapi.json"]())
    return document


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for inner in node.values() for found in _references(inner)]
    return [found for inner in node for found in _references(inner)] if isinstance(node, list) else []


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = _document()

    for reference in _references(document):
        node: Any = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
        assert node


def test_the_asyncapi_document_has_every_channel_and_every_kind() -> None:
    document = _document()

    addresses = {channel["address"] for channel in document["channels"].values()}
    sends = {name for name, operation in document["operations"].items() if operation["action"] == "send"}
    kinds = {option["$ref"].rsplit("/", 1)[1] for option in document["components"]["schemas"]["AnyRecord"]["anyOf"]}
    assert addresses == {f"machikado/v1/{{shard}}/{{device}}/{channel}" for channel in Channel}
    assert sends == {channel.replace("/", "_") for channel in PUBLISHED}
    assert kinds == {record.__name__ for record in ALL}
