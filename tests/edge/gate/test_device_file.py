"""A gate's device file as an engineer writes it, and its items as a recording keeps them."""

from __future__ import annotations

import tomllib

import msgspec
import pytest

from edge.config import parse
from edge.errors import ConfigError
from edge.family import parts_of
from edge.gate.items import BeamEdge, BoardAlive, LevelsRead, TagHeard

DEVICE = """
[device]
name = "gate-01"
family = "gate"

[outbox]
path = "outbox.db"

[[source]]
kind = "mcu"
path = "/dev/serial/by-id/usb-gate"

[pipeline]
lanes = ["l1"]
antennas = [
    { number = 0, name = "l1-outer", lane = "l1", side = "outer" },
    { number = 1, name = "l1-inner", lane = "l1", side = "inner" },
]
areas = [{ name = "reading", first_channel = 0, seats = 24 }]
capacity = 160
"""


def test_a_device_file_becomes_a_source_and_a_pipeline() -> None:
    loaded = parse(tomllib.loads(DEVICE))

    assert loaded.parts.open_source(loaded.sources[0]).name == "mcu"
    assert loaded.parts.pipeline(loaded.pipeline).process(0, BoardAlive(restarted=False)) == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('kind = "serial"', "serial"),
        ("window_s = 0", "window_s"),
        ("windows_s = 60", "did you mean"),
    ],
)
def test_a_wrong_line_is_named(line: str, words: str) -> None:
    old = 'kind = "mcu"' if line.startswith("kind") else "capacity = 160"

    with pytest.raises(ConfigError, match=words):
        parse(tomllib.loads(DEVICE.replace(old, line)))


@pytest.mark.parametrize(
    "item",
    [
        BeamEdge(0, 1, True, 2**32 - 1, 5),
        TagHeard(1, True, -45.5, 99, 12345),
        LevelsRead([(0, 850), (240, -80_000)]),
        BoardAlive(restarted=True),
    ],
)
def test_an_item_comes_back_from_a_recording_as_it_was(item: object) -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(item), type=parts_of("gate").item) == item
