"""A real wire between two pseudo-terminals that spoils bytes at places a seed decides.

What each end writes is read from its terminal, spoiled, and written to the other's: the kernel's own line handling,
buffering and chunking lie between. Places are counted in bytes of a direction, so that they do not depend on timing.
"""

import os
import pty
import random
import select
import threading
import tty


class Spoiler:
    """Spoils one direction: about every `mean_gap_bytes`, a bit flips, a byte vanishes, or noise comes between."""

    def __init__(self, seed: int, mean_gap_bytes: int) -> None:
        self._random = random.Random(seed)
        self._mean_gap_bytes = mean_gap_bytes
        self._until_next = self._gap()
        self.blows = 0
        self.quiet = False

    def _gap(self) -> int:
        return self._random.randint(1, 2 * self._mean_gap_bytes)

    def spoil(self, data: bytes) -> bytes:
        if self.quiet:
            return data
        spoiled = bytearray()
        for byte in data:
            self._until_next -= 1
            if self._until_next > 0:
                spoiled.append(byte)
                continue
            self._until_next = self._gap()
            self.blows += 1
            spoiled += self._blow(byte)
        return bytes(spoiled)

    def _blow(self, byte: int) -> bytes:
        kind = self._random.randrange(3)
        if kind == 0:
            return bytes([byte ^ 1 << self._random.randrange(8)])
        if kind == 1:
            return b""
        return bytes([byte]) + self._random.randbytes(self._random.randint(1, 400))


class NoisyWire:
    """Two terminals, `near_path` and `far_path`, joined both ways until `close`."""

    def __init__(self, to_far: Spoiler, to_near: Spoiler) -> None:
        self.to_far, self.to_near = to_far, to_near
        self._near, self._near_end = pty.openpty()
        self._far, self.far_end = pty.openpty()
        for end in (self._near_end, self.far_end):
            tty.setraw(end)
        self.near_path = os.ttyname(self._near_end)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def _carry(self) -> None:
        ways = {self._near: (self._far, self.to_far), self._far: (self._near, self.to_near)}
        while not self._ended.is_set():
            readable, _, _ = select.select(list(ways), [], [], 0.05)
            for source in readable:
                sink, spoiler = ways[source]
                write_all(sink, spoiler.spoil(os.read(source, 4096)), self._ended)

    def close(self) -> None:
        self._ended.set()
        self._thread.join(timeout=5)
        for fd in (self._near, self._near_end, self._far, self.far_end):
            os.close(fd)


def write_all(fd: int, data: bytes, ended: threading.Event) -> None:
    while data and not ended.is_set():
        _, writable, _ = select.select([], [fd], [], 0.05)
        if writable:
            data = data[os.write(fd, data[:512]) :]
