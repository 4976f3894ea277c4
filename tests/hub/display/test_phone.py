"""The phone in the hand: the nearest free counter, my own number, certificates; nothing of me leaves it."""

from __future__ import annotations

import gzip
import re
from typing import Any

import httpx
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from edge.contract.records.counter import CounterQueue
from hub.display.phone import PATH
from tests.hub.display.conftest import complaints, eventually, resize, texts_of
from tests.hub.display.looking import overflowing, texts
from tests.hub.station import Station

FIRST_LOAD_BYTES = 30_000
PAGE_BYTES = 150_000


@pytest.fixture
def phone(browser: Chrome, living: Station, address: str) -> Chrome:
    resize(browser, 390, 844)
    browser.get(f"{address}{PATH}?lang=ja")
    browser.execute_script("localStorage.clear()")
    eventually(lambda: browser.execute_script("return stream && stream.readyState === 1"), 8)
    return browser


def answer(browser: Chrome, name: str) -> str:
    return browser.find_element(By.ID, name).text


def set_levels(browser: Chrome, levels: dict[str, str]) -> None:
    """As if the stream had told these, and nothing after them."""
    browser.execute_script("stream.close()")
    for key, level in levels.items():
        browser.execute_script(
            "Object.assign(services.get(arguments[0]), {level: arguments[1], t: serverNow() * 1000})", key, level
        )
    browser.execute_script("renderAll(); everything()")


def test_the_nearest_free_counter_follows_the_place_and_the_service(phone: Chrome) -> None:
    keys = phone.execute_script("return [...services.keys()].filter((key) => key.includes('.'))")
    set_levels(phone, dict.fromkeys(keys, "good"))

    Select(phone.find_element(By.ID, "wanted")).select_by_visible_text("印鑑登録・証明")
    Select(phone.find_element(By.ID, "place")).select_by_visible_text("蒲田東")
    near_the_branch = answer(phone, "found")
    Select(phone.find_element(By.ID, "place")).select_by_visible_text("蒲田西")
    near_the_main_office = answer(phone, "found")
    set_levels(phone, {key: "bad" for key in keys if key.startswith("counter-01")})
    only_the_branch = answer(phone, "found")

    assert near_the_branch.startswith("空いています：蒲田東特別出張所 印鑑登録・証明")
    assert near_the_branch.endswith("約0.1km")
    assert "本庁舎" in near_the_main_office
    assert "蒲田東特別出張所" in only_the_branch


def test_where_none_is_free_the_shortest_wait_is_named_as_such(phone: Chrome) -> None:
    keys = phone.execute_script("return [...services.keys()].filter((key) => key.includes('.'))")
    set_levels(phone, dict.fromkeys(keys, "bad"))
    named = answer(phone, "found")
    set_levels(phone, dict.fromkeys(keys, "unknown"))

    assert named.startswith("空いている窓口はありません")
    assert answer(phone, "found") == "いま案内できる窓口がありません"


def test_my_number_is_estimated_and_kept_on_the_phone_only(phone: Chrome, living: Station, address: str) -> None:
    requests = "return performance.getEntriesByType('resource').map((one) => one.name).join(' ')"
    Select(phone.find_element(By.ID, "queue")).select_by_visible_text("大田区役所 本庁舎 住民票の写し")
    phone.find_element(By.ID, "number").send_keys("１２２")
    phone.find_element(By.ID, "keep").click()
    first = answer(phone, "mine")
    phone.refresh()
    eventually(lambda: answer(phone, "mine"), 4)
    kept = answer(phone, "mine")
    living.send(
        "counter-01", [CounterQueue(t=living.now(), service="residence", waiting=2, windows_open=2, last_called=122)]
    )
    eventually(lambda: answer(phone, "mine") == "呼ばれています。窓口へお進みください", 6)
    asked = phone.execute_script(requests)
    phone.find_element(By.ID, "forget").click()

    assert first.startswith("あと2番目です 約")
    assert kept[:6] == first[:6]
    assert "122" not in asked
    assert phone.execute_script("return localStorage.length + document.cookie.length") == 0


@pytest.mark.parametrize(
    ("number", "called", "waiting", "wanted"),
    [(123, 120, 5, 3), (2, 998, 5, 3), (120, 120, 5, 0), (119, 120, 5, -1), (998, 2, 5, -3), (123, 120, 2, 2),
     (350, 3, 5, None), (123, None, 5, None), (1200, 1190, 30, 10)],
)  # fmt: skip
def test_calls_until_a_number_comes(
    phone: Chrome, number: int, called: int | None, waiting: int, wanted: int | None
) -> None:
    assert phone.execute_script("return callsUntil(...arguments)", number, called, waiting) == wanted


