"""Passages through a doorway, simulated and really recorded."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.contract.records.counter import CounterPassages
from edge.counter.doorway import DoorwayTracker
from edge.counter.items import ThermalFrame
from edge.counter.pipeline import Config, pipeline
from edge.pipeline import Tick

FRAME_US = 100_000
EARLY_FRAMES, LATE_FRAMES = 5, 15
"""A labelled passage is found when its direction is told from 5 frames before its windows of 10 to 15 after."""
RECORDINGS = Path(os.environ.get("MACHIKADO_DATA", "../shared/data")) / "counter" / "amg8833"
FEWEST = {"in": 24, "out": 24}


def walk(columns: np.ndarray, row: float = 3.5) -> list[str]:
    """Passages of one warm person who is at one column a frame, after three seconds of an empty doorway."""
    tracker = DoorwayTracker()
    rows, grid = np.arange(8)[:, None], np.arange(8)[None, :]
    told: list[str] = []
    for frame, column in enumerate([*[np.inf] * 30, *columns, *[np.inf] * 10]):
        warmth = 5.0 * np.exp(-((rows - row) ** 2 + (grid - column) ** 2) / 2) if np.isfinite(column) else 0.0
        degc = np.asarray(22.0 + warmth * np.ones((8, 8)), dtype=np.float32)
        told += [passage.direction for passage in tracker.take(frame * FRAME_US, degc)]
    return told


def test_who_walks_towards_higher_columns_comes_in() -> None:
    assert walk(np.arange(-1.0, 9.0, 0.6)) == ["in"]


def test_who_walks_towards_lower_columns_goes_out() -> None:
    assert walk(np.arange(8.0, -2.0, -0.6)) == ["out"]


def test_who_turns_back_in_the_middle_does_not_count() -> None:
    assert walk(np.concatenate([np.arange(-1.0, 3.6, 0.5), np.arange(3.5, -2.0, -0.5)])) == []


def test_who_comes_in_and_leaves_again_counts_both_ways() -> None:
    assert walk(np.concatenate([np.arange(-1.0, 7.0, 0.5), np.arange(7.0, -2.0, -0.5)])) == ["in", "out"]


def test_who_stands_in_the_middle_is_no_passage() -> None:
    assert walk(3.5 + 0.3 * np.sin(np.arange(200))) == []


def test_a_doorway_s_passages_are_reported_under_its_line_and_no_people_are_counted() -> None:
    steps = pipeline(Config(thermal_view="doorway", lines=()))
    rows, grid = np.arange(8)[:, None], np.arange(8)[None, :]
    records = []
    for frame in range(650):
        column = (frame - 300) * 0.6
        degc = 22.0 + 5.0 * np.exp(-((rows - 3.5) ** 2 + (grid - column) ** 2) / 2)
        registers = np.rint(degc * 4).astype("<u2").tobytes()
        records += steps.process(frame * FRAME_US, ThermalFrame(registers))
    records += steps.process(650 * FRAME_US, Tick())

    passages = [record for record in records if isinstance(record, CounterPassages)]
    assert [(record.line, record.entered, record.left) for record in passages] == [("doorway", 1, 0)]


@pytest.fixture(scope="module")
def recorded() -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    if not RECORDINGS.exists():
        pytest.skip(f"{RECORDINGS} is not here; set MACHIKADO_DATA to the folder of recordings")
    frames = np.load(RECORDINGS / "grideye.npz")
    return dict(frames), json.loads((RECORDINGS / "expected_events.json").read_text())


def test_really_recorded_passages_are_found_and_none_is_invented(
    recorded: tuple[dict[str, np.ndarray], dict[str, Any]],
) -> None:
    frames, expected = recorded
    found = {"in": 0, "out": 0}
    invented = 0
    for name, labelled in expected.items():
        tracker = DoorwayTracker()
        told = [
            (frame, passage.direction)
            for frame, counts in enumerate(frames[f"{name}_frames"])
            for passage in tracker.take(frame * FRAME_US, (counts / 4).astype(np.float32))
        ]
        for event in labelled["events"]:
            begin = event["first_window"] - EARLY_FRAMES
            end = event["first_window"] + event["windows"] + LATE_FRAMES
            match = next((one for one in told if begin <= one[0] <= end and one[1] == event["direction"]), None)
            if match is not None:
                told.remove(match)
                found[event["direction"]] += 1
        invented += len(told)

    assert invented == 0
    assert all(found[direction] >= fewest for direction, fewest in FEWEST.items()), found
