"""The hub's composition root: builds the parts, owns the clock, runs until told to stop."""

from __future__ import annotations

import secrets
import sqlite3
import time
from pathlib import Path

from edge.contract.control import Command, CommandReply, ReportedConfig
from hub.alerts import AlertBook
from hub.api.parts import Parts
from hub.api.times import instant_us
from hub.backup import Manifest, Restored
from hub.backup import back_up as make_backup
from hub.backup import restore as put_back
from hub.books import Books
from hub.commands import ask
from hub.condensed import Condensed
from hub.config import HubConfig, StoreTable, load
from hub.configure import configure, read_pipeline
from hub.errors import ConfigError, HubError, StoreError
from hub.history import HistoryTeller
from hub.ingest import Ingest
from hub.ledger_reader import LedgerReader
from hub.live import Live
from hub.mqtt import HubMqtt, Inbox
from hub.process import (
    Ending,
    Log,
    blob_files,
    city_of,
    collect_rarely,
    condensing,
    ending_at_signals,
    influx_target,
    run_hub,
    warm,
)
from hub.rollup import Roller
from hub.schema import open_reader, open_writer
from hub.store.influx import InfluxStore
from hub.store.influx_rollup import InfluxRollups
from hub.store.influx_setup import Retentions, SetUp
from hub.store.influx_setup import setup_influx as make_influx
from hub.store.port import Rollups, Store
from hub.store.sqlite import SqliteStore
from hub.store.sqlite_rollup import SqliteRollups
from hub.strict_toml import nearest
from hub.writer import Commit, Writer


def now_us() -> int:
    """UTC [µs since 1970]."""
    return time.time_ns() // 1000


def run(config_path: Path) -> None:
    """Run the hub until SIGTERM or SIGINT: alone, or as one of several where the file has a table ``[cluster]``.

    Raises:
        HubError: it cannot start.
    """
    ending = ending_at_signals()
    config = load(config_path)
    collect_rarely()
    if config.cluster is not None:
        # nats-py is there only where the extra [cluster] is installed.
        from hub.cluster.main import run_worker

        run_worker(config, config.cluster, ending)
    else:
        _run_alone(config, ending)


def _run_alone(config: HubConfig, ending: Ending) -> None:
    path = Path(config.store.path)
    database = open_writer(path)
    books = Books(database)
    marks = SqliteRollups(path.with_name(path.name + ".rollups"))
    store, rollups = _stores(config, database, books, marks)
    roller = Roller(store, rollups, marks)
    log = Log()
    live = Live(city_of(config))
    ledger = LedgerReader(open_reader(path))
    warm(live, store, ledger, now_us(), ending.asked)
    inbox = Inbox(config.limits.queue_bytes)
    mqtt = HubMqtt(config.broker, inbox, log)
    commit = Commit(books, store, roller)
    blobs = blob_files(config, store)
    alerts = AlertBook(database, books.transaction, live.alerts)
    writer = Writer(
        inbox,
        Ingest(books.account_of, commit.are_stored),
        commit,
        blobs,
        mqtt.publish,
        [live],
        log,
        config.limits,
        lambda: alerts.look(now_us()),
    )
    # InfluxDB aggregates on its own side, from its readings.
    series = Condensed(store, rollups, roller).series if isinstance(store, SqliteStore) else store.series
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
    try:
        background = [condensing(roller, HistoryTeller(live, series), now_us, log)]
        run_hub(config.api, parts, writer, mqtt, background, ending)
    finally:
        database.close()


def _stores(
    config: HubConfig, database: sqlite3.Connection, books: Books, beside: SqliteRollups
) -> tuple[Store, Rollups]:
    """The store of readings that the configuration names, and where its condensed windows go."""
    table = config.store
    if table.kind == "sqlite":
        return SqliteStore(database, open_reader(Path(table.path)), books.epoch_id, books.device_id), beside
    target = influx_target(table)
    return InfluxStore(target), InfluxRollups(target)


