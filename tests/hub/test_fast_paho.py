"""Packets are cut the same however the stream arrives: QoS 0 publishes here, every other packet whole to paho."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.fast_paho import PacketSocket, split_packets

CONNACK = bytes.fromhex("20020000")
SUBACK = bytes.fromhex("9003000100")
PINGRESP = bytes.fromhex("d000")


def remaining_length(size: int) -> bytes:
    """MQTT 3.1.1, section 2.2.3."""
    made = bytearray()
    while True:
        size, digit = divmod(size, 128)
        made.append(digit | (0x80 if size else 0))
        if not size:
            return bytes(made)


def publish(topic: bytes, payload: bytes, flags: int = 0, middle: bytes = b"") -> bytes:
    body = len(topic).to_bytes(2, "big") + topic + middle + payload
    return bytes([0x30 | flags]) + remaining_length(len(body)) + body


def test_publishes_are_taken_and_other_packets_are_left_whole() -> None:
    retained = publish(b"a/state", b"on", flags=1)
    at_qos_1 = publish(b"a/ack", b"x", flags=2, middle=b"\x00\x07")
    stream = CONNACK + publish(b"a/up", b"1") + SUBACK + retained + at_qos_1 + PINGRESP + publish(b"b/up", b"")[:3]

    found, others, rest = split_packets(stream)

    assert found == [(b"a/up", b"1"), (b"a/state", b"on")]
    assert others == CONNACK + SUBACK + at_qos_1 + PINGRESP
    assert rest == publish(b"b/up", b"")[:3]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 128, 16_383, 16_384, 2_097_152])
def test_every_length_of_payload_is_cut_right(size: int) -> None:
    payload = bytes(size)

    assert split_packets(publish(b"t", payload) + PINGRESP) == ([(b"t", payload)], PINGRESP, b"")


def test_a_topic_longer_than_its_packet_takes_nothing_of_the_next_one() -> None:
    broken = bytes([0x30, 4]) + (500).to_bytes(2, "big") + b"ab"

    assert split_packets(broken + publish(b"t", b"1")) == ([(b"t", b"1")], broken, b"")


packets = st.lists(
    st.one_of(
        st.builds(publish, st.binary(max_size=40), st.binary(max_size=300)),
        st.sampled_from([CONNACK, SUBACK, PINGRESP]),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(packets, st.lists(st.integers(1, 50), max_size=60))
def test_the_stream_may_arrive_in_any_pieces(made: list[bytes], sizes: list[int]) -> None:
    stream = b"".join(made)
    whole = split_packets(stream)
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    reader = PacketSocket(ours)

    found, others = [], b""
    at = 0
    for size in [*sizes, len(stream) or 1]:
        theirs.sendall(stream[at : at + size])
        at += size
        found += reader.publishes()
        others += reader.recv(1 << 20) if reader.has_paho_work() else b""
    theirs.close()
    ours.close()

    assert (found, others) == whole[:2]
    assert whole[2] == b""


def test_the_end_of_the_connection_is_told_to_paho_and_quiet_is_not() -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    reader = PacketSocket(ours)

    quiet = reader.publishes()
    with pytest.raises(BlockingIOError):
        reader.recv(1)
    theirs.close()
    reader.publishes()

    assert quiet == []
    assert (reader.has_paho_work(), reader.recv(1)) == (True, b"")
    ours.close()
