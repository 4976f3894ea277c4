"""Composition root of a simulation: the only place that reads the clock and makes the generator for it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from threading import Event

import numpy as np

from edge.contract.families import Family
from simulators.run import run
from simulators.simulator import parts_of


def simulate(
    family: Family,
    settings: Mapping[str, object],
    seed: int,
    lines: Mapping[str, str],
    truth: Path | None,
    speed: float,
    stop: Event,
) -> None:
    """Run a family's simulator from now until ``stop`` is set; see ``simulators.run.run``.

    Raises:
        SimulatorError: the settings, a line, the truth file or the speed cannot be used.
    """
    run(
        parts_of(family),
        settings,
        np.random.default_rng(seed),
        time.time_ns() // 1000,
        lines,
        truth,
        speed,
        now=time.monotonic,
        sleep=stop.wait,
        stop=stop,
    )
