"""The agent's composition root: builds the parts, owns clock and randomness, runs until told to stop."""

from __future__ import annotations

import contextlib
import datetime
import random
import secrets
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from edge import __version__
from edge.agent import Agent, Observer, Parts
from edge.attachments import Attachments
from edge.backoff import Backoff
from edge.blob_sender import MIB, BlobSender
from edge.blobs import Shelf
from edge.blobs import connect as connect_shelf
from edge.clock import Clock, boot_identity
from edge.config import ClockTable, Loaded, convert, load
from edge.contract.ranges import RangeSet
from edge.delivery import Delivery, Own
from edge.desired import Desired
from edge.errors import EdgeError, OutboxError, RecordingError, WatchError
from edge.family import summary_of
from edge.keeper import keeper_of
from edge.lines import Line, Refused
from edge.link import Link
from edge.log import Log
from edge.notify import Notifier
from edge.outbox import Outbox
from edge.outbox_rows import Entry
from edge.outbox_schema import connect
from edge.recording import Header, RecordingWriter, unused_name
from edge.settle import Settler
from edge.vitals import VitalSigns
from edge.watch import HasFirmware, Snapshot, Watched
from edge.watch_socket import WatchSocket, socket_path

if TYPE_CHECKING:
    from edge.host.findings import Check


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
    database = connect(Path(loaded.config.outbox.path))
    try:
        parts = assembled(loaded, database, clock_of(loaded.config.clock))
        if record is not None:
            parts.observers.append(_recorder(record, loaded, parts.desired, parts.settler, parts.log))
        with _watch_socket(parts):
            return Agent(parts).run(stop)
    finally:
        database.close()


def new_identity() -> str:
    """An epoch or a greeting that was never there before."""
    return secrets.token_hex(8)


def assembled(loaded: Loaded, database: sqlite3.Connection, clock: Clock) -> Parts:
    """Everything that an agent is made of, around its open outbox."""
    table, device = loaded.config.outbox, loaded.config.device
    path = Path(table.path)
    outbox = Outbox(database, int(table.quota_mib * 1024 * 1024), new_identity)
    outbox.open()
    boot = boot_identity()
    outbox.begin_boot(boot)
    desired = Desired(path.with_name(path.name + ".config"), loaded)
    settings = desired.start()
    log = Log(lambda line: print(line, file=sys.stderr, flush=True))
    return Parts(
        loaded=loaded,
        pipeline=loaded.parts.pipeline(settings),
        sources=[loaded.parts.open_source(settings) for settings in loaded.sources],
        outbox=outbox,
        settler=Settler(outbox.settler_state),
        link=Link(outbox, loaded.config.link, new_identity),
        attachments=_attachments(loaded, settings, log, outbox.generation),
        clock=clock,
        desired=desired,
        notifier=Notifier.from_environment(),
        vitals=VitalSigns(path.parent),
        backoff=lambda: Backoff(random.Random(), first_s=1.0, most_s=60.0),
        boot=boot,
        log=log,
        watched=Watched(device.name, device.family, __version__, agent_runs=True),
    )


def _attachments(loaded: Loaded, settings: object, log: Log, generation: int) -> Attachments:
    """What goes beside the records; a family that keeps nothing has an empty shelf in memory, and no file."""
    table = loaded.config.blobs
    path = Path(loaded.config.outbox.path)
    keeper = keeper_of(loaded.config.device.family, settings, path.with_name(path.name + ".kept"))
    database = (
        sqlite3.connect(":memory:", isolation_level=None)
        if keeper is None
        else connect_shelf(path.with_name(path.name + ".blobs"))
    )
    shelf = Shelf(database, int(table.quota_mib * MIB))
    shelf.open()
    return Attachments(shelf, BlobSender(shelf, table), keeper, log, generation)


@contextlib.contextmanager
def _watch_socket(parts: Parts) -> Iterator[None]:
    """The agent's end of ``machikado agent watch``; without it the agent runs on."""
    served = WatchSocket(_socket_path(parts.loaded), lambda: _snapshot(parts))
    try:
        served.open()
    except WatchError as problem:
        parts.log.state("watch", "not available", str(problem))
    try:
        yield
    finally:
        served.close()


