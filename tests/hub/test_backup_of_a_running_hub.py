"""Yesterday's backup of a hub that ran on, put back: each device sends what it lacks, and the ledger becomes complete."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from benchmarks import influx
from benchmarks.delivery_rig import InfluxDatabase
from machikado.main import main
from simulators import brokers
from simulators.errors import ProgramMissing
from tests.chaos.books import accounted
from tests.journeys.station import Station, TicketMachine, running_station, until

DEVICES = ("counter-01", "counter-02")
DATABASE = "restored"


@contextmanager
def two_counters(folder: Path, store: dict[str, Any] | None = None) -> Iterator[tuple[Station, list[TicketMachine]]]:
    """A station with two counters, each with its ticket machine."""
    with running_station("mosquitto", folder, store) as station, ExitStack() as stack:
        machines = [stack.enter_context(TicketMachine(folder / f"tickets-{number}")) for number in range(len(DEVICES))]
        for name, machine in zip(DEVICES, machines, strict=True):
            station.device(name, "counter", machine.source)
        until(lambda: all(station.is_complete(name) for name in DEVICES))
        yield station, machines


def give(machines: list[TicketMachine], count: int) -> None:
    for machine in machines:
        machine.give(count)


def back_up(station: Station, destination: Path) -> None:
    assert main(["hub", "backup", str(station.hub.place.configuration), str(destination)]) == 0


def put_back(station: Station, backup: Path) -> None:
    """Stop, restore, start."""
    settings = str(station.hub.place.configuration)
    assert main(["hub", "restore", settings, str(backup)]) == 1
    station.hub.stop()
    assert main(["hub", "restore", settings, str(backup)]) == 0
    station.hub.start()


def test_each_device_is_asked_for_what_the_backup_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with two_counters(tmp_path) as (station, machines):

        def all_there() -> bool:
            return all(
                station.tickets(name) == list(range(1, machine.given + 1)) and station.is_complete(name)
                for name, machine in zip(DEVICES, machines, strict=True)
            )

        give(machines, 20)
        until(all_there)
        back_up(station, tmp_path / "backup")
        give(machines, 25)
        until(all_there)

        put_back(station, tmp_path / "backup")

        assert "a hub runs on it; stop it first" in capsys.readouterr().err
        until(all_there)
        give(machines, 5)
        until(all_there)


def test_with_influxdb_the_books_become_complete_and_no_point_is_there_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ExitStack() as stack:
        try:
            server = stack.enter_context(brokers.influxdb_1_8())
        except ProgramMissing as missing:
            pytest.skip(str(missing))
        InfluxDatabase(server, DATABASE).create()
        store = {
            "kind": "influx", "influx_url": f"http://{server.host}:{server.port}", "influx_bucket": f"{DATABASE}/raw",
        }  # fmt: skip
        station, machines = stack.enter_context(two_counters(tmp_path, store))

        def points() -> int:
            query = 'SELECT count("ticket") FROM "raw"."counter_ticket"'
            found = influx.records(server.place, DATABASE, query)
            return int(found[0]["count"]) if found else 0

        def complete(each: int) -> bool:
            return points() == each * len(DEVICES) and all(station.is_complete(name) for name in DEVICES)

        give(machines, 15)
        until(lambda: complete(15))
        back_up(station, tmp_path / "backup")
        assert "influxd backup -portable" in capsys.readouterr().out
        give(machines, 15)
        until(lambda: complete(30))
        known = [accounted(station.hub_file, name) for name in DEVICES]

        put_back(station, tmp_path / "backup")

        until(lambda: all(accounted(station.hub_file, name) >= it for name, it in zip(DEVICES, known, strict=True)))
        until(lambda: complete(30))
        give(machines, 5)
        until(lambda: complete(35))
