"""Every malformed message is refused by the contract, in the way that its fault says."""

import random
from collections import Counter

import pytest

from edge.contract import limits
from edge.contract.batch import decode_batch
from edge.contract.errors import ContractError, HeaderError, TopicError
from edge.contract.topics import parse_topic
from simulators.malformed import FAULTS, OVERSIZED_BYTES, Malformed, malformed

DEVICE, EPOCH = "counter-b1", "00000000000000b1"


def some(count: int, oversized: int = 0, seed: int = 3) -> list[Malformed]:
    return malformed(DEVICE, EPOCH, count, oversized, random.Random(seed))


def refusals(message: Malformed) -> list[str]:
    """What the contract says against a message, an entry a refused record or one for the message."""
    try:
        parse_topic(message.topic)
        batch = decode_batch(message.payload)
    except (TopicError, HeaderError) as problem:
        return [type(problem).__name__]
    return [
        type(record).__name__
        for record in batch.records
        if isinstance(record, ContractError) or not limits.TIME_MIN_US <= (record.t or 0) <= limits.TIME_MAX_US
    ]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_exactly_once_and_where_it_says(fault: str) -> None:
    messages = [message for message in some(40 * len(FAULTS)) if message.fault == fault]

    assert len(messages) == 40
    assert all(len(refusals(message)) == 1 for message in messages)
    assert all((refusals(message)[0] in ("HeaderError", "TopicError")) != message.numbered for message in messages)


def test_an_oversized_message_is_refused_by_its_size() -> None:
    oversized = [message for message in some(10, oversized=2) if message.fault == "oversized"]

    assert [len(message.payload) for message in oversized] == [OVERSIZED_BYTES] * 2
    with pytest.raises(HeaderError, match="2097152 bytes: at most 65536"):
        decode_batch(oversized[0].payload)


def test_numbered_messages_leave_no_hole_in_the_epoch() -> None:
    headers = [decode_batch(message.payload).header for message in some(500) if message.numbered]

    assert [header.first for header in headers] == list(range(1, len(headers) + 1))
    assert {header.count for header in headers} == {1}


def test_a_seed_gives_the_same_messages_and_every_fault() -> None:
    assert some(500) == some(500)
    assert some(500) != some(500, seed=4)
    assert set(Counter(message.fault for message in some(500))) == set(FAULTS)
