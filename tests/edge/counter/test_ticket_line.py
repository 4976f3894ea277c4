"""Bytes on the ticket machine's line beside what they mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.counter.items import TicketAlive, TicketEvent
from edge.counter.ticket_line import LAST_NUMBER, TicketLineDecoder, encode_line, number_after

MEANINGS = [
    (b"$TK,0,I,residence,12,0*CRC\r\n", [TicketEvent(service="residence", event="issued", ticket=12)]),
    (b"$TK,7,C,residence,12,3*CRC\r\n", [TicketEvent(service="residence", event="called", ticket=12, window=3)]),
    (b"$TK,8,N,seal,999,3*CRC\r\n", [TicketEvent(service="seal", event="no_show", ticket=999, window=3)]),
    (b"$TK,9,F,seal,99999,999*CRC\n", [TicketEvent(service="seal", event="finished", ticket=99_999, window=999)]),
    (b"$HB,10*CRC\r\n", [TicketAlive()]),
    (b"$TK,11,X,seal,1,1*CRC\r\n", []),
    (b"$TK,11,C,Seal,1,1*CRC\r\n", []),
    (b"$TK,11,C,seal,-1,1*CRC\r\n", []),
    (b"$TK,11,C,seal,100000,1*CRC\r\n", []),
    (b"$HB,10*0000\r\n", []),
    (b"$TK,1,I,resi", []),
    (b"\r\n", []),
]


def with_checksum(line: bytes) -> bytes:
    """The line with ``CRC`` replaced by the checksum that the protocol's description asks for."""
    body = line.partition(b"$")[2].partition(b"*")[0]
    crc = 0xFFFF
    for byte in body:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return line.replace(b"CRC", b"%04X" % crc)


@pytest.mark.parametrize(("line", "meaning"), MEANINGS, ids=[line.decode().strip() for line, _ in MEANINGS])
def test_a_line_means_what_the_table_says(line: bytes, meaning: list[object]) -> None:
    assert TicketLineDecoder().feed(with_checksum(line)) == meaning


def test_a_line_with_one_bit_turned_never_becomes_an_event() -> None:
    line = with_checksum(b"$TK,7,C,residence,12,3*CRC\r\n")

    for bit in range((len(line) - 2) * 8):
        damaged = bytearray(line)
        damaged[bit // 8] ^= 1 << bit % 8

        assert TicketLineDecoder().feed(bytes(damaged)) == []


def test_a_repeated_line_is_given_once_and_a_missing_one_is_counted() -> None:
    decoder = TicketLineDecoder()
    first, second, fourth = (encode_line(number, TicketAlive()) for number in (1, 2, 4))

    said = decoder.feed(first + second + second + fourth)

    assert len(said) == 3
    assert (decoder.counters.duplicates, decoder.counters.lost) == (1, 1)


def test_numbers_go_round_after_9999_without_a_loss() -> None:
    decoder = TicketLineDecoder()

    decoder.feed(encode_line(LAST_NUMBER, TicketAlive()) + encode_line(number_after(LAST_NUMBER), TicketAlive()))

    assert decoder.counters.lost == 0
    assert number_after(LAST_NUMBER) == 1


def test_a_machine_switched_on_again_is_no_loss() -> None:
    decoder = TicketLineDecoder()

    decoder.feed(encode_line(500, TicketAlive()) + encode_line(0, TicketAlive()) + encode_line(1, TicketAlive()))

    assert (decoder.counters.lines, decoder.counters.lost) == (3, 0)


def test_a_line_without_end_is_let_go_and_the_next_is_read() -> None:
    decoder = TicketLineDecoder()

    said = decoder.feed(b"x" * 5000 + b"\r\n" + encode_line(1, TicketAlive()))

    assert said == [TicketAlive()]
    assert decoder.counters.too_long == 1


events = st.builds(
    TicketEvent,
    service=st.from_regex(r"\A[a-z0-9][a-z0-9_.-]{0,31}\Z"),
    event=st.sampled_from(["issued", "called", "no_show", "finished"]),
    ticket=st.integers(0, 99_999),
    window=st.integers(0, 999),
)


@given(st.lists(events, max_size=10), st.integers(1, 7))
def test_any_events_come_back_however_the_bytes_are_cut(sent: list[TicketEvent], size: int) -> None:
    decoder = TicketLineDecoder()
    wire = b"".join(encode_line(number + 1, event) for number, event in enumerate(sent))

    came = [item for start in range(0, len(wire), size) for item in decoder.feed(wire[start : start + size])]

    assert came == sent


@given(st.binary(max_size=400))
def test_any_garbage_is_survived_and_the_next_line_is_read(garbage: bytes) -> None:
    decoder = TicketLineDecoder()
    decoder.feed(garbage + b"\n")

    assert decoder.feed(encode_line(77, TicketAlive())) == [TicketAlive()]
