"""Sensor modules on serial lines of their own: an HLK-LD2450 radar and an MH-Z19 for carbon dioxide.

Of a radar's frame only the number of people goes on: where somebody stands or walks stays in the module.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from edge.contract.quantity import Code
from edge.counter.items import Co2Reading, RadarFrame
from edge.errors import SourceError, reason_of
from edge.source import Emit
from firmware_bridge import ld2450, mhz19
from firmware_bridge.ld2450 import Ld2450Decoder
from firmware_bridge.mhz19 import READ_CO2, Mhz19Decoder

if TYPE_CHECKING:
    from serial import Serial

READ_TIMEOUT_S: Final = 0.5
READ_MAX_BYTES: Final = 4096
SILENT_AFTER_S: Final = 10.0
"""A module that sends nothing for so long is taken for gone, or for one of another rate."""


class RadarSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="ld2450"
):
    """An HLK-LD2450 that looks over the waiting area, at the module's own 256,000 baud."""

    path: str
    name: Code = "radar"
    baud: Annotated[int, msgspec.Meta(ge=1200, le=4_000_000)] = ld2450.BAUD


class Co2Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="mhz19"):
    """An MH-Z19 that is asked every ``every_s``."""

    path: str
    name: Code = "co2"
    baud: Annotated[int, msgspec.Meta(ge=1200, le=4_000_000)] = mhz19.BAUD
    every_s: Annotated[float, msgspec.Meta(ge=1, le=60)] = 5.0


class RadarSource:
    """The radar's people, a frame at a time."""

    def __init__(self, settings: RadarSettings) -> None:
        self._settings = settings

    @property
    def name(self) -> str:
        return self._settings.name

    def run(self, emit: Emit, stop: Event) -> None:
        """See ``Source.run``."""
        decoder = Ld2450Decoder()

        def take(received: bytes) -> bool:
            frames = decoder.feed(received)
            for targets in frames:
                emit(RadarFrame(len(targets)))
            return bool(frames)

        _read(self.name, self._settings.path, self._settings.baud, stop, take, lambda port: None)


class Co2Source:
    """The module's readings; it only answers when it is asked."""

    def __init__(self, settings: Co2Settings) -> None:
        self._settings = settings

    @property
    def name(self) -> str:
        return self._settings.name

    def run(self, emit: Emit, stop: Event) -> None:
        """See ``Source.run``."""
        decoder = Mhz19Decoder()
        turns = max(1, round(self._settings.every_s / READ_TIMEOUT_S))
        turn = 0

        def ask(port: Serial) -> None:
            nonlocal turn
            if turn % turns == 0:
                port.write(READ_CO2)
            turn += 1

        def take(received: bytes) -> bool:
            readings = decoder.feed(received)
            for ppm in readings:
                emit(Co2Reading(float(ppm)))
            return bool(readings)

        _read(
            self.name,
            self._settings.path,
            self._settings.baud,
            stop,
            take,
            ask,
            SILENT_AFTER_S + self._settings.every_s,
        )


def _read(
    name: str,
    path: str,
    baud: int,
    stop: Event,
    take: Callable[[bytes], bool],
    ask: Callable[[Serial], None],
    silent_after_s: float = SILENT_AFTER_S,
) -> None:
    """Ask and read until ``stop``; ``take`` says whether there was anything whole in what came.

    Raises:
        SourceError: the line cannot be opened, is gone, or nothing whole comes for ``silent_after_s``.
    """
    import termios

    from serial import Serial

    silent_turns = 0
    try:
        with Serial(path, baud, timeout=READ_TIMEOUT_S, exclusive=True) as port:
            while not stop.is_set():
                ask(port)
                received = port.read(1)
                received += port.read(min(port.in_waiting, READ_MAX_BYTES)) if received else b""
                silent_turns = 0 if take(received) else silent_turns + (not received)
                if silent_turns * READ_TIMEOUT_S >= silent_after_s:
                    raise SourceError(
                        f"source {name}: {path}: nothing for {silent_after_s:g} s at {baud} baud; check wiring and power"
                    )
    except (OSError, ValueError, termios.error) as problem:
        raise SourceError(f"source {name}: {path}: {reason_of(problem)}; check the module's cable") from problem
