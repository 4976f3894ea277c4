"""Records and batches come back as they went, and what is wrong refuses itself only."""

from __future__ import annotations

import json
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.contract import limits
from edge.contract.batch import Batch, decode_batch, encode_batch
from edge.contract.blob import decode_chunk, encode_chunk
from edge.contract.codec import UnknownRecord, decode_record, encode_record
from edge.contract.errors import HeaderError, LimitError, RecordError
from edge.contract.records import Record
from edge.contract.records.counter import CounterAir
from edge.contract.records.device import Health
from edge.contract.records.gate import GateInside, GateSeats
from tests.contract.strategies import HEX_16, NUMBERS, RECORDS

EPOCH = "0123456789abcdef"
T = 1_795_000_000_000_000
GOOD = encode_record(GateInside(t=T, people=3.5, low=2.0, high=5.0))


@given(RECORDS)
def test_a_record_comes_back_as_it_went(record: Record) -> None:
    assert decode_record(encode_record(record)) == record


@settings(max_examples=50)
@given(
    epoch=HEX_16,
    first=NUMBERS.filter(lambda n: n < 2**52),
    records=st.lists(RECORDS, min_size=1, max_size=8),
    pack_from=st.sampled_from([None, 0, 1000]),
)
def test_a_batch_comes_back_as_it_went(epoch: str, first: int, records: list[Record], pack_from: int | None) -> None:
    lines = [encode_record(record) for record in records]

    batch = decode_batch(encode_batch(epoch, first, lines, pack_from_bytes=pack_from))

    assert (batch.header.epoch, batch.header.first, batch.header.last) == (epoch, first, first + len(lines) - 1)
    assert batch.lines == lines
    assert batch.records == records


@given(st.binary(max_size=300))
def test_bytes_that_are_no_batch_are_refused_by_a_header_error_and_nothing_else(payload: bytes) -> None:
    with pytest.raises(HeaderError):
        decode_batch(payload)


@given(st.binary(max_size=300))
def test_bytes_that_are_no_record_are_refused_by_a_record_error_and_nothing_else(line: bytes) -> None:
    with pytest.raises(RecordError):
        decode_record(line)


@given(at=st.integers(0, 10_000), flipped=st.integers(1, 255))
def test_one_damaged_byte_never_becomes_another_record(at: int, flipped: int) -> None:
    payload = bytearray(encode_batch(EPOCH, 1, [GOOD, GOOD]))
    head_ends = payload.index(b"\n")
    payload[head_ends + 1 + at % (len(payload) - head_ends - 1)] ^= flipped

    with pytest.raises(HeaderError):
        decode_batch(bytes(payload))


@given(at=st.integers(0, 10_000), flipped=st.integers(1, 255))
def test_one_damaged_byte_of_packed_lines_is_found_or_harmless(at: int, flipped: int) -> None:
    whole = encode_batch(EPOCH, 1, [GOOD, GOOD], pack_from_bytes=0)
    head_ends = whole.index(b"\n")
    payload = bytearray(whole)
    payload[head_ends + 1 + at % (len(payload) - head_ends - 1)] ^= flipped

    try:
        lines = decode_batch(bytes(payload)).lines
    except HeaderError:
        return

    assert lines == [GOOD, GOOD]


def test_lines_are_packed_where_there_are_enough_of_them() -> None:
    lines = [GOOD] * 20

    assert len(encode_batch(EPOCH, 1, lines, pack_from_bytes=1000)) < 0.2 * len(encode_batch(EPOCH, 1, lines))
    assert encode_batch(EPOCH, 1, [GOOD], pack_from_bytes=1000) == encode_batch(EPOCH, 1, [GOOD])


def payload_of(body: bytes = GOOD, **changes: object) -> bytes:
    """A batch of one record whose header is changed."""
    header = {"v": 1, "epoch": EPOCH, "first": 1, "count": 1, "crc": zlib.crc32(body), **changes}
    return json.dumps({key: value for key, value in header.items() if value is not ...}).encode() + b"\n" + body