def _socket_path(loaded: Loaded) -> Path:
    return socket_path(Path(loaded.config.outbox.path), loaded.config.agent.watch_socket)


def _snapshot(parts: Parts) -> Snapshot | None:
    """What is shown now; the settings are those in force, which may have come from the hub."""
    loaded = parts.loaded
    settings = convert(parts.desired.table_in_force, loaded.parts.config, "pipeline.")
    firmware = {one.name: one.firmware if isinstance(one, HasFirmware) else None for one in parts.sources}
    return parts.watched.snapshot(summary_of(loaded.config.device.family), settings, firmware)


class WatchOptions(NamedTuple):
    """How ``agent watch`` shows what it sees.

    Attributes:
        once: one snapshot, then end.
        as_json: as JSON for programs.
        page_port: serve the local page on this port (0: a free one); None for the terminal.
        commission: write the commissioning record there and end.
    """

    once: bool
    as_json: bool
    page_port: int | None
    commission: Path | None


def watch(config: Path, options: WatchOptions) -> None:
    """Show a device to the technician beside it, by its running agent or from its sources directly.

    Raises:
        EdgeError: the configuration is refused, or the agent does not answer.
    """
    from edge.commission import commissioned, write_record
    from edge.watch_direct import looking
    from edge.watch_page import serve
    from edge.watch_text import as_text

    loaded = load(config)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with looking(loaded, _socket_path(loaded), Clock(loaded.config.clock.trust), stop) as look:
        if options.page_port is not None:
            serve(look, options.page_port, stop, lambda address: print(f"machikado watch: {address}", flush=True))
        elif options.commission is not None:
            now = datetime.datetime.now(datetime.UTC)
            record = commissioned(look(), examine(config), now.isoformat(timespec="seconds"))
            write_record(options.commission, record)
            print(f"{options.commission}: {record.verdict}")
        elif options.once:
            snapshot = look()
            print(msgspec.json.encode(snapshot).decode() if options.as_json else as_text(snapshot))
        else:
            _refresh(look, as_text, options.as_json, stop)


def _refresh(
    look: Callable[[], Snapshot], as_text: Callable[[Snapshot], str], as_json: bool, stop: threading.Event
) -> None:
    """Once a second, the terminal cleared before; as JSON a line a second."""
    while not stop.is_set():
        snapshot = look()
        if as_json:
            print(msgspec.json.encode(snapshot).decode(), flush=True)
        else:
            print("\x1b[H\x1b[J" + as_text(snapshot) + "\n\nCtrl-C ends.", flush=True)
        stop.wait(1.0)


def examine(config: Path) -> list[Check]:
    """Every finding of the device's doctor, with what its clocks say now."""
    from edge.doctor import examine as examine_with

    try:
        trust = load(config).config.clock.trust
    except EdgeError:
        trust = "ntp"
    return examine_with(config, Clock(trust).read())


def deliver(config: Path, lines: Iterable[Line]) -> int:
    """Put lines into a device's outbox as if it had observed them, and send until the hub has acked every one.

    Returns:
        How many lines are with the hub; fewer than given when a signal came first (the outbox keeps the others).

    Raises:
        EdgeError: the outbox does not obey, or a line has no time by which the hub could keep it.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    loaded = load(config)
    database = connect(Path(loaded.config.outbox.path))
    try:
        parts = assembled(loaded, database, Clock(loaded.config.clock.trust))
        parts.sources.clear()
        outbox = parts.outbox
        first, count = outbox.last + 1, 0
        for line in lines:
            if not line.settled:
                raise OutboxError(f"{config}: the recording's times are not known, so that no hub could keep them")
            outbox.append([Entry(line.line, line.priority, line.t)])
            count += 1
        ours = RangeSet([(first, outbox.last)] if count else [])

        def all_acked(*_: object) -> None:
            if not outbox.open_numbers().intersection(ours):
                stop.set()

        parts.observers.append(all_acked)
        Agent(parts).run(stop)
        return count - outbox.open_numbers().intersection(ours).count
    finally:
        database.close()


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
