"""Board smooth: what the pages ask of a slow browser, that of a Raspberry Pi 3, while numbers are called.

A hub with its embedded store behind nats-server is fed with a call a second at one counter and other queues at random at
two. Chromium shows signage board, operators' wall and phone page in turn, its scripts slowed `SLOWER` times by the
browser's own throttle: about what a Cortex-A53 of 1.2 GHz is behind one core of this machine. It is no Pi: painting is
done in software here, unthrottled, and memory is not scarce. In the page a frame callback measures the time from frame
to frame, and the browser's own observer the tasks that hold the page up for 50 ms and more.

Quick form: 8 s a page instead of 60.
"""

import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from benchmarks.board_latency import FLAGS
from benchmarks.board_load import Counters
from benchmarks.errors import MeasurementFailed
from benchmarks.figures import Figure
from benchmarks.hub_station import CITY, hub
from hub.city import always_open
from hub.city_file import load_city
from machikado.demo.city import write_city
from simulators.brokers import nats

SLOWER = 12
SETTLE_S = 4.0
LATE_MS = 100.0
SEED = 8
PAGES = (
    ("board", "/board/honcho?lang=ja", ViewportSize(width=1920, height=1080)),
    ("wall", "/wall?lang=ja", ViewportSize(width=1920, height=1080)),
    ("phone", "/now?lang=ja", ViewportSize(width=390, height=844)),
)
WATCH = """
window.frames_ms = []; window.tasks_ms = [];
new PerformanceObserver((list) => tasks_ms.push(...list.getEntries().map((one) => one.duration))).observe({type: "longtask"});
let last = performance.now();
const frame = () => {
  const now = performance.now();
  frames_ms.push(now - last);
  last = now;
  requestAnimationFrame(frame);
};
requestAnimationFrame(frame);
"""


class Watched(NamedTuple):
    """Times from frame to frame, and of tasks that took 50 ms or more [ms]."""

    frames_ms: list[float]
    tasks_ms: list[float]


def run(quick: bool) -> Iterator[Figure]:
    """Show each page in turn while numbers are called."""
    binary = shutil.which("chromium")
    if binary is None:
        raise MeasurementFailed("chromium: is not there; apt-get install chromium")
    play_s = 8 if quick else 60
    with ExitStack() as stack:
        broker = stack.enter_context(nats())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="machikado-smooth-")))
        write_city(always_open(load_city(CITY)), folder / "city.toml")
        served = stack.enter_context(hub(broker.place, city=folder / "city.toml"))
        counters = Counters(broker.host, broker.port)
        stack.callback(counters.close)
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=binary, args=[*FLAGS])
        stack.callback(browser.close)
        for name, path, size in PAGES:
            watched = _watch(browser, f"http://{served.host}:{served.port}{path}", size, counters, play_s)
            yield from _figures(name, watched, play_s)


def _watch(browser: Browser, address: str, size: ViewportSize, counters: Counters, play_s: int) -> Watched:
    page = browser.new_page(viewport=size)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(address)
    _play(counters, SETTLE_S)
    page.evaluate(WATCH)
    _play(counters, play_s)
    frames_ms, tasks_ms = page.evaluate("[frames_ms, tasks_ms]")
    page.close()
    return Watched(frames_ms, tasks_ms)


def _play(counters: Counters, play_s: float) -> None:
    """A call a second, and another queue as often; numbers go on from page to page."""
    rng = random.Random(SEED)
    for _ in range(round(play_s)):
        counters.called("counter-01", "residence", 1 + round(time.time()) % 900, rng.randrange(9))
        counters.called(rng.choice(("counter-01", "counter-02")), rng.choice(("seal", "moving")), 201, rng.randrange(9))
        time.sleep(1.0)


def _figures(name: str, watched: Watched, play_s: int) -> Iterator[Figure]:
    frames = sorted(watched.frames_ms)
    if not frames:
        raise MeasurementFailed(f"page {name}: drew no frame; look whether the hub runs")
    late = sum(each for each in frames if each > LATE_MS) / sum(frames)
    what = f"{play_s} s, {len(frames)} frames, two changes a second, scripts slowed {SLOWER} times"
    yield Figure(f"board-smooth {name}: longest task", max(watched.tasks_ms, default=0.0), "ms", what, aim="<= 200")
    yield Figure(f"board-smooth {name}: tasks of 50 ms and more", len(watched.tasks_ms), "tasks", what)
    yield Figure(f"board-smooth {name}: frame, p95", frames[int(0.95 * (len(frames) - 1))], "ms", what, aim="<= 50")
    yield Figure(f"board-smooth {name}: time in frames above {LATE_MS:.0f} ms", late, "share", what, aim="<= 0.05")
