"""A replay gives the same bytes twice, at any speed, from every format, and what an outbox would hold."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from edge.contract.records import DeviceAlarm, Health
from edge.contract.records.counter import CounterAir
from edge.delivery import Delivery, Own
from edge.desired import Desired
from edge.errors import RecordingError
from edge.late_times import settle_what_waited
from edge.lines import Line, Lines, numbered_lines, settles_what_waited
from edge.outbox import Outbox
from edge.outbox_rows import Entry
from edge.outbox_schema import connect
from edge.pipeline import Pipeline, Tick
from edge.recording import Header, RecordingWriter, open_recording, unused_name
from edge.settle import Settler, SettlerState
from machikado.main import main
from simulators.progress import Progress
from simulators.replay import paced, watched
from tests.data_folder import real

S = 1_000_000
UTC = 1_790_000_000 * S


def replayed(folder: Path, *arguments: object) -> bytes:
    out = folder / "out.ndjson"
    assert main(["replay", *map(str, arguments), "--out", str(out)]) == 0
    return out.read_bytes()


def kinds(output: bytes) -> set[str]:
    return {json.loads(line)["kind"] for line in output.splitlines()}


# -------------------------------------------------------------------- formats


def test_a_real_steel_frame_replays_to_modes_twice_the_same(tmp_path: Path) -> None:
    frame = real("bridge/steel-frame/setup_1.npy")
    sidecar = tmp_path / "frame.toml"
    sidecar.write_text(
        f'file = "{frame}"\nrate_hz = 256.0\ncolumns = [3, 4, 5]\nstart_utc = 2024-05-01T03:00:00Z\n'
        "[pipeline.modes]\nwindow_s = 120.0\nstep_s = 30.0\nfirst_s = 60.0\n"
    )

    first, second = replayed(tmp_path, sidecar), replayed(tmp_path, sidecar)

    assert first == second
    assert {"bridge_vibration", "bridge_spectrum", "bridge_mode"} <= kinds(first)


def test_a_real_receiver_s_log_replays_to_positions_twice_the_same(tmp_path: Path) -> None:
    log = real("gps/ublox-8.log")

    first, second = replayed(tmp_path, log), replayed(tmp_path, log)

    assert first == second
    assert {"truck_fix", "truck_position"} <= kinds(first)


def test_miniseed_replays_to_levels_twice_the_same(tmp_path: Path) -> None:
    pymseed = pytest.importorskip("pymseed")
    trace = pymseed.MS3TraceList()
    samples = (np.random.default_rng(1).normal(0.0, 1000.0, 20_000)).astype(np.int32)
    trace.add_data("FDSN:XX_BRIDG__H_N_Z", samples, "i", 100.0, starttime_str="2024-05-01T03:00:00Z")
    trace.to_file(str(tmp_path / "b.mseed"))

    first, second = replayed(tmp_path, tmp_path / "b.mseed"), replayed(tmp_path, tmp_path / "b.mseed")

    assert first == second
    assert "bridge_vibration" in kinds(first)


def test_other_settings_give_other_records(tmp_path: Path) -> None:
    log = real("gps/ublox-8.log")
    settings = tmp_path / "settings.toml"
    settings.write_text('[[source]]\nkind = "gpsd"\n[pipeline]\nat_least_every_s = 2.0\n')
    device = ["--out", str(tmp_path / "d"), "--register", str(tmp_path / "b"), "--from", str(settings)]
    assert main(["provision", "device", "truck-01", "--family", "truck", *device]) == 0

    usual, often = replayed(tmp_path, log), replayed(tmp_path, log, "--config", tmp_path / "d" / "DEVICE.toml")

    assert len(often.splitlines()) > len(usual.splitlines())


def test_several_files_are_replayed_one_after_the_other(tmp_path: Path) -> None:
    log = real("gps/ublox-8.log")

    assert replayed(tmp_path, log, log) == 2 * replayed(tmp_path, log)


# -------------------------------------------------------------------- pace and progress


class Air:
    """A pipeline's step: each number is an air record."""

    def __call__(self, mono: int, item: object) -> list[object]:
        return [CounterAir(t=mono, co2_ppm=item)] if isinstance(item, float) else [item]


def deliveries(count: int) -> list[Delivery]:
    return [Delivery(second * S, UTC, float(second)) for second in range(count)]


def test_a_paced_replay_waits_for_the_recorded_times_and_changes_nothing() -> None:
    clock = [100.0]

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    given = list(paced(deliveries(5), 2.0, lambda: clock[0], sleep))

    assert given == deliveries(5)
    assert clock[0] == pytest.approx(102.0)


def test_the_bar_ends_full_and_is_drawn_at_most_ten_times_a_second() -> None:
    import io

    drawn, clock = io.StringIO(), [0.0]
    bar = Progress(drawn, "bridge-01", 100.0, lambda: clock[0])
    for delivery in watched(deliveries(100), bar.reached):
        clock[0] += 0.01
        assert delivery.offset_us == UTC
    bar.done(100.0)

    assert drawn.getvalue().count("\r") == 11
    assert "100%" in drawn.getvalue().splitlines()[-1]


# -------------------------------------------------------------------- what an outbox would hold


