"""How well the shipped people count does on scenes it was not trained on: ``python -m models.evaluate_counter_people``.

Prints one JSON object: mean absolute error of the model and of the plain rule, by how many people there are, and how
often the model's 80 % interval holds the truth.
"""

from __future__ import annotations

import json
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.counter.features import people_by_rule
from edge.inference import open_model
from models.thermal_scenes import Labelled, labelled_scenes

HELD_OUT_SEEDS: Final = range(9_000, 9_060)
GROUPS: Final = {"0": (0, 0), "1-4": (1, 4), "5-8": (5, 8), "9-12": (9, 12)}


def evaluate(scenes: Labelled) -> dict[str, float]:
    """Figures of the shipped model and of the rule on labelled scenes, rounded to three places."""
    model, _ = open_model("counter-people")
    quantiles = np.concatenate([model.run(sample[None, :, :, None]) for sample in scenes.contrast])
    by_rule = np.array([people_by_rule(sample) for sample in scenes.contrast])
    figures = {
        "samples": float(len(scenes.people)),
        "coverage_80": float(np.mean(_held(quantiles, scenes.people))),
    }
    for name, (low, high) in GROUPS.items():
        chosen = (scenes.people >= low) & (scenes.people <= high)
        figures[f"mae_model_{name}"] = float(np.mean(np.abs(quantiles[chosen, 1] - scenes.people[chosen])))
        figures[f"mae_rule_{name}"] = float(np.mean(np.abs(by_rule[chosen] - scenes.people[chosen])))
    sunny = scenes.sunny & (scenes.people <= 4)
    figures["mae_model_0-4_sunny"] = float(np.mean(np.abs(quantiles[sunny, 1] - scenes.people[sunny])))
    figures["mae_rule_0-4_sunny"] = float(np.mean(np.abs(by_rule[sunny] - scenes.people[sunny])))
    return {name: round(value, 3) for name, value in figures.items()}


def _held(quantiles: NDArray[np.float32], people: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether the interval, as the agent reports it (nothing below nobody), holds the truth."""
    low, high = np.maximum(quantiles[:, 0], 0.0), np.maximum(quantiles[:, 2], 0.0)
    held: NDArray[np.bool_] = (low <= people) & (people <= high)
    return held


if __name__ == "__main__":
    print(json.dumps(evaluate(labelled_scenes(HELD_OUT_SEEDS, every_s=10)), indent=2))
