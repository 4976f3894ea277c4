"""Messages that no device should send, each wrong in one known way, for a hub that must refuse them one by one.

Rules it keeps:
- Every message is wrong: none decodes to records that the contract would take.
- A message whose header can be read takes the next number of its epoch, so that its refusal leaves no hole.
- The same seed gives the same messages.
"""

import random
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from edge.contract.batch import encode_batch
from edge.contract.topics import Channel, topic

FIRST_TIME_US = 1_790_000_000_000_000
OVERSIZED_BYTES = 2 * 1024 * 1024
NESTING = 3_000


@dataclass(frozen=True, slots=True)
class Malformed:
    """One message: in which way it is wrong, its topic, its payload, and whether its header can be attributed."""

    fault: str
    topic: str
    payload: bytes
    numbered: bool


def malformed(device: str, epoch: str, count: int, oversized: int, rng: random.Random) -> list[Malformed]:
    """`count` messages from one device under one epoch, `oversized` of them of 2 MiB, in random order.

    Each fault of `FAULTS` occurs about equally often among the others.
    """
    faults = sorted(FAULTS)
    chosen = [faults[index % len(faults)] for index in range(count - oversized)] + ["oversized"] * oversized
    rng.shuffle(chosen)
    messages, number = [], 1
    for fault in chosen:
        message = _message(fault, device, epoch, number, rng)
        messages.append(message)
        number += message.numbered
    return messages


def _message(fault: str, device: str, epoch: str, number: int, rng: random.Random) -> Malformed:
    up = topic(device, Channel.UP)
    if fault == "oversized":
        return Malformed(fault, up, rng.randbytes(OVERSIZED_BYTES), False)
    if fault == "wrong device":
        root, shard, name, channel = up.rsplit("/", 3)
        wrong_shard = f"{(int(shard, 16) + 1) % 256:02x}"
        return Malformed(fault, f"{root}/{wrong_shard}/{name}/{channel}", _good_batch(epoch, number, rng), False)
    if fault in RECORD_FAULTS:
        return Malformed(fault, up, encode_batch(epoch, number, [RECORD_FAULTS[fault](rng)]), True)
    return Malformed(fault, up, PAYLOAD_FAULTS[fault](_good_batch(epoch, number, rng), rng), False)


def _good_batch(epoch: str, number: int, rng: random.Random) -> bytes:
    return encode_batch(epoch, number, [_record(b"%.1f" % rng.uniform(400, 2_000))])


def _record(co2_ppm: bytes, kind: bytes = b"counter_air", t: bytes = b"%d" % FIRST_TIME_US) -> bytes:
    return b'{"kind":"%s","t":%s,"co2_ppm":%s}' % (kind, t, co2_ppm)


def _with_header(payload: bytes, **changed: object) -> bytes:
    """The payload with some of its header's fields changed."""
    head, _, body = payload.partition(b"\n")
    header: dict[str, object] = msgspec.json.decode(head)
    return msgspec.json.encode(header | changed) + b"\n" + body


def _truncated(payload: bytes, rng: random.Random) -> bytes:
    return payload[: rng.randrange(1, len(payload))]


def _damaged(payload: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(payload.index(b"\n") + 1, len(payload))
    return payload[:at] + bytes([payload[at] ^ 1 << rng.randrange(8)]) + payload[at + 1 :]


def _one_record_too_few(payload: bytes, _rng: random.Random) -> bytes:
    return _with_header(payload, count=2)


def _lines_beyond_the_count(payload: bytes, _rng: random.Random) -> bytes:
    body = payload.partition(b"\n")[2] + b"\n" + payload.partition(b"\n")[2]
    return _with_header(payload, crc=zlib.crc32(body)).partition(b"\n")[0] + b"\n" + body


PAYLOAD_FAULTS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "truncated": _truncated,
    "damaged": _damaged,
    "empty": lambda _payload, _rng: b"",
    "no JSON": lambda _payload, rng: rng.randbytes(rng.randrange(1, 300)),
    "old version": lambda payload, _rng: _with_header(payload, v=0),
    "future version": lambda payload, rng: _with_header(payload, v=rng.randrange(2, 1_000), shape="unheard of"),
    "huge first number": lambda payload, _rng: _with_header(payload, first=2**63),
    "negative count": lambda payload, _rng: _with_header(payload, count=-1),
    "epoch of another type": lambda payload, rng: _with_header(payload, epoch=rng.randrange(2**31)),
    "fewer records than counted": _one_record_too_few,
    "more records than counted": _lines_beyond_the_count,
    "header nested deeply": lambda _payload, _rng: b"[" * NESTING,
}
"""Faults of the payload or its header: nothing in it may be believed."""

RECORD_FAULTS: dict[str, Callable[[random.Random], bytes]] = {
    "number as text": lambda _rng: _record(b'"many"'),
    "number as list": lambda _rng: _record(b"[612.0]"),
    "record is a list": lambda _rng: b"[612.0]",
    "record is a number": lambda rng: b"%d" % rng.randrange(10**6),
    "kind is missing": lambda _rng: b'{"t":%d,"co2_ppm":612.0}' % FIRST_TIME_US,
    "kind is a number": lambda _rng: b'{"kind":7,"t":%d}' % FIRST_TIME_US,
    "beyond its range": lambda rng: _record(b"%d" % rng.randrange(40_001, 10**12)),
    "huge number": lambda _rng: _record(b"1e308"),
    "number of 400 digits": lambda _rng: _record(b"9" * 400),
    "not a number": lambda _rng: _record(b"NaN"),
    "infinity": lambda rng: _record(rng.choice([b"Infinity", b"-Infinity", b"1e999"])),
    "time before there were computers": lambda _rng: _record(b"612.0", t=b"0"),
    "time as text": lambda _rng: _record(b"612.0", t=b'"noon"'),
    "nested deeply": lambda _rng: _record(b"[" * NESTING + b"]" * NESTING),
    "invalid UTF-8": lambda _rng: _record(b"612.0", kind=b"counter\xff\xfeair"),
    "kind is a sentence": lambda _rng: _record(b"612.0", kind=b"no such kind of record!"),
}
"""Faults of one record in a batch that is whole otherwise."""

FAULTS: Sequence[str] = (*PAYLOAD_FAULTS, *RECORD_FAULTS, "wrong device")
