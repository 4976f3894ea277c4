"""One body of tests over both ledgers: what is committed stands, is known again and is told."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from edge.contract.control import ReportedConfig
from hub.errors import QueryError
from hub.store.port import Row
from simulators.nats_cluster import NatsCluster
from tests.hub.cluster.ledgers import UnderTest, jetstream_ledger, new_bucket_name, sqlite_ledger
from tests.hub.devices import ARRIVAL, DEVICE, EPOCH, air, airs, batch, birth, gap
from tests.hub.store.conftest import Servers, fresh_target

Open = Callable[[], AbstractContextManager[UnderTest]]
REFUSED = b'{"kind":"counter_air","co2_ppm":"x"}'


@pytest.fixture(params=["sqlite", "jetstream"])
def opens(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens the same ledger again and again."""
    if request.param == "sqlite":
        return lambda: sqlite_ledger(tmp_path / "hub.sqlite")
    nats: NatsCluster = request.getfixturevalue("one_node")
    servers: Servers = request.getfixturevalue("servers")
    target, name = fresh_target(servers.server("influxdb-1.8.3")), new_bucket_name()
    return lambda: jetstream_ledger(nats, name, target, tmp_path / "own.sqlite")


def test_what_was_committed_stands_for_whoever_opens_it_next(opens: Open) -> None:
    with opens() as one:
        one.take(birth(), batch(1, airs(1, 3)), batch(9, [gap((4, 6))]))
        before = one.ledger.account_of(DEVICE, EPOCH)

    with opens() as another:
        assert another.ledger.account_of(DEVICE, EPOCH) == before
        assert (before.through, list(before.ranges), list(before.holes())) == (6, [(9, 9)], [(7, 8)])


def test_it_tells_how_complete_a_device_is(opens: Open) -> None:
    with opens() as one:
        one.take(batch(1, airs(1, 3)), batch(5, [REFUSED]), batch(9, [gap((6, 7))]))
        [epoch] = one.answers.completeness(DEVICE, 10)
        [lost] = one.answers.lost(DEVICE, 10)

    assert (epoch.epoch, epoch.complete_through, epoch.last, epoch.missing) == (EPOCH, 3, 9, [(4, 4), (8, 8)])
    assert (epoch.stored, epoch.refused, epoch.lost) == (4, 1, 2)
    assert (lost.first, lost.last, lost.why, lost.t) == (6, 7, "outbox_full", ARRIVAL)


def test_a_number_refused_or_lost_is_known_as_such(opens: Open) -> None:
    def row(number: int) -> Row:
        return Row(DEVICE, EPOCH, number, 0, None, b"")  # type: ignore[arg-type]

    with opens() as one:
        one.take(batch(1, [air(1), REFUSED]), batch(9, [gap((4, 6))]))
        known = [one.ledger.is_accounted_otherwise(row(number)) for number in (1, 2, 3, 4, 6, 7)]

    assert known == [False, True, False, True, True, False]


def test_the_quarantine_is_told_newest_first_in_pages(opens: Open) -> None:
    with opens() as one:
        one.take(batch(1, [REFUSED, REFUSED, REFUSED]))
        one.take(batch(4, [REFUSED])._replace(arrival_us=ARRIVAL + 5))
        first = one.answers.quarantine(DEVICE, 2**62, 2)
        second = one.answers.quarantine(None, first[-1].id, 10)
        nobody = one.answers.quarantine("truck-01", 2**62, 10)

    assert [entry.number for entry in [*first, *second]] == [4, 3, 2, 1]
    assert first[0].t == ARRIVAL + 5
    assert "co2_ppm" in first[0].reason
    assert nobody == []


def test_what_a_device_said_of_itself_is_kept(opens: Open) -> None:
    with opens() as one:
        step = one.take(birth(), batch(1, [air(1)]))
        step.reported.append((DEVICE, ReportedConfig(revision=3, outcome="adopted", config_hash="0" * 16), 77))
        one.ledger.commit(step)
    with opens() as another:
        known = another.answers.device(DEVICE)
        listed = another.answers.devices("", 10)
        more = another.answers.has_devices_after(DEVICE)
        nobody = another.answers.device("truck-01")

    assert known is not None
    assert known.state is not None
    assert (known.family, known.state.status, known.heard_t) == ("counter", "online", ARRIVAL)
    assert known.config is not None
    assert known.config["revision"] == 3
    assert [device.name for device in listed] == [DEVICE]
    assert (more, nobody) == (False, None)


def test_a_page_that_is_too_large_is_refused(opens: Open) -> None:
    with opens() as one, pytest.raises(QueryError, match="1–1000"):
        one.answers.quarantine(None, 2**62, 1001)


def test_sums_for_the_metrics(opens: Open) -> None:
    with opens() as one:
        one.take(batch(1, [air(1), REFUSED]), batch(9, [gap((4, 6))]))
        totals = one.answers.totals()

    assert totals == {"epochs": 1, "stored": 2, "refused": 1, "lost": 3, "missing": 3, "quarantine": 1}
