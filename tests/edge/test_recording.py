"""A recording gives back what the sources delivered, and a damaged one is read as far as it goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.counter.items import AirReading, LinePulse, ThermalFrame, TicketEvent
from edge.delivery import Delivery
from edge.errors import RecordingError
from edge.pipeline import Tick
from edge.recording import Header, RecordingWriter, is_recording, open_recording
from edge.settle import SettlerState

HEADER = Header(device="counter-01", family="counter", pipeline={"people_window_s": 20.0}, step=3, floor=77)
DELIVERIES = [
    Delivery(1_000_000, None, Tick()),
    Delivery(1_000_001, 1_795_000_000_000_000, ThermalFrame(bytes(range(128)))),
    Delivery(1_000_002, 1_795_000_000_000_000, AirReading(co2_ppm=612.5)),
    Delivery(2_000_000, 1_795_000_000_000_001, TicketEvent("tax", "issued", 7)),
    Delivery(2_000_000, -5, LinePulse(0, "in", 2**32 - 1)),
]


def recorded(path: Path, deliveries: list[Delivery] = DELIVERIES) -> Path:
    """A finished recording."""
    writer = RecordingWriter(path, HEADER)
    for delivery in deliveries:
        writer.write(delivery)
    writer.close()
    return path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    recording = open_recording(recorded(tmp_path / "a.rec"))

    assert recording.header == HEADER
    assert recording.settler_state == SettlerState(3, 77)
    assert list(recording.deliveries) == DELIVERIES


@given(st.integers(0, 400))
def test_a_recording_cut_anywhere_is_read_up_to_its_last_whole_delivery(
    tmp_path_factory: pytest.TempPathFactory, left: int
) -> None:
    path = recorded(tmp_path_factory.mktemp("cut") / "a.rec")
    whole = path.read_bytes()
    header_ends = whole.index(b"floor") + 6
    path.write_bytes(whole[: min(header_ends + left, len(whole))])

    read = list(open_recording(path).deliveries)

    assert read == DELIVERIES[: len(read)]


def test_what_was_flushed_is_there_while_the_recording_goes_on(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "a.rec", HEADER)
    writer.write(DELIVERIES[0])

    writer.flush()

    assert list(open_recording(tmp_path / "a.rec").deliveries) == DELIVERIES[:1]
    writer.close()


def test_another_kind_of_file_is_told_apart(tmp_path: Path) -> None:
    other = tmp_path / "other.npy"
    other.write_bytes(b"\x93NUMPY")

    assert not is_recording(other)
    assert is_recording(recorded(tmp_path / "a.rec"))
    with pytest.raises(RecordingError, match="agent run --record"):
        open_recording(other)


def test_a_damaged_delivery_is_named(tmp_path: Path) -> None:
    path = recorded(tmp_path / "a.rec")
    whole = bytearray(path.read_bytes())
    whole[whole.index(b"ticket_event") + 2] ^= 0xFF
    path.write_bytes(whole)

    with pytest.raises(RecordingError, match="damaged delivery"):
        list(open_recording(path).deliveries)


def test_a_damaged_header_is_named(tmp_path: Path) -> None:
    path = recorded(tmp_path / "a.rec")
    path.write_bytes(path.read_bytes().replace(b"counter", b"kounter"))

    with pytest.raises(RecordingError, match="damaged header"):
        open_recording(path)


def test_a_file_that_cannot_be_made_or_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="choose another file"):
        RecordingWriter(tmp_path, HEADER)
    with pytest.raises(RecordingError, match="No such file"):
        open_recording(tmp_path / "none")
