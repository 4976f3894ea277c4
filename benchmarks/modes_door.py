"""The offline door as an engineer opens it: `machikado analyse bridge-modes FILE --json` in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.errors import MeasurementFailed

PROJECT = Path(__file__).resolve().parent.parent
TIMEOUT_S = 60.0
STATUSES = ("ok", "weak", "no_mode", "bad_input")


class Answer(NamedTuple):
    """What the door said of one file; ``raised`` is the last line on standard error where it said nothing."""

    status: str
    frequency_hz: tuple[float, ...]
    left_out: tuple[str, ...]
    findings: tuple[str, ...]
    took_s: float
    raised: str = ""


def ask(file: Path, options: Sequence[str] = ()) -> Answer:
    """Open the door once.

    Raises:
        MeasurementFailed: no answer in time.
    """
    command = [sys.executable, "-m", "machikado", "analyse", "bridge-modes", str(file), "--json", *options]
    began = time.perf_counter()
    try:
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise MeasurementFailed(f"analyse bridge-modes {file}: no answer within {TIMEOUT_S:g} s") from error
    took_s = time.perf_counter() - began
    if not done.stdout.strip():
        return Answer("", (), (), (), took_s, (done.stderr.strip().splitlines() or ["it said nothing"])[-1])
    told = json.loads(done.stdout)
    return Answer(
        told["status"],
        tuple(mode["frequency_hz"] for mode in told["modes"]),
        tuple(channel["name"] for channel in told["channels"] if not channel["used"]),
        tuple(finding["code"] for finding in told["findings"]),
        took_s,
    )
