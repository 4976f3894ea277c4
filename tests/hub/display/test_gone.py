"""Pages of the operators whose hub is gone: at first greyed and told so, after five minutes no level is left to read."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from hub.display import wording
from hub.display.card import look
from tests.hub.living_city import health
from tests.hub.station import Station

LEVELS = {words.ja for level, words in wording.LEVELS.items() if level != "unknown"}
NOTHING_KNOWN = {"情報がありません", "通信なし", "停止中", "未受信"}
HIDE = "hidden => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true}); " \
    "document.dispatchEvent(new Event('visibilitychange')); }"  # fmt: skip


def texts(page: Page, where: str) -> set[str]:
    """What stands in each element that is seen."""
    return set(page.eval_on_selector_all(where, "all => all.filter(e => e.checkVisibility()).map(e => e.innerText)"))


def open_live(browser: Browser, address: str) -> Page:
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    page.clock.install()
    page.goto(address)
    page.locator("html.connected").wait_for()
    return page


@pytest.mark.parametrize("path", ["/", "/device/counter-01", "/wall"])
def test_five_minutes_after_the_hub_died_no_level_is_told(
    debians_chromium: Browser, living: Station, path: str
) -> None:
    with living.served() as address:
        page = open_live(debians_chromium, f"{address}{path}")
        before = texts(page, ".chip")
    page.clock.run_for(15_000)
    banner = texts(page, "#cut")
    page.clock.run_for(286_000)

    after, headlines, counts = texts(page, ".chip"), texts(page, ".headline"), texts(page, ".count dd")
    drawn = set(page.eval_on_selector_all(".count dd", "all => all.map(e => getComputedStyle(e).fontSize)"))
    page.close()

    assert before & LEVELS
    assert len(banner) == 1
    assert "情報がありません" in after <= NOTHING_KNOWN
    assert not headlines
    assert not counts or drawn == {"0px"}


def test_a_page_that_was_hidden_says_when_the_hub_was_heard_last_and_not_that_it_is_heard(
    debians_chromium: Browser, living: Station
) -> None:
    with living.served() as address:
        page = open_live(debians_chromium, address)
        heard = texts(page, "#clock")
        page.evaluate(HIDE, True)
    page.clock.run_for(400_000)
    page.evaluate(HIDE, False)
    at_once = (texts(page, ".when-connected"), texts(page, ".chip") & LEVELS)
    page.clock.run_for(15_000)

    last = page.locator("#last-contact").inner_text()
    seen = texts(page, "#cut")
    page.close()

    assert at_once == (set(), set())
    assert len(seen) == 1
    assert last[:5] == heard.pop()[:5]


def test_a_device_that_speaks_while_its_figures_grow_old_loses_its_level_after_five_minutes(living: Station) -> None:
    seen = []

    for ahead_s in (0, 100, 290, 310):
        living.ahead_us = ahead_s * 1_000_000
        living.send("counter-01", [health(living.now())])
        view = living.live.view("counter-01", living.now())
        assert view is not None
        seen.append(look(view, living.now()).split()[1:])

    assert seen == [[], ["stale"], ["stale"], ["stale", "gone"]]
