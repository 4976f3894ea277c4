"""The operator: what the hub says of itself and its devices, and what InfluxDB answers to the usual queries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import influx
from benchmarks.delivery_rig import InfluxDatabase
from edge.contract.topics import Channel, topic
from simulators import brokers
from simulators.errors import ProgramMissing
from tests.journeys.station import Station, TicketMachine, running_station, until

pytestmark = pytest.mark.xdist_group("operator")

NAME = "counter-01"
DATABASE = "journey"
TICKETS = 30


@pytest.fixture(scope="module")
def database() -> Iterator[InfluxDatabase]:
    try:
        with brokers.influxdb_1_8() as server:
            made = InfluxDatabase(server, DATABASE)
            made.create()
            yield made
    except ProgramMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory, database: InfluxDatabase) -> Iterator[Station]:
    folder = tmp_path_factory.mktemp("operator")
    url = f"http://{database.server.host}:{database.server.port}"
    store = {"kind": "influx", "influx_url": url, "influx_bucket": f"{DATABASE}/raw"}
    with running_station("mosquitto", folder, store) as made, TicketMachine(folder / "tickets") as machine:
        made.device(NAME, "counter", machine.source)
        until(lambda: made.is_complete(NAME))
        machine.give(TICKETS)
        until(lambda: stored(database) == TICKETS and made.is_complete(NAME))
        yield made


def stored(database: InfluxDatabase) -> int:
    """Tickets in InfluxDB."""
    query = 'SELECT count("ticket") FROM "raw"."counter_ticket"'
    found = influx.records(database.server.place, DATABASE, query)
    return int(found[0]["count"]) if found else 0


def metric(station: Station, name: str) -> float:
    """One metric of ``/metrics``."""
    (line,) = (line for line in station.text("/metrics").splitlines() if line.startswith(f"{name} "))
    return float(line.rpartition(" ")[2])


def test_the_metrics_say_that_nothing_is_missing_and_who_is_live(station: Station) -> None:
    assert metric(station, "machikado_ledger_missing") == 0
    assert metric(station, "machikado_ledger_stored") >= TICKETS
    assert metric(station, "machikado_hub_broker_connected") == 1
    assert 'machikado_device_live{device="counter-01",family="counter"} 1' in station.text("/metrics")
    assert 'machikado_device_live{device="truck-01",family="truck"} 0' in station.text("/metrics")


def test_completeness_names_the_epoch_and_says_that_nothing_is_missing(station: Station) -> None:
    answer = station.ask(f"/api/v1/devices/{NAME}/completeness")

    (epoch,) = answer["epochs"]
    assert epoch["complete_through"] == epoch["last"] == epoch["stored"]
    assert (epoch["missing"], epoch["refused"], answer["lost"]) == ([], 0, [])
    assert epoch["tail"] == f"unknown after {epoch['last']}"


def test_a_message_that_cannot_be_read_stands_in_the_quarantine_with_its_reason(station: Station) -> None:
    with station.speaker(NAME) as speaker:
        speaker.say(topic(NAME, Channel.UP), b"this is no batch")

    until(lambda: station.ask("/api/v1/quarantine")["quarantine"] != [])
    (entry,) = station.ask(f"/api/v1/quarantine?device={NAME}")["quarantine"]
    assert entry["topic"] == topic(NAME, Channel.UP)
    assert "no header" in entry["reason"]


def test_influxdb_answers_influxql_with_each_ticket_once(station: Station, database: InfluxDatabase) -> None:
    query = f'SELECT "ticket", "number" FROM "raw"."counter_ticket" WHERE "device" = \'{NAME}\' AND "service" = \'tax\''
    found = influx.records(database.server.place, DATABASE, query)

    assert sorted(one["ticket"] for one in found) == list(range(1, TICKETS + 1))


def test_influxdb_answers_flux_through_influxdb_client(station: Station, database: InfluxDatabase) -> None:
    from influxdb_client import InfluxDBClient

    url = f"http://{database.server.host}:{database.server.port}"
    text = (
        f'from(bucket: "{DATABASE}/raw") |> range(start: -1h) |> filter(fn: (r) => r._measurement == "counter_ticket" '
        'and r._field == "ticket") |> group() |> count()'
    )

    with InfluxDBClient(url=url, token="", org="-") as client:
        ((count,),) = [[row.get_value() for row in table.records] for table in client.query_api().query(text)]

    assert count == TICKETS


def test_the_api_answers_series_from_influxdb(station: Station) -> None:
    answer = station.ask(f"/api/v1/devices/{NAME}/series?kind=counter_ticket&field=ticket&from=-1h&limit=100")

    (series,) = answer["series"]
    assert series["tags"] == {"service": "tax"}
    assert sorted(value for _, value in series["points"]) == list(range(1, TICKETS + 1))


def test_a_device_that_was_killed_is_said_to_be_silent_by_its_last_will(tmp_path: Path) -> None:
    with running_station("nats", tmp_path) as station, TicketMachine(tmp_path / "tickets") as machine:
        device = station.device(NAME, "counter", machine.source)
        until(lambda: station.ask(f"/api/v1/devices/{NAME}")["liveness"] == "live")

        device.server.kill()

        until(lambda: station.ask(f"/api/v1/devices/{NAME}")["liveness"] == "silent")
        codes = [one["alert"]["key"] for one in station.ask("/api/v1/alerts")["alerts"] if one["device"] == NAME]
        assert "device_silent" in codes
