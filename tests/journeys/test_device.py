"""The field device and who installs it: cuts, kills, wrong settings and copied cards without a person."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from provisioning.broker import Kind
from simulators.errors import ServerFailed
from tests.chaos.books import read_outbox
from tests.journeys.station import Device, Station, TicketMachine, running_station, until

NAME = "counter-01"
KINDS: tuple[Kind, ...] = ("nats", "mosquitto")


class Counter:
    """One device with its ticket machine, at a station."""

    def __init__(self, station: Station, machine: TicketMachine, device: Device) -> None:
        self.station = station
        self.machine = machine
        self.device = device

    def give(self, count: int) -> None:
        """Tickets, which are on the device's disk when it returns."""
        time.sleep(0.4)
        self.machine.give(count)
        time.sleep(0.6)

    def all_arrived(self) -> bool:
        """Whether every ticket is in the store exactly once and the ledger has no hole."""
        return self.station.tickets(NAME) == list(range(1, self.machine.given + 1)) and self.station.is_complete(NAME)


@contextmanager
def running_counter(kind: Kind, folder: Path) -> Iterator[Counter]:
    """A station of that broker with one counter."""
    with running_station(kind, folder) as station, TicketMachine(folder / "tickets") as machine:
        device = station.device(NAME, "counter", machine.source, agent={"probation_s": 1.0})
        until(lambda: station.is_complete(NAME))
        yield Counter(station, machine, device)


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    with running_counter("nats", tmp_path_factory.mktemp("counter")) as made:
        yield made


@pytest.mark.parametrize("kind", KINDS)
def test_a_reading_arrives_and_survives_kills_of_broker_agent_and_hub(kind: Kind, tmp_path: Path) -> None:
    with running_counter(kind, tmp_path) as counter:
        counter.give(20)
        until(counter.all_arrived)

        counter.station.broker.kill()
        counter.give(20)
        counter.station.broker.restart(wipe=True)
        counter.give(20)
        counter.device.server.kill()
        counter.device.server.start()
        counter.station.hub.kill()
        counter.give(20)
        counter.station.hub.start()

        until(counter.all_arrived)
        assert counter.station.ask("/api/v1/quarantine")["quarantine"] == []


def test_a_wanted_configuration_is_adopted_and_a_wrong_one_refused(counter: Counter) -> None:
    station = counter.station

    def reported() -> tuple[int, str]:
        (row,) = (row for row in station.ask("/api/v1/devices")["devices"] if row["name"] == NAME)
        config = row["config"] or {"revision": 0, "outcome": ""}
        return config["revision"], config["outcome"]

    station.desire(NAME, 1, {"queue_repeat_s": 5.0})
    until(lambda: reported() == (1, "adopted"))
    station.desire(NAME, 2, {"queue_repeat_s": -5.0})
    until(lambda: reported() == (2, "refused"))

    counter.give(10)
    until(counter.all_arrived)


def test_a_second_agent_on_one_card_is_refused_in_one_line(counter: Counter) -> None:
    with pytest.raises(ServerFailed, match="another agent uses it"):
        counter.station.start_agent(NAME, counter.device.folder, ("machikado", "agent", "run"))

    assert counter.device.server.running


def test_a_copied_card_is_found_out_and_neither_device_loses_what_it_saw(counter: Counter) -> None:
    counter.give(10)
    until(counter.all_arrived)
    counter.device.server.stop()
    copy = counter.station.folder / "copy"
    shutil.copytree(counter.device.folder, copy)
    counter.device.server.start()
    counter.give(5)
    until(counter.all_arrived)
    counter.device.server.stop()
    first_epoch = read_outbox(counter.device.outbox).epoch

    toml = (copy / "DEVICE.toml").read_text(encoding="utf-8")
    (copy / "DEVICE.toml").write_text(toml.replace(str(counter.device.folder), str(copy)), encoding="utf-8")
    counter.station.broker.kill()
    clone = counter.station.start_agent(NAME, copy, ("machikado", "agent", "run"))
    counter.give(40)
    counter.station.broker.restart()

    until(counter.all_arrived)
    until(lambda: {"two_devices_with_one_identity"} <= alarms(counter.station))
    clone.server.stop()
    assert read_outbox(clone.outbox).epoch != first_epoch


def alarms(station: Station) -> set[str]:
    """Codes of the alarms that were raised."""
    return {one.says["code"] for one in station.stored(NAME, "device_alarm") if one.says["active"]}
