"""One trial: a life is lived while its disk is watched, power is cut at every point of it, and what is left is judged."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from simulators.disk.log import Operation, operations, traced
from simulators.disk.power_cut import State, states, torn
from tests.powercut.hub_judge import HubJudge
from tests.powercut.hub_life import FILE as HUB_FILE
from tests.powercut.hub_life import lived
from tests.powercut.outbox_judge import OutboxJudge
from tests.powercut.outbox_life import AS_IT_IS, ROOT
from tests.powercut.outbox_life import FILE as OUTBOX_FILE

Judge = Callable[[State], str | None]
LIFE_S = 300.0


class Recorded(NamedTuple):
    """A life's operations, in which folder, who judges what is left of it, and its database's file."""

    operations: list[Operation]
    folder: Path
    judge: Judge
    file: str


class Tally(NamedTuple):
    """What a trial found."""

    states: int
    points: int
    red_states: int
    red_points: int
    first: str


def outbox_recorded(rounds: int, synchronous: str = AS_IT_IS) -> Recorded:
    """An outbox's life of some rounds.

    Raises:
        SimulatorError: strace is not there, or the log is not understood.
    """
    with tempfile.TemporaryDirectory() as name:
        folder, log = _places(Path(name))
        command = [sys.executable, "-m", "tests.powercut.outbox_life", str(folder), synchronous, str(rounds)]
        subprocess.run(traced(command, log), cwd=ROOT, check=True, timeout=LIFE_S)
        made = list(operations(log, folder))
        return Recorded(made, folder, OutboxJudge(made, folder).wrong, Path(OUTBOX_FILE).name)


def hub_recorded(rounds: int, synchronous: str = AS_IT_IS) -> Recorded:
    """A real hub's life of some rounds behind a real broker.

    Raises:
        SimulatorError: strace or the broker is not there, or the log is not understood.
    """
    with tempfile.TemporaryDirectory() as name:
        folder, log = _places(Path(name))
        sent = lived(folder, log, synchronous, rounds)
        made = list(operations(log, folder))
        judge = HubJudge(made, folder, sent)
        if not judge.promises:
            raise RuntimeError("the hub's acks were not seen in its system calls")
        return Recorded(made, folder, judge.wrong, Path(HUB_FILE).name)


def _places(above: Path) -> tuple[Path, Path]:
    folder = above / "files"
    folder.mkdir()
    return folder, above / "strace.log"


def cut_everywhere(recorded: Recorded, seed: int, subsets: int) -> Tally:
    """Power cut at every point, with each prefix and some drawn subsets of what was not synced."""
    return _tally(states(recorded.operations, random.Random(seed), subsets), recorded.judge)


def torn_writes(recorded: Recorded, suffix: str, every: int) -> Tally:
    """The last transaction's writes to the log (``-wal``), or the last checkpoint's to the file (no suffix), torn."""
    return _tally(torn(recorded.operations, recorded.file + suffix, every), recorded.judge)


def _tally(tried: Iterable[State], judge: Judge) -> Tally:
    count, first = 0, ""
    points: set[int] = set()
    red: list[int] = []
    for state in tried:
        count += 1
        points.add(state.point)
        wrong = judge(state)
        if wrong is not None:
            red.append(state.point)
            first = first or f"after {state.point} operations, {state.how}: {wrong}"
    return Tally(count, len(points), len(red), len(set(red)), first)