def setup_influx(config_path: Path, keep: Retentions) -> SetUp:
    """Make the databases or buckets of a hub that keeps its readings in InfluxDB.

    Raises:
        HubError: the configuration names no InfluxDB, or the server does not answer or refuses.
    """
    table = load(config_path).store
    if table.kind != "influx":
        raise ConfigError(f'{config_path}: store.kind is {table.kind!r}; wanted "influx", with store.influx_url')
    return make_influx(influx_target(table), keep)


def raise_generation(config_path: Path) -> int:
    """The generation that a hub restored from a backup has from now on: devices then send again what it lacks.

    Raises:
        HubError: the configuration or the hub's file is not there, or the cluster does not answer.
    """
    config = load(config_path)
    if config.cluster is not None:
        from hub.cluster.main import raise_cluster_generation

        return raise_cluster_generation(config, config.cluster)
    path = Path(config.store.path)
    if not path.exists():
        raise StoreError(f"hub file {path}: is not there; put the backup in its place first")
    database = open_writer(path)
    try:
        return Books(database).raise_generation(now_us() // 1_000_000)
    finally:
        database.close()


def keep_of_device(config_path: Path, device: str, t_from: str, t_to: str, wait_s: float) -> CommandReply | None:
    """Ask a device to put what it observed between two times (as the API takes them) into a blob; its reply.

    Raises:
        HubError: the configuration or a time is refused, the city has no such device, or the broker does not take it.
        ContractError: the device's name is none.
    """
    now = now_us()
    command = Command(
        id=secrets.token_hex(8), name="keep", t_from=instant_us(t_from, now), t_to=instant_us(t_to, now)
    )  # fmt: skip
    config = load(config_path)
    _check_known(config, device)
    return ask(config.broker, device, command, wait_s)


def back_up(config_path: Path, destination: Path) -> Manifest:
    """A copy of the hub's files, running or not, in a new folder.

    Raises:
        HubError: the configuration is refused, or no whole copy could be made.
    """
    table = _table_of_files(load(config_path), config_path)
    return make_backup(Path(table.path), table.kind, destination, now_us())


def restore(config_path: Path, backup: Path) -> Restored:
    """Put a backup in the place of the hub's files; the devices will see a higher generation.

    Raises:
        HubError: the configuration or the backup is refused, or a hub runs.
    """
    return put_back(Path(_table_of_files(load(config_path), config_path).path), backup, now_us())


def bridge_report(config_path: Path, device: str, month: str) -> str:
    """A bridge's report of a month, e.g. ``2026-11``, as an HTML page.

    Raises:
        HubError: the configuration, the device or the month is refused, or the hub's files cannot be read.
    """
    from hub.report import bridge_month

    return bridge_month(config_path, device, month, now_us)


def _table_of_files(config: HubConfig, config_path: Path) -> StoreTable:
    if config.cluster is not None:
        raise ConfigError(f"{config_path}: a cluster's books are in JetStream, which has its own: nats stream backup")
    return config.store


def configure_device(
    config_path: Path, device: str, pipeline: Path, wait_s: float
) -> tuple[int, ReportedConfig | None]:
    """Publish a desired configuration for a device; its revision (seconds since 1970) and the device's report.

    Raises:
        HubError: the files are refused, the city has no such device, or the broker does not take it.
        ContractError: the device's name is none.
    """
    config, revision = load(config_path), now_us() // 1_000_000
    _check_known(config, device)
    return revision, configure(config.broker, device, read_pipeline(pipeline), revision, wait_s)


def _check_known(config: HubConfig, device: str) -> None:
    """A hub with a city's file knows every device that it may have to do with."""
    if config.city:
        names = [each.name for each in city_of(config).device]
        if device not in names:
            raise HubError(f"device {device!r}: is none of {config.city}; {nearest(device, names)}")
