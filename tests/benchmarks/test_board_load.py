"""A phone's latency: to the arrival of a number or of a newer one, which a phone that rests may get in its place."""

from __future__ import annotations

import pytest

from benchmarks.board_latency import Change, _matched
from benchmarks.board_load import latencies
from benchmarks.phones import Phone, _Stream


def test_a_number_that_a_newer_one_overtook_counts_until_the_newer_one() -> None:
    phone = Phone(seen=[(1, 10.0), (2, 11.2), (4, 13.5)])

    assert list(latencies(phone, [(2, 11.0), (3, 12.0), (4, 13.0), (5, 14.0)])) == pytest.approx([0.2, 1.5, 0.5])


def test_a_number_that_is_cut_between_two_receives_is_seen() -> None:
    phone = Phone()
    stream = _Stream(phone)
    event = b'event: service\ndata: {"key":"counter-01.residence","level":"good","waiting":3,"called":417}\n\n'

    for part in (event[:86], event[86:], event.replace(b"counter-01", b"counter-02")):
        stream.data_received(part)

    assert [number for number, _ in phone.seen] == [417]
    assert phone.stream_bytes == 2 * len(event)


def test_a_change_is_matched_by_what_is_seen_after_it() -> None:
    written = [Change("number", "7", 1000.0), Change("groups", "2組", 2000.0), Change("number", "8", 3000.0)]
    seen = [("groups", "2組", 900.0), ("number", "7", 1080.0), ("groups", "2組", 2100.0)]

    assert _matched(written, seen) == pytest.approx([80.0, 100.0])
