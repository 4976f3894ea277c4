"""What the bridge's sources deliver: runs of acceleration samples as the sensor counted them, and temperatures."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from edge.contract.quantity import Code

SAMPLES_A_CHUNK = 100_000
CHANNELS = 64


class AccelerationChunk(msgspec.Struct, frozen=True, kw_only=True, tag="acceleration"):
    """Consecutive samples of all channels, row by row, as they came.

    Attributes:
        run: changes when the sample counter starts anew (the sensor's boot).
        first_sample: counter of the first sample within the run.
        rate_hz: nominal sampling rate.
        channels: values a sample.
        encoding: ``i24`` little-endian 24-bit integers, ``f4`` little-endian floats.
        weight: channel units that a raw 1 is worth.
        data: samples × channels values.
    """

    run: int
    first_sample: Annotated[int, msgspec.Meta(ge=0)]
    rate_hz: Annotated[float, msgspec.Meta(ge=1.0, le=10_000.0)]
    channels: Annotated[int, msgspec.Meta(ge=1, le=CHANNELS)]
    encoding: Literal["i24", "f4"]
    weight: float = 1.0
    data: bytes


class TemperatureReading(msgspec.Struct, frozen=True, kw_only=True, tag="temperature"):
    """One temperature of the structure [°C]."""

    sensor: Code
    temperature_degc: float


Item = AccelerationChunk | TemperatureReading
