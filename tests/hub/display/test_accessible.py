"""Every page stands before axe-core in a real browser: landmarks, names, roles, contrast, language."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from axe_core_python.selenium import Axe
from selenium.webdriver import Chrome

from hub.bridge.twin_file import Girder
from tests.hub.display.conftest import resize
from tests.hub.living_city import feed
from tests.hub.station import Station, open_city

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}


@pytest.mark.parametrize("language", ["ja", "easy", "en"])
@pytest.mark.parametrize("page", ["/now", "/board/honcho", "/wall", "/", "/device/counter-01", "/device/bridge-01"])
def test_axe_finds_nothing(browser: Chrome, living: Station, address: str, page: str, language: str) -> None:
    if page == "/now":
        resize(browser, 390, 844)
    browser.get(f"{address}{page}?lang={language}")

    found = Axe().run(browser, options=RULES)

    assert [(one["id"], [node["target"] for node in one["nodes"][:3]]) for one in found["violations"]] == []


@pytest.mark.parametrize("language", ["ja", "easy", "en"])
def test_axe_finds_nothing_on_a_phone_that_shows_a_bridge_with_its_twin(
    browser: Chrome, tmp_path: Path, language: str
) -> None:
    girder = Girder(spans_m=[30.0, 42.0, 34.0], bending_stiffness_nm2=8e10, mass_kg_m=9000.0)
    city = open_city()
    devices = [msgspec.structs.replace(one, girder=girder) if one.name == "bridge-01" else one for one in city.device]
    station = Station(tmp_path / "twin.db", msgspec.structs.replace(city, device=devices))
    feed(station)
    resize(browser, 390, 844)

    with station.served() as address:
        browser.get(f"{address}/device/bridge-01?lang={language}&span=1d")
        found = Axe().run(browser, options=RULES)
        rows, width = browser.execute_script(
            "return [document.querySelectorAll('.twin tbody tr').length, document.documentElement.scrollWidth]"
        )
        browser.get("about:blank")
    station.database.close()

    assert [(one["id"], [node["target"] for node in one["nodes"][:3]]) for one in found["violations"]] == []
    assert (rows, width) == (4, 390)
