"""What a restarted hub remembers: the newest records of a kind, whole, from every store."""

from __future__ import annotations

import pytest

from edge.contract.records import Record
from edge.contract.records.counter import CounterTicket
from hub.errors import QueryError
from hub.store.port import Store
from tests.hub.store.rows import T0, row_of

SECOND_US = 1_000_000


def tickets() -> list[tuple[int, Record]]:
    """Four events a second apart, of two services."""
    return [
        (
            T0 + n * SECOND_US,
            CounterTicket(service="tax" if n % 2 else "seal", event="called", ticket=100 + n, window=n),
        )
        for n in range(4)
    ]


def test_the_newest_records_come_back_whole_and_oldest_first(store: Store) -> None:
    store.write([row_of(n, record, t=t) for n, (t, record) in enumerate(tickets(), 1)])

    found = store.newest("bridge-01", "counter_ticket", T0 + SECOND_US, 2)

    assert [t for t, _ in found] == [T0 + 2 * SECOND_US, T0 + 3 * SECOND_US]
    assert [(one.service, one.event, one.ticket, one.window) for _, one in found if isinstance(one, CounterTicket)] == [
        ("seal", "called", 102, 2),
        ("tax", "called", 103, 3),
    ]


def test_a_kind_that_nobody_knows_is_refused_with_a_word(store: Store) -> None:
    with pytest.raises(QueryError, match="kind 'weather' is unknown"):
        store.newest("bridge-01", "weather", T0, 10)
