"""Replay: samples a second through the bridge's pipeline at `--speed max`, as a multiple of real time.

Two inputs: the real steel-frame recording (256 Hz, three of its six columns being accelerations, from the shared data
folder) and the simulated girder's three channels at 200 Hz. Each is replayed twice by `machikado replay`'s own code, in
a process of its own; `identical twice` is 1 when both gave the same bytes.

Quick form: 60 s of the simulated girder instead of an hour, and the first of the three real recordings instead of all.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.errors import MeasurementFailed
from benchmarks.figures import Figure
from benchmarks.girder_recording import CHANNELS, RATE_HZ, girder_recording

PROJECT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("MACHIKADO_DATA") or PROJECT.parent / "shared" / "data")
STEEL_FRAME_HZ, STEEL_FRAME_COLUMNS = 256.0, (3, 4, 5)
TIMEOUT_S = 600.0

_MEASURE = """
import hashlib, json, sys, time
from pathlib import Path
from simulators.recordings import open_recording
from simulators.replay import replayed, settings_of
digest, took_s, records = hashlib.blake2b(digest_size=16), 0.0, 0
for name in sys.argv[1:]:
    recording = open_recording(Path(name))
    settings = settings_of(recording, None)
    began = time.perf_counter()
    for line in replayed(recording, settings):
        digest.update(line + b"\\n")
        records += 1
    took_s += time.perf_counter() - began
print(json.dumps({"digest": digest.hexdigest(), "took_s": took_s, "records": records}))
"""


def run(quick: bool) -> Iterator[Figure]:
    """The figures of both inputs."""
    with tempfile.TemporaryDirectory() as folder:
        girder_s = 60.0 if quick else 3600.0
        girder = girder_recording(Path(folder) / "girder.rec", girder_s)
        yield from _figures("simulated girder", [girder], girder_s, RATE_HZ, CHANNELS)
        frames = sorted((DATA / "bridge" / "steel-frame").glob("*.npy"))[: 1 if quick else None]
        if not frames:
            raise MeasurementFailed(f"no recordings in {DATA / 'bridge' / 'steel-frame'}; set MACHIKADO_DATA")
        sidecars = [_steel_frame(Path(folder), frame) for frame in frames]
        seconds = sum(len(np.load(frame, mmap_mode="r")) for frame in frames) / STEEL_FRAME_HZ
        yield from _figures("steel frame", sidecars, seconds, STEEL_FRAME_HZ, len(STEEL_FRAME_COLUMNS))


def _figures(name: str, files: list[Path], seconds: float, rate_hz: float, channels: int) -> Iterator[Figure]:
    first, second = _measured(files), _measured(files)
    samples = seconds * rate_hz * channels
    took_s = min(first["took_s"], second["took_s"])
    given = f"{name}: {seconds:.0f} s, {channels} channels at {rate_hz:g} Hz, {first['records']} records"
    yield Figure(f"replay, {name}", samples / took_s, "samples/s", given)
    yield Figure(f"replay, {name}: times real time", seconds / took_s, "×", given, aim="> 1")
    same = first["digest"] == second["digest"] and first["records"] > 0
    yield Figure(f"replay, {name}: identical twice", float(same), "1 = yes", given, aim="== 1")


def _measured(files: list[Path]) -> dict[str, float]:
    """One replay in a process of its own.

    Raises MeasurementFailed when it does not end well.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-c", _MEASURE, *map(str, files)],
            cwd=PROJECT, capture_output=True, text=True, timeout=TIMEOUT_S, check=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise MeasurementFailed(f"replay: not done within {TIMEOUT_S:g} s") from error
    except subprocess.CalledProcessError as error:
        raise MeasurementFailed(f"replay: {error.stderr.strip().splitlines()[-1:]}") from error
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def _steel_frame(folder: Path, frame: Path) -> Path:
    """A sidecar that names the real recording."""
    name = hashlib.blake2b(str(frame).encode(), digest_size=4).hexdigest()
    sidecar = folder / f"{frame.stem}-{name}.json"
    sidecar.write_text(
        json.dumps({"file": str(frame), "rate_hz": STEEL_FRAME_HZ, "columns": list(STEEL_FRAME_COLUMNS)})
    )
    return sidecar
