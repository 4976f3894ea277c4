"""The counter's ONNX files: the weights of the TFLite files, and their answers."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.inference import LiteRtModel, OnnxModel, open_model
from models import manifest
from models.counter_onnx import OCCUPANCY, PEOPLE, SUFFIX, made

ROWS = 5000


def scenes() -> NDArray[np.float32]:
    """Contrasts [°C] of every strength, far beyond what a room gives."""
    rng = np.random.default_rng(1)
    strength = rng.choice([0.2, 1.0, 4.0], (ROWS, 1, 1, 1))
    return (strength * rng.normal(size=(ROWS, 8, 8, 1))).astype(np.float32)


def rooms() -> NDArray[np.float32]:
    """Temperature [°C], light [lx] and CO₂ [ppm]."""
    return np.random.default_rng(2).uniform((10, 0, 400), (35, 1000, 3000), (ROWS, 3)).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "features", "within"), [(PEOPLE, scenes(), 1e-4), (OCCUPANCY, rooms(), 2e-6)], ids=[PEOPLE, OCCUPANCY]
)
def test_both_files_of_a_model_give_the_same_answers(name: str, features: NDArray[np.float32], within: float) -> None:
    light, version = open_model(name)
    other, other_version = open_model(name + SUFFIX)

    assert isinstance(light, LiteRtModel)
    assert isinstance(other, OnnxModel)
    assert version == other_version
    np.testing.assert_allclose(other.run(features), light.run(features), rtol=0, atol=within)


@pytest.mark.parametrize("name", [PEOPLE, OCCUPANCY])
def test_the_shipped_file_is_the_one_that_the_shipped_weights_make(name: str) -> None:
    assert made(manifest.load(name)) == manifest.load(name + SUFFIX).path.read_bytes()
