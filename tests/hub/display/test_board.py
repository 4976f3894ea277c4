"""The board on the wall: right, honest about its age, and readable at five metres."""

from __future__ import annotations

import datetime as dt
import math
import re
from pathlib import Path

import httpx
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from edge.contract.records.counter import CounterHeartbeat, CounterQueue
from hub.city_file import load_city
from hub.display.board import DISTANCE_M, ESSENTIAL_ARCMIN, OTHER_ARCMIN, SCREEN_INCHES
from hub.display.service_row import filled, rounded_min
from tests.hub.display.conftest import complaints, eventually, resize
from tests.hub.display.looking import overflowing, texts
from tests.hub.station import OTA, Station

BOARD = "/board/honcho"
ROW = '[data-key="counter-01.residence"]'
MM_A_PIXEL = SCREEN_INCHES * 25.4 / math.hypot(1920, 1080)
KANJI, CAPITAL, KANA_OF_RUBY = 0.88, 0.73, 0.8
"""Height of a character over its font's size."""
LANDSCAPE, PORTRAIT = (1920, 1080), (1080, 1920)


def text(browser: Chrome, where: str) -> str:
    found = browser.find_element(By.CSS_SELECTOR, f"{ROW} {where}")
    return (found.get_attribute("textContent") or "").strip()


def classes(browser: Chrome) -> set[str]:
    return set((browser.find_element(By.CSS_SELECTOR, ROW).get_attribute("class") or "").split())


def queue(station: Station, waiting: int, called: int) -> CounterQueue:
    return CounterQueue(t=station.now(), service="residence", waiting=waiting, windows_open=2, last_called=called)


def arcmin(mm: float) -> float:
    return math.degrees(math.atan(mm / (DISTANCE_M * 1000))) * 60


@pytest.fixture
def shown(browser: Chrome, living: Station, address: str) -> Chrome:
    browser.get(f"{address}{BOARD}?lang=ja")
    eventually(lambda: browser.execute_script("return heardAt > openedAt"), 8)
    return browser


def test_a_called_number_is_on_the_board_without_a_request(shown: Chrome, living: Station) -> None:
    living.send("counter-01", [queue(living, 2, 777)])

    eventually(lambda: text(shown, ".number") == "777", 4)

    assert text(shown, ".groups") == "2組"
    assert "just" in classes(shown)


def test_a_number_that_wraps_is_shown_as_it_is_called(shown: Chrome, living: Station) -> None:
    for number in (999, 1):
        living.send("counter-01", [queue(living, 2, number)])
        eventually(lambda number=number: text(shown, ".number") == str(number), 4)


def test_the_script_shows_what_the_server_wrote(shown: Chrome, living: Station, address: str) -> None:
    for language in ("ja", "easy", "en"):
        page = httpx.get(f"{address}{BOARD}", params={"lang": language}).text
        shown.get(f"{address}{BOARD}?lang={language}")
        eventually(lambda: text(shown, "time"), 4)
        row = re.search(rf"<article[^>]*{ROW[1:-1]}>.*?</article>", page)
        assert row

        for where in ("median", "range", "word", "groups", "name"):
            written = re.search(rf'class="{where}"[^>]*>(.*?)</(?:span|h2)>', row[0])
            assert written
            assert re.sub("<[^>]*>", "", written[1]) == text(shown, f".{where}"), (language, where)


def test_waits_are_rounded_alike_on_both_sides(shown: Chrome) -> None:
    waits = [0.4, 2.5, 7.4, 7.49, 7.5, 12.49, 12.5, 17.5, 33.0, 61.2]

    found = shown.execute_script("return arguments[0].map(rounded)", waits)

    assert found == [rounded_min(one) for one in waits]


# ごふん, じゅっぷん; さんにん but ひとり, ふたり.
READINGS = {
    0: "ふん",
    1: "ぷん",
    2: "ふん",
    3: "ぷん",
    5: "ふん",
    10: "ぷん",
    15: "ふん",
    25: "ふん",
    30: "ぷん",
    38: "ぷん",
    120: "ぷん",
}
PEOPLE = {0: "にん", 1: "り", 2: "り", 3: "にん", 11: "にん", 12: "にん"}


