"""Train the occupancy model on a real labelled recording and export it: ``python -m models.train_counter_occupancy``.

A logistic regression on temperature, light and CO₂, with two hinges on the light so that it may weigh daylight and
lamps apart. Hinges and standardisation are inside the graph. Days are held out whole, because minutes of one day are
nearly copies of each other; the hour is never given.

Both of the counter's models are used as .tflite files, or both as .onnx files: a second run-time library costs the agent
20 to 30 MB.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models import counter_onnx
from models.manifest import Tensor, register

NAME: Final = "counter-occupancy"
VERSION: Final = "1"
FILE: Final = f"{NAME}/{NAME}.tflite"
HELD_OUT_DAYS: Final = ("2015-02-09", "2015-02-10")
HINGES_LUX: Final = (300.0, 450.0)
RULE_CANDIDATES_LUX: Final = np.arange(50.0, 600.0, 5.0)


@dataclass(frozen=True)
class Recording:
    """Minutes of one room: its days, the rows of temperature °C, light lx, CO₂ ppm, and whether anybody was there."""

    days: NDArray[np.str_]
    rows: NDArray[np.float32]
    occupied: NDArray[np.bool_]

    def where(self, chosen: NDArray[np.bool_]) -> Recording:
        """The chosen minutes."""
        return Recording(self.days[chosen], self.rows[chosen], self.occupied[chosen])


def recording_path() -> Path:
    """Where the labelled recording lies: below ``MACHIKADO_DATA``, by default ``../shared/data``."""
    return Path(os.environ.get("MACHIKADO_DATA", "../shared/data")) / "counter" / "occupancy-train.txt"


def read_recording(path: Path) -> Recording:
    """The recording (UCI Occupancy Detection, CC-BY-4.0): number, date, T, RH, light, CO₂, humidity ratio, occupied."""
    with path.open(newline="") as file:
        lines: Sequence[list[str]] = list(csv.reader(file))[1:]
    return Recording(
        np.array([line[1][:10] for line in lines]),
        np.array([[float(line[2]), float(line[4]), float(line[5])] for line in lines], dtype=np.float32),
        np.array([line[7] == "1" for line in lines]),
    )


def split(recording: Recording) -> tuple[Recording, Recording]:
    """The days to train on and the days held out."""
    held_out = np.isin(recording.days, HELD_OUT_DAYS)
    return recording.where(~held_out), recording.where(held_out)


def rule_threshold_lux(train: Recording) -> float:
    """The light above which the plain rule says 'occupied': the threshold that errs least on ``train``."""
    hits = [np.mean((train.rows[:, 1] > threshold) == train.occupied) for threshold in RULE_CANDIDATES_LUX]
    return float(RULE_CANDIDATES_LUX[int(np.argmax(hits))])


def main() -> None:
    """Train, say how it does on days it has not seen, export and register."""
    recording = read_recording(recording_path())
    _report_each_day(recording)
    train, held_out = split(recording)
    model = _fit(train)
    path = Path(__file__).with_name(NAME) / Path(FILE).name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(_flat_buffer(model))
    threshold = rule_threshold_lux(train)
    print(f"held out {', '.join(HELD_OUT_DAYS)}: model {_accuracy(model, held_out):.4f}, "
          f"rule (light > {threshold:.0f} lx) {np.mean((held_out.rows[:, 1] > threshold) == held_out.occupied):.4f}")  # fmt: skip
    print(f"{path}: {path.stat().st_size} bytes")
    register(
        NAME, VERSION, FILE,
        (Tensor("air", (-1, 3), "float32"),), (Tensor("probability", (-1, 1), "float32"),),
    )  # fmt: skip
    counter_onnx.write(NAME)


def _report_each_day(recording: Recording) -> None:
    """Leave one day out, each in turn."""
    model_hits = rule_hits = 0
    for day in np.unique(recording.days):
        train, held_out = recording.where(recording.days != day), recording.where(recording.days == day)
        threshold = rule_threshold_lux(train)
        model = _accuracy(_fit(train), held_out)
        rule = float(np.mean((held_out.rows[:, 1] > threshold) == held_out.occupied))
        model_hits += round(model * len(held_out.days))
        rule_hits += round(rule * len(held_out.days))
        print(f"{day} left out: model {model:.4f}, rule (light > {threshold:.0f} lx) {rule:.4f}")
    total = len(recording.days)
    print(f"every day left out once: model {model_hits / total:.4f}, rule {rule_hits / total:.4f}")


def _with_hinges(rows: NDArray[np.float32]) -> NDArray[np.float64]:
    light = rows[:, 1:2].astype(np.float64)
    return np.hstack([rows, *(np.maximum(light - hinge, 0.0) for hinge in HINGES_LUX)])


def _fit(train: Recording) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(
        _with_hinges(train.rows), train.occupied
    )


def _accuracy(model: Any, on: Recording) -> float:
    return float(np.mean(model.predict(_with_hinges(on.rows)) == on.occupied))


def _flat_buffer(model: Any) -> bytes:
    """air (n, 3) → [air, relu(light − hinges)] → weigh (standardisation folded into the weights) → sigmoid."""
    import tensorflow

    scaler, regression = model[0], model[1]
    weights = (regression.coef_[0] / scaler.scale_).astype(np.float32)[:, None]
    bias = float(regression.intercept_[0] - np.sum(regression.coef_[0] * scaler.mean_ / scaler.scale_))
    light = np.zeros((3, len(HINGES_LUX)), dtype=np.float32)
    light[1] = 1.0
    layers = tensorflow.keras.layers
    air = layers.Input((3,), name="air")
    hinges, weigh = layers.Dense(len(HINGES_LUX), activation="relu"), layers.Dense(1, activation="sigmoid")
    network = tensorflow.keras.Model(air, weigh(layers.Concatenate()([air, hinges(air)])))
    hinges.set_weights([light, -np.array(HINGES_LUX, dtype=np.float32)])
    weigh.set_weights([weights, np.array([bias], dtype=np.float32)])
    content: bytes = tensorflow.lite.TFLiteConverter.from_keras_model(network).convert()
    return content


if __name__ == "__main__":
    main()
