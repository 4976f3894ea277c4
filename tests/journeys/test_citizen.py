"""The citizen at the counter: the page says how many wait, and shows a device that went silent as silent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.station import Device, Station, TicketMachine, running_station, until

NAME = "counter-01"
PAGE = f"/device/{NAME}"


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Station, TicketMachine, Device]]:
    folder: Path = tmp_path_factory.mktemp("citizen")
    with running_station("nats", folder) as station, TicketMachine(folder / "tickets", "residence") as machine:
        device = station.device(NAME, "counter", machine.source, pipeline={"services": ["residence"]})
        until(lambda: station.is_complete(NAME))
        yield station, machine, device


def test_the_page_says_how_many_wait_in_three_languages(counter: tuple[Station, TicketMachine, Device]) -> None:
    station, machine, _ = counter

    machine.give(7)
    until(lambda: len(station.tickets(NAME)) == 7)

    until(lambda: "7人" in station.text(PAGE))
    assert "ひと" in station.text(f"{PAGE}?lang=easy") or "人" in station.text(f"{PAGE}?lang=easy")
    assert "7" in station.text(f"{PAGE}?lang=en")
    assert "住民窓口" in station.text(PAGE)


def test_the_page_of_the_whole_city_leads_to_the_counter(counter: tuple[Station, TicketMachine, Device]) -> None:
    station, _, _ = counter

    assert f"/device/{NAME}" in station.text("/")


def test_a_counter_that_went_silent_is_shown_as_silent_not_with_its_old_number(
    counter: tuple[Station, TicketMachine, Device],
) -> None:
    station, _, device = counter

    device.server.kill()

    until(lambda: "通信が途絶えています" in station.text(PAGE))
