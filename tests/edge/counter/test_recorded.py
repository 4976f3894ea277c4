"""Recordings of a counter's sensors through the steps of the field: frames of a doorway, tables of air."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edge.counter.recorded import occupancies, passages, read_air, read_frames
from edge.errors import RecordingError

ROWS, COLUMNS = np.arange(8)[:, None], np.arange(8)[None, :]


def walk_in(warmth_degc: float = 5.0) -> np.ndarray:
    """Three empty seconds, one person who walks in, one empty second; °C at 10 frames a second."""
    places = [*[-9.0] * 30, *np.arange(-1.0, 9.0, 0.6), *[-9.0] * 10]
    blobs = [warmth_degc * np.exp(-((ROWS - 3.5) ** 2 + (COLUMNS - place) ** 2) / 2) for place in places]
    return np.asarray(22.0 + np.stack(blobs), dtype=np.float32)


def test_counts_and_degrees_of_the_same_frames_tell_the_same_passage(tmp_path: Path) -> None:
    path = tmp_path / "frames.npz"
    np.savez(path, counts_frames=np.rint(walk_in() * 4).astype(np.uint8), degrees_frames=walk_in(), label=np.zeros(9))

    told = {name: list(passages(name, frames)) for name, frames in read_frames(path).items()}

    assert {name: [each.direction for each in each_told] for name, each_told in told.items()} == {
        "counts": ["in"],
        "degrees": ["in"],
    }


def test_a_passage_is_told_while_the_person_is_in_view() -> None:
    told = list(passages("", walk_in()))

    assert [30 <= each.frame <= 47 for each in told] == [True]


def test_a_faint_body_is_less_sure_than_a_warm_one() -> None:
    faint, warm = (next(iter(passages("", walk_in(warmth)))) for warmth in (3.2, 6.0))

    assert 0 < faint.confidence < warm.confidence <= 1


def test_a_frame_that_is_not_whole_is_passed_over() -> None:
    frames = walk_in()
    frames[33, 2, 2] = np.nan

    assert [each.direction for each in passages("", frames)] == ["in"]


def test_a_single_array_is_refused_as_no_npz_file(tmp_path: Path) -> None:
    path = tmp_path / "frames.npy"
    np.save(path, walk_in())

    with pytest.raises(RecordingError, match=r"frames\.npy: no \.npz file"):
        read_frames(path)


def test_counts_that_are_stored_as_degrees_are_refused_by_name_and_value(tmp_path: Path) -> None:
    path = tmp_path / "frames.npz"
    np.savez(path, door_frames=np.rint(walk_in() * 4).astype(np.float32))

    with pytest.raises(RecordingError, match=r"'door_frames' of float32: the middle value is \d+ °C.*whole numbers"):
        read_frames(path)


def test_a_file_that_holds_no_frames_is_refused_with_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "frames.npz"
    np.savez(path, label=np.zeros(9))

    with pytest.raises(RecordingError, match=r"\['label'\].*\(frames, 8, 8\)"):
        read_frames(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut in half", b"not a zip at all"])
def test_a_file_cut_in_half_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "frames.npz"
    path.write_bytes(content)

    with pytest.raises(RecordingError, match=r"frames\.npz: no \.npz file; wanted one"):
        read_frames(path)


TABLES = {
    "header one name short": ['"date","Temperature","Humidity","Light","CO2"', '"1","2015-02-04 17:51:00",23.1,27.2,426,721.2'],
    "header with the index": ['"no","date","Temperature","Humidity","Light","CO2"', '"1","2015-02-04",23.1,27.2,426,721.2'],
    "no index": ["date,Temperature,Humidity,Light,CO2", "2015-02-04 17:51:00,23.1,27.2,426,721.2"],
    "other order, no date": ["CO2, light, temperature", "721.2, 426, 23.1"],
}  # fmt: skip


@pytest.mark.parametrize("lines", TABLES.values(), ids=TABLES.keys())
def test_the_same_row_is_read_from_every_form_of_table(lines: list[str]) -> None:
    (row,) = read_air(lines)

    assert (row.temperature_degc, row.illuminance_lux, row.co2_ppm) == (23.1, 426.0, 721.2)


def test_the_clock_changes_nothing() -> None:
    morning, night = (
        read_air(["date,Temperature,Light,CO2", f"2015-02-04 {hour}:00:00,21.5,430,800"]) for hour in ("10", "03")
    )

    assert list(occupancies(morning)) == list(occupancies(night))


def test_a_row_that_tells_too_little_is_not_guessed_and_keeps_its_place() -> None:
    rows = read_air(["Temperature,Light,CO2", "21.5,430,900", "21.5,,900", "21.0,0,430"])

    told = [None if each is None else each.occupied for each in occupancies(rows)]

    assert told == [True, None, False]


def test_a_table_without_carbon_dioxide_is_refused() -> None:
    with pytest.raises(RecordingError, match="co2"):
        read_air(["Temperature,Light", "21.5,430"])
