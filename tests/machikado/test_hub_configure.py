"""A desired configuration from the command line reaches a real agent over a real broker, and is answered for."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.hub_station import hub
from benchmarks.live_agents import Live, live
from edge.recording import open_recording
from machikado.main import main
from simulators import programs
from simulators.brokers import nats
from simulators.servers import Server


@pytest.fixture(scope="module")
def broker() -> Iterator[Server]:
    if programs.NATS.path() is None:
        pytest.skip(programs.NATS.install)
    with nats() as running, hub(running.place):
        yield running


@pytest.fixture
def truck(broker: Server, tmp_path: Path) -> Iterator[Live]:
    with live(tmp_path / "truck", "truck", broker_port=broker.port) as running:
        for _ in range(200):
            if "broker: connected" in running.said():
                break
            time.sleep(0.05)
        yield running


def configure(broker: Server, folder: Path, pipeline: str, *more: str) -> int:
    (folder / "hub.toml").write_text(f'[store]\npath = "{folder}/hub.sqlite"\n[broker]\nport = {broker.port}\n')
    (folder / "wanted.toml").write_text(pipeline)
    files = ["--hub", str(folder / "hub.toml"), "--pipeline", str(folder / "wanted.toml")]
    return main(["hub", "configure", "truck-01", *files, *more])


def test_a_device_refuses_a_wrong_configuration_and_says_why(
    broker: Server, truck: Live, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = configure(broker, tmp_path, "[pipeline]\nreach = 12.0\n", "--wait", "15", "--json")

    told = json.loads(capsys.readouterr().out)
    assert (status, told["outcome"]) == (1, "refused")
    assert "unknown key pipeline.reach; did you mean 'reach_m'?" in told["reason"]


def test_a_device_begins_anew_with_a_right_one_and_records_on_under_it(
    broker: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with live(tmp_path / "truck", "truck", record=True, broker_port=broker.port) as truck:
        status = configure(broker, tmp_path, "reach_m = 12.0\n")
        second = truck.recording.with_name("live-2.rec")
        for _ in range(300):
            if second.exists() and second.stat().st_size > 1000:
                break
            time.sleep(0.05)
        truck.stop()

    assert status == 0
    assert "published" in capsys.readouterr().out
    assert "round" in open_recording(truck.recording).header.pipeline
    assert open_recording(second).header.pipeline == {"reach_m": 12.0}


def test_a_device_that_is_away_is_said_to_have_reported_nothing(
    broker: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = configure(broker, tmp_path, "[pipeline]\nreach_m = 12.0\n", "--wait", "0.3", "--json")

    told = json.loads(capsys.readouterr().out)
    assert (status, told["outcome"]) == (1, "no_report")
    assert "nothing heard within 0.3 s" in told["reason"]
