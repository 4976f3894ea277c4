"""Board latency: from a ticket machine's line on the serial port to the pixel on the signage board.

The true way: the line is written into a pseudo-terminal, an agent with default settings reads it, commits and publishes
it through nats-server, a hub with its embedded store commits it, and Chromium shows `/board/<facility>`. In the page a
MutationObserver waits for the figure, then for the frame it is drawn in, and reads the clock of the same machine.

Both changes that people watch are measured in turn: a number that is called, and a ticket that is drawn, which makes one
more wait. The quick form's 24 changes at about one a second lie within what prompt commits may be saved up
(`prompt_commits_a_minute`); the long form's 150 come at random, 15 a minute on average.
"""

import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple, cast

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from benchmarks.errors import MeasurementFailed
from benchmarks.figures import Figure
from benchmarks.hub_station import CITY, hub
from benchmarks.live_agents import agent
from edge.counter.items import TicketAlive, TicketEvent
from edge.counter.ticket_line import encode_line, number_after
from hub.city import always_open
from hub.city_file import load_city
from machikado.demo.city import write_city
from provisioning.toml_text import toml_text
from simulators.brokers import nats
from simulators.wire import PtyLine

DEVICE, SERVICE, BOARD = "counter-01", "residence", "/board/honcho?lang=ja"
SEED = 6
READY_S, LATE_S, LAST_S = 20.0, 10.0, 3.0
AIM_MS = "<= 1000"
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--window-size=1920,1080",
)  # fmt: skip
OBSERVE = """
window.seen = [];
const row = document.querySelector(`[data-key="${arguments[0]}"]`);
for (const name of ["number", "groups"]) {
  const target = row.querySelector("." + name);
  new MutationObserver(() => {
    const text = target.textContent;
    requestAnimationFrame(() => {
      const painted = new MessageChannel();
      painted.port1.onmessage = () => window.seen.push([name, text, Date.now()]);
      painted.port2.postMessage(0);
    });
  }).observe(target, {childList: true, characterData: true, subtree: true});
}
"""


class Change(NamedTuple):
    """A line was written at ``t_ms`` [UTC]; the board should then show ``text`` in the place ``name``."""

    name: str
    text: str
    t_ms: float


class Machine:
    """A ticket machine at the far end of the agent's serial line."""

    def __init__(self, line: PtyLine) -> None:
        self._line = line
        self._number = 0
        self._issued = self._called = 0

    def alive(self) -> None:
        """Say that it is there."""
        self._write(TicketAlive())

    def draw(self) -> Change:
        """Somebody takes a ticket."""
        self._issued += 1
        return self._change("issued", self._issued, "groups", f"{self._issued - self._called}組")

    def call(self) -> Change:
        """The next one is called."""
        self._called += 1
        return self._change("called", self._called, "number", str(self._called))

    def _change(self, event: str, ticket: int, name: str, text: str) -> Change:
        t_ms = time.time() * 1000
        self._write(TicketEvent(SERVICE, event, ticket, 1 if event == "called" else 0))  # type: ignore[arg-type]
        return Change(name, text, t_ms)

    def _write(self, item: TicketEvent | TicketAlive) -> None:
        self._line.write(encode_line(self._number, item))
        self._number = number_after(self._number)


