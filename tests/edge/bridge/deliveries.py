"""Arrays as a source would deliver them, and a pipeline's answer to them."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from edge.bridge.config import Config
from edge.bridge.items import AccelerationChunk
from edge.bridge.pipeline import pipeline
from edge.contract.codec import encode_record
from edge.contract.records import Record

R = TypeVar("R", bound=Record)

BOOT_US = 5_000_000


def chunk(samples: NDArray[np.float64], first: int, rate_hz: float = 200.0, run: int = 0) -> AccelerationChunk:
    """Samples (n, channels) as one delivery."""
    return AccelerationChunk(
        run=run, first_sample=first, rate_hz=rate_hz, channels=samples.shape[1], encoding="f4",
        data=samples.astype("<f4").tobytes(),
    )  # fmt: skip


def run(
    samples: NDArray[np.float64], config: Config, rate_hz: float = 200.0, size: int = 200, without: range = range(0)
) -> list[Record]:
    """Records of a fresh pipeline for samples cut into chunks of ``size``; chunks that touch ``without`` get lost."""
    made, records = pipeline(config), []
    for first in range(0, len(samples), size):
        part = samples[first : first + size]
        end = first + len(part)
        if first < without.stop and end > without.start:
            continue
        records += made.process(BOOT_US + round(end * 1e6 / rate_hz), chunk(part, first, rate_hz))
    return records


def lines(records: list[Record]) -> bytes:
    """Records as they go to the hub."""
    return b"\n".join(encode_record(record) for record in records)


def of_kind(records: list[Record], kind: type[R]) -> list[R]:
    """The records of one kind."""
    return [record for record in records if isinstance(record, kind)]
