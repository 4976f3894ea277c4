"""A store that stands still: devices keep their records, nobody's memory grows, and everything arrives when it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.delivery_rig import InfluxDatabase
from benchmarks.fleet import Fleet
from benchmarks.fleet_plan import Phase, Plan
from benchmarks.hub_station import hub
from benchmarks.memory import memory_of
from edge.link import LinkConfig
from simulators import brokers
from simulators.errors import ProgramMissing
from simulators.servers import Server
from tests.chaos.books import accounted

DEVICES, BACKLOG = 60, 1_500
IMPATIENT = LinkConfig(ack_timeout_s=1.0, ack_timeout_most_s=2.0, hello_every_s=1.0)
STANDS_S = 5.0
SETTLED_S = 4.0


@pytest.fixture(scope="module")
def store() -> Iterator[Server]:
    """An InfluxDB of this module's own, since it is frozen."""
    try:
        server = brokers.influxdb_1_8()
        with server:
            yield server
    except ProgramMissing as missing:
        pytest.skip(str(missing))


def test_a_store_that_stands_still_stops_the_devices_and_fills_nobodys_memory(store: Server) -> None:
    database = InfluxDatabase(store, "backpressure")
    database.create()
    with brokers.nats() as broker, hub(broker.place, database.settings()) as station:
        plan = Plan((f"{broker.host}:{broker.port}",), DEVICES, BACKLOG, link=IMPATIENT)
        with Fleet(plan) as fleet:
            store.freeze()
            first = fleet.run(Phase(1.0, 1, STANDS_S))
            early = memory_of(station.pid).resident_mb, memory_of(broker.pid).resident_mb
            standing = fleet.run(Phase(1.0, 1, STANDS_S))
            late = memory_of(station.pid).resident_mb, memory_of(broker.pid).resident_mb
            store.thaw()
            drained = fleet.run(Phase(1.0, 1, 90.0, until_drained=True))
            fleet.run(Phase(1.0, 0, SETTLED_S))
        file = Path(station.place.store) / "hub.db"
        through = [accounted(file, name) for name in plan.names]

    appended = first.appended + standing.appended + drained.appended
    assert first.drained_s is None
    assert standing.bytes_sent / DEVICES < 16 * 1024
    assert late[0] - early[0] < 20.0
    assert late[1] - early[1] < 20.0
    assert max(late) < 300.0
    assert drained.drained_s is not None
    assert sum(last for _, last in through) == DEVICES * (BACKLOG + 1) + appended
    assert all(complete == last for complete, last in through)
