from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest
from websockets.sync.client import connect

from edge.errors import SourceError
from edge.gate.items import BeamEdge, BoardAlive, LevelsRead
from edge.gate.sources import McuSettings
from edge.gate.sources import open_source as open_gate
from edge.kiosk.items import ProviderLink, ProviderStatus, SupplyCounted
from edge.kiosk.sources import Xfs4IotSettings
from edge.kiosk.sources import open_source as open_kiosk
from edge.kiosk.xfs4iot import status_command
from simulators.errors import SimulatorError
from simulators.main import simulate
from simulators.run import line_of, run
from simulators.simulator import parts_of
from simulators.websocket_line import WebSocketLine

START = 1_795_000_000_000_000


def wait_for(condition: Callable[[], object], for_s: float = 10.0) -> None:
    deadline = time.monotonic() + for_s
    while not condition():
        assert time.monotonic() < deadline, f"it did not come within {for_s} s"
        time.sleep(0.02)


class Clock:
    """A clock that only ``sleep`` moves, and that stops the run at its end."""

    def __init__(self, stop: Event, end_s: float) -> None:
        self.now_s = 100.0
        self._stop, self._end_s = stop, 100.0 + end_s

    def now(self) -> float:
        return self.now_s

    def sleep(self, pause_s: float) -> None:
        self.now_s += pause_s
        if self.now_s >= self._end_s:
            self._stop.set()


def test_simulated_time_passes_at_the_given_speed(tmp_path: Path) -> None:
    stop = Event()
    clock = Clock(stop, end_s=6.0)
    truth = tmp_path / "truth.ndjson"

    run(
        parts_of("gate"), {"visitors_an_hour": 600.0}, np.random.default_rng(1), START, {}, truth, 100.0,
        clock.now, clock.sleep, stop,
    )  # fmt: skip

    facts = [json.loads(line) for line in truth.read_text().splitlines()]
    times = [fact["t"] for fact in facts if fact["what"] == "inside"]
    assert times[0] == START
    assert max(times) == START + 540_000_000
    assert {"passage", "seats", "inside"} <= {fact["what"] for fact in facts}


def test_a_simulated_gate_feeds_the_true_source_over_a_pseudo_terminal(tmp_path: Path) -> None:
    stop, unplug, heard = Event(), Event(), list[object]()
    mcu, truth = tmp_path / "mcu", tmp_path / "truth.ndjson"
    settings = {"visitors_an_hour": 3000.0}
    simulation = Thread(target=simulate, args=("gate", settings, 1, {"mcu": f"pty:{mcu}"}, truth, 20.0, stop))
    source = Thread(target=open_gate(McuSettings(path=str(mcu))).run, args=(heard.append, unplug))

    simulation.start()
    wait_for(mcu.exists)
    source.start()
    wait_for(lambda: {type(item) for item in heard} >= {BoardAlive, BeamEdge, LevelsRead})
    unplug.set()
    source.join(timeout=3)
    stop.set()
    simulation.join(timeout=3)

    assert not simulation.is_alive()
    assert not source.is_alive()
    assert not mcu.exists()
    assert truth.read_text().count('"inside"') >= 1


def test_a_simulated_kiosk_feeds_the_true_source_over_a_real_websocket() -> None:
    stop, unplug, heard = Event(), Event(), list[object]()
    port = _free_port()
    simulation = Thread(
        target=simulate, args=("kiosk", {"faults": {"jam": 30.0}}, 1, {"xfs": f"ws:{port}"}, None, 20.0, stop)
    )
    simulation.start()
    source = Thread(
        target=open_kiosk(Xfs4IotSettings(url=f"ws://127.0.0.1:{port}", poll_s=1)).run, args=(heard.append, unplug)
    )
    wait_for(lambda: _accepts(port))

    source.start()
    wait_for(lambda: any(isinstance(i, ProviderStatus) and i.words.get("printer.media") == "jammed" for i in heard))
    unplug.set()
    source.join(timeout=5)
    stop.set()
    simulation.join(timeout=5)

    assert not source.is_alive()
    assert not simulation.is_alive()
    assert heard[0] == ProviderLink(up=True)
    assert any(isinstance(item, SupplyCounted) and item.supply == "upper" for item in heard)
    assert any(isinstance(item, ProviderStatus) and item.whole for item in heard)


