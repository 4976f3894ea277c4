"""A hub with a real file, fed with a living city, and a real Chromium that looks at its pages."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from tests.hub.living_city import feed
from tests.hub.station import Station, open_city

QUIET = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1920,1080",
)  # fmt: skip


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not binary or not driver:
        pytest.skip("no Chromium with chromedriver: apt-get install chromium chromium-driver")
    options = ChromeOptions()
    options.binary_location = binary
    for argument in (*QUIET, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = Chrome(options=options, service=Service(driver))
    browser.set_page_load_timeout(20)
    yield browser
    browser.quit()


@pytest.fixture(scope="module")
def debians_chromium() -> Iterator[Browser]:
    """The same Chromium, driven by Playwright; its loop may not outlive a module."""
    binary = shutil.which("chromium")
    if not binary:
        pytest.skip("no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=binary, args=[*QUIET])
        yield launched
        launched.close()


@pytest.fixture
def browser(chromium: Chrome) -> Iterator[Chrome]:
    """The one Chromium, at the size of a wall display, gone from the page before its hub goes."""
    resize(chromium, 1920, 1080)
    complaints(chromium)
    yield chromium
    chromium.get("about:blank")


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    made = Station(tmp_path / "hub.db", open_city())
    yield made
    made.database.close()


@pytest.fixture
def living(station: Station) -> Station:
    """Every device reported up to now, but for truck-03 which never did."""
    feed(station)
    return station


@pytest.fixture
def address(station: Station) -> Iterator[str]:
    with station.served() as found:
        yield found


def resize(browser: Chrome, width: int, height: int) -> None:
    """Make the page as large as a screen of this many CSS pixels."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def complaints(browser: Chrome) -> list[str]:
    """What the browser wrote to its console since it was asked last."""
    return [entry["message"] for entry in browser.get_log("browser")]  # type: ignore[no-untyped-call]


def texts_of(browser: Chrome, where: str) -> list[str]:
    """What one reads in each element (hidden: nothing), all at one instant: a live page may replace them at any other."""
    one = "e => e.checkVisibility() ? e.innerText ?? e.textContent : ''"
    read = f"return Array.from(document.querySelectorAll(arguments[0]), {one})"
    texts: list[str] = browser.execute_script(read, where)
    return texts


def eventually(holds: Callable[[], object], within_s: float) -> float:
    """Wait until something holds; how long it took [s].

    Raises:
        AssertionError: it did not within the time.
    """
    began = time.monotonic()
    while time.monotonic() - began < within_s:
        try:
            if holds():
                return time.monotonic() - began
        except StaleElementReferenceException:
            pass
        time.sleep(0.1)
    raise AssertionError(f"not within {within_s} s")
