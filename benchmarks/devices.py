"""Devices that speak the contract, encoded beforehand for the load generator: counter air, one value a record.

A record here is one reading, so that the figures compare with the peers' points. The window is moved by the hub's acks,
not by the broker's PUBACKs.
"""

import functools

from benchmarks.load import AckReader, Lane
from edge.contract.batch import encode_batch
from edge.contract.codec import encode_record
from edge.contract.control import Ack, decode
from edge.contract.errors import ContractError
from edge.contract.records.counter import CounterAir
from edge.contract.topics import Channel, topic

FIRST_TIME_US = 1_790_000_000_000_000
STEP_US = 1_000


def device_lane(device: str, epoch: str, batches: int, batch: int) -> Lane:
    """A device that has `batches * batch` readings, a millisecond apart, numbered from 1."""
    return Lane(
        device,
        topic(device, Channel.UP),
        [batch_payload(epoch, 1 + index * batch, batch) for index in range(batches)],
        acks=AckReader(topic(device, Channel.ACK), functools.partial(accounted_batches, epoch, batch)),
    )


def batch_payload(epoch: str, first: int, count: int) -> bytes:
    """The batch that carries the readings `first` to `first + count - 1`."""
    return encode_batch(epoch, first, [encode_record(reading(number)) for number in range(first, first + count)])


def reading(number: int) -> CounterAir:
    """The reading of that number: its value can be told from it."""
    return CounterAir(t=FIRST_TIME_US + number * STEP_US, co2_ppm=400 + number % 8_000 / 8)


def accounted_batches(epoch: str, batch: int, payload: bytes) -> int | None:
    """How many of a device's batches an ack accounts for; None for another epoch's, and for what is no ack."""
    try:
        ack = decode(Ack, payload)
    except ContractError:
        return None
    return ack.through // batch if ack.epoch == epoch else None
