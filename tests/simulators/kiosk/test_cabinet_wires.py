"""A real agent a cabinet on the simulator's true wires, behind a real broker and hub: what leaves is true, and nobody."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args

import msgspec
import numpy as np
import pytest

from benchmarks.hub_station import hub, stored_and_refused
from benchmarks.live_agents import Live, agent, city_context, free_port, write_config
from benchmarks.planted_people import Search
from benchmarks.tapped_line import Tap, tapped
from edge.contract.records.kiosk import Cabinet
from machikado.demo.setup import setup_of
from simulators import brokers, programs
from simulators.run import run
from simulators.simulator import parts_of
from tests.simulators.kiosk.test_cabinet_days import planted

SPEED = 400.0
SESSIONS = 12
WITHIN_S = 60.0


class Running(NamedTuple):
    """A cabinet's simulator and agent at work."""

    cabinet: Cabinet
    device: str
    truth: Path
    live: Live
    tap: Tap
    ended: threading.Event

    def true_sessions(self) -> list[tuple[str, str, int]]:
        facts = [json.loads(line) for line in self.truth.read_text(encoding="utf-8").splitlines()]
        return [(f["certificate"], f["outcome"], f["copies"]) for f in facts if f["what"] == "session"]

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.live.lines()]

    def kept(self) -> bytes:
        """Everything that the agent published or wrote."""
        outbox = sorted(self.live.outbox.parent.glob(self.live.outbox.name + "*"))
        files = [self.live.log, self.live.recording, *outbox]
        return b"\n".join([*self.tap.heard(), *(file.read_bytes() for file in files)])


@contextlib.contextmanager
def running(folder: Path, cabinet: Cabinet, broker: tuple[str, int]) -> Iterator[Running]:
    folder.mkdir()
    device = f"cabinet-{cabinet.replace('_', '-')}"
    context = msgspec.structs.replace(city_context("kiosk"), device=device, cabinet=cabinet)
    setup = setup_of(context, folder, free_port)
    settings = {**setup.simulator, "sessions_an_hour": 60.0, "lets_slip": [datum.text for datum in planted()]}
    truth, ended = folder / "truth.jsonl", threading.Event()
    simulation = threading.Thread(
        target=run,
        args=(
            parts_of("kiosk"), settings, np.random.default_rng(3), time.time_ns() // 1000, setup.lines, truth, SPEED,
            time.monotonic, ended.wait, ended,
        ),
        daemon=True,
    )  # fmt: skip
    with tapped(*broker) as tap:
        config = write_config(folder, context, setup, tap.port)
        simulation.start()
        try:
            with agent(folder, "kiosk", config, record=True) as live:
                yield Running(cabinet, device, truth, live, tap, ended)
        finally:
            ended.set()
            simulation.join(10)


def wait_for_sessions(one: Running) -> None:
    deadline = time.monotonic() + WITHIN_S
    while b"".join(one.tap.heard()).count(b'"kiosk_session"') < SESSIONS:
        assert time.monotonic() < deadline, f"{one.cabinet}: not {SESSIONS} sessions told within {WITHIN_S:g} s"
        time.sleep(0.2)


@pytest.mark.timeout(240)
def test_what_every_cabinets_agent_publishes_is_true_and_names_nobody(tmp_path: Path) -> None:
    if programs.MOSQUITTO.path() is None:
        pytest.skip(f"no {programs.MOSQUITTO.name}; install: {programs.MOSQUITTO.install}")
    search = Search(planted())

    with contextlib.ExitStack() as closing:
        broker = closing.enter_context(brokers.mosquitto())
        server = closing.enter_context(hub(broker.place))
        cabinets = [
            closing.enter_context(running(tmp_path / cabinet, cabinet, (broker.host, broker.port)))
            for cabinet in get_args(Cabinet)
        ]
        for one in cabinets:
            wait_for_sessions(one)
        for one in cabinets:
            one.ended.set()
        time.sleep(2)
        for one in cabinets:
            one.live.stop()

        for one in cabinets:
            records, published = one.records(), b"".join(one.tap.heard())
            told = [
                (r["certificate"], r["outcome"], r.get("copies", 0)) for r in records if r["kind"] == "kiosk_session"
            ]
            stored, refused = stored_and_refused(server.place, one.device)
            states = [r["state"] for r in records if r["kind"] == "kiosk_state"]

            assert told == one.true_sessions()[-len(told) :], one.cabinet
            assert set(states) - {"unknown"}, one.cabinet
            assert (refused, stored > SESSIONS) == (0, True), one.cabinet
            assert b'"kiosk_session"' in published
            assert search.found(one.kept()) == [], one.cabinet
        assert (
            search.found(b"".join(file.read_bytes() for file in server.place.store.glob("hub.db*") if file.is_file()))
            == []
        )
