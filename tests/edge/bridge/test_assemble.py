"""Samples are placed by the sensor's counter: gaps are counted and end a block, doubles are taken once."""

import numpy as np
import pytest

from edge.bridge.assemble import AssembleBlocks, decoded
from edge.bridge.block import Block
from edge.bridge.config import Channel, Config
from edge.bridge.items import AccelerationChunk
from edge.contract.records import DeviceAlarm
from edge.contract.records.bridge import BridgeSampling
from firmware_bridge.messages import pack_counts
from tests.edge.bridge.deliveries import chunk

COUNTER = np.arange(2000, dtype=np.float64)[:, None] * np.ones(2)


def blocks_of(made: list[object]) -> list[Block]:
    return [one for one in made if isinstance(one, Block)]


def test_24_bit_counts_are_weighed() -> None:
    packed = pack_counts([(1, -1, 8388607), (-8388608, 0, 256)])

    values = decoded(
        AccelerationChunk(run=1, first_sample=0, rate_hz=200.0, channels=3, encoding="i24", weight=0.5, data=packed)
    )

    np.testing.assert_array_equal(values, [[0.5, -0.5, 4194303.5], [-4194304.0, 0.0, 128.0]])


def test_blocks_end_at_whole_seconds_of_the_counter() -> None:
    step = AssembleBlocks(Config())

    made = blocks_of(list(step(1_000_000, chunk(COUNTER[50:450], 50, 100.0))))

    assert [(block.first, len(block.samples)) for block in made] == [(50, 50), (100, 100), (200, 100), (300, 100)]
    assert [block.continues for block in made] == [False, True, True, True]


def test_a_missing_sample_ends_a_block_and_is_not_filled_in() -> None:
    step = AssembleBlocks(Config())
    list(step(1_000_000, chunk(COUNTER[:130], 0, 100.0)))

    made = blocks_of(list(step(2_000_000, chunk(COUNTER[160:300], 160, 100.0))))

    assert [(block.first, len(block.samples), block.continues) for block in made] == [
        (100, 30, True), (160, 40, False), (200, 100, True),
    ]  # fmt: skip
    assert made[1].samples[0, 0] == 160.0


def test_a_sample_that_comes_twice_is_taken_once() -> None:
    step = AssembleBlocks(Config())
    list(step(1_000_000, chunk(COUNTER[:80], 0, 100.0)))

    made = blocks_of(list(step(2_000_000, chunk(COUNTER[40:200], 40, 100.0))))

    np.testing.assert_array_equal(np.concatenate([block.samples for block in made])[:, 0], np.arange(200.0))


def test_a_restarted_sensor_begins_anew() -> None:
    step = AssembleBlocks(Config())
    list(step(1_000_000, chunk(COUNTER[:150], 1000, 100.0, run=1)))

    made = blocks_of(list(step(9_000_000, chunk(COUNTER[:100], 0, 100.0, run=2))))

    assert [(block.first, block.continues) for block in made] == [(1100, True), (0, False)]


def test_units_become_si() -> None:
    step = AssembleBlocks(Config(channels=[Channel(name="a", unit="cm/s2"), Channel(name="b", unit="g", scale=-2.0)]))

    made = blocks_of(list(step(1_000_000, chunk(np.ones((100, 2)), 0, 100.0))))

    np.testing.assert_allclose(made[0].samples[0], [0.01, -19.6133])


def test_a_sample_is_timed_by_its_counter_not_by_its_delivery() -> None:
    step = AssembleBlocks(Config())
    list(step(5_000_000, chunk(COUNTER[:100], 0, 100.0)))

    made = blocks_of(list(step(6_300_000, chunk(COUNTER[100:200], 100, 100.0))))

    assert made[0].t == 5_000_000


def test_a_sensor_that_samples_a_third_of_a_percent_fast_is_measured_and_followed() -> None:
    step = AssembleBlocks(Config())
    told: list[BridgeSampling] = []
    blocks: list[object] = []
    for second in range(3700):
        mono = 5_000_000 + round((second + 1) * 1e6 / 1.0033) + (second % 7) * 3000
        for one in step(mono, chunk(np.zeros((100, 1)), second * 100, 100.0)):
            if isinstance(one, BridgeSampling):
                told.append(one)
            else:
                blocks.append(one)

    assert told[-1].deviation_ppm == pytest.approx(3300.0, abs=20.0)
    assert isinstance(blocks[-1], Block)
    assert abs(blocks[-1].end - (5_000_000 + 3700e6 / 1.0033)) < 300_000


def test_lost_samples_are_counted() -> None:
    step = AssembleBlocks(Config(sampling_every_s=60.0))
    told = []
    for second in [*range(100), *range(103, 400)]:
        told += list(step(5_000_000 + second * 1_000_000, chunk(np.zeros((100, 1)), second * 100, 100.0)))

    assert [one.samples_lost for one in told if isinstance(one, BridgeSampling)][-1] == 300


def test_a_chunk_of_other_channels_is_refused_with_one_alarm_and_its_end_is_said() -> None:
    step = AssembleBlocks(Config(channels=[Channel(name="a"), Channel(name="b")]))

    made = [
        *step(1, chunk(np.zeros((10, 3)), 0, 100.0)),
        *step(2, chunk(np.zeros((10, 3)), 10, 100.0)),
        *step(3, chunk(np.zeros((10, 2)), 20, 100.0)),
    ]

    assert made == [
        DeviceAlarm(t=1, code="source_failed", active=True), DeviceAlarm(t=3, code="source_failed", active=False),
    ]  # fmt: skip
