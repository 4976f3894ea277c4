"""What a technician is shown: by a running agent, by the sensors alone, on a page, and in the commissioning record."""

from __future__ import annotations

import contextlib
import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from benchmarks.live_agents import PROJECT, Live, live, set_up, simulation
from edge.bridge.config import Channel, Config
from edge.bridge.items import AccelerationChunk
from edge.bridge.watch import summary
from edge.config import load
from edge.contract.families import FAMILIES, Family
from edge.errors import WatchError
from edge.watch import RECENT_ITEMS, RECENT_US, Line, Seen, Snapshot, Standing, Watched
from edge.watch_socket import WatchSocket, ask, socket_path

pytestmark = pytest.mark.xdist_group("watch")

RATE_HZ = 200.0
G = 9.80665


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Family, Live]]:
    folder = tmp_path_factory.mktemp("watch")
    with contextlib.ExitStack() as closing:
        agents = {one: closing.enter_context(live(folder / one, one, speed=2.0)) for one in FAMILIES}
        time.sleep(9.0)
        yield agents


def watch(config: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "machikado", "agent", "watch", str(config), *more]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=40)


def named(lines: list[Line]) -> dict[str, Line]:
    return {line.name: line for line in lines}


# -------------------------------------------------------------------- a running agent


@pytest.mark.parametrize("family", FAMILIES)
def test_a_running_agent_shows_its_sensors_and_its_standing(family: Family, running: dict[Family, Live]) -> None:
    done = watch(running[family].config, "--once", "--json")

    snapshot = msgspec.json.decode(done.stdout, type=Snapshot)
    assert snapshot.agent_runs
    assert snapshot.family == family
    assert {source.state for source in snapshot.sources} == {"delivering"}
    assert all(source.items > 0 for source in snapshot.sources)
    assert snapshot.standing.clock_quality == "synchronised"
    assert (snapshot.standing.outbox_records or 0) > 0
    assert snapshot.standing.broker == "away"
    assert any(line.value is not None for line in snapshot.lines)


@pytest.mark.parametrize("family", ["bridge", "gate", "counter"])
def test_the_board_s_firmware_is_told(family: Family, running: dict[Family, Live]) -> None:
    snapshot = ask(socket_path(running[family].outbox, ""))

    assert snapshot is not None
    assert {source.firmware for source in snapshot.sources if source.name == "mcu"} == {"1.0.0"}


@pytest.mark.parametrize("family", ["truck", "gate", "kiosk"])
def test_a_light_agent_stays_without_numpy_and_within_45_mb_while_it_is_watched(
    family: Family, running: dict[Family, Live]
) -> None:
    for _ in range(20):
        ask(socket_path(running[family].outbox, ""))

    process = Path("/proc") / str(running[family].process.pid)
    resident_kb = next(
        int(line.split()[1]) for line in (process / "status").read_text().splitlines() if "VmRSS" in line
    )
    assert "numpy" not in (process / "maps").read_text()
    assert resident_kb * 1024 / 1e6 <= 45.0


def test_the_terminal_shows_it_in_words(running: dict[Family, Live]) -> None:
    said = watch(running["gate"].config, "--once").stdout

    assert "agent runs" in said
    assert "last ack none yet" in said
    assert "✓ source mcu: delivering" in said
    assert "noise floor" in said


def test_the_page_is_served_on_this_machine_only_and_follows(running: dict[Family, Live]) -> None:
    command = [sys.executable, "-m", "machikado", "agent", "watch", str(running["truck"].config), "--page"]
    server = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline().rstrip("/\n").rpartition(":")[2])

        page, snapshot, foreign = (
            get(port, "/"), get(port, "/snapshot.json"), get(port, "/snapshot.json", host="evil.example:80")
        )  # fmt: skip
    finally:
        server.terminate()
        server.wait(10)

    assert 'lang="ja"' in page[1]
    assert json.loads(snapshot[1])["device"] == "truck-01"
    assert foreign[0] == 403
    assert server.returncode == 0


def get(port: int, path: str, host: str = "") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Host": host or f"127.0.0.1:{port}"})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_a_commissioning_record_gives_a_verdict_for_every_check(running: dict[Family, Live], tmp_path: Path) -> None:
    done = watch(running["bridge"].config, "--commission", str(tmp_path / "record.json"))

    record = json.loads((tmp_path / "record.json").read_text())
    verdicts = {one["name"]: one["verdict"] for one in record["findings"]}
    assert record["device"] == "bridge-01"
    assert record["firmware"] == {"mcu": "1.0.0"}
    assert record["verdict"] == "not ready"
    assert done.stdout.strip().endswith("not ready")
    assert (verdicts["broker"], verdicts["source mcu"], verdicts["outbox"]) == ("fail", "ok", "ok")
    assert {"gravity axis", "clock", "disk", "last ack"} <= set(verdicts)
    assert any(name.endswith("noise floor") for name in verdicts)


def test_a_commissioning_record_can_be_printed_and_signed(running: dict[Family, Live], tmp_path: Path) -> None:
    watch(running["gate"].config, "--commission", str(tmp_path / "record.md"))

    text = (tmp_path / "record.md").read_text()
    assert text.startswith("# Commissioning record of gate-01")
    assert "| broker | fail |" in text


# -------------------------------------------------------------------- without an agent


def test_without_an_agent_the_sensors_are_read_and_nothing_is_sent(tmp_path: Path) -> None:
    config, setup = set_up(tmp_path, "truck")
    with simulation("truck", setup, 2.0):
        done = watch(config, "--once", "--json")

    snapshot = msgspec.json.decode(done.stdout, type=Snapshot)
    assert not snapshot.agent_runs
    assert snapshot.standing.broker == "not tried"
    assert named(snapshot.lines)["fix"].value == "3d"
    assert not (tmp_path / "outbox.sqlite").exists()


