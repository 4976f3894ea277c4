"""A simulated serial line: a pseudo-terminal whose device end is found under a path of our choice."""

from __future__ import annotations

import os
import pty
import tty
from pathlib import Path

from simulators.errors import SimulatorError


class PtyLine:
    """The sensor's end of a serial line; ``path`` is a symbolic link to the device's end.

    Bytes that nobody reads are dropped when the terminal's buffer is full, as a sensor without flow control does;
    ``dropped_bytes`` counts them.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.dropped_bytes = 0
        self._master = -1
        self._slave = -1

    def open(self) -> None:
        """Make the pseudo-terminal and its link.

        Raises:
            SimulatorError: the link cannot be made.
        """
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.is_symlink():
                self.path.unlink()
            self.path.symlink_to(os.ttyname(self._slave))
        except OSError as problem:
            self.close()
            raise SimulatorError(
                f"line {self.path}: {problem.strerror}; choose a path that can be written"
            ) from problem

    def write(self, data: bytes) -> None:
        """Send bytes; what does not fit is dropped and counted."""
        try:
            sent = os.write(self._master, data)
        except BlockingIOError:
            sent = 0
        self.dropped_bytes += len(data) - sent

    def read(self, most: int = 4096) -> bytes:
        """What the device sent, empty when nothing."""
        try:
            return os.read(self._master, most)
        except (BlockingIOError, OSError):
            return b""

    def close(self) -> None:
        """Close both ends and take the link away."""
        for end in (self._master, self._slave):
            if end >= 0:
                os.close(end)
        self._master = self._slave = -1
        # Never a file of somebody else's, because of which the link could not be made.
        if self.path.is_symlink():
            self.path.unlink()
