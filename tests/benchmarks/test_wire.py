"""The benchmark's own MQTT: packets beside what they mean (MQTT 3.1.1)."""

import pytest

from benchmarks import wire


@pytest.mark.parametrize(
    ("count", "encoded"),
    [
        (0, "00"),
        (127, "7f"),
        (128, "8001"),
        (16_383, "ff7f"),
        (16_384, "808001"),
        (2_097_151, "ffff7f"),
        (268_435_455, "ffffff7f"),
    ],
)
def test_remaining_length_is_that_of_the_standards_table_2_4(count: int, encoded: str) -> None:
    assert wire.remaining_length(count).hex() == encoded


def test_a_remaining_length_beyond_four_bytes_is_refused() -> None:
    with pytest.raises(ValueError, match="268435456"):
        wire.remaining_length(268_435_456)


@pytest.mark.parametrize(
    ("packet", "encoded"),
    [
        (wire.connect("d", None, None, 60), "100d00044d5154540402003c000164"),
        (wire.connect("d", "u", "p", 60), "101300044d51545404c2003c000164000175000170"),
        (wire.publish("a/b", b"hi", 258), "32090003612f6201026869"),
        (wire.subscribe("a/#", 1), "820800010003612f2301"),
        (wire.puback(258), "40020102"),
    ],
)
def test_a_packet_is_these_bytes(packet: bytes, encoded: str) -> None:
    assert packet.hex() == encoded


def test_whole_packets_are_found_and_a_cut_one_waits() -> None:
    received = wire.puback(1) + wire.publish("a", b"payload", 2) + wire.puback(3)[:3]

    found = list(wire.packets(received))

    assert [received[start:end] for _, start, end in found] == [b"\x00\x01", b"\x00\x01a\x00\x02payload"]
    assert wire.publish_payload_start(found[1][0], received, found[1][1]) == found[1][2] - len(b"payload")


def test_the_payload_of_a_qos_0_publish_follows_its_topic() -> None:
    received = b"\x30\x05\x00\x01ahi"

    first_byte, start, end = next(wire.packets(received))

    assert received[wire.publish_payload_start(first_byte, received, start) : end] == b"hi"
