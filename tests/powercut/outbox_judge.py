"""Opens what a power cut left of an outbox with the production code and says what is wrong with it."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from edge.contract.ranges import RangeSet
from edge.errors import EdgeError
from simulators.disk.log import Operation, Said
from simulators.disk.power_cut import State
from tests.edge.outboxes import airs
from tests.powercut.outbox_life import CONFIG, FILE, Stand, opened, stand_of

MEMORY = Path("/dev/shm")
"""Rebuilt disks lie in memory where there is such a place: only their contents matter."""


class OutboxJudge:
    """Knows what was promised when."""

    def __init__(self, operations: Sequence[Operation], recorded: Path) -> None:
        self._recorded = recorded
        self._said = [
            (at, msgspec.json.decode(one.data, type=Stand))
            for at, one in enumerate(operations)
            if isinstance(one, Said)
        ]

    def wrong(self, state: State) -> str | None:
        """What is wrong in this state, None when all is as promised.

        The outbox must stand as after the last call that had returned, or as after the one that was under way.
        """
        before = next((stand for at, stand in reversed(self._said) if at < state.point), None)
        after = next((stand for at, stand in self._said if at >= state.point), before)
        folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        try:
            state.write(self._recorded, folder)
            found = self._opened(folder)
            return found if isinstance(found, str) else _differs(found, before, after)
        finally:
            shutil.rmtree(folder)

    def _opened(self, folder: Path) -> Stand | str:
        """How it stands when it is opened; or that it cannot be, or gives a number again."""
        config = folder / CONFIG
        try:
            database, outbox = opened(folder / FILE)
            try:
                stand = stand_of(outbox, config.read_text() if config.exists() else "")
                (sound,) = database.execute("PRAGMA integrity_check").fetchone()
                first, _ = outbox.append(airs(1, 1))
            finally:
                database.close()
        except EdgeError as problem:
            return f"does not start: {problem}"
        except (sqlite3.Error, TypeError, ValueError) as problem:
            # A page of another time under a row: nonsense, or a type that no row ever had.
            return f"damaged: {problem}"
        if sound != "ok":
            return f"damaged: {sound}"
        return stand if first > stand.last else f"number {first} given again"


def _differs(found: Stand, before: Stand | None, after: Stand | None) -> str | None:
    """What tells the found stand from both that are allowed."""
    if before is None:
        return None
    allowed = [before] if after is None else [before, after]
    if found.config not in {one.config for one in allowed}:
        return f"configuration {found.config!r}: wanted {before.config!r}"
    claimed = RangeSet(numbers for one in allowed for numbers in one.accounted)
    if found.epoch in {one.epoch for one in allowed} and RangeSet(found.accounted).difference(claimed):
        return "takes for accounted what no ack named"
    if any(_same(found, one) for one in allowed):
        return None
    if found.epoch != before.epoch:
        return f"epoch {found.epoch}: wanted {before.epoch}"
    if found.last < before.last:
        return f"ends at {found.last}: {before.last} was promised"
    lost = [number for number in before.held if number not in found.held]
    altered = [number for number in found.held if before.held.get(number, found.held[number]) != found.held[number]]
    return f"lost {lost}, altered {altered}, last {found.last}, generation {found.generation}"


def _same(found: Stand, wanted: Stand) -> bool:
    return (found.epoch, found.last, found.generation, found.held) == (
        wanted.epoch, wanted.last, wanted.generation, wanted.held
    )  # fmt: skip
