"""The device's own vital signs, read from Linux's /proc and /sys; what the machine does not offer is absent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple


class Vitals(NamedTuple):
    """One look at the machine; None where it does not say."""

    cpu_percent: float | None
    memory_percent: float | None
    agent_memory_bytes: int | None
    disk_free_bytes: int | None
    temperature_degc: float | None


class VitalSigns:
    """Looks at the machine; CPU use is since the look before.

    Args:
        disk: where the outbox lies.
        root: the root of /proc and /sys.
    """

    def __init__(self, disk: Path, root: Path = Path("/")) -> None:
        self._disk = disk
        self._proc = root / "proc"
        self._thermal = root / "sys/class/thermal/thermal_zone0/temp"
        self._before: tuple[int, int] | None = None

    def look(self) -> Vitals:
        """The vital signs now."""
        return Vitals(self._cpu(), self._memory(), self._own_memory(), self._free(), self._temperature())

    def _cpu(self) -> float | None:
        try:
            ticks = [
                int(part) for part in (self._proc / "stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]
            ]
        except (OSError, ValueError):
            return None
        idle, total = ticks[3] + ticks[4], sum(ticks)
        before, self._before = self._before, (idle, total)
        if before is None or total == before[1]:
            return None
        return round(100.0 * (1.0 - (idle - before[0]) / (total - before[1])), 1)

    def _memory(self) -> float | None:
        try:
            lines = (self._proc / "meminfo").read_text(encoding="ascii").splitlines()
        except OSError:
            return None
        kib = {line.split(":")[0]: int(line.split()[1]) for line in lines}
        return round(100.0 * (1.0 - kib["MemAvailable"] / kib["MemTotal"]), 1)

    def _own_memory(self) -> int | None:
        try:
            pages = int((self._proc / "self/statm").read_text(encoding="ascii").split()[1])
        except (OSError, ValueError):
            return None
        return pages * os.sysconf("SC_PAGE_SIZE")

    def _free(self) -> int | None:
        try:
            stat = os.statvfs(self._disk)
        except OSError:
            return None
        return stat.f_bavail * stat.f_frsize

    def _temperature(self) -> float | None:
        try:
            return int(self._thermal.read_text(encoding="ascii")) / 1000.0
        except (OSError, ValueError):
            return None
