"""The shipped occupancy model does what its card says, on days that it was not trained on."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.inference import open_model
from models import manifest
from models.train_counter_occupancy import (
    HELD_OUT_DAYS,
    Recording,
    read_recording,
    recording_path,
    rule_threshold_lux,
    split,
)

CARD = Path(manifest.__file__).with_name("counter-occupancy") / "card.md"


def card() -> dict[str, Any]:
    """The figures that the card states."""
    stated: dict[str, Any] = json.loads(re.findall(r"```json\n(.*?)```", CARD.read_text(), re.DOTALL)[0])
    return stated


@pytest.fixture(scope="module")
def recording() -> Recording:
    if not recording_path().exists():
        pytest.skip(f"{recording_path()} is not here; set MACHIKADO_DATA to the folder of recordings")
    return read_recording(recording_path())


def test_the_card_s_accuracy_is_the_shipped_file_s_on_the_held_out_days(recording: Recording) -> None:
    model, _ = open_model("counter-occupancy")
    _, held_out = split(recording)

    probability = model.run(held_out.rows)[:, 0]

    assert np.mean((probability >= 0.5) == held_out.occupied) == pytest.approx(card()["accuracy_model"], abs=5e-4)


def test_the_card_s_rule_is_the_best_threshold_of_the_training_days(recording: Recording) -> None:
    train, held_out = split(recording)

    threshold = rule_threshold_lux(train)

    assert threshold == card()["rule_lux"]
    accuracy = np.mean((held_out.rows[:, 1] > threshold) == held_out.occupied)
    assert accuracy == pytest.approx(card()["accuracy_rule"], abs=5e-4)


def test_the_model_is_better_than_the_rule_and_reaches_what_a_linear_model_is_known_to_reach() -> None:
    stated = card()

    assert stated["accuracy_model"] > stated["accuracy_rule"]
    assert stated["every_day_left_out_model"] > stated["every_day_left_out_rule"]
    assert stated["every_day_left_out_model"] >= 0.97


def test_held_out_days_are_whole_days_that_were_not_trained_on(recording: Recording) -> None:
    train, held_out = split(recording)

    assert set(held_out.days) == set(HELD_OUT_DAYS) == set(card()["held_out_days"])
    assert not set(train.days) & set(held_out.days)


def test_the_probability_rises_with_carbon_dioxide() -> None:
    model, _ = open_model("counter-occupancy")

    empty, full = model.run(np.array([[21.0, 430.0, 450.0], [21.0, 430.0, 900.0]], dtype=np.float32))[:, 0]

    assert empty < full
