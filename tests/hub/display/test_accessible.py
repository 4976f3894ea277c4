"""Every page stands before axe-core in a real browser: landmarks, names, roles, contrast, language."""

from __future__ import annotations

import pytest
from axe_core_python.selenium import Axe
from selenium.webdriver import Chrome

from tests.hub.display.conftest import resize
from tests.hub.station import Station

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}


@pytest.mark.parametrize("language", ["ja", "easy", "en"])
@pytest.mark.parametrize("page", ["/now", "/board/honcho", "/wall", "/", "/device/counter-01", "/device/bridge-01"])
def test_axe_finds_nothing(browser: Chrome, living: Station, address: str, page: str, language: str) -> None:
    if page == "/now":
        resize(browser, 390, 844)
    browser.get(f"{address}{page}?lang={language}")

    found = Axe().run(browser, options=RULES)

    assert [(one["id"], [node["target"] for node in one["nodes"][:3]]) for one in found["violations"]] == []