def test_a_provider_that_goes_away_is_told_before_the_source_fails() -> None:
    line = WebSocketLine(0)
    line.open()
    heard, failed = list[object](), list[str]()

    def listen() -> None:
        try:
            open_kiosk(Xfs4IotSettings(url=line.url, poll_s=1)).run(heard.append, Event())
        except SourceError as problem:
            failed.append(str(problem))

    thread = Thread(target=listen)
    thread.start()
    wait_for(lambda: heard)
    line.close()
    thread.join(timeout=5)

    assert heard == [ProviderLink(up=True), ProviderLink(up=False)]
    assert "is the service provider running?" in failed[0]


def test_a_provider_that_never_answers_is_taken_for_gone() -> None:
    line = WebSocketLine(0)
    line.open()

    with pytest.raises(SourceError, match="no answer to 3 requests"):
        open_kiosk(Xfs4IotSettings(url=line.url, poll_s=1)).run(lambda item: None, Event())
    line.close()


def test_each_request_is_answered_to_its_asker_and_events_go_to_all() -> None:
    line = WebSocketLine(0)
    line.open()
    with connect(line.url, proxy=None) as first, connect(line.url, proxy=None) as second:
        asked: list[bytes] = []

        def answer(request: bytes) -> list[bytes]:
            asked.append(request)
            return [b"answer"]

        first.send(status_command(1, 1000))
        wait_for(partial(_serve, line, answer, asked))
        assert first.recv(timeout=3) == "answer"
        second.send(status_command(2, 1000))
        wait_for(lambda: _serve(line, answer, asked) and len(asked) == 2)
        line.write(b"event")

        assert [second.recv(timeout=3), second.recv(timeout=3)] == ["answer", "event"]
        assert first.recv(timeout=3) == "event"
    line.close()


@pytest.mark.parametrize(
    ("name", "target", "words"),
    [
        ("nfc", "pty:/tmp/x", "this simulator has mcu"),
        ("mcu", "ws:port", "wanted ws:PORT"),
        ("mcu", "ws:70000", "wanted ws:PORT"),
        ("mcu", "http:", "wanted http:PORT"),
    ],
)
def test_a_line_that_cannot_be_is_refused_by_name(name: str, target: str, words: str) -> None:
    with pytest.raises(SimulatorError, match=words):
        line_of(name, target, ("mcu",))


@pytest.mark.parametrize(
    ("settings", "speed", "words"),
    [
        ({"visitors": 3}, 1.0, "unknown field `visitors`"),
        ({"hour_of_day": 25}, 1.0, "hour_of_day"),
        ({}, 0.0, "speed 0"),
        ({}, float("inf"), "speed inf"),
        ({}, float("nan"), "speed nan"),
    ],
)
def test_settings_and_speed_that_cannot_be_are_refused(settings: dict[str, object], speed: float, words: str) -> None:
    with pytest.raises(SimulatorError, match=words):
        simulate("gate", settings, 1, {}, None, speed, Event())


def test_a_taken_port_is_refused_by_name() -> None:
    line = WebSocketLine(0)
    line.open()

    with pytest.raises(SimulatorError, match=f"line ws:{line.port}"):
        WebSocketLine(line.port).open()
    line.close()


def _serve(line: WebSocketLine, answer: Callable[[bytes], list[bytes]], asked: list[bytes]) -> bool:
    line.serve(answer)
    return bool(asked)


def _free_port() -> int:
    line = WebSocketLine(0)
    line.open()
    port = line.port
    line.close()
    return port


def _accepts(port: int) -> bool:
    try:
        with connect(f"ws://127.0.0.1:{port}", proxy=None, open_timeout=1):
            return True
    except OSError:
        return False
