"""Each fault is what it says: a check that runs beside faults that do nothing would be green for ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.contract.topics import Channel, topic
from simulators.servers import Place, Recipe, Server
from tests.chaos.brokers import Broker
from tests.chaos.disks import in_own_namespace
from tests.chaos.processes import Process, supervised
from tests.provisioning.mqtt import Client

UP, STATE = topic("counter-01", Channel.UP), topic("counter-01", Channel.STATE)
WAIT_S = 10.0
ON_A_SMALL_DISK = """
import pathlib, sys
from tests.chaos.disks import Disk

def tries():
    try:
        with (disk.folder / "lines").open("ab") as file:
            file.write(bytes(4096))
    except OSError as problem:
        return problem.strerror
    return "written"

disk = Disk(pathlib.Path(sys.argv[1]), 1)
said = [tries()]
with disk.full():
    said.append(tries())
with disk.read_only():
    said.append(tries())
print(*said, tries(), sep="; ")
"""


@pytest.mark.parametrize(("kind", "user"), [("mosquitto", ""), ("nats", "anyone")])
def test_a_wrong_rule_throws_away_what_devices_send_and_pubacks_it(kind: str, user: str, tmp_path: Path) -> None:
    broker = Broker(kind, tmp_path / "broker")

    with broker.server:
        with broker.wrong_rule():
            until(lambda: not _passes(broker, user))

        until(lambda: _passes(broker, user))


def _passes(broker: Broker, user: str) -> bool:
    """Whether a batch reaches the hub; the state behind it always does."""
    port = broker.server.port
    with Client(port, user, user) as hub, Client(port, user, user) as device:
        hub.hear(UP)
        hub.hear(STATE)
        device.say(UP, b"batch")
        device.say(STATE, b"state")
        return [one.payload for one in hub.until(b"state")] == [b"batch", b"state"]


@pytest.mark.skipif(not in_own_namespace(), reason="nobody may mount here: disk faults are left out of the plan")
def test_a_disk_is_full_or_read_only_and_then_is_not(tmp_path: Path) -> None:
    command = [*in_own_namespace(), sys.executable, "-c", ON_A_SMALL_DISK, str(tmp_path / "disk")]

    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "written; No space left on device; Read-only file system; written"


@pytest.fixture
def process(tmp_path: Path) -> Process:
    sleeping = Recipe("sleep", lambda _: "", lambda _: ["sleep", "60"], _answers)
    made = Process(Server(sleeping, tmp_path))
    made.start()
    return made


def _answers(place: Place) -> bool:
    return place.directory.exists()


def test_a_process_is_up_again_when_the_last_fault_lets_it_go(process: Process) -> None:
    with process.down():
        with process.down(wipe=True):
            (process.server.place.store / "kept").write_text("kept")
            assert not process.server.running
        assert not process.server.running

    assert process.server.running
    assert list(process.server.place.store.iterdir()) == []
    process.stop()


def test_a_frozen_process_stands_still_until_the_last_fault_lets_it_go(process: Process) -> None:
    with process.frozen():
        with process.frozen():
            pass
        until(lambda: _state_of(process) == "T")

    until(lambda: _state_of(process) == "S")
    process.stop()


def _state_of(process: Process) -> str:
    return Path(f"/proc/{process.server.pid}/stat").read_text(encoding="ascii").split()[2]


def test_a_process_that_ends_by_itself_is_started_again(process: Process) -> None:
    with supervised([process]):
        os.kill(process.server.pid, signal.SIGKILL)

        until(lambda: process.restarts == 1 and process.server.running)
    process.stop()


def until(holds: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < deadline_s, "not in time"
        time.sleep(0.05)
