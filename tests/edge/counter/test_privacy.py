"""Counts leave the device, frames never do: every byte that a counter would publish is looked at."""

from __future__ import annotations

import base64
import re

import numpy as np

from edge.contract.batch import encode_batch
from edge.contract.codec import encode_record
from edge.contract.records import Record
from edge.counter.items import RadarFrame, ThermalFrame
from edge.counter.pipeline import Config, pipeline
from edge.pipeline import Tick
from firmware_bridge.amg8833 import pixels_c
from firmware_bridge.ld2450 import Ld2450Decoder, Target, frame_of
from simulators.counter.simulator import Settings
from tests.simulators.counter.journey import START_US, Journey

SECONDS = 180
SECOND_US = 1_000_000
ROW_OF_NUMBERS = re.compile(rb"-?\d+(?:\.\d+)?(?:\s*[,;]\s*-?\d+(?:\.\d+)?){3,}")
"""Four numbers side by side could be a piece of a picture; a record's numbers each stand behind their name."""
TARGET = Target(x_mm=-1237, y_mm=4391, speed_cm_s=57, resolution_mm=359)


def published(records: list[Record]) -> bytes:
    """The batches that carry these records, as they go to the broker."""
    settled = [type(record)(**{**fields(record), "t": START_US + (record.t or 0)}) for record in records]
    lines = [encode_record(record) for record in settled]
    return b"".join(
        encode_batch("00112233445566aa", first + 1, lines[first : first + 50]) for first in range(0, len(lines), 50)
    )


def fields(record: Record) -> dict[str, object]:
    return {name: getattr(record, name) for name in record.__struct_fields__}


def test_no_thermal_frame_nor_a_row_of_one_is_in_any_byte_published() -> None:
    journey = Journey(Settings(hour_of_day=10.5, waiting_at_start=9), Config(services=("residence",)), seed=8)
    frames, records = [], []
    for mono, item in journey.items(SECONDS):
        frames += [item.registers] if isinstance(item, ThermalFrame) else []
        records += journey.pipeline.process(mono, item)

    payload = published(records)

    assert len(frames) == 10 * SECONDS
    assert ROW_OF_NUMBERS.search(payload) is None
    for registers in frames:
        row = registers[:16]
        assert row not in payload
        assert base64.b64encode(row)[:20] not in payload
        assert row.hex().encode() not in payload.lower()
    assert len(payload) < len(frames) * 128 / 4


def test_a_picture_that_found_its_way_into_a_record_would_be_seen() -> None:
    registers = bytes([90, 0] * 64)
    picture = ",".join(f"{degc:.2f}" for degc in pixels_c(registers)[0])

    assert ROW_OF_NUMBERS.search(b'{"kind":"counter_people","pixels":[' + picture.encode() + b"]}") is not None


def test_where_a_radar_sees_somebody_is_in_no_byte_published() -> None:
    steps = pipeline(Config())
    records: list[Record] = []
    for tenth in range(600):
        for targets in Ld2450Decoder().feed(frame_of((TARGET,))):
            records += steps.process(tenth * SECOND_US // 10, RadarFrame(len(targets)))
        records += steps.process(tenth * SECOND_US // 10, Tick())

    payload = published(records)

    assert len(records) >= 5
    for number in (TARGET.x_mm, TARGET.y_mm, TARGET.resolution_mm):
        assert re.search(rb"(?<![\d.])%d(?![\d.])" % abs(number), payload) is None
    assert np.mean([b'"people":1' in line for line in payload.splitlines() if b"counter_people" in line]) == 1.0
