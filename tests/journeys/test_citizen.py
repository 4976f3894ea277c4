"""The citizen at the counter: the page says how many wait, and shows a device that went silent as silent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.station import Device, Station, TicketMachine, running_station, until

pytestmark = pytest.mark.xdist_group("citizen")

NAME = "counter-01"
PAGE = f"/device/{NAME}"


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Station, TicketMachine, Device]]:
    folder: Path = tmp_path_factory.mktemp("citizen")
    with running_station("nats", folder) as station, TicketMachine(folder / "tickets", "residence") as machine:
        device = station.device(NAME, "counter", machine.source, pipeline={"services": ["residence"]})
        until(lambda: station.is_complete(NAME))
        yield station, machine, device


def words(station: Station, path: str) -> str:
    """What a page says, without its marks."""
    return " ".join(re.sub("<[^>]*>", " ", station.text(path)).split())


def test_the_page_says_how_many_wait_in_three_languages(counter: tuple[Station, TicketMachine, Device]) -> None:
    station, machine, _ = counter

    machine.give(7)
    until(lambda: len(station.tickets(NAME)) == 7)

    until(lambda: "住民票の写しでお待ちの組数 7" in words(station, PAGE))
    assert "こんでいます" in words(station, f"{PAGE}?lang=easy")
    assert "Certificate of residence: tickets waiting 7" in words(station, f"{PAGE}?lang=en")


def test_the_page_of_the_whole_city_leads_to_the_counter(counter: tuple[Station, TicketMachine, Device]) -> None:
    station, _, _ = counter

    assert f'href="/device/{NAME}' in station.text("/")


def test_a_counter_that_went_silent_is_shown_as_silent_not_with_its_old_number(
    counter: tuple[Station, TicketMachine, Device],
) -> None:
    station, _, device = counter

    device.server.kill()

    until(lambda: "通信が途絶えています" in words(station, PAGE))
