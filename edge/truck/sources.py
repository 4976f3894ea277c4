"""Where a truck's positions come from: gpsd, a receiver's serial line, or a recorded log."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Event
from typing import Annotated

import msgspec

from edge.contract.quantity import Code
from edge.errors import SourceError
from edge.source import Emit, Source
from edge.truck.gpsd_client import WATCH, GpsdReports
from edge.truck.items import NmeaSentence
from edge.truck.lines import SentenceLines
from edge.truck.log import read_log

LOOK_S = 0.5
"""How long a read may wait before ``stop`` is looked at [s]."""

CONNECT_S = 5.0
READ_BYTES = 4096


class GpsdSettings(msgspec.Struct, frozen=True, kw_only=True, tag="gpsd", tag_field="kind", forbid_unknown_fields=True):
    """gpsd, which may share the receiver with others (chrony, a navigation display)."""

    name: Code = "gps"
    host: Annotated[str, msgspec.Meta(min_length=1, max_length=253)] = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 2947


class NmeaSettings(msgspec.Struct, frozen=True, kw_only=True, tag="nmea", tag_field="kind", forbid_unknown_fields=True):
    """A receiver on a serial line of its own."""

    name: Code = "gps"
    path: Annotated[str, msgspec.Meta(min_length=1, max_length=4096)] = "/dev/serial0"
    baud: Annotated[int, msgspec.Meta(ge=1200, le=921_600)] = 9600


class LogSettings(msgspec.Struct, frozen=True, kw_only=True, tag="log", tag_field="kind", forbid_unknown_fields=True):
    """A recorded NMEA log, delivered at the pace of its own times."""

    name: Code = "gps"
    path: Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]
    speed: Annotated[float, msgspec.Meta(gt=0, le=1000)] = 1.0
    repeat: bool = False


Settings = GpsdSettings | NmeaSettings | LogSettings


def open_source(settings: object) -> Source:
    """The source that ``settings`` describe; nothing is opened before it runs.

    Raises:
        SourceError: they are not a truck's.
    """
    if isinstance(settings, GpsdSettings):
        return GpsdSource(settings)
    if isinstance(settings, NmeaSettings):
        return NmeaSource(settings)
    if isinstance(settings, LogSettings):
        return LogSource(settings)
    raise SourceError(f"source {type(settings).__name__}: a truck has gpsd, nmea or log")


class GpsdSource:
    """Reports of a running gpsd; ``frames_bad`` counts reports that could not be read."""

    def __init__(self, settings: GpsdSettings) -> None:
        self._settings = settings
        self._reports = GpsdReports()
        self.frames_lost = 0

    @property
    def name(self) -> str:
        """As configured."""
        return self._settings.name

    @property
    def frames_bad(self) -> int:
        """Reports that could not be read."""
        return self._reports.bad

    def run(self, emit: Emit, stop: Event) -> None:
        """Deliver gpsd's reports until ``stop``.

        Raises:
            SourceError: gpsd is not there, goes away, or speaks another protocol.
        """
        where = f"gpsd at {self._settings.host}:{self._settings.port}"
        try:
            with socket.create_connection((self._settings.host, self._settings.port), CONNECT_S) as line:
                line.sendall(WATCH)
                line.settimeout(LOOK_S)
                for data in _received(line, stop):
                    for item in self._reports.feed(data):
                        emit(item)
        except OSError as problem:
            raise SourceError(f"{where}: {problem}; is it running?") from problem
        if not stop.is_set():
            raise SourceError(f"{where}: closed the connection; look at its log")


def _received(line: socket.socket, stop: Event) -> Iterator[bytes]:
    """What arrives until ``stop`` or the other end closes."""
    while not stop.is_set():
        try:
            data = line.recv(READ_BYTES)
        except TimeoutError:
            continue
        if not data:
            return
        yield data


class NmeaSource:
    """A receiver's serial line; ``frames_bad`` counts sentences that were damaged."""

    def __init__(self, settings: NmeaSettings) -> None:
        self._settings = settings
        self._lines = SentenceLines()
        self.frames_lost = 0

    @property
    def name(self) -> str:
        """As configured."""
        return self._settings.name

    @property
    def frames_bad(self) -> int:
        """Sentences that were damaged."""
        return self._lines.bad

    def run(self, emit: Emit, stop: Event) -> None:
        """Deliver the receiver's sentences until ``stop``.

        Raises:
            SourceError: the line cannot be opened or is gone.
        """
        import serial

        path = self._settings.path
        try:
            with serial.Serial(path, self._settings.baud, timeout=LOOK_S, exclusive=True) as port:
                while not stop.is_set():
                    data = port.read(1) + port.read(min(port.in_waiting, READ_BYTES))
                    for sentence in self._lines.feed(data):
                        emit(sentence)
        except (serial.SerialException, OSError, ValueError) as problem:
            raise SourceError(f"line {path}: {problem}; is the receiver plugged in?") from problem


class LogSource:
    """A recorded log at the pace of its own times; ends with ``stop`` only, repeating or silent after the last line."""

    def __init__(self, settings: LogSettings) -> None:
        self._settings = settings
        self.frames_bad = 0
        self.frames_lost = 0

    @property
    def name(self) -> str:
        """As configured."""
        return self._settings.name

    def run(self, emit: Emit, stop: Event) -> None:
        """Deliver the log's sentences until ``stop``.

        Raises:
            SourceError: the log cannot be read or holds no sentence.
        """
        log = read_log(Path(self._settings.path))
        self.frames_bad = log.bad
        while not stop.is_set():
            self._once(log.deliveries(), emit, stop)
            if not self._settings.repeat:
                stop.wait()
            elif stop.wait(1.0 / self._settings.speed):
                return

    def _once(self, deliveries: Iterable[tuple[int, NmeaSentence]], emit: Emit, stop: Event) -> None:
        at = 0
        for mono, sentence in deliveries:
            if mono > at and stop.wait((mono - at) / 1e6 / self._settings.speed):
                return
            at = mono
            emit(sentence)
