from __future__ import annotations

import time
from pathlib import Path
from threading import Event, Thread

import pytest

from edge.errors import SourceError
from edge.gate.items import BeamEdge, BoardAlive, LevelsRead, TagHeard
from edge.gate.sources import McuSettings, item_of, open_source
from firmware_bridge.framing import FrameEncoder
from firmware_bridge.message_codec import encode_message
from firmware_bridge.messages import Hello, Levels, Log, Message, Pulse, RadioTag
from simulators.wire import PtyLine

HELLO = Hello(7, (1, 0, 0), 4, 0, 0, 0)


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        (Pulse(0, 3, 1, 10), BeamEdge(0, 0, True, 1, 10)),
        (Pulse(5, 4, 9, 11), BeamEdge(2, 1, False, 9, 11)),
        (Pulse(0, 1, 1, 10), None),
        (RadioTag(1, True, -455, 99, 12345), TagHeard(1, True, -45.5, 99, 12345)),
        (Levels(((0, 850), (240, -80_000))), LevelsRead([(0, 850), (240, -80_000)])),
        (HELLO, BoardAlive(restarted=False)),
        (Log(2, 3), None),
    ],
)
def test_each_message_becomes_its_item_or_nothing(message: Message, wanted: object) -> None:
    assert item_of(message, restarted=False) == wanted


def test_a_board_on_a_real_line_delivers_items(tmp_path: Path) -> None:
    line = PtyLine(tmp_path / "mcu")
    line.open()
    heard: list[object] = []
    stop = Event()
    source = open_source(McuSettings(path=str(line.path)))
    thread = Thread(target=source.run, args=(heard.append, stop))
    encoder = FrameEncoder()

    thread.start()
    _wait_for(lambda: line.read())
    for message in (HELLO, Pulse(0, 3, 1, 10), Levels(((0, 850),))):
        line.write(encoder.encode(*encode_message(message)))
    _wait_for(lambda: len(heard) == 3)
    stop.set()
    thread.join(timeout=3)
    line.close()

    assert not thread.is_alive()
    assert heard == [BoardAlive(restarted=False), BeamEdge(0, 0, True, 1, 10), LevelsRead([(0, 850)])]


def test_a_missing_board_is_named_in_the_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"source mcu: .*none is gone; plug the board in"):
        open_source(McuSettings(path=str(tmp_path / "none"))).run(lambda item: None, Event())


def _wait_for(condition: object) -> None:
    deadline = time.monotonic() + 5
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "nothing came within 5 s"
        time.sleep(0.01)
