"""What a process takes: memory and processor time, read from Linux's /proc."""

import os
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import MeasurementFailed


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident set now and at its highest, and the proportional set (shared pages divided by their users), in MB."""

    resident_mb: float
    peak_resident_mb: float
    proportional_mb: float


def memory_of(pid: int) -> Memory:
    """A process's memory in MB of 10^6 bytes. Raises MeasurementFailed when the process is gone.

    Source: proc(5), `status` (VmRSS, VmHWM) and `smaps_rollup` (Pss).
    """
    try:
        status = _sizes(Path(f"/proc/{pid}/status").read_text())
        rollup = _sizes(Path(f"/proc/{pid}/smaps_rollup").read_text())
    except OSError as error:
        raise MeasurementFailed(f"process {pid}: its memory cannot be read: {error}") from error
    return Memory(status["VmRSS"], status["VmHWM"], rollup["Pss"])


def cpu_s(pid: int) -> float:
    """Processor time that a process has used, user and system, in seconds. Raises MeasurementFailed when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError as error:
        raise MeasurementFailed(f"process {pid}: its processor time cannot be read: {error}") from error
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _sizes(text: str) -> dict[str, float]:
    """Lines such as `VmRSS:  1234 kB` (kB of 1,024 bytes) to MB."""
    sizes = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) == 3 and words[2] == "kB":
            sizes[words[0].rstrip(":")] = int(words[1]) * 1024 / 1e6
    return sizes
