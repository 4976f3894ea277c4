"""The hub's composition root: builds the parts, owns the clock, runs until told to stop."""

from __future__ import annotations

import gc
import os
import resource
import signal
import socket
import sqlite3
import sys
import threading
import time
from pathlib import Path
from types import FrameType

import uvicorn

from edge.contract.control import ReportedConfig, State
from edge.contract.records import BY_KIND, kind_of
from hub.alerts import AlertBook
from hub.api.app import create_app
from hub.api.parts import Parts
from hub.api.streams import STREAMS_MOST
from hub.blobs import BlobFiles, manifest_in
from hub.books import Books
from hub.city import City
from hub.city_file import load_city
from hub.condensed import Condensed
from hub.config import HubConfig, StoreTable, load
from hub.configure import configure, read_pipeline
from hub.errors import ConfigError, StoreError
from hub.history import HistoryTeller
from hub.ingest import Ingest
from hub.ledger_port import LedgerAnswers
from hub.ledger_reader import LedgerReader
from hub.live import Live
from hub.mqtt import HubMqtt, Inbox
from hub.rollup import Roller
from hub.schema import open_reader, open_writer
from hub.store.influx import InfluxStore
from hub.store.influx_rollup import InfluxRollups
from hub.store.influx_server import InfluxTarget, target_of_bucket
from hub.store.influx_setup import Retentions, SetUp
from hub.store.influx_setup import setup_influx as make_influx
from hub.store.port import Rollups, Store
from hub.store.question import record_of
from hub.store.sqlite import SqliteStore
from hub.store.sqlite_rollup import SqliteRollups
from hub.writer import Commit, Writer

CONDENSE_EVERY_S = 10.0
COLLECT_AFTER = (50_000, 10, 10)
"""When Python looks for cycles: allocations of each generation (gc.set_threshold)."""
OPEN_FILES = STREAMS_MOST + 500
"""How many files and connections the hub asks the system for; fewer where it may not have as many."""
PAST_MOST = 5000
"""Most records of one kind that a device's judgement is told at the start."""


def now_us() -> int:
    """UTC [µs since 1970]."""
    return time.time_ns() // 1000


def run(config_path: Path) -> None:
    """Run the hub until SIGTERM or SIGINT.

    Raises:
        HubError: it cannot start.
    """
    config = load(config_path)
    stop = threading.Event()
    # A step makes thousands of rows that die together: looked at every 700, they cost a tenth of the writer's time.
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    path = Path(config.store.path)
    database = open_writer(path)
    books = Books(database)
    marks = SqliteRollups(path.with_name(path.name + ".rollups"))
    store, rollups = _stores(config, database, books, marks)
    roller = Roller(store, rollups, marks)
    log = _Log()
    live = Live(_city(config))
    ledger = LedgerReader(open_reader(path))
    _warm(live, store, ledger, now_us())
    inbox = Inbox(config.limits.queue_bytes)
    mqtt = HubMqtt(config.broker, inbox, log)
    commit = Commit(books, store, roller)
    blobs = _blobs(config, store)
    alerts = AlertBook(database, books.transaction, live.alerts)
    writer = Writer(
        inbox,
        Ingest(books.account_of, commit.is_stored),
        commit,
        blobs,
        mqtt.publish,
        [live],
        log,
        config.limits.step_messages,
        lambda: alerts.look(now_us()),
    )
    # InfluxDB aggregates on its own side, from its readings.
    series = Condensed(store, rollups, roller).series if isinstance(store, SqliteStore) else store.series
    teller = HistoryTeller(live, series)
    parts = Parts(
        live,
        ledger,
        store,
        series,
        blobs,
        writer.counters,
        now_us,
        lambda: inbox.waiting_bytes,
        lambda: mqtt.is_connected,
    )
    threads = [
        threading.Thread(target=_write, args=(writer, stop), name="writer"),
        threading.Thread(target=_condense, args=(roller, teller, stop, log), name="condense"),
    ]
    for thread in threads:
        thread.start()
    mqtt.open()
    try:
        _serve(config, parts)
        if not threads[0].is_alive():
            raise StoreError("hub: its writing thread ended, see above; start it again, nothing that was acked is lost")
    finally:
        mqtt.close()
        stop.set()
        for thread in threads:
            thread.join()
        database.close()


def _write(writer: Writer, stop: threading.Event) -> None:
    """Write until told to stop; whatever ends it ends the hub, which must not look alive while it stores nothing."""
    try:
        writer.run(stop)
    finally:
        if not stop.is_set():
            os.kill(os.getpid(), signal.SIGTERM)


def _stores(
    config: HubConfig, database: sqlite3.Connection, books: Books, beside: SqliteRollups
) -> tuple[Store, Rollups]:
    """The store of readings that the configuration names, and where its condensed windows go."""
    table = config.store
    if table.kind == "sqlite":
        return SqliteStore(database, open_reader(Path(table.path)), books.epoch_id, books.device_id), beside
    target = _influx_target(table)
    return InfluxStore(target), InfluxRollups(target)


