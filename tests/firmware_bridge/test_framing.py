"""Frames: what the shared vectors say, any chunking, and damage that is counted and never read."""

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from firmware_bridge.errors import FrameTooLong, MessageRefused
from firmware_bridge.framing import (
    DELIMITER,
    HELLO_TYPE,
    MAX_PAYLOAD_BYTES,
    MAX_STUFFED_BYTES,
    Frame,
    FrameDecoder,
    FrameEncoder,
    encode_frame,
)
from firmware_bridge.sequence import sequence_after
from tests.firmware_bridge.make_vectors import VECTORS, vectors

SHARED: dict[str, Any] = json.loads(VECTORS.read_text())
payloads = st.binary(max_size=MAX_PAYLOAD_BYTES)
types = st.integers(2, 255)


def as_vector(frame: Frame) -> dict[str, Any]:
    return {
        "type": frame.message_type,
        "sequence": frame.sequence,
        "payload": frame.payload.hex(),
        "lost": frame.lost_before,
        "restarted": frame.restarted,
    }


def raised_counters(decoder: FrameDecoder) -> dict[str, int]:
    return {name: n for name, n in dataclasses.asdict(decoder.counters).items() if n or name == "frames"}


def a_boot(*messages: tuple[int, bytes]) -> list[bytes]:
    encoder = FrameEncoder()
    return [encoder.encode(HELLO_TYPE, b"boot"), *(encoder.encode(kind, payload) for kind, payload in messages)]


def content(frame: Frame) -> tuple[int, int, bytes]:
    return frame.message_type, frame.sequence, frame.payload


@pytest.mark.parametrize("case", SHARED["decode"], ids=lambda case: case["name"])
def test_the_decoder_says_what_the_shared_vectors_say(case: dict[str, Any]) -> None:
    decoder = FrameDecoder()

    frames = decoder.feed(bytes.fromhex(case["wire"]))
    decoder.break_line()

    assert [as_vector(frame) for frame in frames] == case["frames"]
    assert raised_counters(decoder) == case["counters"]


@pytest.mark.parametrize("case", SHARED["decode"], ids=lambda case: case["name"])
def test_bytes_one_by_one_say_the_same(case: dict[str, Any]) -> None:
    decoder = FrameDecoder()

    frames = [frame for byte in bytes.fromhex(case["wire"]) for frame in decoder.feed(bytes([byte]))]
    decoder.break_line()

    assert [as_vector(frame) for frame in frames] == case["frames"]
    assert raised_counters(decoder) == case["counters"]


@pytest.mark.parametrize("case", SHARED["encode"], ids=lambda case: f"type {case['type']} sequence {case['sequence']}")
def test_the_encoder_writes_what_the_shared_vectors_say(case: dict[str, Any]) -> None:
    wire = encode_frame(case["type"], case["sequence"], bytes.fromhex(case["payload"]), case["version"])

    assert wire.hex() == case["wire"]


def test_the_vectors_on_disk_are_what_their_script_makes() -> None:
    assert vectors() == SHARED


@given(st.lists(st.tuples(types, payloads), max_size=12), st.lists(st.integers(1, 300), min_size=1))
def test_frames_come_back_whatever_the_chunking(messages: list[tuple[int, bytes]], chunk_sizes: list[int]) -> None:
    wire = b"".join(a_boot(*messages))
    decoder = FrameDecoder()

    received, start, turn = [], 0, 0
    while start < len(wire):
        size = chunk_sizes[turn % len(chunk_sizes)]
        received += decoder.feed(wire[start : start + size])
        start, turn = start + size, turn + 1

    assert [(frame.message_type, frame.payload) for frame in received] == [(HELLO_TYPE, b"boot"), *messages]
    assert raised_counters(decoder) == {"frames": len(messages) + 1}


@given(types, st.integers(0, 65535), payloads)
def test_a_frame_fits_its_stated_size(kind: int, sequence: int, payload: bytes) -> None:
    wire = encode_frame(kind, sequence, payload)

    assert len(wire) <= MAX_STUFFED_BYTES + 1
    assert wire.index(DELIMITER) == len(wire) - 1