def agents_lines(folder: Path, given: list[Delivery]) -> list[bytes]:
    """What an agent's outbox holds after these deliveries, committed one by one."""
    outbox = Outbox(connect(folder / "outbox.sqlite"), 1 << 20, lambda: "0" * 16)
    outbox.open()
    settler = Settler(SettlerState())
    lines = Lines(Pipeline(Air()), settler)
    for delivery in given:
        made = [line for line in lines.of(delivery) if isinstance(line, Line)]
        if made:
            entries = [Entry(one.line, one.priority, one.t, one.settled, "" if one.settled else "b") for one in made]
            outbox.append(entries, settler.state)
        if settles_what_waited(delivery):
            settle_what_waited(outbox, settler, "b", delivery.offset_us or 0)
    first, last = 2, outbox.last
    held: list[bytes] = []
    while first <= last:
        held += outbox.read(first, last, 1 << 20).lines
        first = 2 + len(held)
    return held


def own(lines: list[bytes]) -> list[bytes]:
    return [line for line in lines if json.loads(line)["kind"] == "counter_air"]


LATE_CLOCK = [
    Delivery(1 * S, None, 1.0),
    Delivery(2 * S, None, Tick()),
    Delivery(2 * S, None, 2.0),
    Delivery(3 * S, UTC, 3.0),
    Delivery(4 * S, UTC, Tick()),
    Delivery(5 * S, UTC, 5.0),
]


def test_records_that_waited_for_the_clock_replay_in_their_order_with_their_times(tmp_path: Path) -> None:
    given = list(numbered_lines(LATE_CLOCK, Pipeline(Air()), Settler(SettlerState())))

    assert given == own(agents_lines(tmp_path, LATE_CLOCK))
    assert [json.loads(line)["co2_ppm"] for line in given] == [1.0, 2.0, 3.0, 5.0]


def test_a_clock_set_back_which_only_the_agent_s_own_records_saw_replays_the_same(tmp_path: Path) -> None:
    back = UTC - 60 * S
    given = [
        Delivery(1 * S, UTC, 1.0),
        Delivery(2 * S, UTC, Own(DeviceAlarm(t=2 * S, code="no_acks", active=True))),
        Delivery(30 * S, back, Own(DeviceAlarm(t=30 * S, code="no_acks", active=False))),
        Delivery(90 * S, back, 90.0),
        Delivery(91 * S, UTC, Own(Health(t=91 * S, clock_quality="synchronised", uptime_s=91.0, outbox_records=0,
                                         outbox_bytes=0))),
        Delivery(95 * S, back, 95.0),
    ]  # fmt: skip

    lines = list(numbered_lines(given, Pipeline(Air()), Settler(SettlerState())))

    assert lines == own(agents_lines(tmp_path, given))
    assert [json.loads(line).get("step", 0) for line in lines] == [0, 1, 1]


def test_without_a_time_a_replay_gives_what_an_outbox_keeps_waiting(tmp_path: Path) -> None:
    unknown = [Delivery(one.mono_us, None, one.item) for one in LATE_CLOCK]

    lines = list(numbered_lines(unknown, Pipeline(Air()), Settler(SettlerState())))

    assert lines == own(agents_lines(tmp_path, unknown))
    assert [json.loads(line)["t"] for line in lines] == [1 * S, 2 * S, 3 * S, 5 * S]


# -------------------------------------------------------------------- recordings


def header() -> Header:
    return Header(device="counter-01", family="counter", pipeline={"zone": "lobby"}, step=3, floor=UTC)


def test_a_recording_keeps_the_runtime_s_own_records_and_where_settling_stood(tmp_path: Path) -> None:
    alarm = Delivery(5, None, Own(DeviceAlarm(t=5, code="overheated", active=True)))
    writer = RecordingWriter(tmp_path / "a.rec", header())
    writer.write(alarm)
    writer.close()

    recording = open_recording(tmp_path / "a.rec")

    assert list(recording.deliveries) == [alarm]
    assert recording.settler_state == SettlerState(3, UTC)


def test_a_recording_never_overwrites_another(tmp_path: Path) -> None:
    for name in ("a.rec", "a-2.rec"):
        (tmp_path / name).write_bytes(b"")

    assert unused_name(tmp_path / "a.rec").name == "a-3.rec"
    assert unused_name(tmp_path / "b.rec").name == "b.rec"


def test_a_full_disk_ends_a_recording_with_one_line() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("/dev/full is Linux's")

    writer = RecordingWriter(full, header())
    writer.write(Delivery(1, None, Tick()))

    with pytest.raises(RecordingError, match="No space left on device; it ends here"):
        writer.flush()


def test_a_recording_cut_by_a_power_cut_replays_up_to_there(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "a.rec", header())
    for second in range(3):
        writer.write(Delivery(second * S, UTC, Tick()))
    writer.close()
    (tmp_path / "a.rec").write_bytes((tmp_path / "a.rec").read_bytes()[:-3])

    assert [one.mono_us for one in open_recording(tmp_path / "a.rec").deliveries] == [0, S]


def test_the_settings_in_force_are_those_that_the_hub_wanted(tmp_path: Path) -> None:
    from edge.config import load

    device = ["--out", str(tmp_path / "d"), "--register", str(tmp_path / "b")]
    assert main(["provision", "device", "gate-01", "--family", "gate", *device]) == 0
    kept = tmp_path / "kept"
    kept.write_text('{"revision": 7, "confirmed": {"lanes": ["east"]}}')
    desired = Desired(kept, load(tmp_path / "d" / "DEVICE.toml"))

    desired.start()

    assert desired.table_in_force == {"lanes": ["east"]}
