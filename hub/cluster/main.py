"""The composition root of a worker: one of several hubs, each with its own leases; owns the clock and the worker's name."""

from __future__ import annotations

import secrets
import threading
import time
from pathlib import Path

import msgspec

from hub.alerts import AlertBook
from hub.api.parts import Parts
from hub.books import Books
from hub.cluster.answers import KvAnswers
from hub.cluster.bucket import Bucket, Servers
from hub.cluster.entries import GENERATION
from hub.cluster.evidence import Evidence
from hub.cluster.feed import SUBJECT, Feed
from hub.cluster.groups import GROUPS
from hub.cluster.keeper import Keeper
from hub.cluster.kv_ledger import KvLedger
from hub.cluster.leased_ingest import LeasedIngest
from hub.cluster.port import Swap, Written
from hub.cluster.session import Session, Timing
from hub.config import ClusterTable, HubConfig
from hub.errors import ConfigError, StoreError
from hub.history import HistoryTeller
from hub.ledger_reader import LedgerReader
from hub.live import Live
from hub.mqtt import HubMqtt, Inbox, read_password
from hub.process import Ending, Log, blob_files, city_of, condensing, influx_target, run_hub, warm
from hub.rollup import Roller
from hub.schema import open_reader, open_writer
from hub.store.influx import InfluxStore
from hub.store.influx_rollup import InfluxRollups
from hub.store.sqlite_rollup import SqliteRollups
from hub.writer import Commit, Writer

BUCKET = "machikado_ledger"


def now_us() -> int:
    """UTC [µs since 1970]."""
    return time.time_ns() // 1000


def run_worker(config: HubConfig, table: ClusterTable, ending: Ending) -> None:
    """Run one of several hubs until asked to end.

    Raises:
        HubError: it cannot start.
    """
    if config.store.kind != "influx":
        raise ConfigError('store.kind: wanted "influx" in a cluster: all hubs read and write one store')
    log = Log()
    bucket = Bucket(_servers(config, table), BUCKET, log)
    try:
        bucket.open(ending.asked)
    except StoreError:
        if ending.asked.is_set():
            return
        raise
    try:
        _run(config, table, bucket, log, ending)
    finally:
        bucket.close()


def _run(config: HubConfig, table: ClusterTable, bucket: Bucket, log: Log, ending: Ending) -> None:
    worker = f"{table.name}-{secrets.token_hex(4)}"
    path = Path(config.store.path)
    own_file = open_writer(path)
    target = influx_target(config.store)
    store, rollups, evidence = InfluxStore(target), InfluxRollups(target), Evidence(target)
    roller = Roller(store, rollups, SqliteRollups(path.with_name(path.name + ".rollups")))
    keeper = Keeper(Session(worker, GROUPS, Timing(table.lease_s)), bucket, time.monotonic, log)
    ledger = KvLedger(bucket, evidence, keeper.may_act, log, ending.stop.wait)
    answers = KvAnswers(bucket, evidence, LedgerReader(open_reader(path)), ledger.totals)
    live = Live(city_of(config))
    warm(live, store, answers, now_us(), ending.asked)
    feed = Feed(worker, live.devices, lambda told: bucket.tell(SUBJECT, told), live)
    bucket.hear(SUBJECT, feed.hear)
    inbox = Inbox(config.limits.queue_bytes)
    broker = msgspec.structs.replace(config.broker, shards=[], client_id=f"{config.broker.client_id}-{worker}")
    mqtt = HubMqtt(broker, inbox, log)
    commit = Commit(ledger, store, roller)
    blobs = blob_files(config, store)
    alerts = AlertBook(own_file, Books(own_file).transaction, live.alerts)
    writer = Writer(
        inbox,
        LeasedIngest(ledger, commit.are_stored, keeper.may_act),
        commit,
        blobs,
        mqtt.publish,
        [live, feed],
        log,
        config.limits,
        lambda: alerts.look(now_us()),
    )
    parts = Parts(
        live,
        answers,
        store,
        store.series,
        blobs,
        writer.counters,
        now_us,
        lambda: inbox.waiting_bytes,
        lambda: mqtt.is_connected,
        lambda: ledger.served,
    )
    try:
        background = [
            condensing(roller, HistoryTeller(live, store.series), now_us, log),
            lambda halt: keeper.run(ledger, mqtt, halt),
        ]
        run_hub(config.api, parts, writer, mqtt, background, ending)
    finally:
        own_file.close()


def raise_cluster_generation(config: HubConfig, table: ClusterTable) -> int:
    """One generation on in the cluster's bucket; running workers follow within a beat.

    Raises:
        HubError: the cluster does not answer, or another raised it at the same time.
    """
    bucket = Bucket(_servers(config, table), BUCKET, Log())
    bucket.open(threading.Event())
    try:
        found = bucket.read([GENERATION]).get(GENERATION)
        # Of two restores of one backup the second must be above the first, which the backup does not know.
        raised = max((int(found.value) if found is not None else 1) + 1, now_us() // 1_000_000)
        [outcome] = bucket.swap([Swap(GENERATION, str(raised).encode(), found.revision if found is not None else 0)])
    finally:
        bucket.close()
    if not isinstance(outcome, Written):
        raise StoreError(f"generation: not raised to {raised}: {outcome}; ask again")
    return raised


def _servers(config: HubConfig, table: ClusterTable) -> Servers:
    broker = config.broker
    password = read_password(broker.password_file) if broker.username else ""
    return Servers(table.servers, broker.username, password, table.replicas)
