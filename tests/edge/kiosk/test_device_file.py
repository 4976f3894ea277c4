"""A kiosk's device file as an engineer writes it, and its items as a recording keeps them."""

from __future__ import annotations

import tomllib

import msgspec
import pytest

from edge.config import parse
from edge.errors import ConfigError
from edge.family import parts_of
from edge.kiosk.items import ProviderLink, ProviderStatus, SessionEnded, SupplyCounted

DEVICE = """
[device]
name = "kiosk-01"
family = "kiosk"

[outbox]
path = "outbox.db"

[[source]]
kind = "xfs4iot"
url = "ws://127.0.0.1:5846/xfs4iot/v1.0/kiosk"
poll_s = 10

[pipeline]
supplies = { upper = "tray1", lower = "tray2", toner = "toner" }
cash_only = true
"""


def test_a_device_file_becomes_a_source_and_a_pipeline() -> None:
    loaded = parse(tomllib.loads(DEVICE))

    assert loaded.parts.open_source(loaded.sources[0]).name == "xfs"
    assert loaded.parts.pipeline(loaded.pipeline).process(0, ProviderLink(up=True)) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('kind = "xfs4iot"', 'kind = "ipp"', "ipp"),
        ('"ws://', '"http://', "url"),
        ("poll_s = 10", "poll_s = 0", "poll_s"),
        ('upper = "tray1"', 'side = "tray1"', "side|supplies"),
        ("cash_only = true", "cashonly = true", "did you mean"),
    ],
)
def test_a_wrong_line_is_named(old: str, new: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        parse(tomllib.loads(DEVICE.replace(old, new)))


@pytest.mark.parametrize(
    "item",
    [
        ProviderStatus({"printer.toner": "low"}, whole=False),
        ProviderLink(up=False),
        SupplyCounted("upper", -1, 500),
        SessionEnded("seal", "issued", 92.5, 2),
    ],
)
def test_an_item_comes_back_from_a_recording_as_it_was(item: object) -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(item), type=parts_of("kiosk").item) == item
