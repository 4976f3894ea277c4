"""A progress bar on a terminal: how far a replay is, how fast it goes, and nothing where nobody looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TextIO

WIDTH: Final = 30
EVERY_S: Final = 0.1


class Progress:
    """One bar on one line; ``now`` is a monotonic clock [s]."""

    def __init__(self, stream: TextIO, title: str, duration_s: float, now: Callable[[], float]) -> None:
        self._stream = stream
        self._title = title[:40]
        self._duration_s = duration_s
        self._now = now
        self._began = now()
        self._drawn = -EVERY_S

    def reached(self, recorded_s: float) -> None:
        """So much of the recording is done [s]; draws at most ten times a second."""
        passed = self._now() - self._began
        if passed - self._drawn >= EVERY_S:
            self._drawn = passed
            self._draw(recorded_s, passed)

    def done(self, recorded_s: float) -> None:
        """Draw the end, and go on to the next line."""
        self._draw(recorded_s, self._now() - self._began)
        self._stream.write("\n")
        self._stream.flush()

    def _draw(self, recorded_s: float, passed_s: float) -> None:
        share = min(1.0, recorded_s / self._duration_s) if self._duration_s > 0 else 1.0
        bar = ("█" * round(share * WIDTH)).ljust(WIDTH, "·")
        times = recorded_s / passed_s if passed_s > 0 else 0.0
        self._stream.write(f"\r{self._title} {bar} {share:4.0%} {recorded_s:9.0f} s  {times:7.0f}×")
        self._stream.flush()
