"""Nodes on one clock give joint shapes, however their samples lie between each other; nodes that are not give none."""

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.bridge.config import Channel
from edge.bridge.nodes import analyse_nodes, join
from edge.bridge.raw import Raw
from tests.edge.bridge.oscillators import response

FINE_HZ, RATE_HZ = 1000.0, 100.0
TRUE_HZ = [2.0, 5.3, 11.0]
SHAPES = np.array([[1.0, 0.8, 0.3, 0.5], [0.9, -0.4, -1.0, 0.6], [0.5, -1.0, 0.8, 0.7]])
START_US = 1_795_000_000_000_000


@pytest.fixture(scope="module")
def fine() -> NDArray[np.float64]:
    """Ten samples for one of a node's, so that nodes may begin between each other's samples."""
    return response(TRUE_HZ, 0.01, SHAPES, FINE_HZ, 240.0, np.random.default_rng(1))


def node(fine: NDArray[np.float64], columns: slice, late: int, error_s: float | None, told: int = 0) -> Raw:
    """Every tenth sample from ``late`` on; its start is told ``told`` fine samples wrong."""
    values = fine[late::10, columns]
    channels = tuple(Channel(name=f"a{n + 1}") for n in range(values.shape[1]))
    start = START_US + round((late + told) * 1e6 / FINE_HZ)
    return Raw(values, RATE_HZ, channels, start_us=start, clock_error_s=error_s)


def shapes_of(raws: list[Raw]) -> tuple[list[float], list[list[float | None]], set[str]]:
    answer = analyse_nodes(raws)
    plain = answer.to_builtins()
    found = {finding.code for finding in answer.findings}
    return [mode["frequency_hz"] for mode in plain["modes"]], [mode["shape"] for mode in plain["modes"]], found


def test_synchronous_nodes_whose_samples_lie_between_each_other_give_the_joint_shape(fine: NDArray[np.float64]) -> None:
    raws = [node(fine, slice(0, 2), 0, 2e-4), node(fine, slice(2, 4), 37, 2e-4)]

    frequencies, shapes, found = shapes_of(raws)

    assert "nodes_joined" in found
    np.testing.assert_allclose(frequencies, TRUE_HZ, rtol=0.01)
    for shape, true in zip(shapes, SHAPES, strict=True):
        known = np.array([float(value or 0.0) for value in shape])
        assurance = (known @ true) ** 2 / (known @ known) / (true @ true)
        assert assurance > 0.995


def test_moved_samples_are_what_the_first_nodes_grid_would_have_seen(fine: NDArray[np.float64]) -> None:
    smooth = np.column_stack([np.sin(2 * np.pi * f * np.arange(len(fine)) / FINE_HZ) for f in (1.7, 9.1, 1.7, 9.1)])

    joined = join([node(smooth, slice(0, 2), 0, 0.0), node(smooth, slice(2, 4), 37, 0.0)])

    assert joined is not None
    assert [channel.name for channel in joined.channels] == ["n1.a1", "n1.a2", "n2.a1", "n2.a2"]
    np.testing.assert_allclose(joined.values[:, 2:], joined.values[:, :2], atol=2e-4)


@pytest.mark.parametrize(
    ("error_s", "words"), [(None, "not every node tells its start"), (0.0008, "two nodes may be 1.6 ms apart")]
)
def test_nodes_that_are_not_synchronous_give_frequencies_and_no_shape(
    fine: NDArray[np.float64], error_s: float | None, words: str
) -> None:
    raws = [node(fine, slice(0, 2), 0, error_s), node(fine, slice(2, 4), 37, error_s)]

    frequencies, shapes, found = shapes_of(raws)

    assert "nodes_apart" in found
    assert any(words in finding.says for finding in analyse_nodes(raws).findings)
    np.testing.assert_allclose(frequencies, TRUE_HZ, rtol=0.01)
    assert all(value is None for shape in shapes for value in shape)


def test_rates_that_differ_are_not_joined(fine: NDArray[np.float64]) -> None:
    raws = [node(fine, slice(0, 2), 0, 0.0), node(fine, slice(2, 4), 0, 0.0)._replace(rate_hz=RATE_HZ * 1.0033)]

    assert "nodes_apart" in shapes_of(raws)[2]


def test_nodes_without_time_in_common_are_not_joined(fine: NDArray[np.float64]) -> None:
    raws = [node(fine, slice(0, 2), 0, 0.0), node(fine, slice(2, 4), 0, 0.0, told=10_000_000)]

    assert "nodes_apart" in shapes_of(raws)[2]
