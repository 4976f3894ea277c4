"""The shipped people count does what its card says, on scenes that it was not trained on."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from edge.inference import open_model
from models import manifest
from models.evaluate_counter_people import HELD_OUT_SEEDS, evaluate
from models.thermal_scenes import labelled_scenes
from models.train_counter_people import CALIBRATE_SEEDS, TRAIN_SEEDS, missing_margins

CARD = Path(manifest.__file__).with_name("counter-people") / "card.md"


def card() -> dict[str, float]:
    """The figures that the card states."""
    stated: dict[str, float] = json.loads(re.findall(r"```json\n(.*?)```", CARD.read_text(), re.DOTALL)[0])
    return stated


def test_the_card_s_figures_are_those_of_the_shipped_file() -> None:
    assert evaluate(labelled_scenes(HELD_OUT_SEEDS, every_s=10)) == pytest.approx(card(), abs=0.01)


def test_scenes_are_trained_on_calibrated_on_or_measured_on_but_never_two_of_them() -> None:
    assert not set(TRAIN_SEEDS) & set(HELD_OUT_SEEDS)
    assert not set(CALIBRATE_SEEDS) & (set(HELD_OUT_SEEDS) | set(TRAIN_SEEDS))


def test_the_model_errs_less_than_the_rule_and_within_the_aims() -> None:
    stated = card()

    assert all(stated[f"mae_model_{group}"] < stated[f"mae_rule_{group}"] for group in ("0", "1-4", "5-8", "9-12"))
    assert stated["mae_model_1-4"] <= 0.5
    assert stated["mae_model_9-12"] <= 1.5
    assert 0.75 <= stated["coverage_80"] <= 0.85


def test_a_mirrored_frame_shows_as_many_people() -> None:
    model, _ = open_model("counter-people")
    scene = labelled_scenes(range(9_000, 9_020), every_s=100).contrast

    counted = np.array([model.run(sample[None, :, :, None])[0, 1] for sample in scene])
    mirrored = np.array([model.run(np.ascontiguousarray(sample[None, :, ::-1, None]))[0, 1] for sample in scene])

    assert np.mean(np.abs(counted - mirrored)) < 0.25


def test_margins_put_a_tenth_of_the_truth_beyond_each_end() -> None:
    rng = np.random.default_rng(1)
    people = rng.normal(5.0, 1.0, 10_000).astype(np.float32)
    quantiles = np.tile(np.array([4.9, 5.0, 5.1], dtype=np.float32), (10_000, 1))

    below, above = missing_margins(quantiles, people)

    # The normal distribution's 10 % quantile is 1.2816 standard deviations out.
    assert 5.0 - (4.9 - below) == pytest.approx(1.2816, abs=0.05)
    assert 5.1 + above - 5.0 == pytest.approx(1.2816, abs=0.05)
