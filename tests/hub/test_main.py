"""How a hub ends: when it can no longer store anything, when it cannot start, and when it is told to, at any moment."""

from __future__ import annotations

import multiprocessing
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edge.contract.control import State, encode
from edge.contract.topics import Channel, topic
from hub.main import run
from simulators import brokers, programs
from tests.provisioning.mqtt import Client

PROJECT = Path(__file__).resolve().parents[2]
HUB = (sys.executable, "-m", "machikado", "hub", "run")
STOPS = 20
"""How often a hub is stopped."""
PROGRAM = """
import sys, pathlib
import hub.main
from hub.errors import HubError

def breaks(self, step):
    raise RuntimeError("a mistake in what follows")

hub.main.Live.__call__ = breaks
try:
    hub.main.run(pathlib.Path(sys.argv[1]))
except HubError as problem:
    print(problem, file=sys.stderr)
    sys.exit(1)
"""


def hub_toml(folder: Path, broker: str) -> Path:
    """A hub's configuration with its files in ``folder``."""
    config = folder / "hub.toml"
    config.write_text(
        f'city = "{PROJECT}/hub/cities/ota.toml"\n[store]\npath = "{folder}/hub.sqlite"\n'
        f'[broker]\n{broker}\n[api]\nport = 0\naddress_file = "{folder}/address"\n'
    )
    return config


def test_a_hub_whose_writing_thread_broke_ends_with_an_error(tmp_path: Path) -> None:
    programs.MOSQUITTO.require()
    with brokers.mosquitto() as broker:
        config = hub_toml(tmp_path, f"port = {broker.port}")
        state = topic("counter-01", Channel.STATE)
        with Client(broker.port, "anyone", "") as device:
            device.say(state, encode(State(status="online", epoch="0" * 16)), retain=True)

        ended = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(config)], cwd=PROJECT, capture_output=True, timeout=60, check=False
        )

    assert ended.returncode == 1
    assert b"its writing thread ended" in ended.stderr


def test_a_hub_that_cannot_read_its_password_says_so_and_ends(tmp_path: Path) -> None:
    config = hub_toml(tmp_path, f'username = "hub"\npassword_file = "{tmp_path}/none"')

    ended = subprocess.run([*HUB, str(config)], cwd=PROJECT, capture_output=True, timeout=30, check=False)

    assert ended.returncode == 1
    assert b"password" in ended.stderr
    assert ended.stderr.count(b"\n") == 1


def test_a_hub_that_cannot_write_its_address_says_so_and_ends(tmp_path: Path) -> None:
    config = hub_toml(tmp_path, "port = 1")
    config.write_text(config.read_text().replace(f"{tmp_path}/address", f"{tmp_path}/none/address"))

    ended = subprocess.run([*HUB, str(config)], cwd=PROJECT, capture_output=True, timeout=30, check=False)

    assert ended.returncode == 1
    assert b"api.address_file" in ended.stderr
    assert b"Traceback" not in ended.stderr


def test_a_hub_says_where_its_pages_are_and_once_that_no_broker_answers(tmp_path: Path) -> None:
    hub = subprocess.Popen([*HUB, str(hub_toml(tmp_path, "port = 1"))], cwd=PROJECT, stderr=subprocess.PIPE)
    time.sleep(3)
    hub.send_signal(signal.SIGTERM)

    said = hub.communicate(timeout=30)[1].decode().splitlines()
    assert sum(line == "broker: away: 127.0.0.1:1: Connection refused" for line in said) == 1
    assert sum(line.startswith("pages: http://127.0.0.1:") for line in said) == 1


def test_a_folder_of_blobs_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    path = hub_toml(tmp_path, "port = 1")
    path.write_text(path.read_text() + f'\n[blobs]\nfolder = "{tmp_path}/file/blobs"\n')

    ended = subprocess.run([*HUB, str(path)], cwd=PROJECT, capture_output=True, timeout=30)

    assert ended.returncode != 0
    assert ended.stderr.count(b"\n") == 1
    assert b"file/blobs': File exists; wanted one that can be made" in ended.stderr


def test_a_hub_is_stopped_in_order_in_any_of_its_first_moments_of_work(tmp_path: Path) -> None:
    loaded = multiprocessing.get_context("forkserver")
    loaded.set_forkserver_preload(["hub.main"])

    ends = []
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for at in range(STOPS):
            folder = tmp_path / str(at)
            folder.mkdir()
            hub = loaded.Process(target=run, args=(hub_toml(folder, f"port = {silent.getsockname()[1]}"),))
            hub.start()
            while not (folder / "hub.sqlite").exists():
                time.sleep(0.001)
            time.sleep(at * 0.2 / STOPS)
            hub.terminate()
            hub.join(30)
            ends.append(hub.exitcode)

    assert ends == [0] * STOPS


@pytest.mark.parametrize("after_s", [0.0, 0.05, 0.2])
def test_a_hub_that_is_stopped_so_soon_after_its_start_has_opened_nothing_or_ends_in_order(
    after_s: float, tmp_path: Path
) -> None:
    for at in range(STOPS):
        folder = tmp_path / str(at)
        folder.mkdir()
        hub = subprocess.Popen([*HUB, str(hub_toml(folder, "port = 1"))], cwd=PROJECT, stderr=subprocess.PIPE)
        time.sleep(after_s)
        hub.send_signal(signal.SIGTERM)
        said = hub.communicate(timeout=30)[1]
        has_opened = (folder / "hub.sqlite").exists()

        assert hub.returncode == 0 or (hub.returncode == -signal.SIGTERM and not has_opened), said
        assert b"Traceback" not in said
