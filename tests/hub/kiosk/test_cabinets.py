"""Pages and API name each cabinet for what it is, and say nothing of certificates where it gives none."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import msgspec
import pytest

from edge.contract.records.kiosk import Cabinet, Certificate, KioskPower, KioskSession, KioskState, KioskTakings
from hub.city import City, context_of
from hub.city_file import built_in_city
from hub.kiosk.cabinet_words import CABINETS
from hub.kiosk.judgement import Judgement
from hub.opening import Hours
from tests.hub.kiosk.test_judgement import NOON
from tests.hub.station import Station, open_city
from tests.journeys.wires import Pages, pages

GIVES: dict[Cabinet, Certificate] = {
    "kiosk": "residence", "copy_terminal": "copy", "form_unit": "form", "payment_terminal": "payment",
    "guide_robot": "guidance",
}  # fmt: skip
NAME = "robot-01"


def city_with(cabinet: Cabinet) -> City:
    """The demo's city, whose robot is another cabinet."""
    city = open_city()
    place = CABINETS[cabinet].machine
    one = next(each for each in city.device if each.name == NAME)
    changed = msgspec.structs.replace(one, cabinet=cabinet, certificates=[GIVES[cabinet]], place=place)
    return msgspec.structs.replace(city, device=[changed if each is one else each for each in city.device])


def heard(station: Station, cabinet: Cabinet) -> None:
    t = station.now()
    session = KioskSession(t=t, certificate=GIVES[cabinet], outcome="issued", duration_s=60.0, copies=1)
    station.send(NAME, [KioskState(t=t, state="in_service", reasons=[]), session, KioskPower(t=t, supply="battery")])
    if cabinet == "payment_terminal":
        station.send(NAME, [KioskTakings(t=t, means="emoney", payments=2, amount_yen=600, window_s=600.0)])


@pytest.mark.parametrize("cabinet", get_args(Cabinet))
def test_a_cabinet_is_named_for_what_it_is_in_three_languages(tmp_path: Path, cabinet: Cabinet) -> None:
    station = Station(tmp_path / "hub.db", city_with(cabinet))
    heard(station, cabinet)
    machine = CABINETS[cabinet].machine

    with pages(station) as shown:
        called = shown.device(NAME)["called"]
        texts = {language: shown.words(f"/device/{NAME}?lang={language}") for language in ("ja", "easy", "en")}
        city = shown.words("/?lang=ja")
    station.database.close()

    assert (called["ja"], called["easy"], called["en"]) == (machine.ja, machine.easy, machine.en)
    assert f"{machine.ja} {NAME}" in texts["ja"]
    assert f"{machine.en} {NAME}" in texts["en"]
    assert "機械" in texts["easy"] or "ロボット" in texts["easy"]
    assert CABINETS[cabinet].can.ja in texts["ja"]
    assert machine.ja in city


@pytest.mark.parametrize("cabinet", [one for one in get_args(Cabinet) if one != "kiosk"])
def test_a_cabinet_that_gives_no_certificates_does_not_speak_of_them(tmp_path: Path, cabinet: Cabinet) -> None:
    station = Station(tmp_path / "hub.db", city_with(cabinet))
    heard(station, cabinet)

    with pages(station) as shown:
        own = shown.words(f"/device/{NAME}?lang=ja"), shown.words(f"/device/{NAME}?lang=en").lower()
        told = told_of(shown)
    station.database.close()

    assert "証明書" not in own[0]
    assert "certificate" not in own[1]
    assert "kiosk" not in own[1]
    assert not told


def told_of(shown: Pages) -> list[object]:
    """What citizens are told of the device as a place for certificates."""
    services = shown.client.get("/api/v1/now").json()["services"]
    return [one for one in services if one["key"].startswith(NAME)]


@pytest.mark.parametrize("cabinet", [one for one in get_args(Cabinet) if one != "kiosk"])
def test_what_a_cabinet_gives_stands_once_on_its_page(tmp_path: Path, cabinet: Cabinet) -> None:
    station = Station(tmp_path / "hub.db", city_with(cabinet))
    heard(station, cabinet)

    with pages(station) as shown:
        page = shown.client.get(f"/device/{NAME}?lang=ja").text
        offered = [one["certificate"] for one in shown.client.get("/api/v1/certificates").json()["offers"]]
    station.database.close()

    assert 'data-key="available"' in page
    assert 'data-key="gives.' not in page
    assert GIVES[cabinet] in offered


def test_a_cabinet_that_gives_one_thing_is_not_available_outside_its_hours() -> None:
    context = context_of(built_in_city("ota"), NAME)
    mornings = Hours(code="mornings", weekly={"wed": ["09:00-11:00"]})
    judgement = Judgement(msgspec.structs.replace(context, certificate_hours={"guidance": mornings}))

    judgement.observe(KioskState(state="in_service"), NOON)

    assert {one.key: one.value for one in judgement.status(NOON).figures if one.key in ("available", "gives.guidance")} == {
        "available": False, "gives.guidance": False,
    }  # fmt: skip
