"""What an agent recorded replays to the very lines that it had numbered, for every family, twice the same."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.live_agents import Live, live
from edge.contract.families import FAMILIES, Family
from simulators.recordings import open_recording
from simulators.replay import replayed, settings_of
from tests.runtime_kinds import OF_THE_RUNTIME

pytestmark = pytest.mark.xdist_group("replay")

RECORDED_S = 12.0
SPEED = 4.0


@pytest.fixture(scope="module")
def devices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Family, Live]]:
    """Five agents on five simulators at once, recorded, then stopped."""
    folder = tmp_path_factory.mktemp("live")
    with contextlib.ExitStack() as closing:
        running = {
            family: closing.enter_context(live(folder / family, family, record=True, speed=SPEED))
            for family in FAMILIES
        }
        time.sleep(RECORDED_S)
        for device in running.values():
            device.stop()
        yield running


def replay(path: Path) -> list[bytes]:
    recording = open_recording(path)
    return list(replayed(recording, settings_of(recording, None)))


def of_the_pipeline(lines: list[bytes]) -> list[bytes]:
    return [line for line in lines if json.loads(line)["kind"] not in OF_THE_RUNTIME]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_replay_gives_byte_for_byte_what_the_agent_numbered(family: Family, devices: dict[Family, Live]) -> None:
    device = devices[family]

    lines = replay(device.recording)

    assert len(of_the_pipeline(lines)) >= 3
    assert of_the_pipeline(lines) == of_the_pipeline(device.lines())


@pytest.mark.parametrize("family", FAMILIES)
def test_a_replay_is_the_same_twice(family: Family, devices: dict[Family, Live]) -> None:
    assert replay(devices[family].recording) == replay(devices[family].recording)