def test_my_own_wait_is_my_share_of_the_wait_and_less_sure(phone: Chrome) -> None:
    low, middle, high = phone.execute_script("return ownWait([20, 30, 45], 3, 11)")

    assert middle == pytest.approx(7.5)
    assert (low, high) == pytest.approx((2.5, 15.0))


def test_a_position_is_asked_for_only_where_the_page_came_by_https(phone: Chrome) -> None:
    assert not phone.find_element(By.ID, "here").is_displayed()


@pytest.mark.parametrize("language", ["ja", "easy", "en"])
def test_it_fits_a_phone_and_can_be_read(browser: Chrome, living: Station, address: str, language: str) -> None:
    resize(browser, 390, 844)
    browser.get(f"{address}{PATH}?lang={language}")
    eventually(lambda: browser.execute_script("return stream && stream.readyState === 1"), 8)

    faint = [(one["text"], one["contrast"]) for one in texts(browser) if one["contrast"] < 4.5]
    width = browser.execute_script("return document.documentElement.scrollWidth")
    resize(browser, 195, 844)
    at_200_percent = browser.execute_script("return document.documentElement.scrollWidth")

    assert faint == []
    assert (width, at_200_percent) == (390, 195)
    assert overflowing(browser) == []
    assert complaints(browser) == []


def test_first_load_is_small(living: Station, address: str) -> None:
    sizes: dict[str, tuple[int, int]] = {}
    with httpx.Client(base_url=address) as hub:
        page = hub.get(PATH)
        for path in (PATH, *re.findall(r'"(/static/[^"]+)"', page.text)):
            with hub.stream("GET", path, headers={"accept-encoding": "gzip"}) as got:
                raw = b"".join(got.iter_raw())
                sizes[path] = len(raw), len(gzip.decompress(raw))

    assert sum(sent for sent, _ in sizes.values()) < FIRST_LOAD_BYTES
    assert sum(whole for _, whole in sizes.values()) < PAGE_BYTES


def test_without_a_script_it_lists_every_counter_with_its_time(living: Station, address: str) -> None:
    page = httpx.get(f"{address}{PATH}").text

    assert page.count('class="service') == 8
    assert "呼出番号" in page
    assert re.search(r'約<b>\d+</b>分</span> <span class="range">\d+〜\d+分', page)
    assert len(re.findall(r"<time>\d\d:\d\d:\d\d</time>", page)) == 7
    assert re.search(r'id="finder" hidden', page)
    assert "住民票の写し・" in page


def test_without_a_script_the_forecast_is_the_one_that_the_script_shows(
    browser: Chrome, living: Station, address: str
) -> None:
    both = """const made = new DOMParser().parseFromString(arguments[0], "text/html");
        return [made, document].map((one) => [...one.querySelectorAll(".ahead")].map((line) => line.innerHTML))"""
    for language in ("ja", "easy", "en"):
        browser.get(f"{address}{PATH}?lang={language}")

        made, scripted = browser.execute_script(both, httpx.get(f"{address}{PATH}?lang={language}").text)

        assert made == scripted
        assert len(made) == 7


def test_it_says_within_fifteen_seconds_that_the_hub_hangs_and_comes_back(phone: Chrome) -> None:
    for name in ("beat", "service"):
        phone.execute_script(f"stream.removeEventListener('{name}', {'beat' if name == 'beat' else 'take'})")

    took_s = eventually(lambda: phone.find_element(By.ID, "cut").is_displayed(), 15)
    old = phone.execute_script("return document.querySelectorAll('.service:not(.kiosk).old').length")
    phone.execute_script("listen()")
    eventually(lambda: not phone.find_element(By.ID, "cut").is_displayed(), 8)

    assert took_s < 15
    assert old == 7


def test_a_forecast_is_shown_where_one_is_made_and_nothing_where_none_is(phone: Chrome) -> None:
    key = "counter-01.residence"
    told: dict[str, Any] = {"ahead": [[30, 8, 15, 25], [60, 10, 21, 40]], "by_calendar": True}
    phone.execute_script(
        "for (const one of services.values()) delete one.ahead; Object.assign(services.get(arguments[0]), arguments[1]);"
        "everything()", key, told,
    )  # fmt: skip

    lines = [one for one in texts_of(phone, ".ahead") if one]

    assert lines == ["これからの予想（曜日と時刻からの目安）： 30分後 約15分 8〜25分 60分後 約20分 10〜40分"]
