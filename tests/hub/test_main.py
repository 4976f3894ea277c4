"""A hub that can no longer store anything ends, so that whoever watches over it starts it again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from edge.contract.control import State, encode
from edge.contract.topics import Channel, topic
from simulators import brokers, programs
from tests.provisioning.mqtt import Client

PROJECT = Path(__file__).resolve().parents[2]
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


def test_a_hub_whose_writing_thread_broke_ends_with_an_error(tmp_path: Path) -> None:
    programs.MOSQUITTO.require()
    with brokers.mosquitto() as broker:
        config = tmp_path / "hub.toml"
        config.write_text(
            f'city = "{PROJECT}/hub/cities/ota.toml"\n[store]\npath = "{tmp_path}/hub.sqlite"\n'
            f"[broker]\nport = {broker.port}\n[api]\nport = 0\n"
        )
        state = topic("counter-01", Channel.STATE)
        with Client(broker.port, "anyone", "") as device:
            device.say(state, encode(State(status="online", epoch="0" * 16)), retain=True)

        ended = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(config)], cwd=PROJECT, capture_output=True, timeout=60, check=False
        )

    assert ended.returncode == 1
    assert b"its writing thread ended" in ended.stderr
