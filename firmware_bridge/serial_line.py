"""A serial port by its path, kept open: messages out with the host's time, reopened when the device comes back.

Rules it keeps:
- `read` returns within the read timeout (plus one bounded write), whatever the device does.
- A vanished device is closed at once, and tried again after the caller's back-off, without end; the first failure
  and the return are logged, nothing between.
- Every opening says HELLO, and so does a jump in the numbers, so that the other end tells who it is.
- No second process reads the same port: it is opened exclusively.

The clock, the waiting and the back-off are the caller's.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

from firmware_bridge.errors import LineMisconfigured
from firmware_bridge.framing import DELIMITER, FrameCounters, FrameEncoder
from firmware_bridge.message_codec import encode_message
from firmware_bridge.message_stream import MessageStream
from firmware_bridge.messages import Hello, Message, SensorKind

if TYPE_CHECKING:
    from serial import Serial

MAX_READ_BYTES = 4096
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LineSettings:
    """Where the port is and how it is read; `path` may be a symbolic link, as udev keeps for a device."""

    path: str
    baud: int = 921_600
    read_timeout_s: float = 0.5
    write_timeout_s: float = 0.5


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message and the host's monotonic time [µs] just after the read that completed it.

    `lost_before` frames before it never arrived; `restarted` marks a new boot's first HELLO.
    """

    mono_us: int
    message: Message
    sequence: int
    lost_before: int
    restarted: bool


@dataclass(slots=True)
class LineCounters:
    """What happened to the port since the line was made."""

    openings: int = 0
    failed_openings: int = 0
    vanishings: int = 0
    unsent: int = 0


class SerialLine:
    """One serial port and the messages on it; nothing is opened before the first `read` or `send`."""

    def __init__(
        self,
        settings: LineSettings,
        mono_us: Callable[[], int],
        wait: Callable[[float], object],
        backoff_s: Callable[[int], float],
    ) -> None:
        """Say where the line is and how time passes.

        `mono_us` gives the host's monotonic time [µs], `wait` lets seconds pass (an Event's `wait` will do), and
        `backoff_s` says how long to stay away after so many failures in a row (1, 2 …).
        """
        self.line_counters = LineCounters()
        self._settings = settings
        self._mono_us = mono_us
        self._wait = wait
        self._backoff_s = backoff_s
        self._stream = MessageStream()
        self._encoder = FrameEncoder()
        self._port: Serial | None = None
        self._failures_in_a_row = 0
        self._next_try_us: int | None = None
        self._boot_id: int | None = None
        self._asked_for_hello = False
        self._stopped = False

    @property
    def counters(self) -> FrameCounters:
        """Frames seen, lost, damaged … since the line was made, over all openings."""
        return self._stream.counters

    @property
    def unknown_messages(self) -> int:
        return self._stream.unknown

    @property
    def malformed_messages(self) -> int:
        return self._stream.malformed

    @property
    def is_open(self) -> bool:
        return self._port is not None

    def messages(self) -> Iterator[Arrival]:
        """Every message until `stop`, then closes the port; raises as `read`."""
        while not self._stopped:
            yield from self.read()
        self.close()

    def read(self) -> list[Arrival]:
        """What arrived within the read timeout, possibly nothing.

        Raises LineMisconfigured when the port exists but cannot be set as asked.
        """
        port = self._opened_port()
        if port is None:
            return []
        try:
            received = port.read(1)
            waiting = port.in_waiting if received else 0
            if waiting:
                received += port.read(min(waiting, MAX_READ_BYTES))
        except OSError as error:
            self._vanished(error)
            return []
        arrived_us = self._mono_us()
        messages = self._stream.feed(received)
        self._ask_once_for_hello()
        return [Arrival(arrived_us, m.message, m.sequence, m.lost_before, m.restarted) for m in messages]

    def send(self, message: Message) -> bool:
        """Put one message on the line; False when the device is away or took nothing within the write timeout.

        Raises MessageRefused when the message does not fit a frame, LineMisconfigured as `read`.
        """
        message_type, payload = encode_message(message)
        port = self._opened_port()
        if port is None:
            return False
        return self._write(port, self._encoder.encode(message_type, payload))

    def stop(self) -> None:
        """Let `messages` end within the read timeout; may be called from another thread or a signal handler."""
        self._stopped = True

    def close(self) -> None:
        """Close the port for good; only where it is read."""
        self._stopped = True
        self._close_port()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _opened_port(self) -> "Serial | None":
        if self._port is not None or self._stopped:
            return self._port
        if self._next_try_us is not None:
            remaining_s = (self._next_try_us - self._mono_us()) / 1e6
            if remaining_s > 0:
                self._wait(min(remaining_s, self._settings.read_timeout_s))
                return None
        try:
            self._port = self._open()
        except OSError as error:
            self.line_counters.failed_openings += 1
            self._stay_away(error)
            return None
        self._opened()
        return self._port

    def _open(self) -> "Serial":
        import termios

        from serial import Serial

        settings = self._settings
        try:
            return Serial(
                settings.path,
                settings.baud,
                timeout=settings.read_timeout_s,
                write_timeout=settings.write_timeout_s,
                exclusive=True,
            )
        except ValueError as error:
            raise LineMisconfigured(
                f"serial port {settings.path} refuses {settings.baud} baud ({error}); set the rate the module speaks"
            ) from error
        except termios.error as error:
            raise OSError(*error.args) from error

    def _opened(self) -> None:
        if self._failures_in_a_row:
            _log.info("serial port %s is back", self._settings.path)
        self.line_counters.openings += 1
        self._failures_in_a_row = 0
        self._next_try_us = None
        self._say_hello()

    def _ask_once_for_hello(self) -> None:
        if self._stream.awaiting_hello and not self._asked_for_hello:
            self._say_hello()
        self._asked_for_hello = self._stream.awaiting_hello

    def _say_hello(self) -> None:
        if self._boot_id is None:
            # Milliseconds since the machine's boot tell this line from the one before it.
            self._boot_id = self._mono_us() // 1000 % 2**32
        hello = Hello(self._boot_id, (0, 0, 0), SensorKind.HOST, 0, 0, 0)
        message_type, payload = encode_message(hello)
        if self._port is not None:
            # The delimiter in front ends whatever half frame the other end still holds.
            self._write(self._port, DELIMITER + self._encoder.encode(message_type, payload))

    def _write(self, port: "Serial", wire: bytes) -> bool:
        from serial import SerialTimeoutException

        try:
            port.write(wire)
        except SerialTimeoutException:
            self.line_counters.unsent += 1
            return False
        except OSError as error:
            self.line_counters.unsent += 1
            self._vanished(error)
            return False
        return True

    def _vanished(self, error: OSError) -> None:
        self._close_port()
        self.line_counters.vanishings += 1
        self._stream.break_line()
        self._stay_away(error)

    def _stay_away(self, error: OSError) -> None:
        self._failures_in_a_row += 1
        if self._failures_in_a_row == 1:
            _log.info("serial port %s is away (%s); trying again until it is back", self._settings.path, error)
        self._next_try_us = self._mono_us() + round(self._backoff_s(self._failures_in_a_row) * 1e6)

    def _close_port(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            try:
                port.close()
            except OSError as error:
                _log.debug("closing serial port %s: %s", self._settings.path, error)
