"""Every page stands before axe-core in a real browser: landmarks, names, roles, contrast, sizes of targets, language.

Playwright drives Debian's Chromium here, since its binding of axe-core is the one that keeps up with it (WCAG 2.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize

from hub.bridge.twin_file import Girder
from tests.hub.living_city import feed
from tests.hub.station import OTA, Station, open_city

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
WALL, PHONE = ViewportSize(width=1920, height=1080), ViewportSize(width=390, height=844)
DEVICES = ("bridge-01", "counter-01", "gate-01", "kiosk-01", "robot-01", "truck-01")
PAGES = ("/now", "/board/honcho", "/wall", "/", *(f"/device/{name}" for name in DEVICES))
STYLES = sorted((OTA.parents[1] / "display").glob("*.css"))


@pytest.fixture(scope="module")
def screen(debians_chromium: Browser) -> Iterator[Page]:
    with debians_chromium.new_page() as page:
        yield page


@pytest.fixture
def page(screen: Page) -> Iterator[Page]:
    """Gone from its address before the hub goes."""
    yield screen
    screen.goto("about:blank")


def faults(page: Page) -> list[tuple[str, list[str]]]:
    """What axe-core finds wrong, and where."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"][:3]]) for one in found]


@pytest.mark.parametrize("language", ["ja", "easy", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(page: Page, living: Station, address: str, path: str, language: str) -> None:
    page.set_viewport_size(PHONE if path == "/now" else WALL)
    page.goto(f"{address}{path}?lang={language}")

    assert faults(page) == []


@pytest.mark.parametrize("language", ["ja", "easy", "en"])
def test_axe_finds_nothing_on_a_phone_that_shows_a_bridge_with_its_twin(
    page: Page, tmp_path: Path, language: str
) -> None:
    girder = Girder(spans_m=[30.0, 42.0, 34.0], bending_stiffness_nm2=8e10, mass_kg_m=9000.0)
    city = open_city()
    devices = [msgspec.structs.replace(one, girder=girder) if one.name == "bridge-01" else one for one in city.device]
    station = Station(tmp_path / "twin.db", msgspec.structs.replace(city, device=devices))
    feed(station)
    page.set_viewport_size(PHONE)

    with station.served() as address:
        page.goto(f"{address}/device/bridge-01?lang={language}&span=1d")
        found = faults(page)
        rows, width = page.evaluate(
            "[document.querySelectorAll('.twin tbody tr').length, document.documentElement.scrollWidth]"
        )
        page.goto("about:blank")
    station.database.close()

    assert found == []
    assert (rows, width) == (4, 390)


def test_the_rules_find_targets_that_are_too_small_for_a_finger(page: Page) -> None:
    page.set_viewport_size(PHONE)
    small = "<button style='width:9px;height:9px;padding:0'>x</button>"
    page.set_content(f"<html lang=en><title>x</title><main><h1>x</h1>{small}{small}</main>")

    assert [one for one, _ in faults(page)] == ["target-size"]


def test_the_phone_page_is_walked_through_by_keyboard_in_the_order_of_reading(
    page: Page, living: Station, address: str
) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"{address}/now?lang=ja")
    wanted = page.evaluate(
        """[...document.querySelectorAll("a[href], button, input, select, summary")]
        .filter(one => one.checkVisibility() && !one.disabled).length"""
    )
    stops = []
    for _ in range(wanted):
        page.keyboard.press("Tab")
        stops.append(
            page.evaluate(
                """(() => {
                    const one = document.activeElement, style = getComputedStyle(one)
                    one.dataset.stop ??= document.querySelectorAll("[data-stop]").length
                    const at = [...document.querySelectorAll("*")].indexOf(one)
                    return [at, style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0]
                })()"""
            )
        )

    places = [place for place, _ in stops]
    assert len(places) > 5
    assert places == sorted(set(places)), "each control once, in the order of the document"
    assert all(outlined for _, outlined in stops)


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_nothing_moves_by_itself(path: Path) -> None:
    assert not re.search(r"animation|transition|@keyframes|scroll-behavior", path.read_text(encoding="utf-8"))
