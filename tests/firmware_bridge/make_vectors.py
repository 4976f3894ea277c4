"""Writes firmware_bridge/vectors.json, the frames that both halves are held to, without using either half.

Stuffing is done here the textbook's way (blocks up to each zero) and the checksum by `binascii`; what a decoder must
say stands beside each case by hand. Run from the repository's root: `python -m tests.firmware_bridge.make_vectors`.
"""

import binascii
import json
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parents[2] / "firmware_bridge" / "vectors.json"


def body(kind: int, sequence: int, payload: bytes, version: int = 1) -> bytes:
    content = bytes([version, kind]) + sequence.to_bytes(2, "little") + payload
    return content + binascii.crc32(content).to_bytes(4, "little")


def stuffed(plain: bytes) -> bytes:
    out, block = b"", b""
    for byte in plain:
        if byte == 0:
            out, block = out + bytes([len(block) + 1]) + block, b""
        else:
            block += bytes([byte])
            if len(block) == 254:
                out, block = out + b"\xff" + block, b""
    ends_full = out.endswith(b"\xff" + plain[-254:]) and len(plain) >= 254
    return out if ends_full and not block else out + bytes([len(block) + 1]) + block


def wire(kind: int, sequence: int, payload: bytes = b"", version: int = 1) -> bytes:
    return stuffed(body(kind, sequence, payload, version)) + b"\x00"


def hello_payload(boot_id: int) -> bytes:
    return boot_id.to_bytes(4, "little") + bytes.fromhex("0102030140420f009d4c00002f96470200000000")


def hello(sequence: int, boot_id: int = 0xC0FFEE01) -> bytes:
    return wire(1, sequence, hello_payload(boot_id))


def log(sequence: int, code: int = 7) -> bytes:
    return wire(7, sequence, bytes([2]) + code.to_bytes(2, "little"))


def flipped(data: bytes, at: int, mask: int) -> bytes:
    return data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]


def said(kind: int, sequence: int, payload: bytes = b"", lost: int = 0, restarted: bool = False) -> dict[str, Any]:
    return {"type": kind, "sequence": sequence, "payload": payload.hex(), "lost": lost, "restarted": restarted}


def said_hello(sequence: int, boot_id: int = 0xC0FFEE01, lost: int = 0, restarted: bool = False) -> dict[str, Any]:
    return said(1, sequence, hello_payload(boot_id), lost, restarted)


def said_log(sequence: int, lost: int = 0, code: int = 7) -> dict[str, Any]:
    return said(7, sequence, bytes([2]) + code.to_bytes(2, "little"), lost)


def case(name: str, data: bytes, frames: list[dict[str, Any]], **counters: int) -> dict[str, Any]:
    return {"name": name, "wire": data.hex(), "frames": frames, "counters": {"frames": len(frames), **counters}}


def good() -> list[dict[str, Any]]:
    full = bytes(range(1, 247))
    zeros = bytes(246)
    return [
        case(
            "a boot: HELLO, then frames from 1", hello(0) + log(1) + log(2), [said_hello(0), said_log(1), said_log(2)]
        ),
        case("an empty payload", wire(9, 5), [said(9, 5)]),
        case("the longest payload without zeros", wire(9, 257, full), [said(9, 257, full)]),
        case("the longest payload of zeros", wire(9, 5, zeros), [said(9, 5, zeros)]),
        case(
            "delimiters between frames mean nothing",
            b"\x00\x00" + log(1) + b"\x00" + log(2),
            [said_log(1), said_log(2)],
        ),
        case("a line opened late takes the first number it hears", log(500) + log(501), [said_log(500), said_log(501)]),
        case("the numbers wrap from 65535 to 1", log(65535) + log(1), [said_log(65535), said_log(1)]),
        case(
            "a repeated HELLO of the same boot is no restart",
            hello(0) + log(1) + hello(2),
            [said_hello(0), said_log(1), said_hello(2)],
        ),
        case(
            "the first HELLO heard late is no restart",
            log(8) + hello(9) + log(10),
            [said_log(8), said_hello(9), said_log(10)],
        ),
    ]


