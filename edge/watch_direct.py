"""Looking at a device: at its running agent, or where none runs at its sources directly, sending nothing.

Rules it keeps:
- Who is looked at is decided once, at the beginning; an agent that ends meanwhile is said.
- Without an agent nothing is numbered, kept or sent, and the outbox is only read.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from edge import __version__
from edge.clock import Clock
from edge.config import Loaded
from edge.contract.ranges import Range, RangeSet
from edge.errors import SourceError, WatchError
from edge.family import summary_of
from edge.source import Source
from edge.watch import HasFirmware, Seen, Snapshot, Standing, Watched
from edge.watch_socket import ask

Look = Callable[[], Snapshot]

FIRST_LOOK_S = 4.0
"""How long sources may take to say something before the first look."""
AGAIN_S = 3.0


@contextlib.contextmanager
def looking(loaded: Loaded, socket: Path, clock: Clock, stop: threading.Event) -> Iterator[Look]:
    """How to look at a device, as often as wanted.

    Raises:
        WatchError: an agent listens but does not answer.
    """
    if ask(socket) is not None:
        yield lambda: _of_the_agent(socket)
        return
    done = threading.Event()
    direct = _Direct(loaded, clock, done)
    direct.start()
    try:
        direct.wait_for_words(stop)
        yield direct.look
    finally:
        done.set()


def _of_the_agent(socket: Path) -> Snapshot:
    snapshot = ask(socket)
    if snapshot is None:
        raise WatchError(f"watch socket {socket}: the agent has ended; run watch again to look at the sources directly")
    return snapshot


class _Direct:
    """The sources of a device without an agent."""

    def __init__(self, loaded: Loaded, clock: Clock, done: threading.Event) -> None:
        device = loaded.config.device
        self._loaded = loaded
        self._clock = clock
        self._done = done
        self._watched = Watched(device.name, device.family, __version__, agent_runs=False)
        self._sources = [loaded.parts.open_source(table) for table in loaded.sources]
        self._states = dict.fromkeys((source.name for source in self._sources), "silent")
        self._spoken = threading.Event()

    def start(self) -> None:
        """Read every source in a thread of its own."""
        for source in self._sources:
            threading.Thread(target=self._read, args=(source,), daemon=True).start()

    def wait_for_words(self, stop: threading.Event) -> None:
        """Give the sources time for their first items, and those who spoke time for more."""
        steps = 10
        for _ in range(steps):
            if stop.wait(FIRST_LOOK_S / steps) or "silent" not in self._states.values():
                break
        if self._spoken.is_set():
            stop.wait(FIRST_LOOK_S / 2)

    def _read(self, source: Source) -> None:
        def emit(item: object) -> None:
            self._states[source.name] = "delivering"
            self._spoken.set()
            self._watched.saw(Seen(source.name, self._clock.mono_us(), item))

        while not self._done.is_set():
            try:
                source.run(emit, self._done)
            except SourceError as problem:
                self._states[source.name] = f"failed: {problem}"
            self._done.wait(AGAIN_S)

    def look(self) -> Snapshot:
        """What the sources say now."""
        reading = self._clock.read()
        records, held = _waiting(Path(self._loaded.config.outbox.path))
        self._watched.stand(
            Standing(
                mono_us=reading.mono_us,
                t=None if reading.offset_us is None else reading.mono_us + reading.offset_us,
                clock_quality=reading.quality,
                clock_error_s=reading.error_s,
                outbox_records=records,
                outbox_bytes=held,
                sources=dict(self._states),
            )
        )
        firmware = {one.name: one.firmware if isinstance(one, HasFirmware) else None for one in self._sources}
        summary = summary_of(self._loaded.config.device.family)
        snapshot = self._watched.snapshot(summary, self._loaded.pipeline, firmware)
        if snapshot is None:
            raise WatchError("nothing to show yet")
        return snapshot


def _waiting(path: Path) -> tuple[int | None, int | None]:
    """Records that wait in an outbox and their bytes; None where there is none to read or somebody holds it."""
    try:
        database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=0.2)
        try:
            rows = database.execute("SELECT first, count, length(lines) FROM runs").fetchall()
            kept = database.execute("SELECT value FROM meta WHERE key = 'accounted'").fetchone()
        finally:
            database.close()
        accounted = RangeSet(msgspec.json.decode(kept[0] if kept else "[]", type=list[Range]))
    except (sqlite3.Error, msgspec.DecodeError):
        return None, None
    held = RangeSet((first, first + count - 1) for first, count, _ in rows)
    return held.difference(accounted).count, sum(size for *_, size in rows)