def packed(stream: bytes) -> bytes:
    """A batch that says that its one record is packed."""
    return payload_of(packed="zlib").partition(b"\n")[0] + b"\n" + stream


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"", "no header"),
        (GOOD, "no header"),
        (b"null\n" + GOOD, "no header"),
        (b"[" * 100_000, "bytes"),
        (b"[" * 150 + b"\n", "no header"),
        (b"\xff\xfe\n" + GOOD, "no header"),
        (payload_of(v=0), "contract version 0"),
        (payload_of(v=2), "contract version 2"),
        (payload_of(v=2, epoch=...), "contract version 2"),
        (payload_of(v="1"), "no header"),
        (payload_of(v=...), "no header"),
        (payload_of(epoch="0123456789ABCDEF"), "header"),
        (payload_of(epoch="0123456789abcdef\n"), "header"),
        (payload_of(epoch="0123"), "header"),
        (payload_of(first=0), "header"),
        (payload_of(first=-1), "header"),
        (payload_of(first=1.5), "header"),
        (payload_of(first=10**30), "header"),
        (payload_of(first=limits.NUMBER_MAX, count=2, body=GOOD + b"\n" + GOOD), "at most"),
        (payload_of(count=0), "header"),
        (payload_of(count=2), "the header counts 2"),
        (payload_of(count=limits.BATCH_RECORDS + 1), "header"),
        (payload_of(crc=1), "checksum"),
        (payload_of(crc=2**32), "header"),
        (payload_of(sent_mono=-1), "header"),
        (payload_of(note="x" * 300), "header of"),
        (b" " * (limits.BATCH_BYTES + 1), "at most"),
        (packed(zlib.compress(b" " * 50_000_000)), "more than 65536 bytes when unpacked"),
        (packed(zlib.compress(GOOD)[:-1]), "cut short"),
        (packed(zlib.compress(GOOD) + b"!"), "followed by something else"),
        (packed(GOOD), "packed lines"),
        (payload_of(packed="lz4"), "header"),
    ],
)
def test_a_bad_header_is_refused_in_words(payload: bytes, words: str) -> None:
    with pytest.raises(HeaderError, match=words):
        decode_batch(payload)


def test_a_newer_devices_header_field_does_no_harm() -> None:
    assert len(decode_batch(payload_of(hint=1)).records) == 1


BAD_LINES = [
    (b"", "not a record"),
    (b"{}", "kind"),
    (b"[1]", "not a record"),
    (b'{"kind":7}', "not a record"),
    (b'{"kind":"Gate Inside","t":1}', "kind"),
    (b'{"kind":"gate_inside","t":1,"people":1}', "gate_inside"),
    (b'{"kind":"gate_inside","t":1,"people":-1,"low":0,"high":1}', "gate_inside"),
    (b'{"kind":"gate_inside","t":1,"people":"3","low":0,"high":1}', "gate_inside"),
    (b'{"kind":"gate_inside","t":1,"people":NaN,"low":0,"high":1}', "not a record|gate_inside"),
    (b'{"kind":"gate_inside","t":1,"people":Infinity,"low":0,"high":1}', "not a record|gate_inside"),
    (b'{"kind":"gate_inside","t":1,"people":1e999,"low":0,"high":1}', "not a record|gate_inside"),
    (b'{"kind":"gate_inside","t":-1,"people":1,"low":0,"high":1}', "gate_inside"),
    (b'{"kind":"gate_inside","t":1e30,"people":1,"low":0,"high":1}', "gate_inside"),
    (b'{"kind":"gate_inside","t":1.5,"people":1,"low":0,"high":1}', "gate_inside"),
    (b'{"kind":"gate_seats","t":1,"area":"a\\n","seats":1,"occupied":1}', "gate_seats"),
    (b'{"kind":"gate_seats","t":1,"area":"Yamada Taro","seats":1,"occupied":1}', "gate_seats"),
    (b'{"kind":"gate_seats","t":1,"area":"a","seats":1,"occupied":9007199254740992}', "gate_seats"),
    (
        b'{"kind":"health","t":1,"clock_quality":"unknown","uptime_s":1e999,"outbox_records":0,"outbox_bytes":0}',
        "health|not a record",
    ),
    (GOOD[:-1], "not a record"),
    (GOOD + GOOD, "not a record"),
    (b'{"kind":"gate_inside","x":' + b"[" * 5000 + b"]" * 5000 + b"}", "gate_inside|not a record"),
    (b'{"kind":"\xff\xff","t":1}', "not a record"),
]


