"""Recordings of every format become deliveries; what is damaged is refused in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.bridge.assemble import decoded
from edge.bridge.items import AccelerationChunk
from edge.contract.records.base import Record
from edge.contract.records.truck import TruckFix, TruckPosition
from edge.delivery import Delivery
from edge.errors import RecordingError
from edge.pipeline import Tick
from edge.recording import Header, RecordingWriter
from edge.truck.items import NmeaSentence
from edge.truck.pipeline import Config, pipeline
from simulators.formats.recording import Recording
from simulators.recordings import open_recording
from tests.data_folder import real

S = 1_000_000


def chunks_of(recording: Recording) -> list[tuple[int, AccelerationChunk]]:
    return [(one.mono_us, one.item) for one in recording.deliveries if isinstance(one.item, AccelerationChunk)]


def samples_of(recording: Recording) -> np.ndarray:
    return np.concatenate([decoded(chunk) for _, chunk in chunks_of(recording)])


def sidecar(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def waveform(folder: Path, samples: np.ndarray, text: str = "rate_hz = 100.0") -> Path:
    np.save(folder / "wave.npy", samples)
    sidecar(folder / "wave.toml", text)
    return folder / "wave.npy"


def refusal(path: Path) -> str:
    with pytest.raises(RecordingError) as refused:
        [*open_recording(path).deliveries]
    message = str(refused.value)
    assert "\n" not in message
    return message


def test_a_real_steel_frame_is_delivered_whole_a_second_at_a_time(tmp_path: Path) -> None:
    frame = real("bridge/steel-frame/setup_1.npy")
    named = sidecar(tmp_path / "frame.toml", f'file = "{frame}"\nrate_hz = 256.0\ncolumns = [3, 4, 5]\n')

    recording = open_recording(named)

    chunks = chunks_of(recording)
    assert (recording.family, recording.duration_s) == ("bridge", 240.0)
    assert recording.description == "waveform setup_1.npy: 61440 samples × 3 channels at 256 Hz, 240 s"
    assert len(chunks) == 240
    assert [mono for mono, _ in chunks] == [second * S for second in range(1, 241)]
    assert [chunk.first_sample for _, chunk in chunks] == [second * 256 for second in range(240)]
    assert np.array_equal(samples_of(open_recording(named)), np.load(frame)[:, 3:].astype(np.float64))


def test_a_real_earthquake_from_an_archive_of_arrays(tmp_path: Path) -> None:
    archive = real("bridge/csmip/meloland__Calexico_22May2010_CE01336P.npz")
    named = sidecar(
        tmp_path / "meloland.json",
        json.dumps(
            {"file": str(archive), "array": "acc_cm_s2", "rate_hz": 100.0, "start_utc": "2010-05-22T17:30:55.1Z"}
        ),
    )

    deliveries = [*open_recording(named).deliveries]

    assert {one.offset_us for one in deliveries} == {1_274_549_455_100_000}
    assert sum(isinstance(one.item, AccelerationChunk) for one in deliveries) == 76


def test_ticks_stand_between_the_deliveries_as_an_agent_gives_them(tmp_path: Path) -> None:
    recording = open_recording(waveform(tmp_path, np.ones((500, 2))))

    told = [("tick" if isinstance(one.item, Tick) else "samples", one.mono_us) for one in recording.deliveries]

    assert told == [
        ("samples", S), ("tick", 2 * S), ("samples", 2 * S), ("tick", 3 * S), ("samples", 3 * S), ("tick", 4 * S),
        ("samples", 4 * S), ("tick", 5 * S), ("samples", 5 * S),
    ]  # fmt: skip


def test_whole_numbers_travel_exactly_and_large_ones_as_floats(tmp_path: Path) -> None:
    small = np.array([[-(2**23) + 1, 2**23 - 1], [0, -1]], dtype=np.int32)
    large = small * 4

    chunk = chunks_of(open_recording(waveform(tmp_path, small)))[0][1]
    assert (chunk.encoding, decoded(chunk).tolist()) == ("i24", small.tolist())

    chunk = chunks_of(open_recording(waveform(tmp_path, large)))[0][1]
    assert chunk.encoding == "f4"
    assert decoded(chunk) == pytest.approx(large, rel=6e-8)


def test_a_csv_with_and_without_names_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "bare.csv").write_text("1.5,2\n3,4\n")
    (tmp_path / "named.csv").write_text("north,east\n1.5,2\n3,4\n")
    sidecar(tmp_path / "bare.toml", "rate_hz = 10.0")
    sidecar(
        tmp_path / "named.toml",
        'rate_hz = 10.0\n[[pipeline.channels]]\nname = "north"\n[[pipeline.channels]]\nname = "east"',
    )

    bare, named = open_recording(tmp_path / "bare.csv"), open_recording(tmp_path / "named.csv")

    assert samples_of(bare).tolist() == samples_of(named).tolist() == [[1.5, 2.0], [3.0, 4.0]]
    assert named.pipeline == {"channels": [{"name": "north"}, {"name": "east"}]}


def test_a_date_given_from_outside_is_used_only_where_the_file_has_none(tmp_path: Path) -> None:
    path = waveform(tmp_path, np.ones((10, 1)))
    undated = [one.offset_us for one in open_recording(path).deliveries]
    given = [one.offset_us for one in open_recording(path, start_us=5).deliveries]
    sidecar(tmp_path / "wave.toml", "rate_hz = 100.0\nstart_utc = 1970-01-01T00:00:01Z")

    own = [one.offset_us for one in open_recording(path, start_us=5).deliveries]

    assert (undated, given, own) == ([None], [5], [S])


def write_miniseed(path: Path, traces: dict[str, list[tuple[str, np.ndarray]]], rate_hz: float = 100.0) -> Path:
    from pymseed import DataEncoding, MS3TraceList

    written = MS3TraceList()
    for source, parts in traces.items():
        for start, samples in parts:
            written.add_data(source, samples, "i", rate_hz, starttime_str=start)
    written.to_file(str(path), encoding=DataEncoding.STEIM2)
    return path


def counts(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-10_000, 10_000, n).astype(np.int32)


def test_a_miniseed_file_gives_its_samples_exactly_with_its_own_date(tmp_path: Path) -> None:
    z, n = counts(1000, 1), counts(1000, 2)
    path = write_miniseed(
        tmp_path / "two.mseed",
        {"FDSN:XX_BR1__H_N_Z": [("2024-05-01T00:00:00", z)], "FDSN:XX_BR1__H_N_N": [("2024-05-01T00:00:00", n)]},
    )

    recording = open_recording(path)

    assert recording.family == "bridge"
    assert recording.duration_s == 10.0
    assert np.array_equal(samples_of(recording), np.column_stack([n, z]))
    assert next(iter(open_recording(path).deliveries)).offset_us == 1_714_521_600_000_000


def test_a_gap_in_one_channel_is_a_gap_of_the_counter_and_never_filled(tmp_path: Path) -> None:
    z, first, second = counts(1000, 1), counts(300, 2), counts(400, 3)
    path = write_miniseed(
        tmp_path / "gap.mseed",
        {
            "FDSN:XX_BR1__H_N_Z": [("2024-05-01T00:00:00", z)],
            "FDSN:XX_BR1__H_N_N": [("2024-05-01T00:00:00", first), ("2024-05-01T00:00:06", second)],
        },
    )

    chunks = chunks_of(open_recording(path))

    assert [chunk.first_sample for _, chunk in chunks] == [0, 100, 200, 600, 700, 800, 900]
    assert np.array_equal(samples_of(open_recording(path))[300:], np.column_stack([second, z[600:]]))


def test_a_miniseed_file_is_known_by_its_content(tmp_path: Path) -> None:
    path = write_miniseed(tmp_path / "data.bin", {"FDSN:XX_BR1__H_N_Z": [("2024-05-01T00:00:00", counts(200, 1))]})

    assert open_recording(path).description.startswith("miniSEED data.bin: 1 channels")


def test_traces_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    off_grid = write_miniseed(
        tmp_path / "grid.mseed",
        {
            "FDSN:XX_BR1__H_N_Z": [("2024-05-01T00:00:00", counts(300, 1))],
            "FDSN:XX_BR1__H_N_N": [("2024-05-01T00:00:00.004", counts(300, 2))],
        },
    )
    apart = write_miniseed(
        tmp_path / "apart.mseed",
        {
            "FDSN:XX_BR1__H_N_Z": [("2024-05-01T00:00:00", counts(300, 1))],
            "FDSN:XX_BR1__H_N_N": [("2024-05-01T01:00:00", counts(300, 2))],
        },
    )

    assert "samples off the others' grid" in refusal(off_grid)
    assert "no time in common" in refusal(apart)


def test_a_real_log_goes_through_the_production_pipeline_with_its_own_date(tmp_path: Path) -> None:
    path = real("gps/ublox-8.log")

    deliveries = [*open_recording(path).deliveries]
    records = records_of(deliveries)

    assert {one.offset_us for one in deliveries} == {1_484_006_981_000_000}
    assert [one.mono_us for one in deliveries] == sorted(one.mono_us for one in deliveries)
    assert [record.fix for record in records if isinstance(record, TruckFix)] == ["3d"]
    first = next(record for record in records if isinstance(record, TruckPosition))
    assert (first.lat_deg, first.lon_deg) == pytest.approx((44.068897833, -121.314271333), abs=1e-7)


@pytest.mark.parametrize("name", ["haicom-305N.log", "quectel.log", "bt451.log"])
def test_a_log_gives_the_same_records_twice(name: str) -> None:
    path = real(f"gps/{name}")

    once, again = records_of([*open_recording(path).deliveries]), records_of([*open_recording(path).deliveries])

    assert once
    assert once == again


def records_of(deliveries: list[Delivery]) -> list[Record]:
    made = pipeline(Config())
    return [record for one in deliveries for record in made.process(one.mono_us, one.item)]


def test_an_agents_recording_is_delivered_as_it_was_kept(tmp_path: Path) -> None:
    kept = [
        Delivery(5 * S, None, NmeaSentence(b"$GPGLL")),
        Delivery(6 * S, 7, Tick()),
        Delivery(9 * S, 7, NmeaSentence(b"$")),
    ]
    writer = RecordingWriter(
        tmp_path / "truck.rec", Header(device="truck-01", family="truck", pipeline={"reach_m": 20.0}, step=2, floor=3)
    )
    for one in kept:
        writer.write(one)
    writer.close()

    recording = open_recording(tmp_path / "truck.rec")

    assert [*recording.deliveries] == kept
    assert (recording.family, recording.device, recording.duration_s) == ("truck", "truck-01", 4.0)
    assert recording.pipeline == {"reach_m": 20.0}
    assert recording.settler_state == (2, 3)


def bad_files(folder: Path) -> dict[str, tuple[Path, str]]:
    """Damaged and foreign files, each with what its refusal must say."""

    def file(name: str, content: bytes, beside: str | None = None) -> Path:
        path = folder / name
        path.write_bytes(content)
        if beside is not None:
            path.with_suffix(".toml").write_text(beside)
        return path

    def array(name: str, samples: Any, beside: str = "rate_hz = 100.0") -> Path:
        np.save(folder / name, samples)
        (folder / name).with_suffix(".toml").write_text(beside)
        return folder / name

    holed = np.ones((300, 2))
    holed[123, 1] = np.nan
    return {
        "absent": (folder / "absent.npy", "No such file"),
        "a folder": (folder, "Is a directory"),
        "empty": (file("empty.npy", b"", "rate_hz = 1.0"), "waveform"),
        "of no known format": (file("photo.jpg", b"\xff\xd8\xff"), "no known format"),
        "without a sidecar": (file("alone.npy", b"\x93NUMPY"), "no sidecar alone.toml"),
        "cut": (file("cut.npy", b"\x93NUMPY\x01\x00v\x00{'descr': '<f4'", "rate_hz = 1.0"), "waveform"),
        "a sidecar of nonsense": (array("a.npy", np.ones(3), "rate_hz = = 1"), "sidecar"),
        "a sidecar without a rate": (array("b.npy", np.ones(3), "weight = 1.0"), "rate_hz"),
        "a sidecar with a wrong key": (array("c.npy", np.ones(3), "rate_hz = 1.0\nrate = 2"), "rate"),
        "a sidecar with a date of no zone": (
            array("d.npy", np.ones(3), "rate_hz = 1.0\nstart_utc = 2024-01-01T00:00:00"), "start_utc"),
        "too fast": (array("e.npy", np.ones((9, 1)), "rate_hz = 1e6"), "1e+06 Hz, wanted 1–10000 Hz"),
        "of three dimensions": (array("f.npy", np.ones((3, 3, 3))), "shape (3, 3, 3)"),
        "of too many channels": (array("g.npy", np.ones((3, 65))), "1–64 channels"),
        "of text": (array("h.npy", np.array([["a"]])), "values of type"),
        "of objects": (array("i.npy", np.array([{}], dtype=object)), "Python objects"),
        "with a hole": (array("j.npy", holed), "sample 123 is not a finite number"),
        "a column too far": (array("k.npy", np.ones((3, 2)), "rate_hz = 1.0\ncolumns = [2]"), "column 2, it has 0–1"),
        "a CSV of words": (file("words.csv", b"a,b\nc,d\n", "rate_hz = 1.0"), "waveform"),
        "a ragged CSV": (file("ragged.csv", b"1,2\n3\n", "rate_hz = 1.0"), "waveform"),
        "no miniSEED": (file("no.mseed", b"not seismic at all" * 100), "miniSEED"),
        "an empty miniSEED": (file("none.mseed", b""), "miniSEED"),
        "a log without sentences": (file("noise.log", b"hello\nworld\n"), "no intact NMEA sentence"),
        "an archive that is none": (file("z.npz", b"PK\x03\x04 broken", "rate_hz = 1.0"), "waveform"),
        "an agent's with a damaged header": (file("x.rec", b"machikado-recording-1\n\x00\x00\x00\x02\xc1\xc1"), "header"),
        "an agent's without a delivery": (_agents(folder / "y.rec", []), "holds no delivery"),
    }  # fmt: skip


def _agents(path: Path, deliveries: list[Delivery]) -> Path:
    writer = RecordingWriter(path, Header(device="truck-01", family="truck", pipeline={}, step=0, floor=0))
    for one in deliveries:
        writer.write(one)
    writer.close()
    return path


def test_every_bad_file_is_refused_in_one_line_that_says_why(tmp_path: Path) -> None:
    said = {name: (refusal(path), wanted) for name, (path, wanted) in bad_files(tmp_path).items()}

    assert {name: message for name, (message, wanted) in said.items() if wanted not in message} == {}


def test_a_miniseed_file_cut_in_the_middle_is_refused_and_its_whole_records_are_read(tmp_path: Path) -> None:
    z = counts(20_000, 1)
    path = write_miniseed(tmp_path / "whole.mseed", {"FDSN:XX_BR1__H_N_Z": [("2024-05-01T00:00:00", z)]})
    content = path.read_bytes()
    (tmp_path / "cut.mseed").write_bytes(content[: len(content) // 2])

    with pytest.raises(RecordingError, match=r"no whole record from byte \d+ of .*; copy the file again") as refused:
        open_recording(tmp_path / "cut.mseed")
    whole = int(str(refused.value).rsplit(" ", 1)[1])
    (tmp_path / "whole_records.mseed").write_bytes(content[:whole])
    found = samples_of(open_recording(tmp_path / "whole_records.mseed"))[:, 0]

    assert np.array_equal(found, z[: len(found)])
    assert len(found) > 5000
