"""Bridge-quakes: Californian bridges in earthquakes through the offline door, beside pyoma-2: an answer to every one.

Seven records of the CSMIP collection from the shared data folder, 9-32 channels, 50-150 s. One channel of one record is
sick (a hundred times its neighbours' level); the same sensor is well eight months later.

Quick form: the peer on the first three records only.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.errors import MeasurementFailed
from benchmarks.figures import Figure
from benchmarks.modes_door import PROJECT, STATUSES, Answer, ask
from benchmarks.peers import pyoma

DATA = Path(os.environ.get("MACHIKADO_DATA") or PROJECT.parent / "shared" / "data") / "bridge" / "csmip"
SICK = {"hayward__58658_002_20210623": "ch22"}
KNOWN_HZ = {
    "hayward__58658_002": ((0.9, 0.9), (1.22, 1.22), (1.76, 1.76), (2.49, 2.49), (3.3, 3.3)),
    "hayward__58658_014": ((0.9, 0.9), (1.22, 1.22), (1.76, 1.76), (2.49, 2.49), (3.3, 3.3)),
    "meloland__Calexico": ((2.5, 3.0),),
    "CE89324__RioDell": ((4.0, 4.4),),
    "CE89324__petrolia": ((2.05, 2.54),),
}
"""Published frequencies of these bridges, as ranges [Hz]."""
UNSTEADY = frozenset({"not_stationary", "amplitude_dependent", "parts_disagree", "parts_only"})
"""Findings that say that level, frequencies or modes were not alike throughout."""
SAME = 0.04
PEER_BLOCK_ROWS, PEER_TIMEOUT_S, BAND_HZ = 20, 240.0, (0.5, 20.0)
QUICK_PEERS = 3


def run(quick: bool) -> Iterator[Figure]:
    """The figures over all records."""
    records = sorted(DATA.glob("*.npz"))
    if not records:
        raise MeasurementFailed(f"no recordings in {DATA}; set MACHIKADO_DATA")
    answers = [ask(record) for record in records]
    compared = records[:QUICK_PEERS] if quick else records
    peers = _peers(compared)
    said = f"{len(records)} records of earthquakes on bridges"
    yield from _answer_figures(answers, said)
    raised = None if peers is None else sum(bool(one.error) for one in peers)
    yield Figure(
        "quakes-exceptions", sum(bool(answer.raised) for answer in answers), "records",
        f"{said}, the peer on {len(compared)}", pyoma.NAME, raised, "== 0",
    )  # fmt: skip
    yield from _channel_figures(records, answers, said)
    told = sum(len(ranges) for record in compared for ranges in _known(record))
    found = hits(compared, [answer.frequency_hz for answer in answers[: len(compared)]])
    theirs = None if peers is None else hits(compared, [one.frequency_hz for one in peers])
    of = f"{told} published frequencies in {len(compared)} records, within {100 * SAME:g} %"
    yield Figure("quakes-published-modes-found", found, "modes", of, pyoma.NAME, theirs)
    yield Figure(
        "quakes-slowest", max(answer.took_s for answer in answers), "s", f"{said}, with the start of the process"
    )


def hits(records: Sequence[Path], frequencies: Sequence[Sequence[float]]) -> int:
    """How many of the published ranges hold a found frequency."""
    return sum(
        any(low * (1.0 - SAME) <= hz <= high * (1.0 + SAME) for hz in found)
        for record, found in zip(records, frequencies, strict=True)
        for ranges in _known(record)
        for low, high in ranges
    )


def _known(record: Path) -> list[tuple[tuple[float, float], ...]]:
    return [ranges for name, ranges in KNOWN_HZ.items() if record.name.startswith(name)]


def _answer_figures(answers: Sequence[Answer], said: str) -> Iterator[Figure]:
    explained = sum(answer.status in STATUSES and bool(answer.findings) for answer in answers)
    yield Figure("quakes-answered-with-reason", explained, "records", said, aim=f"== {len(answers)}")
    yield Figure(
        "quakes-unsteadiness-said", sum(bool(UNSTEADY & set(answer.findings)) for answer in answers), "records", said
    )
    for status in STATUSES:
        yield Figure(f"quakes-{status}", sum(answer.status == status for answer in answers), "records", said)


def _channel_figures(records: Sequence[Path], answers: Sequence[Answer], said: str) -> Iterator[Figure]:
    found = wrongly = 0
    for record, answer in zip(records, answers, strict=True):
        sick = {name for start, name in SICK.items() if record.name.startswith(start)}
        found += len(sick & set(answer.left_out))
        wrongly += len(set(answer.left_out) - sick)
    yield Figure("quakes-sick-channels-found", found, "channels", said, aim=f"== {len(SICK)}")
    yield Figure("quakes-sound-channels-left-out", wrongly, "channels", said, aim="== 0")


def _peers(records: Sequence[Path]) -> list[pyoma.Found] | None:
    with tempfile.TemporaryDirectory() as folder:
        tasks = []
        for record in records:
            path = Path(folder) / f"{record.stem}.npy"
            with np.load(record) as kept:
                np.save(path, kept["acc_cm_s2"])
                rate_hz = round(1.0 / float(kept["dt"]), 6)
            tasks.append(pyoma.Task(path, rate_hz, max(1, int(0.4 * rate_hz / BAND_HZ[1])), PEER_BLOCK_ROWS, BAND_HZ))
        return pyoma.identify(tasks, PEER_TIMEOUT_S)
