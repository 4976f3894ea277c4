"""The serial line over real pseudo-terminals: the C half at the other end, noise between, devices that vanish."""

import itertools
import logging
import os
import pty
import select
import subprocess
import sys
import threading
import time
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firmware_bridge.errors import LineMisconfigured, MessageRefused
from firmware_bridge.framing import FrameDecoder, FrameEncoder
from firmware_bridge.message_codec import decode_message, encode_message
from firmware_bridge.messages import Acceleration, Hello, Levels, Log, Message, SensorKind, pack_counts, samples_missing
from firmware_bridge.serial_line import Arrival, LineSettings, SerialLine
from tests.firmware_bridge.noisy_wire import NoisyWire, Spoiler

DEVICE_HELLO = Hello(7, (1, 0, 0), SensorKind.LEVELS, 1000, 0, 0)


def mono_us() -> int:
    return time.monotonic_ns() // 1000


class Device:
    """A terminal that a test speaks on as the microcontroller, reachable under a path that outlives it."""

    def __init__(self, path: Path) -> None:
        self.fd, self._other_end = pty.openpty()
        tty.setraw(self._other_end)
        self._path = path
        path.unlink(missing_ok=True)
        path.symlink_to(os.ttyname(self._other_end))
        self.encoder = FrameEncoder()
        self.decoder = FrameDecoder()

    def say(self, *messages: Message) -> None:
        for message in messages:
            os.write(self.fd, self.encoder.encode(*encode_message(message)))

    def heard(self) -> list[Message]:
        """Messages that the host sent until now; none when it says nothing for a second."""
        readable, _, _ = select.select([self.fd], [], [], 1.0)
        received = os.read(self.fd, 4096) if readable else b""
        return [decode_message(frame.message_type, frame.payload) for frame in self.decoder.feed(received)]

    def vanish(self) -> None:
        self._path.unlink()
        os.close(self.fd)
        os.close(self._other_end)


@pytest.fixture
def port_path(tmp_path: Path) -> Path:
    return tmp_path / "ttySensor"


def a_line(
    path: Path | str, backoff_s: Callable[[int], float] = lambda failures: 0.01, write_timeout_s: float = 10.0
) -> SerialLine:
    settings = LineSettings(str(path), read_timeout_s=0.05, write_timeout_s=write_timeout_s)
    return SerialLine(settings, mono_us=mono_us, wait=threading.Event().wait, backoff_s=backoff_s)


def read_until(line: SerialLine, enough: Callable[[list[Arrival]], bool], within_s: float = 10) -> list[Arrival]:
    arrivals: list[Arrival] = []
    deadline_s = time.monotonic() + within_s
    while not enough(arrivals) and time.monotonic() < deadline_s:
        arrivals += line.read()
    return arrivals


def test_messages_arrive_in_order_with_the_hosts_time(port_path: Path) -> None:
    device = Device(port_path)
    with a_line(port_path) as line:
        assert line.read() == []
        before_us = mono_us()
        device.say(DEVICE_HELLO, Levels(((1, 640_000),)), Log(2, 5))

        arrivals = read_until(line, lambda got: len(got) == 3)

        assert [a.message for a in arrivals] == [DEVICE_HELLO, Levels(((1, 640_000),)), Log(2, 5)]
        assert [a.sequence for a in arrivals] == [0, 1, 2]
        assert before_us <= arrivals[0].mono_us <= arrivals[2].mono_us <= mono_us()
    device.vanish()


def test_an_opening_says_hello_so_that_the_device_tells_who_it_is(port_path: Path) -> None:
    device = Device(port_path)
    settings = LineSettings(str(port_path), read_timeout_s=0.05)
    with SerialLine(settings, lambda: 123_456_789, threading.Event().wait, lambda failures: 1.0) as line:
        line.read()

        assert device.heard() == [Hello(123_456, (0, 0, 0), SensorKind.HOST, 0, 0, 0)]
    device.vanish()


def test_numbers_that_go_back_make_the_line_ask_for_hello_once(port_path: Path) -> None:
    device = Device(port_path)
    with a_line(port_path) as line:
        line.read()
        device.heard()
        device.say(DEVICE_HELLO, Log(1, 1), Log(1, 2), Log(1, 3))
        read_until(line, lambda got: len(got) == 4)
        restarted_in_silence = FrameEncoder()
        restarted_in_silence.encode(*encode_message(DEVICE_HELLO))
        for withheld in range(1, 4):
            os.write(device.fd, restarted_in_silence.encode(*encode_message(Log(1, 9))))
            read_until(line, lambda got, withheld=withheld: line.counters.withheld == withheld)  # type: ignore[misc]

        assert line.counters.withheld == 3
        assert [type(message) for message in device.heard()] == [Hello]
    device.vanish()


