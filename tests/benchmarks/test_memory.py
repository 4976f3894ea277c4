"""What a process takes, as Linux tells it."""

import mmap
import os
import subprocess
import sys

import pytest

from benchmarks.errors import MeasurementFailed
from benchmarks.memory import cpu_s, memory_of


def test_memory_that_a_process_holds_is_seen_in_all_three_sizes() -> None:
    before = memory_of(os.getpid())

    # Pages of its own: the allocator may have as many to give that are resident already.
    with mmap.mmap(-1, 50_000_000, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as held:
        for _ in range(50):
            held.write(b"x" * 1_000_000)
        after = memory_of(os.getpid())

    assert after.resident_mb - before.resident_mb == pytest.approx(50, abs=5)
    assert after.proportional_mb - before.proportional_mb == pytest.approx(50, abs=5)
    assert after.peak_resident_mb >= after.resident_mb - 1


def test_processor_time_of_another_process_is_what_it_says_itself() -> None:
    script = "import time\nwhile time.process_time() < 0.5: pass\nprint(time.process_time(), flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        own_s = float(process.stdout.readline())

        assert cpu_s(process.pid) == pytest.approx(own_s, abs=0.05)

        process.communicate(b"\n")


def test_a_process_that_is_gone_is_an_error_and_not_a_zero() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()

    with pytest.raises(MeasurementFailed, match=f"process {process.pid}: its memory cannot be read"):
        memory_of(process.pid)
    with pytest.raises(MeasurementFailed, match=f"process {process.pid}: its processor time cannot be read"):
        cpu_s(process.pid)
