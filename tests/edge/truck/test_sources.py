"""The truck's sources on their true wires: a serial line, a real gpsd, a recorded log."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from edge.contract.records import Record
from edge.contract.records.truck import TruckFix, TruckPosition
from edge.errors import SourceError
from edge.source import Source
from edge.truck.fix import distance_m
from edge.truck.gpsd_client import GpsdReports
from edge.truck.items import GpsdPosition, GpsdSky, NmeaSentence
from edge.truck.pipeline import Config, pipeline
from edge.truck.sources import GpsdSettings, LogSettings, NmeaSettings, Settings, open_source
from simulators.gpsd import find_gpsd, running_gpsd
from simulators.truck.simulator import Settings as TruckSettings
from simulators.truck.simulator import TruckSimulator
from simulators.wire import PtyLine
from tests.data_folder import real

START_US = 1_795_000_000_000_000
needs_gpsd = pytest.mark.skipif(find_gpsd() is None, reason="no gpsd here; Debian: apt install gpsd")


class Listening:
    """A source that runs in a thread for as long as a block lasts; ``items`` is what it delivered."""

    def __init__(self, source: Source) -> None:
        self.items: list[object] = []
        self.problem: SourceError | None = None
        self._source = source
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            self._source.run(self.items.append, self._stop)
        except SourceError as problem:
            self.problem = problem

    def __enter__(self) -> Listening:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(5)
        assert not self._thread.is_alive()


def until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


@pytest.fixture
def line(tmp_path: Path) -> Iterator[PtyLine]:
    tmp_path.chmod(0o700)
    wire = PtyLine(tmp_path / "gps")
    wire.open()
    yield wire
    wire.close()


def test_a_receiver_on_a_serial_line_is_heard_and_its_damaged_sentences_counted(line: PtyLine) -> None:
    source = open_source(NmeaSettings(path=str(line.path)))
    sound = b"$GPGLL,3757.92653,N,12231.94543,W,223251.00,A,A*7F"

    with Listening(source) as heard:
        _speak_until_heard(line, heard)
        heard.items.clear()
        line.write(b"\x00\xff noise\r\n" + sound + b"\r\n" + sound[:30])
        line.write(b"\r\n" + sound.replace(b"N", b"S") + b"\r\n" + sound + b"\r\n")
        assert until(lambda: len(heard.items) >= 2)

    assert heard.items == [NmeaSentence(sound), NmeaSentence(sound)]
    assert source.frames_bad == 3  # type: ignore[attr-defined]


def _speak_until_heard(line: PtyLine, heard: Listening) -> None:
    """What a receiver says before its line is opened is lost."""
    for _ in range(100):
        line.write(b"$GPGLL,3757.92653,N,12231.94543,W,223251.00,A,A*7F\r\n")
        if until(lambda: bool(heard.items), 0.1):
            time.sleep(0.1)
            return
    pytest.fail("the line was never opened")


def test_a_line_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    source = open_source(NmeaSettings(path=str(tmp_path / "none")))

    with pytest.raises(SourceError, match="is the receiver plugged in"):
        source.run(print, threading.Event())


def test_a_receiver_that_is_unplugged_ends_the_source(line: PtyLine) -> None:
    with Listening(open_source(NmeaSettings(path=str(line.path)))) as heard:
        _speak_until_heard(line, heard)
        line.close()
        assert until(lambda: heard.problem is not None)

    assert "is the receiver plugged in" in str(heard.problem)


@needs_gpsd
def test_a_simulated_receiver_through_a_real_gpsd_gives_the_trucks_true_positions(line: PtyLine) -> None:
    simulator = TruckSimulator(TruckSettings(error_m=0.0, canyons=0, stand_s=5), np.random.default_rng(5), START_US)
    seconds = 40

    with running_gpsd(line.path, time.sleep) as gpsd, Listening(open_source(GpsdSettings(port=gpsd.port))) as heard:
        for emission in simulator.advance(START_US + seconds * 1_000_000):
            line.write(emission.data)
            time.sleep(0.05)
        assert until(lambda: _positions(heard.items) >= seconds - 3)

    truth = {fact["t"]: fact for fact in simulator.truth() if fact["what"] == "position"}
    records = _records(heard.items)
    positions = [record for record in records if isinstance(record, TruckPosition)]
    assert [record.fix for record in records if isinstance(record, TruckFix)] == ["3d"]
    assert len(positions) >= 3
    for position in positions:
        nearest = min(
            distance_m(position.lat_deg, position.lon_deg, float(str(fact["lat_deg"])), float(str(fact["lon_deg"])))
            for fact in truth.values()
        )
        assert nearest < 0.1
    assert positions[-1].satellites == 10


def _positions(items: list[object]) -> int:
    return sum(isinstance(item, GpsdPosition) and item.lat is not None for item in items)


def _records(items: list[object]) -> list[Record]:
    """A second a position, as the simulator meant it."""
    made = pipeline(Config(moved_m=20))
    records: list[Record] = []
    at = 0
    for item in items:
        at += 1_000_000 if isinstance(item, GpsdPosition) else 0
        records += made.process(at, item)
    return records


@needs_gpsd
@pytest.mark.parametrize("name", ["bu303-moving.log", "bu303-stillfix.log", "garmin-10x.log", "quectel.log"])
def test_a_real_log_through_a_real_gpsd_gives_gpsds_published_positions(name: str, line: PtyLine) -> None:
    """The two bu303 logs are SiRF binary, which gpsd alone understands."""
    path = real(f"gps/{name}")
    published = _published(path)

    with running_gpsd(line.path, time.sleep) as gpsd, Listening(open_source(GpsdSettings(port=gpsd.port))) as heard:
        time.sleep(0.3)
        for piece in _pieces(path):
            line.write(piece)
            time.sleep(len(piece) / 30_000)
        until(lambda: _places(heard.items) >= published, 3.0)

    assert line.dropped_bytes == 0
    assert _places(heard.items) == published


def _pieces(path: Path) -> list[bytes]:
    """A receiver's bytes, the log's comments left out."""
    content = path.read_bytes()
    while content.startswith(b"#"):
        content = content.partition(b"\n")[2]
    return [content[at : at + 256] for at in range(0, len(content), 256)]


def _published(path: Path) -> set[tuple[float, float]]:
    lines = path.with_name(path.name + ".chk").read_bytes().decode("latin-1").splitlines()
    reports = [json.loads(text) for text in lines if text.startswith('{"class":"TPV"')]
    return {(round(one["lat"], 9), round(one["lon"], 9)) for one in reports if one["mode"] >= 2 and "lat" in one}


def _places(items: list[object]) -> set[tuple[float, float]]:
    return {
        (round(item.lat, 9), round(item.lon, 9))
        for item in items
        if isinstance(item, GpsdPosition) and item.lat is not None and item.lon is not None
    }


@needs_gpsd
def test_a_gpsd_that_dies_ends_the_source(line: PtyLine) -> None:
    with running_gpsd(line.path, time.sleep) as gpsd, Listening(open_source(GpsdSettings(port=gpsd.port))) as heard:
        time.sleep(0.2)
        subprocess.run(["kill", "-KILL", str(gpsd.pid)], check=True)
        assert until(lambda: heard.problem is not None)

    assert "gpsd at 127.0.0.1" in str(heard.problem)


def test_no_gpsd_is_said_in_one_line() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

    with pytest.raises(SourceError, match="is it running"):
        open_source(GpsdSettings(port=port)).run(print, threading.Event())


def test_a_gpsd_that_says_nothing_does_not_hold_the_source() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        Listening(open_source(GpsdSettings(port=silent.getsockname()[1]))) as heard,
    ):
        time.sleep(0.2)
        asked = time.monotonic()

    assert time.monotonic() - asked < 1.0
    assert heard.problem is None


SAID_BY_GPSD = [
    ("its greeting", b'{"class":"VERSION","release":"3.22","rev":"3.22","proto_major":3,"proto_minor":14}', []),
    ("devices", b'{"class":"DEVICES","devices":[]}', []),
    (
        "a position",
        b'{"class":"TPV","device":"/dev/pts/1","mode":3,"time":"2026-11-23T00:00:00.000Z","lat":35.5,"lon":139.7,'
        b'"altHAE":1.0,"speed":1.5,"track":90.0,"eph":17.1}',
        [GpsdPosition(mode=3, time="2026-11-23T00:00:00.000Z", lat=35.5, lon=139.7, speed=1.5, track=90.0, eph=17.1)],
    ),
    ("no fix", b'{"class":"TPV","mode":1}', [GpsdPosition(mode=1)]),
    ("satellites counted", b'{"class":"SKY","nSat":12,"uSat":9}', [GpsdSky(used=9)]),
    (
        "satellites listed",
        b'{"class":"SKY","satellites":[{"PRN":1,"used":true},{"PRN":2,"used":false}]}',
        [GpsdSky(used=1)],
    ),
    ("a sky of dilutions only", b'{"class":"SKY","hdop":1.0}', []),
]


@pytest.mark.parametrize(("said", "items"), [pytest.param(said, items, id=name) for name, said, items in SAID_BY_GPSD])
def test_a_report_of_gpsd_means_what_it_says(said: bytes, items: list[object]) -> None:
    assert GpsdReports().feed(said + b"\r\n") == items


@pytest.mark.parametrize(
    "noise", [b"{", b'{"class":"TPV","mode":"three"}', b'{"class":"TPV","mode":9}', b"\xff\xfe", b"[]"]
)
def test_what_is_no_report_is_counted(noise: bytes) -> None:
    reports = GpsdReports()

    assert reports.feed(noise + b"\n") == []
    assert reports.bad == 1


def test_a_line_without_an_end_is_bounded() -> None:
    reports = GpsdReports()

    for _ in range(100):
        reports.feed(b"x" * 1000)

    assert reports.bad == 1


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b'{"class":"VERSION","proto_major":4}', "protocol 4"),
        (b'{"class":"ERROR","message":"No such device"}', "No such"),
    ],
)
def test_what_gpsd_calls_an_error_ends_the_source(said: bytes, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        GpsdReports().feed(said + b"\n")


def test_a_log_is_delivered_at_the_pace_of_its_times(tmp_path: Path) -> None:
    log = tmp_path / "round.log"
    simulator = TruckSimulator(TruckSettings(), np.random.default_rng(1), START_US)
    log.write_bytes(b"".join(emission.data for emission in simulator.advance(START_US + 9_000_000)))

    began = time.monotonic()
    with Listening(open_source(LogSettings(path=str(log), speed=10.0))) as heard:
        assert until(lambda: len(heard.items) == 36)
        took_s = time.monotonic() - began

    assert 0.85 < took_s < 3.0


def test_settings_are_told_apart_by_kind() -> None:
    tables = [
        {"kind": "gpsd", "port": 3000},
        {"kind": "nmea", "path": "/dev/ttyUSB0"},
        {"kind": "log", "path": "a.log"},
    ]

    assert [type(msgspec.convert(table, Settings)) for table in tables] == [GpsdSettings, NmeaSettings, LogSettings]


def test_a_trucks_process_runs_without_numpy() -> None:
    code = (
        "import sys, edge.truck.sources, edge.truck.pipeline, serial\n"
        "edge.truck.pipeline.pipeline(edge.truck.pipeline.Config())\n"
        "assert 'numpy' not in sys.modules and 'scipy' not in sys.modules\n"
    )

    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3], check=False).returncode == 0
