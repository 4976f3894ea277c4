"""What a bridge's day costs its device: processor time on one core, memory, and bytes on a metered line.

A day of the simulated girder (traffic, temperature; three axes at 200 Hz) goes through the default pipeline, and through the
true agent as configured for a metered line in `docs/devices.md` (outbox, link, waveforms, shelf), whose broker and hub answer
at once; every MQTT PUBLISH counts whole: fixed header, topic, payload. *Features* are all but passages, triggers and
waveforms. Memory is the highest resident set of such an agent, without identification over its first 50 minutes. Times are
processor time of one thread pinned to one core. The peer identifies the same ten minutes.

Quick form: the hour from 16:00 on, the busy one, times 24; the waveforms' bytes times 24, but at most their day's budget.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.errors import MeasurementFailed
from benchmarks.figures import Figure
from benchmarks.girder_recording import CHANNELS, RATE_HZ, girder_recording
from benchmarks.modal_bound import System, TrueMode, drawn
from benchmarks.peers import pyoma
from provisioning.toml_text import toml_text

PROJECT = Path(__file__).resolve().parent.parent
DAY_S, HOUR_S, BUSY_HOUR = 86_400.0, 3_600.0, 16.0
WITHOUT_S = 3_000.0
"""How long the agent runs whose first identification is due after an hour."""
RAW_MB = DAY_S * RATE_HZ * CHANNELS * 3 / 1e6
TIMEOUT_S, PEER_TIMEOUT_S = 900.0, 120.0
WINDOW_HZ, WINDOW_S = 100.0, 600.0
SIX = (
    (1.0, 0.8, 0.5, 0.3, 0.2, 0.1), (0.9, -0.3, -1.0, 0.6, 0.4, 0.2), (0.5, -1.0, 0.8, 0.4, -0.6, 0.3),
    (-0.6, 0.7, 0.2, 1.0, -0.4, 0.5), (0.3, 0.4, -0.7, 0.2, 1.0, -0.8), (0.2, -0.5, 0.6, -0.9, 0.4, 1.0),
)  # fmt: skip
STRUCTURE = System(
    "six channels",
    tuple(
        TrueMode(hz, zeta, db, shape)
        for hz, zeta, db, shape in zip(
            (1.1, 2.6, 4.9, 7.7, 12.0, 17.0), (0.012, 0.01, 0.008, 0.012, 0.006, 0.005),
            (24.0, 20.0, 26.0, 16.0, 18.0, 14.0), SIX, strict=True,
        )
    ),
)  # fmt: skip


def run(quick: bool) -> Iterator[Figure]:
    """The figures of the pipeline, of the identification, and of the metered agent."""
    seconds, times = (HOUR_S, DAY_S / HOUR_S) if quick else (DAY_S, 1.0)
    form = f"the hour from {BUSY_HOUR:g}:00, times {times:g}" if quick else "a day from midnight"
    said = f"simulated girder, {CHANNELS} axes at {RATE_HZ:g} Hz, {form}"
    with tempfile.TemporaryDirectory(prefix="machikado-day-") as name:
        folder = Path(name)
        recording = girder_recording(folder / "girder.rec", seconds, BUSY_HOUR if quick else 0.0)
        took_s = times * _measured("pipeline", recording)["cpu_s"]
        yield Figure("bridge-day-pipeline", took_s, "s of one core", said, aim="<= 30")
        yield from _identification(folder)
        yield from _agent(folder, recording, seconds, times, said)


def _identification(folder: Path) -> Iterator[Figure]:
    path = folder / "six.npy"
    np.save(path, drawn(STRUCTURE, WINDOW_HZ, WINDOW_S, np.random.default_rng(1)))
    found = _measured("identify", path, WINDOW_HZ)
    task = pyoma.Task(path, WINDOW_HZ, 1, 30, (0.5, 20.0))
    theirs = pyoma.identify([task], PEER_TIMEOUT_S)
    peer_s = theirs[0].took_s if theirs and not theirs[0].error else None
    said = (
        f"{WINDOW_S:g} s, {len(SIX)} channels at {WINDOW_HZ:g} Hz; {found['modes']} of {len(STRUCTURE.modes)} modes; "
        "the peer by wall clock on as many threads as it takes, covariance-driven subspace with its clustering"
    )
    yield Figure("bridge-day-identification", found["cpu_s"], "s of one core", said, pyoma.NAME, peer_s, "<= 1")


def _agent(folder: Path, recording: Path, seconds: float, times: float, said: str) -> Iterator[Figure]:
    full = _run_agent(folder, "events", recording, seconds, {})
    quiet = _run_agent(folder, "features", recording, seconds, {"passages": {"on": 1e6}, "waveforms": {"days": 0.0}})
    without = _run_agent(folder, "without", recording, WITHOUT_S, {"modes": {"first_s": 3600.0, "step_s": 3600.0}})
    yield Figure("bridge-day-agent", times * full["cpu_s"], "s of one core", f"{said}, outbox, link and waveforms too")
    yield Figure("bridge-day-memory", full["peak_mb"], "MB", said, aim="<= 150")
    yield Figure(
        "bridge-day-memory-without",
        without["peak_mb"],
        "MB",
        f"{said}; {WITHOUT_S:g} s, no identification",
        aim="<= 110",
    )
    records = f"{said}; {times * quiet['messages']['up']:.0f} batches"
    yield Figure(
        "bridge-day-features",
        times * sum(quiet["bytes"].values()) / 1e6,
        "MB",
        records,
        "raw at 24 bit",
        RAW_MB,
        "<= 0.3",
    )
    budget = metered()["blobs"]["budget_mib_a_day"] * 1024 * 1024
    chunks = full["bytes"].pop("blob", 0)
    waveforms = chunks if times == 1.0 else min(times * chunks, budget)
    both = (times * sum(full["bytes"].values()) + waveforms) / 1e6
    events = f"{said}; {times * full['messages']['up']:.0f} batches, {waveforms / 1e6:.2f} MB of waveforms"
    yield Figure("bridge-day-with-events", both, "MB", events, "raw at 24 bit", RAW_MB, "<= 1.5")


def metered() -> dict[str, Any]:
    """The configuration for a metered line, as the page on devices has it.

    Raises:
        MeasurementFailed: the page has none.
    """
    page = (PROJECT / "docs" / "devices.md").read_text(encoding="utf-8")
    for text in re.findall(r"```toml\n(.*?)```", page, re.DOTALL):
        table = tomllib.loads(text)
        if table.get("link", {}).get("linger_s") and table["device"]["family"] == "bridge":
            return table
    raise MeasurementFailed("docs/devices.md: no bridge with link.linger_s above 0")


def _run_agent(
    folder: Path, name: str, recording: Path, seconds: float, pipeline: dict[str, dict[str, float]]
) -> dict[str, Any]:
    table = metered()
    table["outbox"]["path"] = str(folder / f"{name}.sqlite")
    for step, settings in pipeline.items():
        table["pipeline"].setdefault(step, {}).update(settings)
    path = folder / f"{name}.toml"
    path.write_text(toml_text(table, "A bridge on a metered line."), encoding="utf-8")
    return _measured("agent", recording, path, seconds)


def _measured(what: str, *arguments: object) -> dict[str, Any]:
    """One measurement in a process on one core and one thread.

    Raises MeasurementFailed when it does not end well.
    """
    environment = {name: value for name, value in os.environ.items() if name not in pyoma.SLOWS_NUMPY}
    environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    core = min(os.sched_getaffinity(0))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.bridge_day_process", what, *map(str, arguments)],
            cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise MeasurementFailed(f"bridge-day {what}: not done within {TIMEOUT_S:g} s") from error
    except subprocess.CalledProcessError as error:
        raise MeasurementFailed(f"bridge-day {what}: {error.stderr.strip().splitlines()[-1:]}") from error
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
