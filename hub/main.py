"""The hub's composition root: builds the parts, owns the clock, runs until told to stop."""

from __future__ import annotations

import signal
import socket
import sqlite3
import sys
import threading
import time
from pathlib import Path
from types import FrameType

import msgspec
import uvicorn

from edge.contract.control import State
from edge.contract.records import BY_KIND, Record
from hub.api.app import create_app
from hub.api.parts import Parts
from hub.books import Books
from hub.city import City
from hub.city_file import load_city
from hub.config import HubConfig, load
from hub.errors import ConfigError, StoreError
from hub.ingest import Ingest
from hub.ledger_reader import LedgerReader
from hub.live import Live
from hub.mqtt import HubMqtt, Inbox
from hub.rollup import Roller
from hub.schema import open_reader, open_writer
from hub.store.influx import InfluxStore
from hub.store.influx_rollup import InfluxRollups
from hub.store.influx_server import target_of_bucket
from hub.store.port import Rollups, Store
from hub.store.sqlite import SqliteStore
from hub.store.sqlite_rollup import SqliteRollups
from hub.writer import Commit, Writer

CONDENSE_EVERY_S = 10.0


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
    path = Path(config.store.path)
    database = open_writer(path)
    books = Books(database)
    marks = SqliteRollups(path.with_name(path.name + ".rollups"))
    store, rollups = _stores(config, database, books, marks)
    roller = Roller(store, rollups, marks)
    log = _Log()
    live = Live(_city(config))
    ledger = LedgerReader(open_reader(path))
    _warm(live, store, ledger)
    inbox = Inbox(config.limits.queue_bytes)
    mqtt = HubMqtt(config.broker, inbox, log)
    commit = Commit(books, store, roller)
    writer = Writer(
        inbox,
        Ingest(books.account_of, commit.is_stored),
        commit,
        mqtt.publish,
        [live],
        log,
        config.limits.step_messages,
    )
    parts = Parts(live, ledger, store, writer.counters, now_us, lambda: inbox.waiting_bytes, lambda: mqtt.is_connected)
    threads = [
        threading.Thread(target=writer.run, args=(stop,), name="writer"),
        threading.Thread(target=_condense, args=(roller, stop, log), name="condense"),
    ]
    for thread in threads:
        thread.start()
    mqtt.open()
    try:
        _serve(config, parts)
    finally:
        mqtt.close()
        stop.set()
        for thread in threads:
            thread.join()
        database.close()


def _stores(
    config: HubConfig, database: sqlite3.Connection, books: Books, beside: SqliteRollups
) -> tuple[Store, Rollups]:
    """The store of readings that the configuration names, and where its condensed windows go."""
    table = config.store
    if table.kind == "sqlite":
        return SqliteStore(database, open_reader(Path(table.path)), books.epoch_id, books.device_id), beside
    token = Path(table.influx_token_file).read_text(encoding="utf-8").strip() if table.influx_token_file else ""
    target = target_of_bucket(table.influx_url, table.influx_bucket, table.influx_org, token)
    return InfluxStore(target), InfluxRollups(target)


def _condense(roller: Roller, stop: threading.Event, log: _Log) -> None:
    """Compute the windows that have ended, again and again; a store that fails is asked later."""
    while not stop.wait(CONDENSE_EVERY_S):
        try:
            roller.work(now_us())
            log("downsampling", "working", "")
        except StoreError as problem:
            log("downsampling", "waiting", str(problem))


def _city(config: HubConfig) -> City:
    if not config.city:
        raise ConfigError("city: wanted the path of a city file, e.g. hub/cities/ota.toml")
    return load_city(Path(config.city))


def _serve(config: HubConfig, parts: Parts) -> None:
    """Serve pages and API in this thread until a signal comes."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((config.api.host, config.api.port))
    except OSError as problem:
        raise ConfigError(
            f"api.port {config.api.port} on {config.api.host}: {problem.strerror}; choose another, or 0 for a free one"
        ) from problem
    if config.api.address_file:
        host, port = listener.getsockname()[:2]
        Path(config.api.address_file).write_text(f"http://{host}:{port}/\n", encoding="ascii")
    server = _Server(
        uvicorn.Config(
            create_app(parts), log_level="warning", lifespan="off", timeout_graceful_shutdown=1, access_log=False
        ),
        parts.stopping,
    )
    # uvicorn raises the signal that ended it once more, for whoever had it before.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """A server that tells the event streams to end, so that none is cut off."""

    def __init__(self, config: uvicorn.Config, stopping: threading.Event) -> None:
        super().__init__(config)
        self._stopping = stopping

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._stopping.set()
        super().handle_exit(sig, frame)


def _warm(live: Live, store: Store, ledger: LedgerReader) -> None:
    """Give judgement the newest record of each series, so that a restarted hub is not blank."""
    for device in live.devices:
        known = ledger.device(device)
        if known is None:
            continue
        records: list[tuple[int, Record]] = []
        for latest in store.latest(device):
            kind = BY_KIND.get(latest.kind)
            if kind is not None:
                content = {"kind": latest.kind, **latest.tags, **latest.fields, "t": latest.t}
                records.append((latest.t, msgspec.convert(content, kind, strict=False)))
        state: State | None = known.state
        live.warm(device, records, state, known.heard_t)


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