def test_every_single_flipped_bit_is_found_and_counted() -> None:
    first, damaged, last = a_boot((5, bytes(range(40))), (5, b"after"))
    for bit in range(8 * len(damaged)):
        decoder = FrameDecoder()
        wrong = bytearray(damaged)
        wrong[bit // 8] ^= 1 << bit % 8

        received = decoder.feed(first + bytes(wrong) + DELIMITER + last)

        assert [content(frame) for frame in received] == [(HELLO_TYPE, 0, b"boot"), (5, 2, b"after")], bit
        assert decoder.counters.damaged >= 1, bit
        assert decoder.counters.lost == 1, bit


def test_every_cut_is_found_and_counted() -> None:
    first, damaged, last = a_boot((5, bytes(range(40))), (5, b"after"))
    for start in range(len(damaged) - 1):
        for end in range(start + 1, len(damaged)):
            decoder = FrameDecoder()
            rest = damaged[:start] + damaged[end:]

            received = decoder.feed(first + rest + last)

            assert [frame.sequence for frame in received] == [0, 2], (start, end)
            assert decoder.counters.damaged == (0 if rest == DELIMITER else 1), (start, end)
            assert decoder.counters.lost == 1, (start, end)


class Damage:
    """Ways a line spoils a list of frames; each gives frames back, not always whole ones."""

    @staticmethod
    def flip(frames: list[bytes], where: int, detail: int) -> list[bytes]:
        victim = bytearray(frames[where])
        victim[detail // 8 % len(victim)] ^= 1 << detail % 8
        return [*frames[:where], bytes(victim), *frames[where + 1 :]]

    @staticmethod
    def cut(frames: list[bytes], where: int, detail: int) -> list[bytes]:
        victim = frames[where]
        start, size = detail % len(victim), 1 + detail // 7 % 40
        return [*frames[:where], victim[:start] + victim[start + size :], *frames[where + 1 :]]

    @staticmethod
    def drop(frames: list[bytes], where: int, detail: int) -> list[bytes]:
        return [*frames[:where], *frames[where + 1 :]]

    @staticmethod
    def duplicate(frames: list[bytes], where: int, detail: int) -> list[bytes]:
        return [*frames[: where + 1], frames[where], *frames[where + 1 :]]

    @staticmethod
    def noise(frames: list[bytes], where: int, detail: int) -> list[bytes]:
        return [*frames[:where], detail.to_bytes(4, "little") * (1 + detail % 90), *frames[where:]]


blows = st.tuples(
    st.sampled_from([Damage.flip, Damage.cut, Damage.drop, Damage.duplicate, Damage.noise]),
    st.integers(0, 1000),
    st.integers(0, 2**32 - 1),
)


@given(st.lists(st.tuples(types, payloads), min_size=1, max_size=12), st.lists(blows, max_size=6))
@example([(5, b"once")], [(Damage.duplicate, 0, 0)])
def test_damage_never_becomes_a_reading_and_every_loss_is_counted(
    messages: list[tuple[int, bytes]], damages: list[tuple[Any, int, int]]
) -> None:
    hello, *sent, last = a_boot(*messages, (5, b"last"))
    spoiled = list(sent)
    for damage, where, detail in damages:
        if spoiled:
            spoiled = [part for part in damage(spoiled, where % len(spoiled), detail) if part]
    decoder = FrameDecoder()

    received = decoder.feed(hello + b"".join(spoiled) + DELIMITER + last)

    original = dict(enumerate([(HELLO_TYPE, b"boot"), *messages, (5, b"last")]))
    numbers = [frame.sequence for frame in received]
    assert all(original[frame.sequence] == (frame.message_type, frame.payload) for frame in received)
    assert numbers == sorted(set(numbers))
    assert len(received) + decoder.counters.lost == len(original)
    assert sum(frame.lost_before for frame in received) == decoder.counters.lost
    whole = [part for part in spoiled if part in sent]
    assert decoder.counters.duplicates <= len(whole)
    assert len(received) + decoder.counters.duplicates + decoder.counters.damaged >= 2 + bool(spoiled)


@given(st.lists(st.binary(max_size=2000), max_size=8))
def test_after_any_garbage_the_first_delimiter_brings_it_back(garbage: list[bytes]) -> None:
    decoder = FrameDecoder()

    for noise in garbage:
        assert decoder.feed(noise) == []
    received = decoder.feed(DELIMITER + encode_frame(5, 77, b"here"))

    assert [content(frame) for frame in received] == [(5, 77, b"here")]


def test_a_megabyte_without_a_delimiter_is_one_count_and_no_memory() -> None:
    decoder = FrameDecoder()

    for _ in range(256):
        decoder.feed(b"\x55" * 4096)
    held_bytes = len(decoder._pending)
    decoder.feed(DELIMITER)

    assert held_bytes <= MAX_STUFFED_BYTES
    assert raised_counters(decoder) == {"frames": 0, "too_long": 1}


def test_half_a_frame_before_a_break_never_joins_the_half_after_it() -> None:
    first, second = a_boot((5, bytes(range(1, 60))))
    decoder = FrameDecoder()

    decoder.feed(first + second[:20])
    decoder.break_line()
    received = decoder.feed(second[20:])

    assert received == []
    assert decoder.counters.cut == 1
    assert decoder.counters.damaged == 2


def test_numbers_run_through_two_wraps_without_a_loss() -> None:
    encoder, decoder = FrameEncoder(), FrameDecoder()
    encoder.encode(HELLO_TYPE, b"boot")

    for _ in range(2 * 65535 + 10):
        decoder.feed(encoder.encode(7, b"\x01\x02\x03"))

    assert raised_counters(decoder) == {"frames": 2 * 65535 + 10}


def test_number_0_never_comes_again_within_a_boot() -> None:
    assert [sequence_after(n) for n in (0, 1, 65534, 65535)] == [1, 2, 65535, 1]


def test_a_payload_above_the_limit_is_refused_with_both_sizes_named() -> None:
    with pytest.raises(FrameTooLong, match="247 bytes, a frame carries 246"):
        encode_frame(5, 1, bytes(247))


def test_a_boot_must_begin_with_hello() -> None:
    with pytest.raises(MessageRefused, match="say HELLO first"):
        FrameEncoder().encode(5, b"")


@pytest.mark.parametrize(("kind", "sequence"), [(256, 1), (-1, 1), (5, 65536), (5, -1)])
def test_a_type_or_number_that_does_not_fit_is_refused(kind: int, sequence: int) -> None:
    with pytest.raises(MessageRefused, match="wanted 0 to"):
        encode_frame(kind, sequence, b"")
