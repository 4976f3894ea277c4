"""The two model adapters: what they give, and what they say when a model cannot be had."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edge.errors import ModelError
from edge.inference import LiteRtModel, Model, OnnxModel, open_model
from models import manifest

NOVELTY = manifest.load("bridge-novelty").path
PEOPLE = manifest.load("counter-people").path


@pytest.mark.parametrize("kind", [OnnxModel, LiteRtModel])
def test_a_missing_file_is_said_with_its_path(kind: type[OnnxModel] | type[LiteRtModel], tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="nothing-here"):
        kind(tmp_path / "nothing-here").load()


@pytest.mark.parametrize("kind", [OnnxModel, LiteRtModel])
def test_a_file_that_is_no_model_is_refused(kind: type[OnnxModel] | type[LiteRtModel], tmp_path: Path) -> None:
    path = tmp_path / "garbage"
    path.write_bytes(b"this is no model" * 10)

    with pytest.raises(ModelError, match="garbage"):
        kind(path).load()


@pytest.mark.parametrize(
    ("model", "features"),
    [(OnnxModel(NOVELTY), np.zeros((1, 7), np.float32)), (LiteRtModel(PEOPLE), np.zeros((1, 3, 3, 1), np.float32))],
)
def test_features_of_another_shape_are_refused(model: Model, features: np.ndarray) -> None:
    with pytest.raises(ModelError, match="does not fit"):
        model.run(features)


@pytest.mark.parametrize(
    ("model", "features", "shape"),
    [
        (OnnxModel(NOVELTY), np.ones((5, 102), np.float32), (5,)),
        (LiteRtModel(PEOPLE), np.ones((5, 8, 8, 1), np.float32), (5, 3)),
    ],
)
def test_several_rows_at_once_are_the_same_as_one_after_another(
    model: Model, features: np.ndarray, shape: tuple[int, int]
) -> None:
    features = features * np.arange(5, dtype=np.float32).reshape(-1, *[1] * (features.ndim - 1))

    together = model.run(features)
    apart = np.concatenate([model.run(features[row : row + 1]) for row in range(5)])

    assert together.shape == shape
    np.testing.assert_allclose(together, apart, rtol=1e-5, atol=1e-4)


def test_a_model_that_the_manifest_does_not_know_is_refused_by_name() -> None:
    with pytest.raises(ModelError, match="no-such-model"):
        open_model("no-such-model")
