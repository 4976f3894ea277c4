"""What the server writes: nothing unescaped, nothing foreign, the essential without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from hub.display.page import STATIC, static_file
from hub.words import Words
from tests.hub.living_city import feed
from tests.hub.station import Station, open_city

EVIL = Words(ja='<script>alert("x")</script>', easy="<b>&</b>", en="'><img src=x>")
PAGES = ["/", "/device/truck-03", "/device/bridge-01", "/device/nowhere", "/wall", "/now", "/board/honcho"]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A living city that nobody changes."""
    station = Station(tmp_path_factory.mktemp("hub") / "hub.db", open_city())
    feed(station)
    with station.served() as address, httpx.Client(base_url=address, timeout=20) as client:
        yield client


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["ja", "easy", "en"])
def test_a_page_carries_no_inline_script_no_style_and_nothing_from_elsewhere(
    hub: httpx.Client, page: str, language: str
) -> None:
    answer = hub.get(page, params={"lang": language})

    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert re.findall(r"<script(?![^>]* src=)", answer.text) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=", answer.text) == []
    assert re.findall(r"""(?:src|href|url)=["'](?:https?:)?//""", answer.text) == []


@pytest.mark.parametrize("page", PAGES)
def test_a_demo_city_says_on_every_page_that_its_data_are_simulated(hub: httpx.Client, page: str) -> None:
    assert re.search(r'class="demo"[^>]*>デモ(：シミュレーションのデータです|（模擬データ）)<', hub.get(page).text)


def test_a_city_that_is_no_demo_does_not_say_so(tmp_path: Path) -> None:
    station = Station(tmp_path / "hub.db", msgspec.structs.replace(open_city(), demo=False))

    with station.served() as address:
        page = httpx.get(address).text

    assert "シミュレーション" not in page


def test_without_a_script_the_page_tells_values_with_their_time_of_day(hub: httpx.Client) -> None:
    page = hub.get("/").text

    assert re.search(
        r"<noscript><p>JavaScript が無効のため自動では更新されません。表示は \d\d:\d\d:\d\d のものです", page
    )
    assert "空席があります" in page
    assert re.search(r'data-key="co2"><dt>待合の二酸化炭素</dt><dd class="value">960<span class="unit"> ppm', page)
    assert re.search(r'data-fresh="45.0">\d\d:\d\d:\d\d</time>', page)


def test_names_of_the_city_file_are_text_and_never_markup(tmp_path: Path) -> None:
    city = open_city()
    evil = [msgspec.structs.replace(one, place=EVIL) for one in city.device]
    station = Station(tmp_path / "hub.db", msgspec.structs.replace(city, name=EVIL, device=evil))

    with station.served() as address:
        pages = [httpx.get(f"{address}{page}?lang={lang}").text for page in PAGES for lang in ("ja", "easy", "en")]

    assert all("<script>" not in page and "<b>&" not in page and "<img src=x" not in page for page in pages)
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;" in pages[0]


@pytest.mark.parametrize("asked", ["<script>", "../../etc/passwd", "%00", "a" * 5000])
def test_an_address_that_nobody_meant_is_not_found_and_not_repeated(hub: httpx.Client, asked: str) -> None:
    answer = hub.get(f"/device/{asked}")

    assert answer.status_code == 404
    assert asked not in answer.text


def test_only_the_pages_files_are_served_and_their_address_changes_with_them(hub: httpx.Client) -> None:
    pages = [hub.get(page).text for page in ("/", "/board/honcho", "/now", "/wall")]
    addresses = list(dict.fromkeys(address for page in pages for address in re.findall(r'"(/static/[^"]+)"', page)))

    assert {hub.get(address).status_code for address in addresses} == {200}
    assert sorted(re.sub(r"\?v=[0-9a-f]{12}$", "", address) for address in addresses) == sorted(
        f"/static/{name}" for name in STATIC
    )
    assert hub.get("/static/page.py").status_code == 404
    assert hub.get("/static/..%2fpage.py").status_code == 404


@pytest.mark.parametrize(
    "fragment", ["/fragment/truck-01", "/fragment/truck-01/full", "/fragment/map", "/fragment/summary"]
)
def test_a_fragment_replaces_itself_under_the_same_address(hub: httpx.Client, fragment: str) -> None:
    answer = hub.get(fragment, params={"lang": "easy"})

    assert f'data-fragment="{fragment}?lang=easy"' in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_a_level_is_told_by_shape_and_word(hub: httpx.Client) -> None:
    chips = re.findall(r'<p class="chip">(.*?)</p>', hub.get("/").text)

    assert len(chips) == 9
    assert all(re.search(r'href="#shape-[a-z]+"></use></svg>[^<]+', chip) for chip in chips)


def luminance(colour: str) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", ["ink", "soft", "faint", "good", "notice", "bad", "grey", "link"])
def test_text_can_be_read_on_white_and_on_the_grey_of_a_silent_card(name: str) -> None:
    """Contrast of at least 4.5 (WCAG 2.2, 1.4.3)."""
    found = re.search(rf"--{name}: (#[0-9a-f]{{3,6}});", static_file("page.css").decode())
    assert found
    colour = found[1] if len(found[1]) == 7 else "#" + "".join(2 * digit for digit in found[1][1:])

    ratios = [(luminance(ground) + 0.05) / (luminance(colour) + 0.05) for ground in ("#ffffff", "#f2f2f2")]

    assert min(ratios) >= 4.5