def damaged() -> list[dict[str, Any]]:
    long = b"\x01" * 256
    return [
        case(
            "one bit flipped",
            log(1) + flipped(log(2), 6, 0x10) + log(3),
            [said_log(1), said_log(3, lost=1)],
            crc_errors=1,
            lost=1,
        ),
        case("the checksum itself flipped", flipped(log(1), len(log(1)) - 2, 0x01), [], crc_errors=1),
        case(
            "a run longer than its chunk",
            log(1) + b"\x09\x01\x02\x00" + log(2),
            [said_log(1), said_log(2)],
            cobs_errors=1,
        ),
        case(
            "a delimiter lost: two frames become one",
            log(1) + log(2)[:-1] + log(3) + log(4),
            [said_log(1), said_log(4, lost=2)],
            crc_errors=1,
            lost=2,
        ),
        case("cut at the end and nothing more", log(1) + log(2)[:-4], [said_log(1)], cut=1),
        case("a head cut off", log(1)[5:] + log(2), [said_log(2)], too_short=1),
        case("a chunk too short for a frame", b"\x03\x11\x22\x00" + log(1), [said_log(1)], too_short=1),
        case("256 bytes without a delimiter", log(1) + long + b"\x00" + log(2), [said_log(1), said_log(2)], too_long=1),
        case(
            "255 bytes without a delimiter are not yet too long",
            long[:255] + b"\x00" + log(2),
            [said_log(2)],
            crc_errors=1,
        ),
        case("too long and never ended", log(1) + long + long, [said_log(1)], cut=1),
        case("garbage, then in step again", bytes(range(17, 90)) + b"\x00" + log(1), [said_log(1)], cobs_errors=1),
    ]


def misnumbered() -> list[dict[str, Any]]:
    other = 0x0BADB007
    return [
        case("a gap of three", log(1) + log(5), [said_log(1), said_log(5, lost=3)], lost=3),
        case("a gap over the wrap", log(65534) + log(2), [said_log(65534), said_log(2, lost=2)], lost=2),
        case("a frame twice", log(1) + log(2) + log(2) + log(3), [said_log(1), said_log(2), said_log(3)], duplicates=1),
        case(
            "an earlier frame again",
            log(1) + log(2) + log(3) + log(1) + log(4),
            [said_log(n) for n in (1, 2, 3, 4)],
            duplicates=1,
        ),
        case("the boot's HELLO twice", hello(0) + hello(0) + log(1), [said_hello(0), said_log(1)], duplicates=1),
        case(
            "a restart is not a loss",
            hello(0) + log(1) + log(2) + hello(0, other) + log(1),
            [said_hello(0), said_log(1), said_log(2), said_hello(0, other, restarted=True), said_log(1)],
            restarts=1,
        ),
        case(
            "a restart heard only by its second HELLO",
            hello(0) + log(1) + log(2) + hello(4, other),
            [said_hello(0), said_log(1), said_log(2), said_hello(4, other, lost=4, restarted=True)],
            restarts=1,
            lost=4,
        ),
        case(
            "numbers gone back are withheld until HELLO",
            log(900) + log(1) + log(2) + log(901) + hello(3, other) + log(4),
            [said_log(900), said_hello(3, other), said_log(4)],
            withheld=3,
        ),
        case(
            "the same, with the first boot known",
            hello(899) + log(900) + log(1) + log(2) + hello(3, other) + log(4),
            [said_hello(899), said_log(900), said_hello(3, other, lost=1, restarted=True), said_log(4)],
            withheld=2,
            restarts=1,
            lost=1,
        ),
        case(
            "the same number with other content is withheld",
            log(5) + log(5, code=8) + log(6),
            [said_log(5)],
            withheld=2,
        ),
        case("number 0 without HELLO is refused", wire(7, 0, b"\x01\x00\x00") + log(1), [said_log(1)], refused=1),
        case(
            "a HELLO too short for a boot id is refused", wire(1, 0, b"\x01\x02\x03") + log(1), [said_log(1)], refused=1
        ),
        case(
            "another version is counted, not read",
            wire(7, 1, b"\x02\x07\x00", version=2) + log(2),
            [said_log(2)],
            version_unknown=1,
        ),
    ]


def vectors() -> dict[str, Any]:
    return {
        "about": "Frames and what a decoder must say of them; made by tests/firmware_bridge/make_vectors.py",
        "decode": good() + damaged() + misnumbered(),
        "encode": [
            {
                "version": 1,
                "type": kind,
                "sequence": sequence,
                "payload": payload.hex(),
                "wire": wire(kind, sequence, payload).hex(),
            }
            for kind, sequence, payload in [
                (1, 0, hello_payload(0xC0FFEE01)),
                (7, 1, bytes([2, 7, 0])),
                (9, 5, b""),
                (9, 257, bytes(range(1, 247))),
                (9, 65535, bytes(246)),
                (9, 256, b"\x00\x01\x00"),
            ]
        ],
    }


if __name__ == "__main__":
    VECTORS.write_text(json.dumps(vectors(), indent=1) + "\n")