def run(quick: bool) -> Iterator[Figure]:
    """Measure, and say how many changes were never seen; the long form also without any prompt commit."""
    changes, mean_s = (24, 1.0) if quick else (150, 4.0)
    took_ms = _measured(changes, mean_s, None)
    without = None if quick else _measured(changes // 3, mean_s, 0)
    what = (
        f"{changes} changes at random, one in {mean_s:g} s; agent with default settings, nats-server, SQLite, Chromium"
    )
    peer = None if without is None else "group commit of 1 s alone"
    yield Figure(
        "board-latency p95",
        _at(took_ms, 0.95),
        "ms",
        what,
        peer,
        None if without is None else _at(without, 0.95),
        AIM_MS,
    )
    yield Figure(
        "board-latency median", _at(took_ms, 0.5), "ms", what, peer, None if without is None else _at(without, 0.5)
    )
    yield Figure("board-latency longest", took_ms[-1], "ms", what)
    yield Figure("board-latency not seen", changes - len(took_ms), "changes", what, aim="== 0")


def _measured(changes: int, mean_s: float, prompt_commits: int | None) -> list[float]:
    """How long each change that was seen took [ms], sorted.

    Raises MeasurementFailed when none was seen.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="machikado-board-")))
        browser = stack.enter_context(_chromium(folder / "chromium"))
        broker = stack.enter_context(nats())
        write_city(always_open(load_city(CITY)), folder / "city.toml")
        served = stack.enter_context(hub(broker.place, city=folder / "city.toml"))
        line = PtyLine(folder / "tickets")
        line.open()
        stack.callback(line.close)
        machine = Machine(line)
        stack.enter_context(agent(folder, "counter", _config(folder, broker.port, prompt_commits)))
        _await_board(browser, machine, f"http://{served.host}:{served.port}{BOARD}")
        written = _play(machine, changes, mean_s)
        time.sleep(LAST_S)
        took_ms = _matched(written, cast(list[tuple[str, str, float]], browser.execute_script("return window.seen")))
    if not took_ms:
        raise MeasurementFailed("board: none of the changes was seen; look whether hub and agent run")
    return sorted(took_ms)


def _play(machine: Machine, changes: int, mean_s: float) -> list[Change]:
    """Tickets drawn and called in turn, at random moments but a tenth of a second apart; a sign of life every 4 s."""
    rng = random.Random(SEED)
    written: list[Change] = []
    for nth in range(changes):
        left_s = max(0.1, rng.expovariate(1 / mean_s))
        while left_s > 4.0:
            time.sleep(4.0)
            left_s -= 4.0
            machine.alive()
        time.sleep(left_s)
        written.append(machine.draw() if nth % 2 == 0 else machine.call())
    return written


def _matched(written: list[Change], seen: list[tuple[str, str, float]]) -> list[float]:
    """How long each change took [ms]: to the first time that its text was seen after it, and before its next like one."""
    took: list[float] = []
    for change in written:
        later = [t for name, text, t in seen if (name, text) == (change.name, change.text) and t >= change.t_ms - 2]
        if later and later[0] - change.t_ms <= LATE_S * 1000:
            took.append(later[0] - change.t_ms)
    return took


def _await_board(browser: Chrome, machine: Machine, address: str) -> None:
    """Open the board and wait until a first ticket's call is on it."""
    browser.get(address)
    browser.execute_script(OBSERVE, f"{DEVICE}.{SERVICE}")
    for _ in range(int(READY_S)):
        # What was written before the agent listened is lost, ticket and call alike.
        first = [machine.draw(), machine.call()]
        time.sleep(1.0)
        if _matched(first[1:], browser.execute_script("return window.seen")):
            browser.execute_script("window.seen.length = 0")
            return
    raise MeasurementFailed(f"board at {address}: did not show the first call within {READY_S:.0f} s")


def _config(folder: Path, broker_port: int, prompt_commits: int | None) -> Path:
    outbox: dict[str, object] = {"path": str(folder / "outbox.sqlite")}
    if prompt_commits is not None:
        outbox["prompt_commits_a_minute"] = prompt_commits
    table = {
        "device": {"name": DEVICE, "family": "counter"},
        "hub": {"port": broker_port},
        "outbox": outbox,
        "clock": {"trust": "system"},
        "pipeline": {"services": [SERVICE]},
        "source": [{"kind": "ticket_line", "name": "tickets", "path": str(folder / "tickets")}],
    }
    path = folder / "DEVICE.toml"
    path.write_text(toml_text(table, "A counter whose board is looked at."), encoding="utf-8")
    return path


def _chromium(profile: Path) -> Chrome:
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not binary or not driver:
        raise MeasurementFailed(
            "chromium: is not there with its chromedriver; apt-get install chromium chromium-driver"
        )
    options = ChromeOptions()
    options.binary_location = binary
    for argument in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    return Chrome(options=options, service=Service(driver))


def _at(values: list[float], share: float) -> float:
    """A quantile of sorted values: the smallest that so many do not exceed."""
    return values[min(len(values) - 1, int(share * len(values)))]
