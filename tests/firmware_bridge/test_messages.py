"""Messages: each layout beside the bytes on the wire, both ways, and payloads that are not what their type says."""

import dataclasses
import typing

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.errors import MessageRefused, PayloadMalformed
from firmware_bridge.framing import HELLO_TYPE, FrameEncoder
from firmware_bridge.message_codec import decode_message, encode_message
from firmware_bridge.message_stream import MessageStream
from firmware_bridge.messages import (
    MAX_LEVELS,
    MAX_SAMPLES,
    Acceleration,
    AirWords,
    Hello,
    Levels,
    Log,
    Message,
    Pulse,
    PulseEvent,
    RadioTag,
    SensorKind,
    Severity,
    Thermal,
    Unknown,
    pack_counts,
    samples_missing,
)

ADXL355 = Hello(0xC0FFEE01, (1, 2, 3), SensorKind.ACCELEROMETER, 1_000_000, 19_613, 38_245_935)

ON_THE_WIRE: list[tuple[int, str, Message]] = [
    (1, "01eeffc0 010203 01 40420f00 9d4c0000 2f96470200000000", ADXL355),
    (2, "0100000000000000 010000 ffffff 000080", Acceleration(1, pack_counts([(1, -1, -8388608)]))),
    (2, "ffffffffffffffff ffff7f 000000 e80300", Acceleration(2**64 - 1, pack_counts([(8388607, 0, 1000)]))),
    (3, "2a000000 9001" + "6400" * 63 + "9cff", Thermal(42, 0x190, b"\x64\x00" * 63 + b"\x9c\xff")),
    (4, "02 01 05000000 e8030000", Pulse(2, PulseEvent.PASS_IN, 5, 1000)),
    (4, "02 c8 05000000 e8030000", Pulse(2, 200, 5, 1000)),
    (5, "01 c0c60900 02 f8a7ffff", Levels(((1, 640_704), (2, -22_536)))),
    (6, "02 01 8ffd e8030000 efbeadde", RadioTag(2, True, -625, 1000, 0xDEADBEEF)),
    (6, "02 00 0000 00000000 00000000", RadioTag(2, False, 0, 0, 0)),
    (7, "03 3412", Log(Severity.ERROR, 0x1234)),
    (8, "01f433 6667a2 5eb93c", AirWords(500, 0x6667, 0x5EB9)),
    (200, "00ff", Unknown(200, b"\x00\xff")),
    (0, "", Unknown(0, b"")),
]


@pytest.mark.parametrize(("kind", "wire", "message"), ON_THE_WIRE)
def test_a_layout_reads_and_writes_as_documented(kind: int, wire: str, message: Message) -> None:
    payload = bytes.fromhex(wire)

    assert decode_message(kind, payload) == message
    assert encode_message(message) == (kind, payload)


@pytest.mark.parametrize(
    ("kind", "wire"),
    [
        (1, "01eeffc0"),
        (1, "01eeffc0 010203 01 40420f00 9d4c0000 2f96470200000000 00"),
        (2, ""),
        (2, "0100000000000000"),
        (2, "0100000000000000 010000 ffffff 0000"),
        (3, "2a000000 9001" + "6400" * 63),
        (4, "02 01 05000000 e80300"),
        (5, ""),
        (5, "01 c0c60900 02"),
        (6, "02 02 8ffd e8030000 efbeadde"),
        (6, "02 01 8ffd e8030000 efbeadde 00"),
        (7, "03 34"),
        (8, "01f433 6667a2 5eb9"),
        (8, "01f433 6667a2 5eb93d"),
    ],
)
def test_a_payload_that_is_not_what_its_type_says_is_refused(kind: int, wire: str) -> None:
    with pytest.raises(PayloadMalformed, match=f"message type {kind}, payload of .* drop it"):
        decode_message(kind, bytes.fromhex(wire))


