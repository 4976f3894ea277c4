"""Raw waveforms are kept as the sensor gave them, for as long as allowed, and any window can be cut from them."""

from pathlib import Path

import numpy as np
import pymseed
import pytest

from edge.bridge.config import Channel
from edge.bridge.waveform_ring import Stretch, WaveformRing
from edge.errors import KeeperError

T0 = 1_795_000_000_000_000
RATE_HZ = 200.0
MINUTE_US = 60_000_000
CHANNELS = (Channel(name="a1"), Channel(name="a2", unit="g", scale=-1.0))


def counts(seconds: float, seed: int = 1) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
    made = np.random.default_rng(seed).integers(-(2**23), 2**23, (round(seconds * RATE_HZ), 2))
    return made.astype(np.int32)


def ring(folder: Path, days: float = 3.0, most: int = 1 << 30) -> WaveformRing:
    return WaveformRing(folder, CHANNELS, days, most)


def read(data: bytes) -> dict[str, tuple[int, np.ndarray[tuple[int], np.dtype[np.int32]]]]:
    """Start [µs] and samples of each channel, gaps joined, as libmseed reads them."""
    found = {}
    for trace in pymseed.MS3TraceList.from_buffer(data, unpack_data=True):
        parts = [np.array(part.np_datasamples) for part in trace]
        found[str(trace.sourceid)] = (int(trace.earliest) // 1000, np.concatenate(parts))
    return found


def test_a_window_comes_back_count_for_count(tmp_path: Path) -> None:
    made = counts(180.0)
    kept = ring(tmp_path)
    for minute in range(3):
        part = made[minute * 12_000 : (minute + 1) * 12_000]
        kept.append(Stretch(T0 + minute * MINUTE_US, RATE_HZ, part, 1e-6))

    data = kept.cut(T0 + 30_000_000, T0 + 120_000_000)

    found = read(data)
    assert [start for start, _ in found.values()] == [T0 + 30_000_000] * 2
    np.testing.assert_array_equal(np.column_stack([samples for _, samples in found.values()]), made[6000:24_000])


def test_a_record_says_its_channel_and_what_a_count_weighs(tmp_path: Path) -> None:
    kept = ring(tmp_path)
    kept.append(Stretch(T0, RATE_HZ, counts(10.0), 1e-6))

    data = kept.cut(T0, T0 + 10_000_000)

    said = {
        (record.get_extra_header("/machikado/channel"), record.get_extra_header("/machikado/unit"),
         record.get_extra_header("/machikado/unit_a_count"))
        for record in pymseed.MS3Record.from_buffer(data)
    }  # fmt: skip
    assert said == {("a1", "m/s2", 1e-6), ("a2", "g", -1e-6)}


def test_floats_are_kept_as_floats(tmp_path: Path) -> None:
    kept = ring(tmp_path)
    made = np.linspace(-1.0, 1.0, 400, dtype=np.float32).reshape(-1, 2)
    kept.append(Stretch(T0, RATE_HZ, made, 1.0))

    found = read(kept.cut(T0, T0 + 1_000_000))

    np.testing.assert_array_equal(np.column_stack([samples for _, samples in found.values()]), made)


def test_an_hour_boundary_is_no_gap(tmp_path: Path) -> None:
    start = T0 - T0 % 3_600_000_000 + 3_570_000_000
    made = counts(60.0)
    kept = ring(tmp_path)
    kept.append(Stretch(start, RATE_HZ, made[:6000], 1e-6))
    kept.append(Stretch(start + 30_000_000, RATE_HZ, made[6000:], 1e-6))

    found = read(kept.cut(start, start + 60_000_000))

    assert len(list(tmp_path.glob("*.mseed"))) == 2
    np.testing.assert_array_equal(np.column_stack([samples for _, samples in found.values()]), made)


def test_what_a_power_cut_tore_off_does_not_spoil_what_was_there(tmp_path: Path) -> None:
    kept = ring(tmp_path)
    kept.append(Stretch(T0, RATE_HZ, counts(60.0), 1e-6))
    [file] = tmp_path.glob("*.mseed")
    whole = file.read_bytes()
    file.write_bytes(whole[:-1000])

    found = read(kept.cut(T0, T0 + MINUTE_US))

    assert len(found) == 2
    assert len(next(iter(found.values()))[1]) == 12_000


def test_the_oldest_hours_go_by_days_and_by_bytes(tmp_path: Path) -> None:
    hour = 3_600_000_000
    by_days = ring(tmp_path / "days", days=2.0 / 24.0)
    by_bytes = ring(tmp_path / "bytes", most=120_000)
    for number in range(5):
        for kept in (by_days, by_bytes):
            kept.append(Stretch(T0 + number * hour, RATE_HZ, counts(30.0), 1e-6))

    assert len(list((tmp_path / "days").glob("*"))) == 3
    assert len(list((tmp_path / "bytes").glob("*"))) < 5
    assert by_days.held()[0] > T0 + hour


def test_what_is_not_held_is_said_with_what_is(tmp_path: Path) -> None:
    kept = ring(tmp_path)

    with pytest.raises(KeeperError, match="nothing is held yet"):
        kept.cut(T0, T0 + 1_000_000)
    kept.append(Stretch(T0, RATE_HZ, counts(10.0), 1e-6))
    with pytest.raises(KeeperError, match="the oldest hour held began at 2026-11-18"):
        kept.cut(T0 - 86_400_000_000, T0 - 86_399_000_000)


@pytest.mark.parametrize("length_us", [0, -1, 3_601_000_000])
def test_a_window_of_no_or_too_great_length_is_refused(tmp_path: Path, length_us: int) -> None:
    with pytest.raises(KeeperError, match="wanted more than 0 and at most 3600"):
        ring(tmp_path).cut(T0, T0 + length_us)


def test_a_disk_that_does_not_obey_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(KeeperError, match="check the disk"):
        ring(tmp_path / "file").append(Stretch(T0, RATE_HZ, counts(1.0), 1e-6))
