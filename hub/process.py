"""What every hub process does, whatever its ledger: serve pages, write, condense, end at a signal, and tell changes once."""

from __future__ import annotations

import gc
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import uvicorn

from edge.contract.control import State
from edge.contract.records import BY_KIND, kind_of
from edge.host.durable import make_folder
from hub.api.app import create_app
from hub.api.parts import Parts
from hub.api.streams import STREAMS_MOST
from hub.blobs import BlobFiles, manifest_in
from hub.city import City
from hub.city_file import load_city
from hub.config import ApiTable, HubConfig, StoreTable
from hub.errors import ConfigError, StoreError
from hub.history import HistoryTeller
from hub.ledger_port import LedgerAnswers
from hub.live import Live
from hub.mqtt import HubMqtt
from hub.rollup import Roller
from hub.store.influx_server import InfluxTarget, target_of_bucket
from hub.store.port import Store
from hub.store.question import record_of
from hub.writer import Writer

CONDENSE_EVERY_S = 10.0
SIGNALS = (signal.SIGTERM, signal.SIGINT)
COLLECT_AFTER = (50_000, 10, 10)
"""When Python looks for cycles: allocations of each generation (gc.set_threshold)."""
OPEN_FILES = STREAMS_MOST + 500
"""How many files and connections the hub asks the system for; fewer where it may not have as many."""
PAST_MOST = 5000
"""Most records of one kind that a device's judgement is told at the start."""

Background = Callable[[threading.Event], None]
"""Works in a thread of its own until told to stop."""


class Ending(NamedTuple):
    """How a hub ends.

    Attributes:
        asked: a signal came: what is being built is left, what serves ends.
        stop: nothing arrives any more: the threads end.
    """

    asked: threading.Event
    stop: threading.Event


def ending_at_signals() -> Ending:
    """Asked by SIGTERM or SIGINT from now on; to be called before anything is opened."""
    ending = Ending(threading.Event(), threading.Event())
    for number in SIGNALS:
        signal.signal(number, lambda *_: ending.asked.set())
    return ending


def run_hub(
    api: ApiTable,
    parts: Parts,
    writer: Writer,
    mqtt: HubMqtt,
    background: Sequence[Background],
    ending: Ending,
) -> None:
    """Write, work and serve until asked to end, then end in order.

    Raises:
        HubError: it cannot start, or the writing thread ended.
    """
    asked, stop = ending
    threads = [threading.Thread(target=_write, args=(writer, stop), name="writer")]
    threads += [
        threading.Thread(target=work, args=(stop,), name=f"background {at}") for at, work in enumerate(background)
    ]
    for thread in threads:
        thread.start()
    try:
        mqtt.open()
        _serve(api, parts, asked)
        if not threads[0].is_alive():
            raise StoreError("hub: its writing thread ended, see above; start it again, nothing that was acked is lost")
    finally:
        mqtt.close()
        stop.set()
        for thread in threads:
            thread.join()


def collect_rarely() -> None:
    """A step makes thousands of rows that die together: looked at every 700, they cost a tenth of the writer's time."""
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def condensing(roller: Roller, teller: HistoryTeller, now: Callable[[], int], log: Log) -> Background:
    """Compute the windows that have ended and tell of them, again and again; a store that fails is asked later."""

    def condense(stop: threading.Event) -> None:
        while not stop.wait(CONDENSE_EVERY_S):
            try:
                roller.work(now())
                teller.work(now())
                log("downsampling", "working", "")
            except StoreError as problem:
                log("downsampling", "waiting", str(problem))

    return condense


def city_of(config: HubConfig) -> City:
    """The city that a hub shows.

    Raises:
        ConfigError: there is none.
    """
    if not config.city:
        raise ConfigError("city: wanted the path of a city file, e.g. hub/cities/ota.toml")
    return load_city(Path(config.city))


def blob_files(config: HubConfig, store: Store) -> BlobFiles:
    """The folder of blobs that the configuration names; in a cluster each worker has its own.

    Raises:
        ConfigError: it cannot be made.
    """
    folder = Path(config.blobs.folder or config.store.path + ".blobs")
    try:
        make_folder(folder)
    except OSError as problem:
        raise ConfigError(f"blobs.folder {str(folder)!r}: {problem.strerror}; wanted one that can be made") from problem
    return BlobFiles(folder, int(config.blobs.quota_gib * 2**30), manifest_in(store))


def influx_target(table: StoreTable) -> InfluxTarget:
    """The InfluxDB that a store's table names.

    Raises:
        ConfigError: its token cannot be read, or its address or the bucket's name is none.
    """
    if not table.influx_url.startswith(("http://", "https://")):
        raise ConfigError(
            f'store.influx_url {table.influx_url!r}: wanted http:// or https://, e.g. "http://127.0.0.1:8086"'
        )
    try:
        token = Path(table.influx_token_file).read_text(encoding="utf-8").strip() if table.influx_token_file else ""
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigError(f"store.influx_token_file {table.influx_token_file!r}: {problem}") from problem
    return target_of_bucket(table.influx_url, table.influx_bucket, table.influx_org, token)


def warm(live: Live, store: Store, ledger: LedgerAnswers, now: int, asked: threading.Event) -> None:
    """Give judgement what it must remember, so that a restarted hub neither is blank nor begins the day at nought.

    It takes seconds in a large city, and ends early when ``asked``.
    """
    for device in live.devices:
        if asked.is_set():
            return
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


class Log:
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


def _write(writer: Writer, stop: threading.Event) -> None:
    """Write until told to stop; whatever ends it ends the hub, which must not look alive while it stores nothing."""
    try:
        writer.run(stop)
    finally:
        if not stop.is_set():
            os.kill(os.getpid(), signal.SIGTERM)


def _serve(api: ApiTable, parts: Parts, asked: threading.Event) -> None:
    """Serve pages and API in this thread until a signal comes, or not at all when one came."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    # The protocol is named because asyncio switches Nagle's delay off only where it sees TCP: 44 ms an answer otherwise.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((api.host, api.port))
    except OSError as problem:
        raise ConfigError(
            f"api.port {api.port} on {api.host}: {problem.strerror}; choose another, or 0 for a free one"
        ) from problem
    # From here on callers wait instead of being refused: the address is told before the server takes over.
    listener.listen(128)
    host, port = listener.getsockname()[:2]
    print(f"pages: http://{host}:{port}/", file=sys.stderr, flush=True)
    if api.address_file:
        try:
            Path(api.address_file).write_text(f"http://{host}:{port}/\n", encoding="ascii")
        except OSError as problem:
            raise ConfigError(f"api.address_file {api.address_file!r}: {problem.strerror}; check the path") from problem
    server = _Server(
        parts,
        uvicorn.Config(
            create_app(parts), log_level="warning", lifespan="off", timeout_graceful_shutdown=1, access_log=False
        ),
    )
    for number in SIGNALS:
        signal.signal(number, lambda *_: setattr(server, "should_exit", True))
    # A signal before this went to `asked`, one from here on to the server: to this handler, then to its own.
    if asked.is_set():
        server.should_exit = True
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