def _blobs(config: HubConfig, store: Store) -> BlobFiles:
    folder = Path(config.blobs.folder or config.store.path + ".blobs")
    return BlobFiles(folder, int(config.blobs.quota_gib * 2**30), manifest_in(store))


def _influx_target(table: StoreTable) -> InfluxTarget:
    try:
        token = Path(table.influx_token_file).read_text(encoding="utf-8").strip() if table.influx_token_file else ""
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigError(f"store.influx_token_file {table.influx_token_file!r}: {problem}") from problem
    return target_of_bucket(table.influx_url, table.influx_bucket, table.influx_org, token)


def setup_influx(config_path: Path, keep: Retentions) -> SetUp:
    """Make the databases or buckets of a hub that keeps its readings in InfluxDB.

    Raises:
        HubError: the configuration names no InfluxDB, or the server does not answer or refuses.
    """
    table = load(config_path).store
    if table.kind != "influx":
        raise ConfigError(f'{config_path}: store.kind is {table.kind!r}; wanted "influx", with store.influx_url')
    return make_influx(_influx_target(table), keep)


def raise_generation(config_path: Path) -> int:
    """The generation that a hub restored from a backup has from now on: devices then send again what it lacks.

    Raises:
        HubError: the configuration or the hub's file is not there.
    """
    path = Path(load(config_path).store.path)
    if not path.exists():
        raise StoreError(f"hub file {path}: is not there; put the backup in its place first")
    database = open_writer(path)
    try:
        return Books(database).raise_generation()
    finally:
        database.close()


def configure_device(
    config_path: Path, device: str, pipeline: Path, wait_s: float
) -> tuple[int, ReportedConfig | None]:
    """Publish a desired configuration for a device; its revision (seconds since 1970) and the device's report.

    Raises:
        HubError: the files are refused, or the broker does not take it.
        ContractError: the device's name is none.
    """
    revision = now_us() // 1_000_000
    return revision, configure(load(config_path).broker, device, read_pipeline(pipeline), revision, wait_s)


def _condense(roller: Roller, teller: HistoryTeller, stop: threading.Event, log: _Log) -> None:
    """Compute the windows that have ended and tell of them, again and again; a store that fails is asked later."""
    while not stop.wait(CONDENSE_EVERY_S):
        try:
            roller.work(now_us())
            teller.work(now_us())
            log("downsampling", "working", "")
        except StoreError as problem:
            log("downsampling", "waiting", str(problem))


def _city(config: HubConfig) -> City:
    if not config.city:
        raise ConfigError("city: wanted the path of a city file, e.g. hub/cities/ota.toml")
    return load_city(Path(config.city))


def _serve(config: HubConfig, parts: Parts) -> None:
    """Serve pages and API in this thread until a signal comes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((config.api.host, config.api.port))
    except OSError as problem:
        raise ConfigError(
            f"api.port {config.api.port} on {config.api.host}: {problem.strerror}; choose another, or 0 for a free one"
        ) from problem
    # From here on callers wait instead of being refused: the address is told before the server takes over.
    listener.listen(128)
    if config.api.address_file:
        host, port = listener.getsockname()[:2]
        Path(config.api.address_file).write_text(f"http://{host}:{port}/\n", encoding="ascii")
    server = _Server(
        parts,
        uvicorn.Config(
            create_app(parts), log_level="warning", lifespan="off", timeout_graceful_shutdown=1, access_log=False
        ),
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: setattr(server, "should_exit", True))
    server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """uvicorn that ends event streams at a signal; otherwise it waits for them and then breaks them off."""

    def __init__(self, parts: Parts, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._parts = parts

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """See uvicorn: it calls this at SIGTERM and SIGINT."""
        self._parts.is_ending = True
        super().handle_exit(sig, frame)


def _warm(live: Live, store: Store, ledger: LedgerAnswers, now: int) -> None:
    """Give judgement what it must remember, so that a restarted hub neither is blank nor begins the day at nought."""
    for device in live.devices:
        known = ledger.device(device)
        if known is None:
            continue
        past = live.past_of(device)
        records = [(latest.t, record_of(latest)) for latest in store.latest(device) if latest.kind in BY_KIND]
        records = [(t, record) for t, record in records if kind_of(record) not in past]
        for kind, span_s in past.items():
            records += store.newest(device, kind, now - int(span_s * 1e6), PAST_MOST)
        state: State | None = known.state
        live.warm(device, sorted(records, key=lambda one: one[0]), state, known.state_t or 0, known.heard_t)


class _Log:
    """One line when a thing changes its state, none while it stays."""

    def __init__(self) -> None:
        self._states: dict[str, str] = {}

    def __call__(self, thing: str, state: str, reason: str) -> None:
        before = self._states.get(thing)
        if before == state or (before is None and state == "working"):
            self._states[thing] = state
            return
        self._states[thing] = state
        print(f"{thing}: {state}" + (f": {reason}" if reason else ""), file=sys.stderr, flush=True)
