"""What decoded once decodes for ever: the frozen samples of version 1."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from edge.contract import control
from edge.contract.batch import decode_batch
from edge.contract.blob import decode_chunk
from edge.contract.codec import decode_record
from edge.contract.records import ALL, ENVELOPE, Record, kind_of
from edge.contract.series import TAG_FIELDS, VALUE_FIELDS

V1 = Path(__file__).parents[1] / "samples" / "v1"
RECORD_LINES = [line for path in sorted((V1 / "records").glob("*.jsonl")) for line in path.read_bytes().splitlines()]
CONTROL_LINES = (V1 / "control.jsonl").read_bytes().splitlines()


def said_by(record: Record) -> dict[str, Any]:
    """Everything that a decoded record says, as plain values."""
    kind = kind_of(record)
    values = {name: getattr(record, name) for name in (*ENVELOPE, *TAG_FIELDS[kind], *VALUE_FIELDS[kind])}
    plain: dict[str, Any] = json.loads(msgspec.json.encode(values))
    return {"kind": kind, **plain}


@pytest.mark.parametrize("line", RECORD_LINES, ids=lambda line: json.loads(line)["kind"])
def test_a_frozen_record_says_what_it_said(line: bytes) -> None:
    record = decode_record(line)

    assert isinstance(record, Record)
    said = said_by(record)
    assert {name: said.get(name) for name in json.loads(line)} == json.loads(line)


def test_every_kind_has_its_frozen_samples_and_no_sample_is_of_no_kind() -> None:
    kinds = [json.loads(line)["kind"] for line in RECORD_LINES]

    assert sorted(kinds) == sorted([kind_of(record) for record in ALL] * 2), "run: python -m tests.samples.make_v1"


@pytest.mark.parametrize(
    ("name", "first", "count", "sent_mono"),
    [("one", 41, 1, None), ("every-kind", 1, 74, None), ("sent-mono", 7, 3, 987_654_321), ("packed", 9, 8, None)],
)
def test_a_frozen_batch_decodes_whole(name: str, first: int, count: int, sent_mono: int | None) -> None:
    batch = decode_batch((V1 / "batches" / f"{name}.batch").read_bytes())

    assert (batch.header.first, batch.header.count, batch.header.sent_mono) == (first, count, sent_mono)
    assert all(isinstance(record, Record) for record in batch.records)


def test_frozen_chunks_decode() -> None:
    first = decode_chunk((V1 / "blobs/first.chunk").read_bytes())
    empty = decode_chunk((V1 / "blobs/empty.chunk").read_bytes())

    assert (first.header.offset, first.content) == (0, b"\x00\x01\n\xff waveform")
    assert (empty.header.offset, empty.content) == (2**31, b"")


@pytest.mark.parametrize("line", CONTROL_LINES)
def test_a_frozen_control_message_says_what_it_said(line: bytes) -> None:
    sample = json.loads(line)

    message = control.decode(getattr(control, sample["type"]), json.dumps(sample["message"]).encode())

    said = json.loads(msgspec.json.encode(message))
    assert {name: said.get(name) for name in sample["message"]} == sample["message"]
