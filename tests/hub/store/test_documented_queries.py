"""The queries that the README shows to operators give what they promise, on a real InfluxDB."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.contract.records import Health, Record
from edge.contract.records.bridge import BridgeMode
from edge.contract.records.counter import CounterQueue
from hub.rollup import Roller
from hub.store.influx import InfluxStore
from hub.store.influx_rollup import InfluxRollups
from hub.store.influx_server import target_of_bucket
from hub.store.influx_setup import setup_influx
from hub.store.sqlite_rollup import SqliteRollups
from tests.hub.store.conftest import Servers
from tests.hub.store.rows import MINUTE_US, row_of

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
INFLUXQL = [line for block in re.findall(r"```sql\n(.*?)```", README, re.S) for line in block.splitlines()]
FLUX = re.findall(r"```flux\n(.*?)```", README, re.S)
HOUR_US = 60 * MINUTE_US


@pytest.fixture(scope="module")
def store(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxStore]:
    """Two hours of a counter and a bridge, up to now, in the bucket that the README names, condensed."""
    server = servers.server("influxdb-1.8.3")
    target = target_of_bucket(f"http://{server.host}:{server.port}", "machikado/raw")
    setup_influx(target)
    store = InfluxStore(target)
    marks = SqliteRollups(tmp_path_factory.mktemp("marks") / "rollups.sqlite")
    roller = Roller(store, InfluxRollups(target), marks)
    now = time.time_ns() // 1000
    rows = [
        row_of(3 * minute + number, record, device)
        for minute in range(1, 121)
        for number, (device, record) in enumerate(_records(now - minute * MINUTE_US, minute))
    ]
    with roller.writing(rows):
        assert store.write(rows) == []
    roller.work(now + 2 * HOUR_US)
    yield store
    store.close()


def _records(t: int, minute: int) -> list[tuple[str, Record]]:
    health = Health(t=t, clock_quality="synchronised", uptime_s=1.0, outbox_records=minute, outbox_bytes=1)
    mode = BridgeMode(t=t, mode="m1", frequency_hz=3.2, frequency_std_hz=0.01)
    return [
        ("counter-01", CounterQueue(t=t, service="residence", waiting=minute, windows_open=2)),
        ("bridge-01", mode),
        ("bridge-01", health),
    ]


def test_there_are_queries_in_the_readme() -> None:
    assert len(INFLUXQL) >= 4
    assert len(FLUX) >= 1


@pytest.mark.xdist_group("documented-queries")
@pytest.mark.parametrize("query", INFLUXQL)
def test_a_documented_influxql_query_gives_readings(store: InfluxStore, query: str) -> None:
    answer = store.server.ask(query, "")

    assert answer
    assert all(series.tags for series in answer)
    assert any(value is not None for series in answer for row in series.values for value in row[1:])


@pytest.mark.xdist_group("documented-queries")
@pytest.mark.parametrize("query", FLUX)
def test_a_documented_flux_query_gives_readings(store: InfluxStore, query: str) -> None:
    rows = store.flux(query)

    assert max(float(str(row["_value"])) for row in rows) == 59
