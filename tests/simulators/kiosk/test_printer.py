"""The simulated printer, asked by the agent's own source over HTTP, and by what is no question."""

from __future__ import annotations

import http.client
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from edge.kiosk.ipp_source import IppSettings, IppSource
from edge.kiosk.items import Item, ProviderStatus, SupplyCounted
from simulators.errors import SimulatorError
from simulators.ipp_line import IppLine
from simulators.kiosk.printer import answer
from simulators.kiosk.settings import Settings
from simulators.kiosk.simulator import simulator
from tests.simulators.kiosk.playing import SECOND, START

WELL = {"ipp.state": "idle", "ipp.media-jam": ""}


@contextmanager
def served(answering: Callable[[bytes], Iterable[bytes]]) -> Iterator[IppLine]:
    """A line whose requests are answered as they come."""
    line, stop = IppLine(0), threading.Event()

    def loop() -> None:
        while not stop.wait(0.01):
            line.serve(answering)

    thread = threading.Thread(target=loop)
    line.open()
    thread.start()
    try:
        yield line
    finally:
        stop.set()
        thread.join()
        line.close()


def words(items: list[Item]) -> dict[str, str]:
    status = items[0]
    assert isinstance(status, ProviderStatus)
    return status.words


def test_a_printer_that_goes_away_is_unreachable_until_it_is_back() -> None:
    settings = Settings(cabinet="copy_terminal", faults={"printer": 60.0}, faults_a_day=0, mended_after_min=1)
    simulated = simulator(settings, np.random.default_rng(1), START)

    said = []
    with served(lambda request: simulated.heard("ipp", request)) as line:
        source = IppSource(IppSettings(url=line.url))
        for second in (1, 70, 200):
            list(simulated.advance(START + second * SECOND))
            said.append(source.ask())

    assert [words(items)["ipp.state"] for items in said] == ["idle", "unreachable", "idle"]
    assert [one for one in said[0] if isinstance(one, SupplyCounted)] == [
        SupplyCounted("black", 2600, 4000, "full"), SupplyCounted("main", 260, 500, "full"),
        SupplyCounted("tray-2", 90, 500, "full"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("levels", "told"),
    [
        ({"main": (500, 500, "full"), "tray-2": (9, 500, "low")}, {"ipp.state": "idle", "ipp.media-low": "warning"}),
        ({"main": (500, 500, "full"), "tray-2": (0, 500, "out")}, {"ipp.state": "idle", "ipp.media-empty": "warning"}),
        ({"main": (0, 500, "out"), "tray-2": (0, 500, "out")}, {"ipp.state": "stopped", "ipp.media-empty": "error"}),
        ({"black": (0, 4000, "out")}, {"ipp.state": "stopped", "ipp.marker-supply-empty": "error"}),
        ({"main": (-1, 500, "full")}, {"ipp.state": "idle"}),
    ],
)
def test_levels_become_the_reasons_of_a_printer(levels: dict[str, tuple[int, int, str]], told: dict[str, str]) -> None:
    with served(lambda request: [answer(request, WELL, levels, None)]) as line:
        assert words(IppSource(IppSettings(url=line.url)).ask()) == {"ipp.reasons": "reported", **told}


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [(b"", 0x0400), (b"GET", 0x0400), (struct.pack(">HHIB", 0x0200, 0x0002, 7, 3), 0x0501)],
)
def test_what_is_no_question_for_its_attributes_is_refused(request_bytes: bytes, status: int) -> None:
    assert struct.unpack_from(">HH", answer(request_bytes, WELL, {}, None))[1] == status


@pytest.mark.parametrize("length", [65_537, 10**12])
def test_a_request_that_is_too_long_is_refused_unread(length: int) -> None:
    with served(lambda request: [b"answer"]) as line:
        connection = http.client.HTTPConnection("127.0.0.1", line.port, timeout=5)
        connection.request("POST", "/ipp/print", headers={"Content-Length": str(length)})
        assert connection.getresponse().status == 503
        connection.close()


def test_a_taken_port_is_refused_by_name() -> None:
    with served(lambda request: []) as line, pytest.raises(SimulatorError, match=f"line ipp:{line.port}"):
        IppLine(line.port).open()


def test_a_fault_that_a_cabinet_does_not_have_is_refused_by_name() -> None:
    with pytest.raises(SimulatorError, match="fault 'jam': a guide_robot has lost, drive, stopped"):
        simulator(Settings(cabinet="guide_robot", faults={"jam": 3.0}), np.random.default_rng(1), START)