def test_minutes_and_people_have_their_readings_on_both_sides(shown: Chrome, address: str) -> None:
    shown.get(f"{address}{BOARD}?lang=easy")
    eventually(lambda: text(shown, "time"), 4)
    script = "return arguments[1].map((one) => fill(arguments[0], `<b>${one}</b>`))"

    for key, readings in (("about", READINGS), ("groups", PEOPLE)):
        written = [str(filled(key, "easy", number)) for number in readings]
        assert [re.findall("<rt>(.*?)</rt>", one)[-1] for one in written] == list(readings.values())
        assert shown.execute_script(script, key, list(readings)) == written


def test_a_source_that_falls_silent_is_grey_after_fifteen_seconds_and_gone_after_five_minutes(
    shown: Chrome, living: Station
) -> None:
    def goes_by(s: float) -> None:
        shown.execute_script(f"offset += {s * 1000}; renderAll()")

    shown.execute_script("stream.close()")
    before = classes(shown)
    age_s = shown.execute_script("return (serverNow() - services.get('counter-01.residence').t / 1000) / 1000")
    goes_by(19 - age_s)
    in_time = classes(shown)
    goes_by(3)
    late = (classes(shown), text(shown, ".word"), text(shown, ".when-old"))
    goes_by(276)
    nearly = text(shown, ".word")
    goes_by(5)

    assert "old" not in before | in_time
    assert "old" in late[0]
    assert late[1:] == ("やや混雑", "古い情報")
    assert nearly == "やや混雑"
    assert (text(shown, ".word"), text(shown, ".median"), text(shown, ".number")) == ("情報がありません", "—", "—")
    assert classes(shown) & {"good", "notice", "warning", "bad", "old"} == set()


def test_a_heartbeat_keeps_a_quiet_queue_fresh(shown: Chrome, living: Station) -> None:
    living.ahead_us += 15_000_000
    living.send("counter-01", [CounterHeartbeat(t=living.now(), source="tickets")])

    eventually(lambda: re.match(r"いま|[0-9]秒前", text(shown, "time")), 8)

    assert "old" not in classes(shown)


def test_a_queue_told_with_the_time_of_its_last_change_is_as_fresh_as_its_source(shown: Chrome) -> None:
    shown.execute_script(
        "const one = services.get('counter-01.residence'); one.t = serverNow() * 1000;"
        "take({data: JSON.stringify({...one, t: one.t - 40e6})}); renderAll()"
    )

    assert "old" not in classes(shown)


def test_a_silent_device_tells_nothing(shown: Chrome, living: Station) -> None:
    living.ahead_us += 130_000_000

    eventually(lambda: text(shown, ".word") == "情報がありません", 8)

    assert text(shown, ".number") == "—"


@pytest.mark.parametrize(("hour", "wanted"), [(7, "08:30から受付"), (12, "情報がありません"), (20, "受付終了")])
def test_out_of_hours_it_is_closed_and_says_when_it_opens_today(tmp_path: Path, hour: int, wanted: str) -> None:
    station = Station(tmp_path / "hub.db", load_city(OTA))
    at = dt.datetime(2026, 12, 2, hour, tzinfo=station.live.city.zone)
    station.ahead_us = round(at.timestamp() * 1e6) - station.now()

    with station.served() as address:
        page = httpx.get(f"{address}{BOARD}?lang=ja").text

    assert re.findall(r'class="word">([^<]*)<', page)[0] == wanted


