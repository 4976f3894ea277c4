"""pyoma-2 1.4.3 as a peer: where its environment is, and what it finds in recordings."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.errors import MeasurementFailed
from simulators import programs

VERSION = "1.4.3"
NAME = f"pyoma-2 {VERSION}"
SCRIPT = Path(__file__).with_name("pyoma_script.py")
SLOWS_NUMPY = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


class Task(NamedTuple):
    """One recording for the peer, and how it is to be treated."""

    file: Path
    rate_hz: float
    decimate: int
    block_rows: int
    band_hz: tuple[float, float]


class Found(NamedTuple):
    """What it found; ``error`` is what it raised instead."""

    frequency_hz: tuple[float, ...]
    damping: tuple[float, ...]
    took_s: float
    error: str


def folder() -> Path:
    """Its virtual environment."""
    return programs.cache_directory() / "venv-pyoma"


def python() -> Path:
    """Its Python."""
    return folder() / "bin" / "python"


def installed() -> bool:
    """Whether the peer is there, in the version that is compared with."""
    return any(folder().glob(f"lib/python*/site-packages/pyoma_2-{VERSION}.dist-info"))


def identify(tasks: Sequence[Task], timeout_s: float) -> list[Found] | None:
    """The peer's answers, in order; None where it is not installed.

    Raises:
        MeasurementFailed: it does not answer in time.
    """
    if not installed():
        return None
    lines = "".join(json.dumps({**task._asdict(), "file": str(task.file)}) + "\n" for task in tasks)
    environment = {name: value for name, value in os.environ.items() if name not in SLOWS_NUMPY}
    try:
        done = subprocess.run(
            [python(), SCRIPT],
            input=lines,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=True,
            env=environment,
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        raise MeasurementFailed(f"{NAME}: {error}") from error
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if len(answers) != len(tasks):
        raise MeasurementFailed(f"{NAME}: {len(answers)} answers to {len(tasks)} recordings")
    return [
        Found(
            tuple(answer.get("frequency_hz", ())), tuple(answer.get("damping", ())),
            answer.get("took_s", 0.0), answer.get("error", ""),
        )
        for answer in answers
    ]  # fmt: skip
