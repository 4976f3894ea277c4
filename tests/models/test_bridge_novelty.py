"""The shipped novelty model is the one its training describes."""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

from models import manifest
from models.train_bridge_novelty import Rows, area_under_curve, export, plain_rule, simulated_rows, train


@pytest.fixture(scope="module")
def shipped() -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(str(manifest.load("bridge-novelty").path), providers=["CPUExecutionProvider"])


def test_the_exported_model_computes_what_numpy_does(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(200, 12)) @ rng.normal(size=(12, 12))
    detector = train(rows[:100], rows[100:])
    export(detector, Rows(rows, 0.1, 0.1), tmp_path / "m" / "x.onnx")

    session = onnxruntime.InferenceSession(str(tmp_path / "m" / "x.onnx"), providers=["CPUExecutionProvider"])

    (scores,) = session.run(["score"], {"features": rows.astype(np.float32)})
    np.testing.assert_allclose(scores, detector.score(rows), rtol=1e-3)


def test_one_in_a_hundred_validation_rows_is_above_one() -> None:
    rng = np.random.default_rng(2)

    detector = train(rng.normal(size=(2000, 8)), validation := rng.normal(size=(2000, 8)))

    assert (detector.score(validation) > 1.0).mean() == pytest.approx(0.01, abs=0.002)


def test_the_plain_rule_is_the_distance_from_the_mean_row() -> None:
    rows = np.array([[0.0, 0.0], [2.0, 2.0]])

    rule = plain_rule(rows, rows)

    np.testing.assert_allclose(rule.score(np.array([[1.0, 3.0], [1.0, 1.0]])), [2.0, 0.0])


def test_area_under_the_curve_of_known_scores() -> None:
    assert area_under_curve(np.array([1.0, 2.0]), np.array([3.0, 4.0])) == 1.0
    assert area_under_curve(np.array([1.0, 2.0]), np.array([1.0, 2.0])) == 0.5


def test_a_healthy_day_scores_low_and_a_lost_fifth_of_stiffness_high(shipped: onnxruntime.InferenceSession) -> None:
    healthy, damaged = simulated_rows(9001, minutes=8), simulated_rows(9001, 0.2, minutes=8)

    scores = [shipped.run(["score"], {"features": rows.features.astype(np.float32)})[0] for rows in (healthy, damaged)]

    assert np.median(scores[0]) < 1.0
    assert np.median(scores[1]) > 1.5 * np.median(scores[0])


def test_the_model_says_which_rows_it_was_made_for(shipped: onnxruntime.InferenceSession) -> None:
    rows = json.loads(shipped.get_modelmeta().custom_metadata_map["rows"])

    model = onnx.load(str(manifest.load("bridge-novelty").path))
    mean = next(numpy_helper.to_array(one) for one in model.graph.initializer if one.name == "mean")
    assert rows["levels"] == len(mean) == manifest.load("bridge-novelty").inputs[0].shape[1]
