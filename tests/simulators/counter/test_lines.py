"""Every line of the simulated counter, heard by the agent's true sources over pseudo-terminals and HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

from edge.counter.items import Co2Reading, LinePulse, RadarFrame, TicketAlive, TicketEvent
from edge.counter.module_sources import Co2Settings, RadarSettings
from edge.counter.sources import McuSettings, open_source
from edge.counter.ticket_feed import TicketFeedSettings
from simulators.http_line import HttpLine
from simulators.main import simulate

WAIT_S = 30.0


def wait_for(condition: Callable[[], object]) -> None:
    ends = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < ends, "not within the time"
        time.sleep(0.05)


def free_port() -> int:
    line = HttpLine(0)
    line.open()
    line.close()
    return line.port


def test_radar_air_module_two_zone_line_and_tickets_by_http_tell_of_one_office(tmp_path: Path) -> None:
    stop, unplug, heard = Event(), Event(), list[object]()
    port, truth = free_port(), tmp_path / "truth.ndjson"
    lines = {name: f"pty:{tmp_path / name}" for name in ("mcu", "radar", "co2")} | {"tickets": f"http:{port}"}
    settings = {"line_sensor": "two_zone", "waiting_at_start": 20}
    sources = [
        open_source(each)
        for each in (
            McuSettings(path=str(tmp_path / "mcu")),
            RadarSettings(path=str(tmp_path / "radar")),
            Co2Settings(path=str(tmp_path / "co2"), every_s=1.0),
            TicketFeedSettings(url=f"http://127.0.0.1:{port}/tickets", every_s=0.2),
        )
    ]
    threads = [Thread(target=simulate, args=("counter", settings, 3, lines, truth, 10.0, unplug))]
    threads[0].start()
    wait_for(lambda: all((tmp_path / name).exists() for name in ("mcu", "radar", "co2")))
    threads += [Thread(target=source.run, args=(heard.append, stop)) for source in sources]
    for thread in threads[1:]:
        thread.start()

    def passages() -> int:
        return sum(isinstance(item, LinePulse) for item in heard)

    wanted = {RadarFrame, Co2Reading, TicketEvent, TicketAlive, LinePulse}
    wait_for(lambda: wanted <= {type(item) for item in heard} and passages() >= 12)
    for thread, end in zip(reversed(threads), [*(stop for _ in sources), unplug], strict=True):
        end.set()
        thread.join(timeout=5)

    facts = [json.loads(line) for line in truth.read_text(encoding="utf-8").splitlines()]
    told = [item.direction for item in heard if isinstance(item, LinePulse)]
    true = [fact["direction"] for fact in facts if fact["what"] == "passage"]
    assert not any(thread.is_alive() for thread in threads)
    assert told == true[len(true) - len(told) :] or told == true[: len(told)]
    assert all(400 <= item.co2_ppm <= 5000 for item in heard if isinstance(item, Co2Reading))
    assert {item.people for item in heard if isinstance(item, RadarFrame)} >= {3}
