"""The engineer: real recordings through a live agent into the store, and the agent's own recording replayed, twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulators.main import ReplayOptions, replay
from tests.chaos.books import read_outbox
from tests.data_folder import real
from tests.journeys.station import Device, Station, running_station, until
from tests.runtime_kinds import OF_THE_RUNTIME

SPEED = 40
FAST_LINK = {"ack_timeout_s": 80.0, "ack_timeout_most_s": 160.0, "hello_every_s": 20.0}
CHANNELS = [
    {"name": "v1", "unit": "m/s"}, {"name": "v2", "unit": "m/s"}, {"name": "v3", "unit": "m/s"},
    {"name": "ax"}, {"name": "ay"}, {"name": "az"},
]  # fmt: skip
ROUNDED_DEG = 0.6e-7
PUBLISHED_HZ = (1.229, 1.436, 2.100, 4.017, 4.769, 6.683, 7.616, 9.664)
SIDECAR = 'rate_hz = 256.0\n[pipeline]\nchannels = [{ name = "v1", unit = "m/s" }, { name = "v2", unit = "m/s" }, \
{ name = "v3", unit = "m/s" }, { name = "ax" }, { name = "ay" }, { name = "az" }]\n'


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    with running_station("nats", tmp_path_factory.mktemp("engineer")) as made:
        yield made


def run_recorded(station: Station, name: str, family: str, source: dict[str, Any], pipeline: dict[str, Any]) -> Device:
    """An agent whose seconds pass ``SPEED`` times as fast, which keeps what its source delivers."""
    return station.device(
        name, family, source, main=("tests.journeys.fast_agent",),
        more=(str(station.folder / f"{name}.rec"), str(SPEED)), pipeline=pipeline,
        link=FAST_LINK, commit_interval_s=0.2 * SPEED, agent={"health_every_s": 3600.0},
    )  # fmt: skip


def replayed(recording: Path, out: Path) -> bytes:
    """The lines that a replay of a recording gives."""
    replay([recording], ReplayOptions(None, None, out, False))
    return out.read_bytes()


def check_replay(station: Station, device: Device) -> None:
    """The replay gives the same bytes twice, and what the device put on its disk but for the runtime's own records."""
    device.server.stop()
    recording = station.folder / f"{device.name}.rec"
    once = replayed(recording, station.folder / "once.ndjson")
    twice = replayed(recording, station.folder / "twice.ndjson")
    numbered = [line for _, line in sorted(read_outbox(device.outbox).lines.items())]

    assert once == twice
    assert [json.loads(line) for line in once.splitlines()] == [
        line for line in numbered if line["kind"] not in OF_THE_RUNTIME
    ]


def test_the_steel_frames_published_modes_arrive_in_the_store_and_the_recording_replays(station: Station) -> None:
    waveform = real("bridge/steel-frame/setup_1.npy")
    sidecar = station.folder / "frame.toml"
    sidecar.write_text(SIDECAR, encoding="utf-8")
    source = {"kind": "recording", "path": str(waveform), "sidecar": str(sidecar), "speed": SPEED, "repeat": False}
    modes = {"confirm": 1, "first_s": 236.0, "window_s": 3600.0, "step_s": 3600.0}

    device = run_recorded(station, "bridge-01", "bridge", source, {"channels": CHANNELS, "modes": modes})
    until(lambda: len(station.stored("bridge-01", "bridge_mode")) >= 8)

    found = [one.says["frequency_hz"] for one in station.stored("bridge-01", "bridge_mode")]
    assert [min(abs(hz / published - 1.0) for hz in found) < 0.005 for published in PUBLISHED_HZ] == [True] * 8
    check_replay(station, device)


def test_a_real_receivers_fixes_arrive_in_the_store_where_gpsd_has_them_and_the_recording_replays(
    station: Station,
) -> None:
    log = real("gps/ublox-8.log")
    reports = [json.loads(line) for line in log.with_name(f"{log.name}.chk").read_text("latin-1").splitlines()
               if line.startswith('{"class":"TPV"')]  # fmt: skip
    theirs = [(report["lat"], report["lon"]) for report in reports if report["mode"] >= 2 and "lat" in report]
    last = (theirs[-1][0], theirs[-1][1])
    source = {"kind": "log", "path": str(log), "speed": SPEED}

    device = run_recorded(station, "truck-01", "truck", source, {"at_least_every_s": 1.0, "worst_accuracy_m": 1000.0})
    until(lambda: any(near(one.says, last) for one in station.stored("truck-01", "truck_position")))

    positions = [one.says for one in station.stored("truck-01", "truck_position")]
    assert len(positions) > 20
    assert all(any(near(position, fix) for fix in theirs) for position in positions)
    check_replay(station, device)


def near(position: dict[str, Any], fix: tuple[float, float]) -> bool:
    """Whether a position is gpsd's fix, but for our rounding to seven decimals."""
    lat_deg, lon_deg = float(position["lat_deg"]), float(position["lon_deg"])
    return abs(lat_deg - fix[0]) < ROUNDED_DEG and abs(lon_deg - fix[1]) < ROUNDED_DEG