@pytest.mark.parametrize(
    "message",
    [
        dataclasses.replace(ADXL355, boot_id=2**32),
        dataclasses.replace(ADXL355, firmware_version=(1, 2, 256)),
        Acceleration(0, b""),
        Acceleration(0, bytes(10)),
        Acceleration(-1, bytes(9)),
        Acceleration(0, bytes(9 * (MAX_SAMPLES + 1))),
        Thermal(0, 0, bytes(126)),
        Levels(()),
        Levels(((0, 2**31),)),
        Levels(((0, 0),) * (MAX_LEVELS + 1)),
        RadioTag(0, True, -40_000, 0, 0),
        Log(1, 70_000),
        AirWords(65_536, 0, 0),
    ],
)
def test_a_message_that_does_not_fit_is_refused_before_the_wire(message: Message) -> None:
    with pytest.raises(MessageRefused):
        encode_message(message)


@pytest.mark.parametrize("message", [Acceleration(0, bytes(9 * MAX_SAMPLES)), Levels(((0, 0),) * MAX_LEVELS)])
def test_the_stated_most_fits(message: Message) -> None:
    kind, payload = encode_message(message)

    assert decode_message(kind, payload) == message


@given(st.lists(st.tuples(*[st.integers(-(2**23), 2**23 - 1)] * 3), min_size=1, max_size=MAX_SAMPLES))
def test_24_bit_counts_come_back_with_their_sign(counts: list[tuple[int, int, int]]) -> None:
    decoded = Acceleration(0, pack_counts(counts)).counts()

    assert decoded.dtype == np.int32
    assert decoded.tolist() == [list(sample) for sample in counts]


def test_a_count_beyond_24_bits_is_refused() -> None:
    with pytest.raises(MessageRefused, match="beyond 24 bits"):
        pack_counts([(0, 0, 8388608)])


def test_one_g_reads_as_9_80665_m_s2_with_the_data_sheets_sensitivity() -> None:
    one_g = Acceleration(0, pack_counts([(0, 0, 256_410)]))  # 1 g / 3.9 µg a count

    z = one_g.in_si_units(ADXL355)[0, 2]

    assert z == pytest.approx(9.80665, rel=1e-5)
    assert ADXL355.sample_rate_hz == 1000


def test_a_thermal_message_reads_in_celsius() -> None:
    frame = Thermal(42, 0x190, b"\x64\x00" * 63 + b"\x9c\x0f").temperatures_c()

    assert frame.shape == (8, 8)
    assert (frame[0, 0], frame[7, 7]) == (25.0, -25.0)


def test_samples_missing_counts_what_the_line_and_the_sensor_lost() -> None:
    first, next_one, later = (Acceleration(n, bytes(9 * 26)) for n in (0, 26, 78))

    assert samples_missing(None, later) == 0
    assert samples_missing(first, next_one) == 0
    assert samples_missing(next_one, later) == 26
    assert samples_missing(later, first) == -104


def test_no_message_can_carry_text() -> None:
    fields = [
        (kind.__name__, field.name, field.type)
        for kind in typing.get_args(Message)
        for field in dataclasses.fields(kind)
    ]

    assert not [field for field in fields if field[2] is str or "str" in str(field[2])]
    assert [field[:2] for field in fields if field[2] is bytes] == [
        ("Acceleration", "packed_counts"),
        ("Thermal", "pixel_registers"),
        ("Unknown", "payload"),
    ]


def test_a_stream_counts_unknown_and_malformed_and_tells_the_next_reader_of_the_hole() -> None:
    encoder, stream = FrameEncoder(), MessageStream()
    hello = encoder.encode(HELLO_TYPE, encode_message(ADXL355)[1])
    newer = encoder.encode(99, b"from a newer firmware")
    malformed = encoder.encode(7, b"\x01\x02\x03\x04")
    encoder.encode(7, b"\x01\x02\x00")
    log = encoder.encode(7, b"\x01\x03\x00")

    received = stream.feed(hello + newer + malformed + log)

    assert [(r.message, r.lost_before) for r in received] == [
        (ADXL355, 0),
        (Unknown(99, b"from a newer firmware"), 0),
        (Log(Severity.INFORMATION, 3), 2),
    ]
    assert (stream.unknown, stream.malformed, stream.counters.lost) == (1, 1, 1)
