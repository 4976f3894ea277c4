"""Two workers on one real bucket: whoever was overtaken neither advances an account nor owes an ack."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.cluster.bucket import Bucket
from hub.cluster.entries import account_key
from hub.cluster.evidence import Evidence
from hub.cluster.kv_ledger import KvLedger
from hub.ingest import Ingest
from hub.step import Received, Step
from simulators.nats_cluster import NatsCluster
from tests.hub.cluster.ledgers import new_bucket_name, opened_bucket, worker_ledger
from tests.hub.devices import DEVICE, EPOCH, airs, batch
from tests.hub.store.conftest import Servers, fresh_target

OTHER_EPOCH = "fedcba9876543210"


@pytest.fixture
def evidence(servers: Servers) -> Iterator[Evidence]:
    made = Evidence(fresh_target(servers.server("influxdb-1.8.3")))
    yield made
    made.close()


@pytest.fixture
def bucket(one_node: NatsCluster) -> Iterator[Bucket]:
    with opened_bucket(one_node, new_bucket_name()) as made:
        yield made


def step_of(ledger: KvLedger, *messages: Received) -> Step:
    return Ingest(ledger.account_of, lambda rows: [True] * len(rows)).step(messages)


def test_a_step_made_before_a_takeover_is_fenced_off(bucket: Bucket, evidence: Evidence) -> None:
    logged: list[str] = []
    slept = worker_ledger(bucket, evidence, logged)
    slept.commit(step_of(slept, batch(1, airs(1, 3))))
    late = step_of(slept, batch(4, airs(4, 9)))
    owner = worker_ledger(bucket, evidence)
    before = bucket.read([account_key(DEVICE, EPOCH)])

    slept.commit(late)

    assert bucket.read([account_key(DEVICE, EPOCH)]) == before
    assert late.replies == {}
    assert not slept.holds(DEVICE)
    assert any("taken over" in line for line in logged)
    assert owner.account_of(DEVICE, EPOCH).through == 3


def test_an_epoch_that_nobody_knew_is_not_begun_by_who_slept(bucket: Bucket, evidence: Evidence) -> None:
    slept = worker_ledger(bucket, evidence)
    late = step_of(slept, batch(1, airs(1, 3), epoch=OTHER_EPOCH))
    worker_ledger(bucket, evidence)

    slept.commit(late)

    assert bucket.read([account_key(DEVICE, OTHER_EPOCH)]) == {}
    assert late.replies == {}


def test_the_new_owner_goes_on_where_the_old_one_stood(bucket: Bucket, evidence: Evidence) -> None:
    before = worker_ledger(bucket, evidence)
    before.commit(step_of(before, batch(1, airs(1, 3))))
    after = worker_ledger(bucket, evidence)

    step = step_of(after, batch(2, airs(2, 5)))
    after.commit(step)

    account = after.account_of(DEVICE, EPOCH)
    assert (account.through, account.stored) == (5, 5)
    assert [row.number for row in step.rows] == [4, 5]
    assert list(step.replies) == [(DEVICE, EPOCH)]


def test_a_key_whose_answer_was_lost_is_recognised_as_written(bucket: Bucket, evidence: Evidence) -> None:
    ledger = worker_ledger(bucket, evidence)
    ledger.commit(step_of(ledger, batch(1, airs(1, 3))))
    step = step_of(ledger, batch(4, airs(4, 5)))
    known = dict(ledger._groups[next(iter(ledger._groups))].keys)
    ledger.commit(step)
    group = ledger._groups[next(iter(ledger._groups))]
    group.keys = known

    ledger.commit(step)

    assert ledger.account_of(DEVICE, EPOCH).through == 5
    assert list(step.replies) == [(DEVICE, EPOCH)]
