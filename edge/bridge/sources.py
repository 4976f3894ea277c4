"""Where the bridge's samples come from: a microcontroller on a serial line, or a waveform file paced as if it were one."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Annotated

import msgspec

from edge.board import BoardSource, Translate
from edge.bridge.items import AccelerationChunk, Item, TemperatureReading
from edge.contract.quantity import Code
from edge.errors import RecordingError, SourceError
from edge.source import Emit, Source
from firmware_bridge.messages import Acceleration, Hello, Levels, Message, SensorKind


class SerialSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="serial"
):
    """A microcontroller that speaks ``firmware_bridge`` frames.

    Attributes:
        temperatures: which sensor each channel of its LEVELS is, by the channel's number.
    """

    path: str
    name: Code = "mcu"
    baud: Annotated[int, msgspec.Meta(ge=1200, le=4_000_000)] = 921_600
    temperatures: dict[str, Code] = msgspec.field(default_factory=lambda: {"0": "structure", "1": "air"})


class RecordingSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="recording"
):
    """A waveform file (``waveforms.py``), delivered at the pace of its own rate.

    Attributes:
        sidecar: the file that says rate and channels, where it is not beside the data.
        speed: how many times faster than that, for an agent whose clock runs as fast.
        repeat: begin again at the end, as a sensor that started anew.
    """

    path: str
    name: Code = "recording"
    sidecar: str = ""
    chunk_s: Annotated[float, msgspec.Meta(ge=0.05, le=10.0)] = 0.5
    speed: Annotated[float, msgspec.Meta(gt=0, le=1000)] = 1.0
    repeat: bool = True


Settings = SerialSettings | RecordingSettings


def open_source(settings: object) -> Source:
    """The source that a ``[[source]]`` table asks for; nothing is opened before it runs.

    Raises:
        SourceError: the settings are not a bridge's.
    """
    if isinstance(settings, SerialSettings):
        return BoardSource(settings.name, settings.path, settings.baud, lambda: _translator(settings.temperatures))
    if isinstance(settings, RecordingSettings):
        return RecordingSource(settings)
    raise SourceError(f'source settings are {type(settings).__name__}; give kind = "serial" or "recording"')


class MessageReader:
    """Messages to items; samples are kept only once a HELLO has said what they weigh."""

    def __init__(self, temperatures: dict[str, Code]) -> None:
        self._temperatures = temperatures
        self._hello: Hello | None = None

    def items_of(self, message: Message) -> list[Item]:
        """What a message says of the bridge; nothing where it says nothing of it."""
        match message:
            case Hello(sensor_kind=SensorKind.ACCELEROMETER, sample_rate_mhz=rate) if 1_000 <= rate <= 10_000_000:
                self._hello = message
            case Acceleration(first_sample=first, packed_counts=packed) if self._hello is not None:
                chunk = AccelerationChunk(
                    run=self._hello.boot_id,
                    first_sample=first,
                    rate_hz=self._hello.sample_rate_hz,
                    channels=3,
                    encoding="i24",
                    weight=self._hello.lsb_weight,
                    data=packed,
                )
                return [chunk]
            case Levels(levels_milli=levels):
                return [
                    TemperatureReading(sensor=self._temperatures[str(channel)], temperature_degc=milli / 1000.0)
                    for channel, milli in levels
                    if str(channel) in self._temperatures
                ]
        return []


def _translator(temperatures: dict[str, Code]) -> Translate:
    reader = MessageReader(temperatures)
    return lambda arrival: reader.items_of(arrival.message)


class RecordingSource:
    """A waveform file, chunk by chunk, with pauses of the length of a chunk between."""

    def __init__(self, settings: RecordingSettings) -> None:
        self._settings = settings

    @property
    def name(self) -> str:
        return self._settings.name

    def run(self, emit: Emit, stop: Event) -> None:
        """See ``Source.run``."""
        from edge.bridge.waveforms import chunks, read_waveform

        settings = self._settings
        try:
            waveform = read_waveform(Path(settings.path), Path(settings.sidecar) if settings.sidecar else None)
        except RecordingError as problem:
            raise SourceError(f"source {self.name}: {problem}") from problem
        run = 0
        while True:
            for _, chunk in chunks(waveform, settings.chunk_s):
                if stop.wait(settings.chunk_s / settings.speed):
                    return
                emit(msgspec.structs.replace(chunk, run=run))
            run += 1
            if not settings.repeat:
                stop.wait()
                return
