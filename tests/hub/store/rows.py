"""Rows as ingest gives them to a store."""

from __future__ import annotations

from typing import Any

from edge.contract.codec import decode_record, encode_record
from edge.contract.records import Record
from edge.contract.records.bridge import BridgeVibration
from edge.contract.records.counter import CounterAir
from hub.store.port import Row, SeriesQuery

T0 = 1_795_000_020_000_000
"""A whole minute in November 2026 [µs UTC]."""

EPOCH = "0123456789abcdef"
SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US


def row_of(number: int, record: Record, device: str = "bridge-01", epoch: str = EPOCH, t: int | None = None) -> Row:
    """The row of a record; ``t`` where the hub gives the time."""
    line = encode_record(record)
    at = record.t if t is None else t
    assert at is not None
    return Row(device, epoch, number, at, decode_record(line), line)


def vibration(number: int, t: int, rms: float = 0.25, channel: str = "z1", step: int = 0) -> Row:
    """One level of one channel of a bridge."""
    record = BridgeVibration(
        t=t, step=step, channel=channel, rms_m_s2=rms, peak_m_s2=rms * 3, window_s=1.0, samples=256
    )
    return row_of(number, record)


def air(number: int, t: int, co2: float | None = 612.0, temperature: float | None = None) -> Row:
    """The air of a counter."""
    return row_of(number, CounterAir(t=t, co2_ppm=co2, temperature_degc=temperature), device="counter-01")


def rms_query(t_from: int, t_to: int, limit: int = 1000, **changes: Any) -> SeriesQuery:
    """Single readings of ``rms_m_s2`` unless ``changes`` say otherwise."""
    query = SeriesQuery("bridge-01", "bridge_vibration", "rms_m_s2", t_from, t_to, {}, None, "mean", limit)
    return query._replace(**changes)
