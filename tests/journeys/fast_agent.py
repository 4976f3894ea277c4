"""An agent whose seconds pass faster: `python -m tests.journeys.fast_agent DEVICE.toml RECORDING SPEED`.

The agent's own composition root with a monotonic clock that runs SPEED times as fast, so that minutes of a recording pass
through a live agent in seconds; the recording source delivers as fast.
"""

from __future__ import annotations

import sys
from pathlib import Path

from edge.clock import Clock, Reading
from edge.main import run


class FastClock(Clock):
    """Time since boot, multiplied; UTC as if it had always been so."""

    def __init__(self, speed: int) -> None:
        super().__init__("system")
        true = Clock("system").read()
        self._speed = speed
        self._began_us = true.mono_us
        self._offset_us = true.offset_us or 0

    def mono_us(self) -> int:
        """Time since boot [µs], faster since the start."""
        return self._began_us + (super().mono_us() - self._began_us) * self._speed

    def read(self) -> Reading:
        """Both clocks; UTC is always believed."""
        return Reading(self.mono_us(), self._offset_us, "synchronised", None)


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]), clock_of=lambda _: FastClock(int(sys.argv[3])))
