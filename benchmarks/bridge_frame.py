"""Bridge-frame: the published modes of a real steel frame, units converted and as recorded, beside pyoma-2.

Three set-ups of 240 s at 256 Hz from the shared data folder, three laser velocities and three accelerations each; the
first eight published modes, scored within 0.8-11 Hz. As recorded, nothing tells the file's units.

Quick form: the peer on converted units only.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.errors import MeasurementFailed
from benchmarks.figures import Figure
from benchmarks.modes_door import PROJECT, Answer, ask
from benchmarks.peers import pyoma

DATA = Path(os.environ.get("MACHIKADO_DATA") or PROJECT.parent / "shared" / "data") / "bridge" / "steel-frame"
RATE_HZ = 256.0
VELOCITIES = 3
PUBLISHED_HZ = np.array([1.229, 1.436, 2.100, 4.017, 4.769, 6.683, 7.616, 9.664])
SCORED_HZ = (0.8, 11.0)
SAME = 0.01
PEER_DECIMATE, PEER_BLOCK_ROWS, PEER_TIMEOUT_S = 9, 40, 120.0
WANTED_RAW = 23 / 24


class Score(NamedTuple):
    """Over all set-ups: modes found, relative errors of those [%], modes in the band that are none of the published."""

    found: int
    rms_percent: float
    spurious: int


def run(quick: bool) -> Iterator[Figure]:
    """The figures of both forms of the recordings."""
    frames = sorted(DATA.glob("*.npy"))
    if not frames:
        raise MeasurementFailed(f"no recordings in {DATA}; set MACHIKADO_DATA")
    with tempfile.TemporaryDirectory() as folder:
        converted = [in_one_unit(frame, Path(folder)) for frame in frames]
        said = f"{len(frames)} set-ups, 8 modes each, {SCORED_HZ[0]:g}-{SCORED_HZ[1]:g} Hz"
        yield from _converted_figures(converted, f"{said}, units converted")
        yield from _raw_figures(frames, f"{said}, units as recorded", quick)


def in_one_unit(frame: Path, folder: Path) -> Path:
    """The recording with its velocities differentiated in the frequency domain, all columns accelerations."""
    samples = np.load(frame).astype(np.float64)
    turn = 2j * np.pi * np.fft.rfftfreq(len(samples), 1.0 / RATE_HZ)
    velocities = np.fft.rfft(samples[:, :VELOCITIES], axis=0)
    samples[:, :VELOCITIES] = np.fft.irfft(velocities * turn[:, None], len(samples), axis=0)
    path = folder / frame.name
    np.save(path, samples)
    return path


def scored(frequencies: Sequence[Sequence[float]]) -> Score:
    """The frequencies of each set-up against the published ones, each mode by the nearest within 1 %."""
    errors: list[float] = []
    spurious = 0
    for one in frequencies:
        inside = np.array([hz for hz in one if SCORED_HZ[0] <= hz <= SCORED_HZ[1]])
        taken: set[int] = set()
        for published in PUBLISHED_HZ:
            off = abs(inside / published - 1.0)
            if len(off) and off.min() <= SAME:
                errors.append(float(inside[off.argmin()] / published - 1.0))
                taken.add(int(off.argmin()))
        spurious += len(inside) - len(taken)
    rms = 100.0 * float(np.sqrt(np.mean(np.square(errors)))) if errors else 100.0
    return Score(len(errors), rms, spurious)


def _ours(files: Sequence[Path]) -> tuple[Score, list[Answer]]:
    answers = [ask(file, ("--rate", f"{RATE_HZ:g}")) for file in files]
    return scored([answer.frequency_hz for answer in answers]), answers


def _peers(files: Sequence[Path]) -> tuple[Score, list[pyoma.Found]] | None:
    tasks = [pyoma.Task(file, RATE_HZ, PEER_DECIMATE, PEER_BLOCK_ROWS, SCORED_HZ) for file in files]
    found = pyoma.identify(tasks, PEER_TIMEOUT_S)
    return None if found is None else (scored([one.frequency_hz for one in found]), found)


def _converted_figures(files: Sequence[Path], said: str) -> Iterator[Figure]:
    mine, answers = _ours(files)
    peers = _peers(files)
    peer = peers[0] if peers else None
    wanted = f"== {len(files) * len(PUBLISHED_HZ)}"
    yield Figure("frame-modes-found", mine.found, "modes", said, pyoma.NAME, peer and peer.found, wanted)
    limit = max(0.07, 1.05 * peer.rms_percent) if peer else 0.07
    yield Figure(
        "frame-frequency-error",
        mine.rms_percent,
        "% rms",
        said,
        pyoma.NAME,
        peer and peer.rms_percent,
        f"<= {limit:.4g}",
    )
    yield Figure("frame-spurious", mine.spurious, "modes", said, pyoma.NAME, peer and peer.spurious, "== 0")
    took_s = [answer.took_s for answer in answers]
    peer_s = float(np.median([one.took_s for one in peers[1]])) if peers else None
    told = f"{said}; ours with the start of the process, the peer's without"
    yield Figure("frame-time", float(np.median(took_s)), "s a set-up", told, pyoma.NAME, peer_s)


def _raw_figures(files: Sequence[Path], said: str, quick: bool) -> Iterator[Figure]:
    mine, answers = _ours(files)
    wanted = f">= {round(WANTED_RAW * len(files) * len(PUBLISHED_HZ))}"
    if quick:
        yield Figure("frame-raw-modes-found", mine.found, "modes", said, aim=wanted)
    else:
        peers = _peers(files)
        value = peers[0].found if peers else None
        yield Figure("frame-raw-modes-found", mine.found, "modes", said, pyoma.NAME, value, wanted)
        if peers:
            raised = sum(bool(one.error) for one in peers[1])
            yield Figure("frame-raw-peer-raised", raised, "set-ups", said)
    noticed = sum("mixed_quantities" in answer.findings for answer in answers)
    yield Figure("frame-raw-mix-noticed", noticed, "set-ups", said, aim=f"== {len(files)}")
    yield Figure("frame-raw-spurious", mine.spurious, "modes", said, aim="== 0")
    yield Figure("frame-raw-frequency-error", mine.rms_percent, "% rms", said)
