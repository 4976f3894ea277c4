"""Takes the pictures of docs/pages.md: `python -m tests.hub.display.screenshots`, every page in every language.

A living city is put into a hub's file, a real Chromium looks at it; pictures are WebP as it makes it, scaled
down so that the whole set stays small.
"""

from __future__ import annotations

import base64
import shutil
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from hub.city import City, LoggedEvent
from hub.words import Words
from tests.hub.display.conftest import QUIET, resize
from tests.hub.living_city import bridge_days, feed
from tests.hub.station import Station, open_city

FOLDER: Final = Path(__file__).parents[3] / "docs" / "images"
BRIDGE: Final = "bridge-01"
BYTES_MOST: Final = 60_000
SETTLE_S: Final = 1.5


class Picture(NamedTuple):
    """A page, the screen it is looked at on, how much of that is drawn, and the one part of it where that is all."""

    name: str
    path: str
    width: int
    height: int
    scale: float
    part: str | None = None


PICTURES: Final = (
    Picture("board", "/board/honcho", 1920, 1080, 0.5),
    Picture("board-portrait", "/board/honcho", 1080, 1920, 0.4),
    Picture("phone", "/now", 390, 1500, 0.9),
    Picture("wall", "/wall", 1920, 1080, 0.55),
    Picture("city", "/", 1920, 1080, 0.48),
    *(Picture(name, f"/device/{name}-01", 1280, 1080, 0.5) for name in ("counter", "kiosk", "gate", "truck", "bridge")),
    Picture("bridge-figure", f"/device/{BRIDGE}?span=7d", 1200, 2600, 0.6, "#figure"),
)
SILENT_H: Final = (126, 138)
"""From when to when the bridge says nothing [hours from the beginning of its week]."""
LANGUAGES: Final = ("ja", "easy", "en")


def city() -> City:
    """The demo's city, with an entry in the log of its bridge four days ago."""
    made = open_city()
    day = datetime.now(made.zone).date() - timedelta(days=4)
    event = LoggedEvent(
        date=day, kind="load", text=Words(ja="歩道の舗装", easy="歩道（ほどう）を なおした", en="Pavement laid")
    )
    devices = [msgspec.structs.replace(one, events=[event]) if one.name == BRIDGE else one for one in made.device]
    return msgspec.structs.replace(made, device=devices)


def main() -> int:
    """Take all; exit status 1 where one is larger than ``BYTES_MOST``."""
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not binary or not driver:
        print("screenshots: no Chromium with chromedriver: apt-get install chromium chromium-driver", file=sys.stderr)
        return 2
    options = ChromeOptions()
    options.binary_location = binary
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for argument in (*QUIET, f"--user-data-dir={folder}/chromium"):
            options.add_argument(argument)
        station = Station(Path(folder) / "hub.db", city())
        with Chrome(options=options, service=Service(driver)) as browser, station.served() as address:
            station.send(BRIDGE, list(bridge_days(station.now(), 7, SILENT_H)))
            feed(station)
            sizes = {
                f"{one.name}-{language}": _take(browser, address, one, language)
                for language in LANGUAGES
                for one in PICTURES
            }
            browser.get("about:blank")
        station.database.close()
    for name, size in sizes.items():
        print(f"{name:<24} {size:>7} bytes")
    print(f"{'all':<24} {sum(sizes.values()):>7} bytes")
    return 1 if max(sizes.values()) > BYTES_MOST else 0


def _take(browser: Chrome, address: str, picture: Picture, language: str) -> int:
    resize(browser, picture.width, picture.height)
    browser.get(f"{address}{picture.path}{'&' if '?' in picture.path else '?'}lang={language}")
    time.sleep(SETTLE_S)
    clip = {"x": 0, "y": 0, "width": picture.width, "height": picture.height, "scale": picture.scale}
    if picture.part is not None:
        box = browser.find_element(By.CSS_SELECTOR, picture.part).rect
        clip.update({name: box[name] for name in ("x", "y", "width", "height")})
    shot = browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "webp", "quality": 60, "clip": clip})
    content = base64.b64decode(shot["data"])
    (FOLDER / f"{picture.name}-{language}.webp").write_bytes(content)
    return len(content)


if __name__ == "__main__":
    sys.exit(main())
