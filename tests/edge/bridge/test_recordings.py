"""Real recordings: the steel frame's published modes, and Californian bridges in earthquakes."""

from pathlib import Path

import numpy as np
import pytest

from edge.bridge.config import Channel, Config, Modes
from edge.bridge.pipeline import pipeline
from edge.bridge.waveforms import Waveform, chunks, read_waveform
from edge.contract.records import Record
from edge.contract.records.bridge import BridgeMode, BridgeSensor
from tests.data_folder import DATA
from tests.edge.bridge.deliveries import lines, of_kind

BRIDGE = DATA / "bridge"
FRAMES = [BRIDGE / "steel-frame" / f"setup_{number}.npy" for number in (1, 2, 3)]
QUAKES = sorted((BRIDGE / "csmip").glob("*.npz"))
PUBLISHED_HZ = np.array([1.229, 1.436, 2.100, 4.017, 4.769, 6.683, 7.616, 9.664])
FURTHER_HZ = np.array([12.166, 12.598, 13.854])
SIDECAR = """rate_hz = 256.0
[pipeline]
channels = [
    { name = "v1", unit = "m/s" }, { name = "v2", unit = "m/s" }, { name = "v3", unit = "m/s" },
    { name = "ax" }, { name = "ay" }, { name = "az" },
]
"""
needs_data = pytest.mark.skipif(not BRIDGE.exists(), reason=f"no recordings at {BRIDGE}; set MACHIKADO_DATA")


def replay(waveform: Waveform, chunk_s: float = 1.0) -> list[Record]:
    """Records of one identification over the whole recording."""
    seconds = len(waveform.samples) / waveform.rate_hz
    modes = Modes(confirm=1, first_s=max(5.0, seconds - 4.0), window_s=3600.0)
    made = pipeline(Config(channels=list(waveform.channels), modes=modes))
    return [record for at, chunk in chunks(waveform, chunk_s) for record in made.process(1_000_000 + at, chunk)]


@pytest.fixture
def sidecar(tmp_path: Path) -> Path:
    path = tmp_path / "frame.toml"
    path.write_text(SIDECAR, encoding="utf-8")
    return path


@needs_data
@pytest.mark.parametrize("path", FRAMES, ids=lambda path: path.stem)
def test_all_eight_published_modes_of_the_steel_frame_are_found_and_none_invented(path: Path, sidecar: Path) -> None:
    found = np.array([one.frequency_hz for one in of_kind(replay(read_waveform(path, sidecar)), BridgeMode)])

    off = abs(found[:, None] / PUBLISHED_HZ - 1.0).min(axis=0)
    assert off.max() < 0.005
    inside = found[(found > 0.8) & (found < 11.0)]
    assert len(inside) == 8


@needs_data
def test_a_real_recording_gives_the_same_bytes_however_it_was_delivered(sidecar: Path) -> None:
    waveform = read_waveform(FRAMES[0], sidecar)

    assert lines(replay(waveform)) == lines(replay(waveform, 0.3))


@needs_data
@pytest.mark.parametrize("path", QUAKES, ids=lambda path: path.stem[:40])
def test_a_bridge_in_an_earthquake_is_read_and_judged(path: Path) -> None:
    waveform = read_waveform(path)

    records = replay(waveform)

    assert {one.channel for one in of_kind(records, BridgeSensor)} == {channel.name for channel in waveform.channels}
    assert all(0.5 <= one.frequency_hz <= 20.0 for one in of_kind(records, BridgeMode))


@needs_data
def test_the_sick_channel_of_hayward_2021_is_left_out() -> None:
    path = next(path for path in QUAKES if "20210623" in path.name)

    sick = {one.channel for one in of_kind(replay(read_waveform(path)), BridgeSensor) if not one.used}

    assert "ch22" in sick


def test_the_steel_frames_channels_are_named_with_their_units(sidecar: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((10, 6), dtype=np.float32))

    waveform = read_waveform(tmp_path / "x.npy", sidecar)

    assert waveform.channels[0] == Channel(name="v1", unit="m/s")
    assert waveform.rate_hz == 256.0
