"""A microcontroller on a serial line as a source of a family's items, with what the line lost and damaged."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Event

from edge.errors import SourceError
from edge.source import Emit
from firmware_bridge.errors import LineMisconfigured
from firmware_bridge.messages import Hello
from firmware_bridge.serial_line import Arrival, LineSettings, SerialLine

READ_TIMEOUT_S = 0.5

Translate = Callable[[Arrival], Iterable[object]]
"""The items that an arrival means for a family; none where it has no use for it."""


class BoardSource:
    """Reads ``firmware_bridge`` frames from ``path``.

    Args:
        name: of the source in its ``[[source]]`` table.
        path, baud: of the serial line.
        translator: makes a fresh ``Translate`` each time the line is opened.
    """

    def __init__(self, name: str, path: str, baud: int, translator: Callable[[], Translate]) -> None:
        self._name = name
        self._settings = LineSettings(path, baud, read_timeout_s=READ_TIMEOUT_S)
        self._translator = translator
        self._before = (0, 0)
        self._line: SerialLine | None = None
        self._firmware: str | None = None

    @property
    def name(self) -> str:
        """As configured."""
        return self._name

    @property
    def frames_bad(self) -> int:
        """Frames that were damaged since the start."""
        return self._before[0] + (self._line.counters.damaged if self._line else 0)

    @property
    def frames_lost(self) -> int:
        """Frames known to be missing since the start."""
        return self._before[1] + (self._line.counters.lost if self._line else 0)

    @property
    def firmware(self) -> str | None:
        """The board's firmware as its HELLO said, None before the first."""
        return self._firmware

    def run(self, emit: Emit, stop: Event) -> None:
        """See ``Source.run``; the runtime times the items and makes the pauses, so the line needs neither here."""
        translate = self._translator()
        self._before, self._line = (self.frames_bad, self.frames_lost), None
        line = SerialLine(self._settings, mono_us=lambda: 0, wait=stop.wait, backoff_s=lambda failures: 0.0)
        self._line = line
        with line:
            while not stop.is_set():
                try:
                    arrivals = line.read()
                except LineMisconfigured as problem:
                    raise SourceError(str(problem)) from problem
                for arrival in arrivals:
                    if isinstance(arrival.message, Hello):
                        self._firmware = ".".join(map(str, arrival.message.firmware_version))
                    for item in translate(arrival):
                        emit(item)
                if not line.is_open:
                    raise SourceError(f"source {self._name}: {self._settings.path} is gone; plug the board in")
