"""An agent whose clock a benchmark sets: `python -m benchmarks.stepped_agent DEVICE.toml OFFSET_FILE`.

It is the agent's own composition root with another clock. Time stands still within each second, so that readings fall on
whole seconds; UTC is that time plus the number in OFFSET_FILE [µs], which is read anew each time. The machine's clock is
not touched.
"""

import sys
from pathlib import Path

from edge.clock import Clock, Reading
from edge.main import run

SECOND_US = 1_000_000


class SteppedClock(Clock):
    """Whole seconds since boot, and as far from UTC as a file says."""

    def __init__(self, offset_file: Path) -> None:
        super().__init__("system")
        self._offset_file = offset_file

    def mono_us(self) -> int:
        """Time since boot, of whole seconds [µs]."""
        return super().mono_us() // SECOND_US * SECOND_US

    def read(self) -> Reading:
        """Both clocks; UTC is always believed."""
        return Reading(self.mono_us(), int(self._offset_file.read_text(encoding="ascii")), "synchronised", None)


def set_offset(offset_file: Path, offset_us: int) -> None:
    """Set UTC − monotonic [µs] of the agent that reads the file."""
    beside = offset_file.with_suffix(".new")
    beside.write_text(str(offset_us), encoding="ascii")
    beside.replace(offset_file)


if __name__ == "__main__":
    run(Path(sys.argv[1]), clock_of=lambda _: SteppedClock(Path(sys.argv[2])))
