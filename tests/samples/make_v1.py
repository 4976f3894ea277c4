"""Makes the samples of version 1 of the contract: ``python -m tests.samples.make_v1``.

They are frozen: what is there is never changed, only a kind that has no sample yet is added. A payload that decoded
once decodes for ever (``tests/contract/test_samples.py``).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from edge.contract import control
from edge.contract.batch import encode_batch
from edge.contract.blob import encode_chunk
from edge.contract.codec import encode_record
from edge.contract.records import ALL, Record, kind_of
from edge.contract.shapes import FieldShape, shape_of

FOLDER = Path(__file__).parent / "v1"
T = 1_795_000_020_123_456
EPOCH = "6f1c0a9b2d3e4f58"
DIGEST = "00112233445566ff"
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_TEXTS = {"previous": EPOCH, "digest": DIGEST, "sha256": SHA256, "version": "1.2.0"}
_LISTS: dict[str, Any] = {"ranges": [[3, 7], [9, 9]], "reasons": ["paper_low", "door_open"]}


def _value(field: FieldShape) -> Any:
    if field.base == "float":
        return (field.low or 0.0) + 0.1 if field.high is None else (float(field.low or 0.0) + field.high) / 3
    if field.base == "int":
        return int(field.low or 0) + 1
    if field.base == "bool":
        return True
    if field.base == "list":
        return _LISTS.get(field.name, [0.5, -1.25, 3e-7])
    return field.choices[0] if field.choices else _TEXTS.get(field.name, f"{field.name[:20].replace('_', '-')}-1")


def records_of(record: type[Record]) -> list[Record]:
    """One record with everything it can say, and one with nothing that may be left out."""
    shape = shape_of(record)
    fields = (*shape.tags, *shape.fields)
    full = {field.name: _value(field) for field in fields}
    least = {field.name: _value(field) for field in fields if not field.optional}
    full_envelope = {"t": T, "clock": "bounded", "t_error_s": 1.5, "step": 2}
    return [record(**full_envelope, **full), record(mono=123_456_789, **least)]  # type: ignore[arg-type]


CONTROL: tuple[control.Message, ...] = (
    control.Ack(generation=1, epoch=EPOCH),
    control.Ack(generation=3, epoch=EPOCH, through=40, ranges=[(42, 44), (50, 50)], last=50, digest=DIGEST, fill=True),
    control.Ack(generation=3, epoch=EPOCH, conflict=True, unreadable=DIGEST),
    control.State(
        status="online", family="bridge", epoch=EPOCH, last=50, digest=DIGEST, agent_version="0.1.0",
        models={"bridge-novelty": "1"}, config_hash=DIGEST, clock_quality="holdover", t=T,
    ),
    control.State(status="offline", why="lost"),
    control.DesiredConfig(revision=2, pipeline={"window_s": 60.0, "channels": ["z1"]}),
    control.ReportedConfig(revision=2, outcome="refused", config_hash=DIGEST, reason="window_s 0: wanted above 0"),
    control.Command(id=DIGEST, name="ping"),
    control.CommandReply(id=DIGEST, outcome="done"),
)  # fmt: skip


def samples() -> dict[str, list[bytes]]:
    """Every sample by file: lines of a ``.jsonl``, or the one payload of any other file."""
    records = {kind_of(record): [encode_record(one) for one in records_of(record)] for record in ALL}
    every = [line for lines in records.values() for line in lines]
    made = {f"records/{kind}.jsonl": lines for kind, lines in records.items()}
    made["batches/one.batch"] = [encode_batch(EPOCH, 41, every[:1])]
    made["batches/every-kind.batch"] = [encode_batch(EPOCH, 1, every)]
    made["batches/sent-mono.batch"] = [encode_batch(EPOCH, 7, every[1:4], sent_mono=987_654_321)]
    made["batches/packed.batch"] = [encode_batch(EPOCH, 9, every[:8], pack_from_bytes=0)]
    made["blobs/first.chunk"] = [encode_chunk(SHA256, 0, b"\x00\x01\n\xff waveform")]
    made["blobs/empty.chunk"] = [encode_chunk(SHA256, 2**31, b"")]
    lines = [{"type": type(one).__name__, "message": json.loads(control.encode(one))} for one in CONTROL]
    made["control.jsonl"] = [json.dumps(line, separators=(",", ":")).encode() for line in lines]
    return made


def main() -> int:
    """Write the samples that are not there yet, and name them."""
    for name, lines in samples().items():
        path = FOLDER / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"\n".join(lines) + (b"\n" if name.endswith(".jsonl") else b""))
            print(path.relative_to(FOLDER))
    return 0


if __name__ == "__main__":
    sys.exit(main())
