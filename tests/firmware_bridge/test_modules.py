"""Real modules' frames: bytes as their manuals print them beside what they mean, bad ones included."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.amg8833 import pixels_c, thermistor_c
from firmware_bridge.errors import PayloadMalformed
from firmware_bridge.ld2450 import Ld2450Decoder, Target, frame_of
from firmware_bridge.mhz19 import READ_CO2, Mhz19Decoder, answer_of, checksum, co2_ppm
from firmware_bridge.scd4x import (
    crc8,
    humidity_percent,
    humidity_word,
    scd4x_answer,
    temperature_degc,
    temperature_word,
    words_of,
)
from firmware_bridge.vl53l1x import TwoZoneCounter

MANUALS_TARGET = Target(-782, 1713, -16, 320)
MANUALS_FRAME = bytes.fromhex("aaff03000e03b186100040010000000000000000000000000000000055cc")
EMPTY_FRAME = bytes.fromhex("aaff0300" + "00" * 24 + "55cc")
GHOST_SLOT = bytes.fromhex("aaff0300 0e03b18610004001 0e03b18610000000 0000000000000000 55cc")
THREE_PEOPLE = bytes.fromhex("aaff0300 0e03b18610004001 0a800a8001806801 ff7fffff00006801 55cc")

LD2450 = [
    ("the manual's example", MANUALS_FRAME, [(MANUALS_TARGET,)], 0),
    ("nobody", EMPTY_FRAME, [()], 0),
    ("a ghost in a slot without resolution", GHOST_SLOT, [(MANUALS_TARGET,)], 0),
    (
        "three people",
        THREE_PEOPLE,
        [(MANUALS_TARGET, Target(10, 10, 1, 360), Target(-32767, 32767, 0, 360))],
        0,
    ),
    ("garbage that ends like a head", bytes.fromhex("0055aaff") + MANUALS_FRAME * 2, [(MANUALS_TARGET,)] * 2, 4),
    ("a cut frame before a whole one", MANUALS_FRAME[:17] + MANUALS_FRAME, [(MANUALS_TARGET,)], 17),
    ("a frame without its tail", MANUALS_FRAME[:-2] + b"\x55\xcd" + EMPTY_FRAME, [()], 30),
    ("a head inside what looked like a frame", MANUALS_FRAME[:4] + EMPTY_FRAME, [()], 4),
]


@pytest.mark.parametrize(("wire", "targets", "skipped"), [case[1:] for case in LD2450], ids=[c[0] for c in LD2450])
def test_ld2450_frames_read_as_the_manual_says(wire: bytes, targets: list[tuple[Target, ...]], skipped: int) -> None:
    whole, bytewise = Ld2450Decoder(), Ld2450Decoder()

    assert whole.feed(wire) == targets
    assert [frame for byte in wire for frame in bytewise.feed(bytes([byte]))] == targets
    assert (whole.skipped_bytes, bytewise.skipped_bytes) == (skipped, skipped)


@given(st.binary(max_size=400))
def test_ld2450_garbage_is_counted_to_the_byte_and_forgotten(garbage: bytes) -> None:
    decoder = Ld2450Decoder()

    read = decoder.feed(garbage + EMPTY_FRAME * 3)

    assert read[-2:] == [(), ()]
    assert decoder.skipped_bytes + 30 * decoder.frames == len(garbage) + 90


def test_ld2450_shared_vectors_hold() -> None:
    data = Path(os.environ.get("MACHIKADO_DATA", "../shared/data")) / "counter" / "sensor_protocol_vectors.json"
    if not data.exists():
        pytest.skip(f"no recorded data at {data}: set MACHIKADO_DATA")
    example, resync = json.loads(data.read_text())["ld2450"]["vectors"]
    wire = bytes.fromhex(example["hex"])
    expected = tuple(Target(**target) for target in example["targets"])
    decoder = Ld2450Decoder()

    read = decoder.feed(bytes.fromhex(resync["prefix"]) + wire * resync["repeat"])

    assert read == [expected] * resync["expect_frames"]
    assert decoder.skipped_bytes == resync["expect_resync_bytes"]


def test_ld2450_frames_are_made_as_the_manual_says() -> None:
    assert frame_of((MANUALS_TARGET,)) == MANUALS_FRAME
    assert frame_of(()) == EMPTY_FRAME
    with pytest.raises(PayloadMalformed, match="4 targets, wanted at most 3"):
        frame_of((MANUALS_TARGET,) * 4)


MANUALS_ANSWER = bytes.fromhex("ff8602200000000058")
MHZ19: list[tuple[str, bytes, list[int], int]] = [
    ("the manual's example", MANUALS_ANSWER, [544], 0),
    ("garbage before it", b"\x01\xff\xff" + MANUALS_ANSWER, [544], 3),
    ("a cut answer before a whole one", MANUALS_ANSWER[:5] + MANUALS_ANSWER, [544], 5),
    ("a flipped bit", bytes.fromhex("ff8602240000000058") + MANUALS_ANSWER, [544], 9),
    ("an answer to another command", bytes.fromhex("ff9902200000000045"), [], 9),
]


@pytest.mark.parametrize(("wire", "readings", "skipped"), [case[1:] for case in MHZ19], ids=[c[0] for c in MHZ19])
def test_mhz19_answers_read_as_the_manual_says(wire: bytes, readings: list[int], skipped: int) -> None:
    decoder = Mhz19Decoder()

    assert decoder.feed(wire) == readings
    assert decoder.skipped_bytes == skipped


def test_mhz19_request_carries_the_checksum_that_the_manual_prints() -> None:
    assert checksum(READ_CO2) == READ_CO2[8] == 0x79


@pytest.mark.parametrize("answer", ["", "ff86022000000000", "ff8602200000000059", "fe8602200000000058"])
def test_mhz19_anything_else_is_refused(answer: str) -> None:
    with pytest.raises(PayloadMalformed, match="ask again"):
        co2_ppm(bytes.fromhex(answer))


@pytest.mark.parametrize("ppm", [0, 400, 544, 5000, 65_535])
def test_mhz19_answers_that_are_made_are_read_back(ppm: int) -> None:
    assert co2_ppm(answer_of(ppm)) == ppm


# The data sheet's own example: 500 ppm, 25 °C, 37 %; the others by its formulas at the ends of their words.
SCD4X = [
    ("the data sheet's example", "01f433 6667a2 5eb93c", (500, 25.0, 37.0)),
    ("all noughts, as before the first measurement", "000081 000081 000081", (0, -45.0, 0.0)),
    ("all ones", "ffffac ffffac ffffac", (65_535, 130.0, 100.0)),
]
NO_SCD4X = [
    ("a flipped bit in the gas", "01f533 6667a2 5eb93c", "word 01f5 has checksum 33"),
    ("a flipped bit in a checksum", "01f433 6667a3 5eb93c", "word 6667 has checksum a3"),
    ("words that changed places", "6667a2 01f43c 5eb933", "word 01f4 has checksum 3c"),
    ("a wire that hangs high", "ffffff ffffff ffffff", "word ffff has checksum ff, wanted ac"),
    ("cut in half", "01f433 66", "4 bytes, wanted 9"),
    ("nothing", "", "0 bytes, wanted 9"),
]


@pytest.mark.parametrize(("wire", "said"), [case[1:] for case in SCD4X], ids=[case[0] for case in SCD4X])
def test_scd4x_answers_read_as_the_data_sheet_says(wire: str, said: tuple[int, float, float]) -> None:
    words = words_of(bytes.fromhex(wire))

    assert (words[0], temperature_degc(words[1]), humidity_percent(words[2])) == pytest.approx(said, abs=0.005)
    assert (temperature_word(temperature_degc(words[1])), humidity_word(humidity_percent(words[2]))) == words[1:]
    assert scd4x_answer(words) == bytes.fromhex(wire)


@pytest.mark.parametrize(("wire", "why"), [case[1:] for case in NO_SCD4X], ids=[case[0] for case in NO_SCD4X])
def test_scd4x_anything_else_is_refused(wire: str, why: str) -> None:
    with pytest.raises(PayloadMalformed, match=f"{why}.* drop it"):
        words_of(bytes.fromhex(wire))


def test_scd4x_checksum_is_the_data_sheet_s() -> None:
    assert crc8(bytes.fromhex("beef")) == 0x92


@given(st.tuples(*[st.integers(0, 65_535)] * 3), st.integers(0, 71))
def test_scd4x_no_single_flipped_bit_is_read(words: tuple[int, int, int], bit: int) -> None:
    damaged = bytearray(scd4x_answer(words))
    damaged[bit // 8] ^= 1 << bit % 8

    with pytest.raises(PayloadMalformed):
        words_of(bytes(damaged))


TWO_ZONES: list[tuple[str, list[int], list[str]]] = [
    ("front to back", [0, 2, 3, 1, 0], ["in"]),
    ("back to front", [0, 1, 3, 2, 0], ["out"]),
    ("lingering in both zones", [0, 2, 2, 3, 3, 3, 1, 1, 0], ["in"]),
    ("turns back in the middle", [0, 2, 3, 2, 0], []),
    ("turns back at the edge", [0, 2, 0], []),
    ("hesitates, then goes on", [0, 2, 3, 2, 3, 1, 0], []),
    ("jumps a zone", [0, 2, 1, 0], []),
    ("both at once", [0, 3, 0], []),
    ("turns back, then passes", [0, 2, 3, 2, 0, 2, 3, 1, 0], ["in"]),
    ("one in, one out", [2, 3, 1, 0, 1, 3, 2, 0], ["in", "out"]),
    ("noise without end", [2, 3] * 1000 + [1, 0], []),
]


@pytest.mark.parametrize(("codes", "passages"), [case[1:] for case in TWO_ZONES], ids=[case[0] for case in TWO_ZONES])
def test_vl53l1x_only_whole_paths_through_both_zones_are_passages(codes: list[int], passages: list[str]) -> None:
    counter = TwoZoneCounter()

    assert [passage for code in codes if (passage := counter.feed(code))] == passages


def test_vl53l1x_shared_vectors_hold() -> None:
    data = Path(os.environ.get("MACHIKADO_DATA", "../shared/data")) / "counter" / "sensor_protocol_vectors.json"
    if not data.exists():
        pytest.skip(f"no recorded data at {data}: set MACHIKADO_DATA")
    vectors = json.loads(data.read_text())["vl53l1x"]
    counter = TwoZoneCounter()

    found = [[passage for code in path if (passage := counter.feed(code))] for path in vectors["accepted_paths"]]

    assert (vectors["zone_codes"]["front"], vectors["zone_codes"]["back"]) == (2, 1)
    assert sorted(found) == [["in"], ["out"]]


def test_vl53l1x_anything_else_is_refused() -> None:
    with pytest.raises(PayloadMalformed, match="zone code is 4"):
        TwoZoneCounter().feed(4)


# Register values and temperatures as the Grid-EYE specification tabulates them.
PIXELS = [(0x1F4, 125.0), (0x064, 25.0), (0x001, 0.25), (0x000, 0.0), (0xFFF, -0.25), (0xF9C, -25.0), (0xF24, -55.0)]
THERMISTOR = [(0x7D0, 125.0), (0x190, 25.0), (0x004, 0.25), (0x000, 0.0), (0x804, -0.25), (0x940, -20.0)]


@pytest.mark.parametrize(("register", "temperature_c"), PIXELS)
def test_amg8833_pixels_read_as_tabulated(register: int, temperature_c: float) -> None:
    frame = pixels_c(register.to_bytes(2, "little") * 64)

    assert frame.shape == (8, 8)
    assert frame.dtype == np.float32
    assert (frame == temperature_c).all()


@pytest.mark.parametrize(("register", "temperature_c"), THERMISTOR)
def test_amg8833_thermistor_reads_as_tabulated(register: int, temperature_c: float) -> None:
    assert thermistor_c(register) == temperature_c


def test_amg8833_pixels_stand_row_by_row() -> None:
    frame = pixels_c(b"".join(n.to_bytes(2, "little") for n in range(64)))

    assert frame[1, 2] == 0.25 * 10


@pytest.mark.parametrize("size", [0, 127, 129])
def test_amg8833_a_frame_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(PayloadMalformed, match=f"{size} bytes, wanted 128"):
        pixels_c(bytes(size))
