"""Waveform files are read with their rates and names, and refused in one line that says what to do."""

from pathlib import Path

import numpy as np
import pytest

from edge.bridge.waveforms import chunks, read_waveform
from edge.errors import RecordingError


def test_a_csv_with_a_heading_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("left,right\n1,2\n3,nan\n", encoding="utf-8")
    (tmp_path / "x.toml").write_text("rate_hz = 50.0\n", encoding="utf-8")

    waveform = read_waveform(tmp_path / "x.csv")

    np.testing.assert_array_equal(waveform.samples, [[1.0, 2.0], [3.0, np.nan]])
    assert [channel.name for channel in waveform.channels] == ["ch1", "ch2"]


def test_miniseed_is_read_with_its_gap_left_open(tmp_path: Path) -> None:
    pymseed = pytest.importorskip("pymseed")
    traces = pymseed.MS3TraceList()
    for first, values in ((0, range(100)), (150, range(150, 200))):
        traces.add_data(
            sourceid="FDSN:XX_S5__H_N_Z", data_samples=list(values), sample_type="i", sample_rate=100.0,
            starttime=1_700_000_000_000_000_000 + first * 10_000_000,
        )  # fmt: skip
    traces.to_file(str(tmp_path / "x.mseed"))

    waveform = read_waveform(tmp_path / "x.mseed")

    assert waveform.rate_hz == 100.0
    assert [channel.name for channel in waveform.channels] == ["xx_s5__h_n_z"]
    np.testing.assert_array_equal(waveform.samples[:100, 0], np.arange(100.0))
    assert np.isnan(waveform.samples[100:150]).all()
    np.testing.assert_array_equal(waveform.samples[150:, 0], np.arange(150.0, 200.0))


def test_chunks_hold_every_sample_once(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.arange(1001.0))
    (tmp_path / "x.toml").write_text("rate_hz = 100.0\n", encoding="utf-8")

    made = list(chunks(read_waveform(tmp_path / "x.npy"), 0.77))

    joined = b"".join(chunk.data for _, chunk in made)
    np.testing.assert_array_equal(np.frombuffer(joined, "<f4"), np.arange(1001.0))
    assert made[-1][0] == 10_010_000


def test_a_miniseed_file_cut_within_a_record_is_refused_with_the_place(tmp_path: Path) -> None:
    pymseed = pytest.importorskip("pymseed")
    traces = pymseed.MS3TraceList()
    for code in ("XX_A__H_N_Z", "XX_B__H_N_Z"):
        traces.add_data(f"FDSN:{code}", np.arange(20_000, dtype=np.int32) ** 2 % 9999, "i", 100.0, starttime=0)
    traces.to_file(str(tmp_path / "x.mseed"), format_version=3)
    whole = (tmp_path / "x.mseed").read_bytes()
    (tmp_path / "x.mseed").write_bytes(whole[:-100])

    with pytest.raises(RecordingError, match=rf"no whole record from byte \d+ of {len(whole) - 100} on"):
        read_waveform(tmp_path / "x.mseed")


@pytest.mark.parametrize(
    ("name", "content", "sidecar", "said"),
    [
        ("x.npy", b"not numpy", "rate_hz = 100.0", "x.npy"),
        ("x.npy", b"", None, "no sidecar|No data"),
        ("x.wav", b"RIFF", None, "wanted .npy"),
        ("x.csv", b"1,2\n3,4\n", "rate_hz = 0.0", "rate 0.0"),
        ("x.csv", b"1,2\n3,4\n", "rate = 5", "unknown field"),
        ("x.csv", b"1,2\n3,4\n", 'rate_hz = 9.0\npipeline.channels = [{name = "a"}]', "2 columns"),
        ("x.mseed", b"nonsense" * 100, None, "x.mseed"),
        ("x.npz", b"PK", None, "x.npz"),
    ],
)
def test_what_is_no_waveform_is_refused(
    tmp_path: Path, name: str, content: bytes, sidecar: str | None, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    if sidecar is not None:
        (tmp_path / "x.toml").write_text(sidecar, encoding="utf-8")

    with pytest.raises(RecordingError, match=said):
        read_waveform(tmp_path / name)


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="No such file"):
        read_waveform(tmp_path / "none.npy")
