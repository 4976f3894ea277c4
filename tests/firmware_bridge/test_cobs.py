"""Byte stuffing against the published examples and against itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.cobs import cobs_decode, cobs_encode
from firmware_bridge.errors import StuffingError

# The examples of the Wikipedia article "Consistent Overhead Byte Stuffing", which follow Cheshire and Baker's rules.
PUBLISHED = [
    (b"\x00", b"\x01\x01"),
    (b"\x00\x00", b"\x01\x01\x01"),
    (b"\x00\x11\x00", b"\x01\x02\x11\x01"),
    (b"\x11\x22\x00\x33", b"\x03\x11\x22\x02\x33"),
    (b"\x11\x22\x33\x44", b"\x05\x11\x22\x33\x44"),
    (b"\x11\x00\x00\x00", b"\x02\x11\x01\x01\x01"),
    (bytes(range(0x01, 0xFF)), b"\xff" + bytes(range(0x01, 0xFF))),
    (bytes(range(0xFF)), b"\x01\xff" + bytes(range(0x01, 0xFF))),
    (bytes(range(0x01, 0x100)), b"\xff" + bytes(range(0x01, 0xFF)) + b"\x02\xff"),
    (bytes(range(0x02, 0x100)) + b"\x00", b"\xff" + bytes(range(0x02, 0x100)) + b"\x01\x01"),
    (bytes(range(0x03, 0x100)) + b"\x00\x01", b"\xfe" + bytes(range(0x03, 0x100)) + b"\x02\x01"),
]


@pytest.mark.parametrize(("plain", "stuffed"), PUBLISHED)
def test_published_examples_hold_both_ways(plain: bytes, stuffed: bytes) -> None:
    assert cobs_encode(plain) == stuffed
    assert cobs_decode(stuffed) == plain


@given(st.lists(st.sampled_from([b"\x00", b"\x01", b"\xff" * 253, b"\xaa" * 254, b"\x55" * 255])).map(b"".join))
def test_any_bytes_come_back_without_a_zero_between_and_at_known_cost(plain: bytes) -> None:
    stuffed = cobs_encode(plain)

    assert cobs_decode(stuffed) == plain
    assert 0 not in stuffed
    assert len(stuffed) <= len(plain) + max(1, -(-len(plain) // 254))


@pytest.mark.parametrize("stuffed", [b"", b"\x00", b"\x02\x00", b"\x03\x11", b"\xff\x01", b"\x01\x01\x02"])
def test_what_no_encoder_writes_is_refused(stuffed: bytes) -> None:
    with pytest.raises(StuffingError):
        cobs_decode(stuffed)
