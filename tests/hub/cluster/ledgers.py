"""Ledgers for one body of tests: the SQLite books, and a worker's over a real JetStream bucket and a real InfluxDB."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from hub.books import Books
from hub.cluster.answers import KvAnswers
from hub.cluster.bucket import Bucket, Servers
from hub.cluster.entries import LeaseEntry, encode, lease_key
from hub.cluster.evidence import Evidence
from hub.cluster.groups import GROUPS, group_of
from hub.cluster.kv_ledger import KvLedger
from hub.cluster.port import Swap, Written
from hub.ingest import Ingest
from hub.ledger_port import Ledger, LedgerAnswers
from hub.ledger_reader import LedgerReader
from hub.schema import open_reader, open_writer
from hub.step import Received, Step
from hub.store.influx_server import InfluxTarget
from simulators.nats_cluster import NatsCluster
from tests.hub.devices import DEVICE

_BUCKETS = itertools.count(1)


class UnderTest(NamedTuple):
    """A ledger as the writer has it, and as the API asks it."""

    ledger: Ledger
    answers: LedgerAnswers

    def take(self, *messages: Received) -> Step:
        """Make a step of the messages and commit it."""
        step = Ingest(self.ledger.account_of, lambda rows: [True] * len(rows)).step(messages)
        self.ledger.commit(step)
        return step


Open = Callable[[], "contextmanager[UnderTest]"]


@contextmanager
def sqlite_ledger(path: Path) -> Iterator[UnderTest]:
    with closing(open_writer(path)) as database, closing(open_reader(path)) as reader:
        yield UnderTest(Books(database), LedgerReader(reader))


@contextmanager
def opened_bucket(nats: NatsCluster, name: str) -> Iterator[Bucket]:
    bucket = Bucket(Servers(nats.urls, "", "", replicas=1, bucket_bytes=16 * 1024 * 1024), name, lambda *_: None)
    bucket.open(threading.Event())
    try:
        yield bucket
    finally:
        bucket.close()


def new_bucket_name() -> str:
    return f"test{next(_BUCKETS)}"


@contextmanager
def jetstream_ledger(nats: NatsCluster, name: str, target: InfluxTarget, path: Path) -> Iterator[UnderTest]:
    """A worker that has taken the test device's group over from whoever had it."""
    with opened_bucket(nats, name) as bucket, sqlite_ledger(path) as own:
        evidence = Evidence(target)
        ledger = worker_ledger(bucket, evidence)
        assert isinstance(own.answers, LedgerReader)
        yield UnderTest(ledger, KvAnswers(bucket, evidence, own.answers, ledger.totals))
        evidence.close()


def worker_ledger(bucket: Bucket, evidence: Evidence, logged: list[str] | None = None) -> KvLedger:
    """A ledger that has just taken the test device's group."""

    def log(*words: str) -> None:
        if logged is not None:
            logged.append(" ".join(words))

    ledger = KvLedger(bucket, evidence, lambda group: True, log, lambda pause_s: threading.Event().wait(pause_s))
    group = group_of(DEVICE)
    assert group < GROUPS
    key = lease_key(group)
    stands = bucket.read([key]).get(key)
    [outcome] = bucket.swap([Swap(key, encode(LeaseEntry(owner="test")), stands.revision if stands else 0)])
    assert isinstance(outcome, Written)
    ledger.take(group, outcome.revision)
    return ledger