def faults(browser: Chrome, size: tuple[int, int]) -> list[tuple[str, str, float]]:
    """Texts that are too small at the distance, too faint, or out of the screen, and what sticks out of its box."""
    found = []
    for one in texts(browser):
        latin = all(ord(letter) < 0x2000 for letter in one["text"]) and not one["text"].isdigit()
        height = one["px"] * (CAPITAL if latin or one["text"].isdigit() else KANJI) * MM_A_PIXEL
        wanted = ESSENTIAL_ARCMIN if one["essential"] and not latin else OTHER_ARCMIN
        left, top, right, bottom = one["box"]
        if one["kind"] == "text" and arcmin(height) < wanted:
            found.append((one["text"], "arc minutes", round(arcmin(height), 1)))
        if one["contrast"] < 4.5:
            found.append((one["text"], "contrast", round(one["contrast"], 2)))
        if left < 0 or top < 0 or right > size[0] or bottom > size[1]:
            found.append((one["text"], "outside", right))
    return [*found, *((text, "overflows", 0.0) for text in overflowing(browser))]


@pytest.mark.parametrize("language", ["ja", "easy", "en"])
@pytest.mark.parametrize("size", [LANDSCAPE, PORTRAIT])
def test_it_can_be_read_at_five_metres_in_every_state(
    browser: Chrome, living: Station, address: str, language: str, size: tuple[int, int]
) -> None:
    resize(browser, *size)
    browser.get(f"{address}{BOARD}?lang={language}")
    eventually(lambda: browser.execute_script("return heardAt > openedAt"), 8)
    seen = {}

    seen["fresh"] = faults(browser, size)
    for level in ("good", "warning", "bad"):
        browser.execute_script(
            "for (const one of services.values()) Object.assign(one, {level: arguments[0], called: 1888, waiting: 88,"
            " wait_min: [85, 95, 120]}); renderAll()", level,
        )  # fmt: skip
        seen[level] = faults(browser, size)
    browser.execute_script("for (const one of services.values()) one.wait_min = null; renderAll()")
    seen["no wait"] = faults(browser, size)
    for age_s in (18, 58, 238):
        browser.execute_script(
            "stream.close(); for (const one of services.values()) one.t = (serverNow() - 1000 * arguments[0]) * 1000;"
            " renderAll()", age_s,
        )  # fmt: skip
        seen[f"{age_s} s"] = faults(browser, size)
    browser.execute_script("heardAt -= 20000; renderAll()")
    seen["cut"] = faults(browser, size)
    browser.execute_script("offset += 300000; renderAll()")
    seen["gone"] = faults(browser, size)

    assert seen == {key: [] for key in seen}
    assert complaints(browser) == []


def test_its_languages_take_turns(browser: Chrome, living: Station, address: str) -> None:
    browser.get(f"{address}{BOARD}")
    eventually(lambda: text(browser, "time"), 4)
    seen = []

    for _ in range(4):
        seen.append((text(browser, ".name"), browser.execute_script("return document.documentElement.lang")))
        browser.execute_script("turn += 1; showTurn()")

    assert [name[:4] for name, _ in seen] == ["住民票の", "住民票（", "Cert", "住民票の"]
    assert [lang for _, lang in seen] == ["ja", "ja", "en", "ja"]


def test_levels_are_told_aloud_at_most_once_a_minute(shown: Chrome, living: Station) -> None:
    said = "return document.getElementById('news').textContent"
    change = (
        "services.get('counter-01.residence').level = arguments[0];"
        "services.get('counter-01.residence').t = serverNow() * 1000; renderAll();"
    )
    shown.execute_script(change, "bad")
    at_once = shown.execute_script(said)
    shown.execute_script("spokeAt -= 60000;" + change, "warning")
    after_a_minute = shown.execute_script(said)
    shown.execute_script(change, "good")

    assert at_once == ""
    assert after_a_minute == "住民票の写し 混雑"
    assert shown.execute_script(said) == after_a_minute


def test_a_board_of_nowhere_is_not_found(living: Station, address: str) -> None:
    assert "この名前の施設の表示はありません" in httpx.get(f"{address}/board/nowhere").text
    assert httpx.get(f"{address}/board/nowhere").status_code == 404
    assert httpx.get(f"{address}/board/mihonbashi").status_code == 404
