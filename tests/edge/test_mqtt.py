"""The link's connection: it can be given up at any moment."""

from __future__ import annotations

import socket
import time

import pytest

from edge.config import HubTable
from edge.mqtt import Mqtt


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_connection_can_be_closed_at_any_moment_of_its_beginning() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=500) as listener:
        mqtt = Mqtt("counter-01", HubTable(port=listener.getsockname()[1]), lambda *_: None)

        for microseconds in range(0, 2000, 5):
            mqtt.open()
            until = time.perf_counter() + microseconds / 1e6
            while time.perf_counter() < until:
                pass
            mqtt.close()

        assert mqtt.connection == 400
