"""The benchmark's devices say what the contract says, and read its acks."""

import pickle

import pytest

from benchmarks.devices import accounted_batches, device_lane, reading
from edge.contract.batch import decode_batch
from edge.contract.control import Ack, encode
from edge.contract.topics import Address, Channel, parse_topic

EPOCH = "00000000000000b1"


def test_a_devices_batches_decode_to_its_readings_in_one_run_of_numbers() -> None:
    lane = device_lane("counter-b1", EPOCH, batches=3, batch=50)

    batches = [decode_batch(payload) for payload in lane.payloads]

    assert parse_topic(lane.topic) == Address("counter-b1", Channel.UP)
    assert [(found.header.epoch, found.header.first, found.header.count) for found in batches] == [
        (EPOCH, 1, 50),
        (EPOCH, 51, 50),
        (EPOCH, 101, 50),
    ]
    assert [record for found in batches for record in found.records] == [reading(number) for number in range(1, 151)]


@pytest.mark.parametrize(
    ("payload", "accounted"),
    [
        (encode(Ack(generation=1, epoch=EPOCH, through=100)), 2),
        (encode(Ack(generation=1, epoch=EPOCH, through=99)), 1),
        (encode(Ack(generation=1, epoch=EPOCH, through=0)), 0),
        (encode(Ack(generation=1, epoch="00000000000000b2", through=100)), None),
        (b"not an ack", None),
    ],
)
def test_an_ack_accounts_for_whole_batches_of_its_own_epoch(payload: bytes, accounted: int | None) -> None:
    assert accounted_batches(EPOCH, 50, payload) == accounted


def test_a_devices_lane_can_cross_to_the_load_process() -> None:
    lane = device_lane("counter-b1", EPOCH, batches=1, batch=1)

    crossed = pickle.loads(pickle.dumps(lane))

    assert crossed.acks.accounted(encode(Ack(generation=1, epoch=EPOCH, through=1))) == 1