def test_a_device_that_vanishes_and_returns_is_read_again(port_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    caplog.set_level("INFO")
    device = Device(port_path)
    with a_line(port_path) as line:
        line.read()
        device.say(DEVICE_HELLO, Log(1, 1))
        os.write(device.fd, device.encoder.encode(*encode_message(Log(1, 2)))[:5])
        read_until(line, lambda got: line.counters.frames == 2)
        read_until(line, lambda got: False, within_s=0.2)  # the half frame too
        device.vanish()

        nothing = read_until(line, lambda got: line.line_counters.failed_openings >= 3)
        returned = Device(port_path)
        read_until(line, lambda got: line.is_open)
        returned.say(Hello(8, (1, 0, 0), SensorKind.LEVELS, 1000, 0, 0), Log(1, 3))
        arrivals = read_until(line, lambda got: len(got) == 2)

        assert nothing == []
        assert [(a.message, a.restarted) for a in arrivals][1] == (Log(1, 3), False)
        assert arrivals[0].restarted
        assert (line.line_counters.openings, line.line_counters.vanishings) == (2, 1)
        assert (line.counters.cut, line.counters.restarts, line.counters.lost) == (1, 1, 0)
    assert [
        record.getMessage().split(" (")[0].removeprefix(f"serial port {port_path} ") for record in caplog.records
    ] == [
        "is away",
        "is back",
    ]
    returned.vanish()


def test_a_device_that_is_not_there_yet_is_waited_for_with_the_callers_backoff(port_path: Path) -> None:
    asked: list[int] = []

    def backoff_s(failures: int) -> float:
        asked.append(failures)
        return 0.01

    with a_line(port_path, backoff_s) as line:
        read_until(line, lambda got: len(asked) == 4)

    assert asked == [1, 2, 3, 4]
    assert line.line_counters.openings == 0


def test_a_long_backoff_never_holds_a_read_beyond_its_timeout(port_path: Path) -> None:
    waited_s: list[float] = []
    settings = LineSettings(str(port_path), read_timeout_s=0.5)
    line = SerialLine(settings, mono_us=lambda: 100_000_000, wait=waited_s.append, backoff_s=lambda failures: 60.0)

    for _ in range(3):
        assert line.read() == []

    assert waited_s == [0.5, 0.5]
    assert line.line_counters.failed_openings == 1


def test_a_second_line_cannot_steal_the_port(port_path: Path) -> None:
    device = Device(port_path)
    with a_line(port_path) as first, a_line(port_path) as second:
        first.read()
        second.read()

        assert first.is_open
        assert not second.is_open
        assert second.line_counters.failed_openings == 1
    device.vanish()


def test_a_file_that_is_no_serial_port_is_waited_out_not_read(port_path: Path) -> None:
    port_path.write_bytes(b"not a terminal")
    with a_line(port_path) as line:
        assert line.read() == []

    assert line.line_counters.failed_openings == 1


def test_an_impossible_baud_rate_is_said_at_once(port_path: Path) -> None:
    device = Device(port_path)
    settings = LineSettings(str(port_path), baud=-1)

    with (
        pytest.raises(LineMisconfigured, match="refuses -1 baud"),
        SerialLine(settings, mono_us, threading.Event().wait, lambda failures: 1.0) as line,
    ):
        line.read()
    device.vanish()


def test_a_device_that_does_not_listen_costs_one_write_timeout_and_is_counted(port_path: Path) -> None:
    device = Device(port_path)
    with a_line(port_path, write_timeout_s=0.1) as line:
        sent = [line.send(Levels(((0, 0),) * 49)) for _ in range(200) if line.line_counters.unsent == 0]

        assert sent[0]
        assert not sent[-1]
        assert line.is_open
    device.vanish()


def test_a_message_that_does_not_fit_is_refused_before_the_port_is_touched(port_path: Path) -> None:
    with a_line(port_path) as line, pytest.raises(MessageRefused):
        line.send(Levels(()))

    assert line.line_counters.failed_openings == 0


def test_stop_from_another_thread_ends_the_messages(port_path: Path) -> None:
    device = Device(port_path)
    line = a_line(port_path)
    timer = threading.Timer(0.2, line.stop)
    timer.start()

    messages = list(line.messages())

    assert messages == []
    assert not line.is_open
    device.vanish()


@pytest.fixture
def noisy_wire() -> Iterator[NoisyWire]:
    wire = NoisyWire(to_far=Spoiler(seed=1, mean_gap_bytes=700), to_near=Spoiler(seed=2, mean_gap_bytes=700))
    yield wire
    wire.close()


@pytest.fixture
def quiet_wire(noisy_wire: NoisyWire) -> NoisyWire:
    noisy_wire.to_far.quiet = noisy_wire.to_near.quiet = True
    return noisy_wire


def expected_samples(first: int) -> bytes:
    return pack_counts([(n, -n, 1000) for n in range(first, first + 26)])


def sense(frame_peer: Path, wire: NoisyWire, line: SerialLine, frames: int) -> list[Arrival]:
    """Everything heard of a C sensor's run, ended by the silence after it."""
    line.read()
    peer = subprocess.Popen([frame_peer, "sense", str(frames)], stdin=wire.far_end, stdout=wire.far_end)
    arrivals: list[Arrival] = []
    silences = 0
    while silences < 8:
        heard = line.read()
        arrivals += heard
        silences = 0 if heard or peer.poll() is None else silences + 1
    assert peer.wait(timeout=10) == 0
    return arrivals


def test_a_c_sensor_is_read_over_a_quiet_wire_without_one_error(frame_peer: Path, quiet_wire: NoisyWire) -> None:
    with a_line(quiet_wire.near_path) as line:
        hello, *runs = (arrival.message for arrival in sense(frame_peer, quiet_wire, line, 300))

        assert hello == Hello(0xC0FFEE01, (1, 2, 3), SensorKind.ACCELEROMETER, 1_000_000, 19_613, 38_245_935)
        assert runs == [Acceleration(26 * n, expected_samples(26 * n)) for n in range(300)]
        assert (line.counters.frames, line.counters.damaged, line.counters.lost) == (301, 0, 0)


def test_a_c_sensor_over_a_noisy_wire_gives_no_wrong_sample_and_every_loss_is_counted(
    frame_peer: Path, noisy_wire: NoisyWire
) -> None:
    with a_line(noisy_wire.near_path) as line:
        arrivals = sense(frame_peer, noisy_wire, line, 600)

        runs = [a.message for a in arrivals if isinstance(a.message, Acceleration)]
        holes = [samples_missing(before, after) for before, after in itertools.pairwise(runs)]
        assert noisy_wire.to_near.blows > 100
        assert all(run.packed_counts == expected_samples(run.first_sample) for run in runs)
        assert min(holes) == 0
        assert sum(holes) == 26 * sum(a.lost_before for a in arrivals[2:])
        assert line.counters.damaged > 50
        assert 300 < len(runs) < 600


def test_python_is_read_by_c_and_c_by_python_over_noise_both_ways(frame_peer: Path, noisy_wire: NoisyWire) -> None:
    sent = [Levels(((n % 256, n), (255 - n % 256, -n))) for n in range(1, 801)]
    ends = [Log(4, 1), Log(4, 2)]  # the first may be lost to a frame that noise left open
    with a_line(noisy_wire.near_path) as line:
        line.read()  # opening discards what the port still held, so open before the peer speaks
        peer = subprocess.Popen([frame_peer, "echo"], stdin=noisy_wire.far_end, stdout=noisy_wire.far_end)
        arrivals: list[Arrival] = []
        for count, message in enumerate(sent):
            assert line.send(message)
            if count % 20 == 0:
                arrivals += line.read()
        arrivals += read_until(line, lambda got: False, within_s=0.5)
        noisy_wire.to_far.quiet = noisy_wire.to_near.quiet = True
        assert [line.send(end) for end in ends] == [True, True]
        arrivals += read_until(line, lambda got: bool(got) and got[-1].message == ends[-1])
        peer.kill()
        peer.wait(timeout=10)

    echoed = [a.message for a in arrivals if isinstance(a.message, Levels)]
    places = [sent.index(message) for message in echoed]
    assert places == sorted(set(places))
    assert 400 < len(echoed) < len(sent)
    assert noisy_wire.to_far.blows > 10
    assert noisy_wire.to_near.blows > 10
    assert arrivals[-1].message == ends[-1]
    counters = line.counters
    assert counters.frames + counters.lost == arrivals[-1].sequence + 1
    assert counters.lost > 0
    assert (counters.duplicates, counters.restarts) == (0, 0)


def test_importing_the_line_and_its_modules_loads_neither_numpy_nor_pyserial() -> None:
    modules = ("serial_line", "amg8833", "ld2450", "mhz19")
    program = "import sys\n" + "".join(f"import firmware_bridge.{name}\n" for name in modules)
    program += "print(sorted({'numpy', 'serial'} & set(sys.modules)))"

    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)

    assert (run.stdout, run.stderr) == ("[]\n", "")