@pytest.mark.parametrize(("line", "words"), BAD_LINES)
def test_a_bad_record_is_refused_in_words(line: bytes, words: str) -> None:
    with pytest.raises(RecordError, match=words):
        decode_record(line)


@pytest.mark.parametrize("line", [line for line, _ in BAD_LINES if b"\n" not in line])
def test_a_bad_record_spoils_only_itself(line: bytes) -> None:
    batch = decode_batch(payload_of(GOOD + b"\n" + line + b"\n" + GOOD, count=3))

    assert [isinstance(record, RecordError) for record in batch.records] == [False, True, False]
    assert batch.records[0] == batch.records[2] == decode_record(GOOD)


def test_a_record_above_the_limit_spoils_only_itself() -> None:
    long = GOOD[:-1] + b" " * limits.RECORD_BYTES + b"}"

    batch = decode_batch(payload_of(GOOD + b"\n" + long, count=2))

    assert [type(record) for record in batch.records] == [GateInside, LimitError]


def test_what_a_newer_device_adds_is_kept_aside_not_refused() -> None:
    newer_field = decode_record(GOOD[:-1] + b',"cats":2}')
    newer_kind = decode_record(b'{"kind":"gate_cats","t":5,"cats":2}')

    assert newer_field == decode_record(GOOD)
    assert newer_kind == UnknownRecord("gate_cats", 5)


@pytest.mark.parametrize(
    "record",
    [
        GateInside(t=T, people=float("nan"), low=0.0, high=1.0),
        GateInside(t=T, people=float("inf"), low=0.0, high=1.0),
        GateInside(t=T, people=-1.0, low=0.0, high=1.0),
        GateSeats(t=T, area="Reading Room", seats=1, occupied=1),
        CounterAir(t=T, co2_ppm=float("nan")),
        Health(clock_quality="unknown", uptime_s=float("inf"), outbox_records=0, outbox_bytes=0),
    ],
)
def test_a_device_cannot_encode_what_the_hub_would_refuse(record: Record) -> None:
    with pytest.raises(RecordError):
        encode_record(record)


def test_limits_hold_at_the_number_and_not_before() -> None:
    lines = [b"{}"] * limits.BATCH_RECORDS

    assert len(_lenient(encode_batch(EPOCH, 1, lines)).lines) == limits.BATCH_RECORDS
    with pytest.raises(LimitError, match=str(limits.BATCH_RECORDS)):
        encode_batch(EPOCH, 1, [*lines, b"{}"])
    with pytest.raises(LimitError, match=str(limits.BATCH_RECORDS)):
        encode_batch(EPOCH, 1, [])
    with pytest.raises(LimitError, match=str(limits.BATCH_BYTES)):
        encode_batch(EPOCH, 1, [b" " * 16_000] * 5)


def _lenient(payload: bytes) -> Batch:
    return decode_batch(payload)


@given(content=st.binary(max_size=2000), offset=st.integers(0, 2**31))
def test_a_chunk_comes_back_as_it_went(content: bytes, offset: int) -> None:
    chunk = decode_chunk(encode_chunk("ab" * 32, offset, content))

    assert (chunk.header.sha256, chunk.header.offset, chunk.content) == ("ab" * 32, offset, content)


def test_a_chunk_that_is_damaged_or_too_large_is_refused() -> None:
    payload = encode_chunk("ab" * 32, 0, b"waveform")

    with pytest.raises(HeaderError, match="checksum"):
        decode_chunk(payload[:-1] + b"x")
    with pytest.raises(HeaderError, match="at most"):
        decode_chunk(payload + b"x" * limits.BLOB_CHUNK_BYTES)
    with pytest.raises(LimitError, match=str(limits.BLOB_CHUNK_BYTES)):
        encode_chunk("ab" * 32, 0, b"x" * limits.BLOB_CHUNK_BYTES)
    with pytest.raises(HeaderError, match="version 2"):
        decode_chunk(payload.replace(b'"v":1', b'"v":2'))
