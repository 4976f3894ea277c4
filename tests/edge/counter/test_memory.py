"""What the counter's pipeline costs in memory with both models loaded and running."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("ai_edge_litert")

RESIDENT_MAX_MB = 55.0
ROOT = Path(__file__).parents[3]

CHILD = """
from edge.counter.items import AirReading, ThermalFrame
from edge.counter.pipeline import Config, pipeline
from edge.pipeline import Tick

steps = pipeline(Config())
records = []
for second in range(600):
    for tenth in range(10):
        records += steps.process(second * 1_000_000 + tenth * 100_000, ThermalFrame(bytes([90, 0] * 64)))
    records += steps.process(second * 1_000_000 + 950_000, AirReading(700.0, 22.0, 40.0, 420.0))
    records += steps.process(second * 1_000_000 + 999_999, Tick())
methods = {record.method for record in records if hasattr(record, "method")}
with open("/proc/self/status") as status:
    kilobytes = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
print(" ".join(sorted(methods)), kilobytes)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="resident memory is read from Linux's /proc")
def test_the_pipeline_with_both_models_running_stays_within_55_mb() -> None:
    run = subprocess.run(
        [sys.executable, "-c", CHILD], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )

    methods, kilobytes = run.stdout.rsplit(maxsplit=1)

    assert methods == "model"
    assert int(kilobytes) / 1000 <= RESIDENT_MAX_MB
