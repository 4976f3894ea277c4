"""What a person sees in a real browser: live values, their ages, grey where they are old, silence said as silence."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from edge.contract.records.counter import CounterAir
from edge.contract.records.kiosk import KioskState
from tests.hub.display.conftest import complaints, eventually, resize, texts_of
from tests.hub.station import OTA, Station

PROJECT = OTA.parents[2]
GREY = "rgba(102, 102, 102, 1)"


def text(browser: Chrome, where: str) -> str:
    return texts_of(browser, where)[0]


def classes(browser: Chrome, where: str) -> list[str]:
    return str(browser.execute_script("return document.querySelector(arguments[0]).className", where)).split()


def connected(browser: Chrome) -> bool:
    return bool(browser.execute_script("return document.documentElement.classList.contains('connected')"))


def open_page(browser: Chrome, address: str) -> None:
    browser.get(address)
    eventually(lambda: connected(browser), 8)


def follow(browser: Chrome, link: WebElement) -> None:
    wanted = link.get_attribute("href")
    link.click()
    eventually(lambda: browser.current_url == wanted and connected(browser), 8)


def test_a_committed_record_is_on_the_open_page_within_four_seconds(
    browser: Chrome, living: Station, address: str
) -> None:
    open_page(browser, address)
    browser.execute_script("window.sameDocument = true")
    before = text(browser, "#card-kiosk-01 .headline")

    living.send("kiosk-01", [KioskState(t=living.now(), state="out_of_service", reasons=["paper_out"])])
    eventually(lambda: "発行できません" in text(browser, "#card-kiosk-01 .headline"), 4)

    assert "発行できます" in before
    assert "bad" in classes(browser, "#card-kiosk-01")
    assert text(browser, "#card-kiosk-01 .chip") == "警戒"
    eventually(lambda: "用紙" in "".join(texts_of(browser, "#summary .critical")), 4)
    assert "発行できません" in (browser.find_element(By.ID, "news").get_attribute("textContent") or "")
    assert browser.execute_script("return window.sameDocument") is True


def test_every_figure_shows_an_age_that_counts_up(browser: Chrome, living: Station, address: str) -> None:
    open_page(browser, address)
    age = '#card-counter-01 [data-key="co2"] time'

    first = int(text(browser, age).removesuffix("秒前").replace("いま", "0"))
    eventually(lambda: text(browser, age) == f"{max(first, 1) + 3}秒前", 8)

    timed = browser.find_elements(By.CSS_SELECTOR, "main time[data-t]")
    assert len(timed) > 30
    assert all(one.text.endswith(("前", "いま")) for one in timed)


def test_a_figure_is_greyed_once_it_is_older_than_it_stays_fresh(
    browser: Chrome, living: Station, address: str
) -> None:
    open_page(browser, address)
    co2 = '#card-counter-01 [data-key="co2"]'
    fresh = browser.find_element(By.CSS_SELECTOR, f"{co2} .value").value_of_css_property("color")

    living.ahead_us = 50_000_000
    eventually(lambda: "old" in classes(browser, co2), 5)

    assert fresh != GREY
    assert browser.find_element(By.CSS_SELECTOR, f"{co2} .value").value_of_css_property("color") == GREY
    assert text(browser, f"{co2} time").startswith("5")
    assert "stale" in classes(browser, "#card-counter-01"), "every telling figure is old: no level is believed"
    assert text(browser, "#card-counter-01 .chip") == "情報が古くなっています"
    assert "old" not in classes(browser, '#card-bridge-01 [data-key="vibration_rms_mm_s2"]')


def test_a_silent_device_is_shown_as_silent_and_comes_back(browser: Chrome, living: Station, address: str) -> None:
    open_page(browser, address)

    living.ahead_us = 130_000_000
    eventually(lambda: "silent" in classes(browser, "#card-counter-01"), 6)
    silent = (text(browser, "#card-counter-01 .headline"), text(browser, "#card-counter-01 .chip"))
    eventually(lambda: text(browser, "#summary .count dd") == "6 / 9", 6)  # the others have longer, one was never heard
    living.send("counter-01", [CounterAir(t=living.now(), co2_ppm=650.0)])
    eventually(lambda: "silent" not in classes(browser, "#card-counter-01"), 4)

    assert silent == ("通信が途絶えています", "通信なし")


def test_what_was_never_heard_is_a_dash_and_never_nought(browser: Chrome, living: Station, address: str) -> None:
    open_page(browser, address)

    values = texts_of(browser, "#card-truck-03 .figure .value")

    assert text(browser, "#card-truck-03 .chip") == "未受信"
    assert values.count("—\n不明") == 2
    assert not any("0" in value for value in values)


def test_an_interval_is_shown_beside_its_value(browser: Chrome, living: Station, address: str) -> None:
    open_page(browser, address)

    shown = text(browser, '#card-gate-01 [data-key="people_inside"] .value')

    assert shown == "63 (58–68)"


def test_the_languages_are_a_link_away_and_stay_in_the_address(browser: Chrome, living: Station, address: str) -> None:
    open_page(browser, address)
    seen = {}

    for name in ("English", "やさしい日本語", "日本語"):
        follow(browser, browser.find_element(By.LINK_TEXT, name))
        seen[name] = (
            browser.current_url.split("?")[1],
            text(browser, ".demo"),
            text(browser, "#card-gate-01 .headline"),
        )
    follow(browser, browser.find_element(By.LINK_TEXT, "English"))
    follow(browser, browser.find_element(By.CSS_SELECTOR, "#card-bridge-01 h3 a"))

    assert seen == {
        "English": ("lang=en", "Demo: the data are simulated", "Seats available"),
        "やさしい日本語": ("lang=easy", "デモ：ほんものの データでは ありません", "席（せき）は あいています"),
        "日本語": ("lang=ja", "デモ：シミュレーションのデータです", "空席があります"),
    }
    assert text(browser, "h1").startswith("Mihon Bridge (demo), spans 1 to 3")
    assert browser.execute_script("return document.documentElement.lang") == "en"


def test_the_link_in_focus_stays_in_focus_when_its_card_is_replaced(
    browser: Chrome, living: Station, address: str
) -> None:
    open_page(browser, address)
    browser.execute_script("document.querySelector('#card-kiosk-01 h3 a').focus()")

    living.send("kiosk-01", [KioskState(t=living.now(), state="maintenance", reasons=["maintenance"])])
    eventually(lambda: "点検" in text(browser, "#card-kiosk-01 .headline"), 4)

    focused = browser.switch_to.active_element
    assert focused.get_attribute("href") == f"{address}/device/kiosk-01?lang=ja"


def test_the_bridge_shows_its_spectrogram_and_charts(browser: Chrome, living: Station, address: str) -> None:
    open_page(browser, f"{address}/device/bridge-01")

    picture = browser.find_element(By.CSS_SELECTOR, ".spectrogram image").get_attribute("href")
    loaded = browser.execute_async_script(
        "const [url, done] = arguments; const image = new Image();"
        "image.onload = () => done([image.naturalWidth, image.naturalHeight]); image.onerror = () => done(null);"
        "image.src = url;",
        picture,
    )

    assert loaded == [360, 160]
    assert len(browser.find_elements(By.CSS_SELECTOR, ".spectrogram .tracked")) == 4
    assert [one.split(" [")[0] for one in texts_of(browser, "figcaption")][1:] == [
        "固有振動数",
        "振動（実効値）",
        "温度",
    ]


@pytest.mark.parametrize("language", ["ja", "easy", "en"])
def test_the_figure_of_a_bridge_is_drawn_and_scrolls_in_its_own_box_on_a_phone(
    browser: Chrome, living: Station, address: str, language: str
) -> None:
    resize(browser, 390, 844)
    open_page(browser, f"{address}/device/bridge-01?lang={language}&span=1d")

    drawing = browser.find_element(By.CSS_SELECTOR, "#figure .drawing img")
    eventually(lambda: drawing.get_property("complete"), 5)
    page, box, inside, natural = browser.execute_script(
        "const box = document.querySelector('#figure .drawing');"
        "return [document.documentElement.scrollWidth, box.clientWidth, box.scrollWidth, box.firstChild.naturalWidth]"
    )

    assert (page, natural) == (390, 1200)
    assert box < 390 < inside
    assert len(browser.find_elements(By.CSS_SELECTOR, "#figure .ages time")) == 3
    assert len(browser.find_elements(By.CSS_SELECTOR, "#figure .says li")) == 1 + 2 + 4 + 1


def test_trucks_are_on_the_map_and_the_unheard_one_is_named_beside_it(
    browser: Chrome, living: Station, address: str
) -> None:
    open_page(browser, address)
    numbers = texts_of(browser, "#map .mover text")

    living.ahead_us = 200_000_000
    eventually(lambda: len(browser.find_elements(By.CSS_SELECTOR, "#map .mover.old")) == 2, 6)

    assert numbers == ["1", "2"]
    assert "収集車3号" in text(browser, "#map .legend")


@pytest.mark.parametrize("language", ["ja", "easy", "en"])
@pytest.mark.parametrize(
    "page", ["/", "/device/bridge-01", "/device/counter-01", "/device/truck-01", "/device/kiosk-01"]
)
def test_a_phone_never_scrolls_sideways(
    browser: Chrome, living: Station, address: str, page: str, language: str
) -> None:
    resize(browser, 390, 844)
    open_page(browser, f"{address}{page}?lang={language}")

    width = browser.execute_script("return document.documentElement.scrollWidth")

    assert width == 390


def test_the_whole_city_fits_a_wall_display(browser: Chrome, living: Station, address: str) -> None:
    open_page(browser, address)

    height = browser.execute_script("return document.documentElement.scrollHeight")

    assert height <= 1080


@pytest.mark.parametrize("page", ["/", "/device/bridge-01", "/device/truck-02", "/device/truck-03"])
def test_the_browser_has_nothing_to_complain_about(browser: Chrome, living: Station, address: str, page: str) -> None:
    open_page(browser, address + page)

    assert complaints(browser) == []


@pytest.fixture
def process(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """`machikado hub run` as it is run in earnest, its broker away; gives the process and its address."""
    where = tmp_path / "address"
    (tmp_path / "hub.toml").write_text(
        f'city = "{OTA}"\n[store]\npath = "{tmp_path}/hub.db"\n[broker]\nport = 9\n'
        f'[api]\nport = 0\naddress_file = "{where}"\n'
    )
    command = [sys.executable, "-m", "machikado", "hub", "run", str(tmp_path / "hub.toml")]
    with subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE) as started:
        eventually(lambda: where.exists() and where.read_text(), 20)
        yield started, where.read_text().strip()
        started.kill()


def test_the_page_says_within_fifteen_seconds_that_the_hub_hangs_or_is_gone(
    browser: Chrome, process: tuple[subprocess.Popen[bytes], str]
) -> None:
    hub, address = process
    browser.set_page_load_timeout(20)
    eventually(lambda: _opens(browser, address), 20)

    os.kill(hub.pid, signal.SIGSTOP)
    hung_s = eventually(lambda: "通信できません" in text(browser, "#cut"), 15)
    grey = browser.find_element(By.TAG_NAME, "main").value_of_css_property("filter")
    os.kill(hub.pid, signal.SIGCONT)
    eventually(lambda: connected(browser) and not text(browser, "#cut"), 15)
    hub.kill()
    killed_s = eventually(lambda: "通信できません" in text(browser, "#cut"), 15)

    assert hung_s < 15
    assert killed_s < 15
    assert grey == "grayscale(1)"


def test_a_stop_ends_open_streams_within_three_seconds_and_without_a_word(
    browser: Chrome, process: tuple[subprocess.Popen[bytes], str]
) -> None:
    hub, address = process
    eventually(lambda: _opens(browser, address), 20)
    eventually(lambda: connected(browser), 8)

    hub.send_signal(signal.SIGINT)
    said = hub.communicate(timeout=3)[1].decode()

    assert hub.returncode == 0
    assert "Traceback" not in said
    assert "ERROR" not in said


def _opens(browser: Chrome, address: str) -> bool:
    browser.get(address)
    return bool(browser.find_elements(By.CSS_SELECTOR, "#cut"))
