"""A process that faults may hit together: killed, held down, frozen, and started again when it ended by itself.

Rules it keeps:
- It runs when nobody holds it down; two faults that hold it must both let go.
- What ends by itself is started again after a second, as systemd does it.
- A thaw reaches a process that is frozen, whichever fault froze it, when the last one lets go.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Iterator

from simulators.errors import ServerFailed
from simulators.servers import Server

RESTART_S = 1.0


class Process:
    """One server under faults; its methods may be called from any thread."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.restarts = 0
        self._lock = threading.RLock()
        self._holds = 1
        self._freezes = 0
        self._ended_at: float | None = None

    def start(self) -> None:
        """Let it run, for the first time or after ``stop``."""
        self._release(wipe=False)

    def adopt(self) -> None:
        """The server runs already."""
        self._holds = 0

    @contextlib.contextmanager
    def down(self, wipe: bool = False) -> Iterator[None]:
        """SIGKILL; it stays down until the block ends. ``wipe``: what it had stored is then gone."""
        self._hold()
        try:
            yield
        finally:
            self._release(wipe)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """SIGSTOP until the block ends."""
        with self._lock:
            self._freezes += 1
            with contextlib.suppress(ServerFailed):
                self.server.freeze()
        try:
            yield
        finally:
            with self._lock:
                self._freezes -= 1
                if not self._freezes:
                    with contextlib.suppress(ServerFailed):
                        self.server.thaw()

    def look(self, now: float) -> None:
        """Start it again if it ended by itself a second ago."""
        with self._lock:
            if self._holds or self.server.running:
                self._ended_at = None
            elif self._ended_at is None:
                self._ended_at = now
            elif now - self._ended_at >= RESTART_S:
                self.restarts += 1
                self._ended_at = None
                with contextlib.suppress(ServerFailed):
                    self.server.start()

    def stop(self) -> None:
        """Ask it to end, and keep it down until ``start``."""
        with self._lock:
            if not self._holds:
                self._holds = 1
                self.server.stop()

    def _hold(self) -> None:
        with self._lock:
            self._holds += 1
            self.server.kill()

    def _release(self, wipe: bool) -> None:
        with self._lock:
            self._holds -= 1
            if wipe:
                shutil.rmtree(self.server.place.store, ignore_errors=True)
            if not self._holds:
                with contextlib.suppress(ServerFailed):
                    self.server.start()


@contextlib.contextmanager
def supervised(processes: list[Process]) -> Iterator[None]:
    """Look after them until the block ends."""
    done = threading.Event()

    def look_after() -> None:
        while not done.wait(0.25):
            for process in list(processes):
                process.look(time.monotonic())

    thread = threading.Thread(target=look_after, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