def test_a_line_that_is_not_there_is_said(tmp_path: Path) -> None:
    config, _ = set_up(tmp_path, "gate")

    snapshot = msgspec.json.decode(watch(config, "--once", "--json").stdout, type=Snapshot)

    assert snapshot.sources[0].state.startswith("failed: ")
    assert "plug the board in" in snapshot.sources[0].state


# -------------------------------------------------------------------- the socket


def test_a_socket_with_too_long_a_path_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WatchError, match=r"set agent\.watch_socket to a shorter path"):
        WatchSocket(tmp_path / ("x" * 120), lambda: None).open()


def test_an_agent_whose_socket_cannot_be_made_runs_all_the_same(tmp_path: Path) -> None:
    config, setup = set_up(tmp_path, "truck")
    config.write_text(config.read_text().replace("[agent]", f'[agent]\nwatch_socket = "{tmp_path}/no/such/folder"'))
    command = [sys.executable, "-m", "machikado", "agent", "run", str(config)]
    with simulation("truck", setup, 2.0):
        agent = subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE, text=True)
        time.sleep(3.0)
        agent.terminate()
        said = agent.communicate(timeout=10)[1]

    assert agent.returncode == 0
    assert "watch: not available" in said
    assert "source gps: delivering" in said


def test_nobody_listening_is_no_agent_and_a_beginning_agent_is_said(tmp_path: Path) -> None:
    served = WatchSocket(tmp_path / "s", lambda: None)

    assert ask(tmp_path / "s") is None
    served.open()
    try:
        with pytest.raises(WatchError, match="only just begun"):
            ask(tmp_path / "s")
    finally:
        served.close()
    assert ask(tmp_path / "s") is None


def test_ten_who_ask_at_once_are_all_answered(tmp_path: Path) -> None:
    watched = Watched("d-01", "gate", "0", agent_runs=True)
    watched.stand(Standing(mono_us=1, t=None, clock_quality="unknown"))
    served = WatchSocket(tmp_path / "s", lambda: watched.snapshot(lambda items, settings: [], None, {}))
    answers: list[Snapshot | None] = []
    served.open()
    threads = [threading.Thread(target=lambda: answers.append(ask(tmp_path / "s"))) for _ in range(10)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    served.close()

    assert [one is not None and one.device for one in answers] == ["d-01"] * 10


def test_only_the_newest_items_are_kept() -> None:
    watched = Watched("d-01", "gate", "0", agent_runs=True)
    kept: list[int] = []

    for second in range(5000):
        watched.saw(Seen("mcu", second * 10_000, object()))
    watched.saw(Seen("mcu", 5000 * 10_000 + RECENT_US, object()))
    watched.stand(Standing(mono_us=0, t=None, clock_quality="unknown"))
    watched.snapshot(lambda items, settings: kept.append(len(items)) or [], None, {})  # type: ignore[func-returns-value]

    assert kept == [1]
    assert RECENT_ITEMS <= 1024


# -------------------------------------------------------------------- the bridge's physics


def seen(samples: np.ndarray) -> list[Seen]:
    """Samples (n, channels) in seconds, as a source delivers them."""
    size = round(RATE_HZ)
    return [
        Seen(
            "mcu",
            first,
            AccelerationChunk(
                run=1, first_sample=first, rate_hz=RATE_HZ, channels=samples.shape[1], encoding="f4",
                data=samples[first : first + size].astype("<f4").tobytes(),
            ),
        )
        for first in range(0, len(samples), size)
    ]  # fmt: skip


def test_gravity_along_an_axis_is_found_with_its_tilt_and_sign() -> None:
    tilt = np.radians(5.0)
    gravity = np.array([0.0, G * np.sin(tilt), -G * np.cos(tilt)])
    samples = gravity + np.random.default_rng(1).normal(0.0, 0.01, (2000, 3))

    line = named(summary(seen(samples), Config(channels=[Channel(name=name) for name in "xyz"])))["gravity axis"]

    assert line.value == "−z"
    assert line.note == "5.0° off that axis"


def test_the_noise_floor_of_white_noise_is_its_deviation() -> None:
    samples = np.random.default_rng(2).normal(0.0, 0.02, (2000, 3))

    lines = named(summary(seen(samples), Config()))

    floor = lines["ch1 noise floor"].value
    # The quietest of ten seconds of 200 samples: a deviation is known to ±5 % (1/√(2·200)), and the least of ten
    # lies some 1.5 of those below it.
    assert floor == pytest.approx(0.02 * (1 - 1.5 * 0.05), rel=0.08)
    assert lines["gravity axis"].value is None


def test_a_clipped_channel_and_a_wrong_number_of_channels_are_warned_of() -> None:
    samples = np.random.default_rng(3).normal(0.0, 0.02, (2000, 3))
    samples[:, 1] = np.clip(samples[:, 1], -0.03, 0.03)
    channels = [Channel(name="a"), Channel(name="b", full_scale=0.03), Channel(name="c")]

    lines = named(summary(seen(samples), Config(channels=channels)))
    wrong = named(summary(seen(samples), Config(channels=channels[:2])))

    assert lines["b noise floor"].verdict == "warn"
    assert lines["a noise floor"].verdict == "ok"
    assert wrong["channels"].verdict == "fail"


def test_watching_needs_no_change_of_a_device_s_file(tmp_path: Path) -> None:
    config, _ = set_up(tmp_path, "kiosk")

    loaded = load(config)

    assert socket_path(Path(loaded.config.outbox.path), loaded.config.agent.watch_socket).name == "outbox.sqlite.watch"
