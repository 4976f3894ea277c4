"""The agent's composition root: builds the parts, owns clock and randomness, runs until told to stop."""

from __future__ import annotations

import random
import secrets
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from edge.agent import Agent, Observer, Parts
from edge.backoff import Backoff
from edge.clock import Clock, boot_identity
from edge.config import ClockTable, Loaded, load
from edge.delivery import Delivery, Own
from edge.desired import Desired
from edge.errors import EdgeError, RecordingError
from edge.lines import Line, Refused
from edge.link import Link
from edge.log import Log
from edge.notify import Notifier
from edge.outbox import Outbox
from edge.outbox_schema import connect
from edge.recording import Header, RecordingWriter, unused_name
from edge.settle import Settler
from edge.vitals import VitalSigns

if TYPE_CHECKING:
    from edge.doctor import Check


def system_clock(table: ClockTable) -> Clock:
    """The machine's clocks, trusted as the ``[clock]`` table says."""
    return Clock(table.trust)


def run(config: Path, record: Path | None = None, clock_of: Callable[[ClockTable], Clock] = system_clock) -> None:
    """Run a device's agent until SIGTERM or SIGINT.

    Args:
        config: the device's TOML.
        record: also keep what the sources deliver, in this file.
        clock_of: makes the clock that the agent lives by; another than the machine's where time itself is tested.

    Raises:
        EdgeError: it cannot start, or the outbox does not obey.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while _run_once(load(config), record, clock_of, stop):
        pass


def _run_once(
    loaded: Loaded, record: Path | None, clock_of: Callable[[ClockTable], Clock], stop: threading.Event
) -> bool:
    table = loaded.config.outbox
    path = Path(table.path)
    database = connect(path)
    try:
        log = Log(lambda line: print(line, file=sys.stderr, flush=True))
        outbox = Outbox(database, int(table.quota_mib * 1024 * 1024), lambda: secrets.token_hex(8))
        outbox.open()
        boot = boot_identity()
        outbox.begin_boot(boot)
        desired = Desired(path.with_name(path.name + ".config"), loaded)
        pipeline = loaded.parts.pipeline(desired.start())
        settler = Settler(outbox.settler_state)
        observers: list[Observer] = []
        if record is not None:
            observers.append(_recorder(record, loaded, desired, settler, log))
        parts = Parts(
            loaded=loaded,
            pipeline=pipeline,
            sources=[loaded.parts.open_source(settings) for settings in loaded.sources],
            outbox=outbox,
            settler=settler,
            link=Link(outbox, loaded.config.link),
            clock=clock_of(loaded.config.clock),
            desired=desired,
            notifier=Notifier.from_environment(),
            vitals=VitalSigns(path.parent),
            backoff=lambda: Backoff(random.Random(), first_s=1.0, most_s=60.0),
            boot=boot,
            log=log,
            observers=observers,
        )
        return Agent(parts).run(stop)
    finally:
        database.close()


def examine(config: Path) -> list[Check]:
    """Every finding of the device's doctor, with what its clocks say now."""
    from edge.doctor import examine as examine_with

    try:
        trust = load(config).config.clock.trust
    except EdgeError:
        trust = "ntp"
    return examine_with(config, Clock(trust).read())


def _recorder(path: Path, loaded: Loaded, desired: Desired, settler: Settler, log: Log) -> Observer:
    state = settler.state
    device = loaded.config.device
    writer = RecordingWriter(
        unused_name(path),
        Header(
            device=device.name,
            family=device.family,
            pipeline=desired.table_in_force,
            step=state.step,
            floor=state.floor,
        ),
    )
    broken = False

    def observe(delivery: Delivery, lines: list[Line | Refused]) -> None:
        """A disk that is full ends the recording, not the agent; what was refused of our own is not kept."""
        nonlocal broken
        if broken or (isinstance(delivery.item, Own) and any(isinstance(line, Refused) for line in lines)):
            return
        try:
            writer.write(delivery)
            writer.flush()
        except RecordingError as problem:
            broken = True
            log.state("recording", "failed", str(problem))

    return observe
