"""A microcontroller on a pseudo-terminal and a waveform file are delivered as items."""

import threading
from pathlib import Path

import numpy as np
import pytest

from edge.bridge.assemble import decoded
from edge.bridge.items import AccelerationChunk, TemperatureReading
from edge.bridge.sources import RecordingSettings, SerialSettings, open_source
from edge.errors import SourceError
from simulators.bridge.settings import Settings
from simulators.bridge.simulator import simulator
from simulators.bridge.vibration import Vibration
from simulators.wire import PtyLine

START_US = 1_800_000_000_000_000


def delivered(settings: object, enough: int, before: threading.Event) -> list[object]:
    """The first items of a source that runs in a thread as in an agent."""
    items: list[object] = []
    stop = threading.Event()

    def emit(item: object) -> None:
        items.append(item)
        if len(items) >= enough:
            stop.set()

    thread = threading.Thread(target=open_source(settings).run, args=(emit, stop), daemon=True)
    thread.start()
    before.set()
    thread.join(timeout=20.0)
    stop.set()
    return items


def test_a_simulated_microcontroller_is_read_through_a_real_terminal(tmp_path: Path) -> None:
    line = PtyLine(tmp_path / "mcu")
    line.open()
    bridge = simulator(Settings(), np.random.default_rng(5), START_US)
    frames = [emission.data for emission in bridge.advance(START_US + 2_000_000)]
    begin = threading.Event()

    def speak() -> None:
        begin.wait(5.0)
        for frame in frames:
            threading.Event().wait(0.02)
            line.write(frame)

    speaker = threading.Thread(target=speak, daemon=True)
    speaker.start()
    items = delivered(SerialSettings(path=str(line.path)), 18, begin)
    speaker.join(timeout=5.0)
    line.close()

    readings = [item for item in items if isinstance(item, TemperatureReading)]
    values = np.concatenate([decoded(item) for item in items if isinstance(item, AccelerationChunk)])
    rng = np.random.default_rng(5)
    rng.integers(1, 2**32)
    twin = Vibration(Settings(), rng)
    true = np.concatenate([twin.second(), twin.second()])
    assert [reading.sensor for reading in readings] == ["structure", "air"]
    np.testing.assert_allclose(values, true[: len(values)], atol=6e-7)


def test_a_line_that_is_not_there_is_said(tmp_path: Path) -> None:
    source = open_source(SerialSettings(path=str(tmp_path / "none")))

    with pytest.raises(SourceError, match="is gone"):
        source.run(lambda item: None, threading.Event())


def test_a_waveform_file_is_delivered_in_order_and_again_as_a_new_run(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.arange(60.0, dtype=np.float32).reshape(30, 2))
    (tmp_path / "x.toml").write_text("rate_hz = 100.0\n", encoding="utf-8")

    items = delivered(RecordingSettings(path=str(tmp_path / "x.npy"), chunk_s=0.1), 4, threading.Event())

    chunks = [item for item in items if isinstance(item, AccelerationChunk)]
    assert [(chunk.run, chunk.first_sample) for chunk in chunks] == [(0, 0), (0, 10), (0, 20), (1, 0)]
    np.testing.assert_array_equal(decoded(chunks[1])[0], [20.0, 21.0])


def test_settings_of_another_family_are_refused() -> None:
    with pytest.raises(SourceError, match="serial"):
        open_source(3)
