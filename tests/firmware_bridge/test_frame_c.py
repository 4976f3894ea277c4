"""The C half, compiled here: the shared vectors, and the same answer as Python to any bytes."""

import dataclasses
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware_bridge.framing import FrameDecoder, encode_frame
from tests.firmware_bridge.conftest import C_SOURCES
from tests.firmware_bridge.make_vectors import VECTORS

SHARED: dict[str, Any] = json.loads(VECTORS.read_text())


def run(program: Path, mode: str, given_bytes: bytes) -> bytes:
    return subprocess.run(
        [program, *mode.split()], input=given_bytes, capture_output=True, check=True, timeout=20
    ).stdout


def c_decode(program: Path, wire: bytes) -> tuple[list[dict[str, Any]], dict[str, int]]:
    *frame_lines, counter_line = run(program, "decode", wire).decode().splitlines()
    frames = []
    for line in frame_lines:
        _, kind, sequence, lost, restarted, payload = line.split(" ")
        frames.append(
            {
                "type": int(kind),
                "sequence": int(sequence),
                "payload": payload,
                "lost": int(lost),
                "restarted": bool(int(restarted)),
            }
        )
    return frames, {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", counter_line)}


def python_decode(wire: bytes) -> tuple[list[dict[str, Any]], dict[str, int]]:
    decoder = FrameDecoder()
    frames = [
        {
            "type": frame.message_type,
            "sequence": frame.sequence,
            "payload": frame.payload.hex(),
            "lost": frame.lost_before,
            "restarted": frame.restarted,
        }
        for frame in decoder.feed(wire)
    ]
    decoder.break_line()
    return frames, dataclasses.asdict(decoder.counters)


@pytest.mark.parametrize("case", SHARED["decode"], ids=lambda case: case["name"])
def test_the_c_decoder_says_what_the_shared_vectors_say(frame_peer: Path, case: dict[str, Any]) -> None:
    frames, counters = c_decode(frame_peer, bytes.fromhex(case["wire"]))

    assert frames == case["frames"]
    assert {name: n for name, n in counters.items() if n or name == "frames"} == case["counters"]


@pytest.mark.parametrize("case", SHARED["encode"], ids=lambda case: f"type {case['type']} sequence {case['sequence']}")
def test_the_c_encoder_writes_what_the_shared_vectors_say(frame_peer: Path, case: dict[str, Any]) -> None:
    line = f"{case['version']} {case['type']} {case['sequence']} {case['payload']}\n"

    assert run(frame_peer, "encode", line.encode()).hex() == case["wire"]


def test_the_c_encoder_wraps_from_65535_to_1(frame_peer: Path) -> None:
    decoder = FrameDecoder()

    sequences = [frame.sequence for frame in decoder.feed(run(frame_peer, "number 65540", b""))]

    assert sequences == [*range(65536), 1, 2, 3, 4, 5]
    assert decoder.counters.lost == 0


numbered = st.integers(0, 65535) | st.integers(0, 20) | st.integers(65525, 65535)
frames_of_any_number = st.builds(
    encode_frame, st.integers(0, 4), numbered, st.sampled_from([b"", b"boot", b"TOOB", b"\x00" * 9]), st.integers(1, 2)
)
# Few different frames and all the noise a line can make: duplicates, restarts and withheld runs are then common.
wires = st.lists(frames_of_any_number | st.binary(max_size=20) | st.just(b"\x07" * 250), max_size=40).map(b"".join)


@given(wires)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_halves_say_the_same_of_any_bytes(frame_peer: Path, wire: bytes) -> None:
    assert c_decode(frame_peer, wire) == python_decode(wire)


def test_the_c_half_needs_no_more_of_the_library_than_it_says() -> None:
    includes = [
        include
        for name in ("machikado_frame.h", "machikado_frame.c")
        for include in re.findall(r"#include <(.+)>", (C_SOURCES / name).read_text())
    ]

    assert sorted(includes) == ["stddef.h", "stdint.h", "string.h"]
