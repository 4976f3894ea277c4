"""Train the people count on simulated thermal frames and export it as TFLite and ONNX: ``python -m models.train_counter_people``.

A small convolutional network gives the 10 %, 50 % and 90 % quantiles of the people in view (pinball loss). The outer
two are then moved by what a second set of scenes, not trained on, shows to be missing (conformalised quantile
regression, Romano et al. 2019), so that the interval holds 80 % of the truth there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models import counter_onnx
from models.manifest import Tensor, register
from models.thermal_scenes import labelled_scenes

NAME: Final = "counter-people"
VERSION: Final = "1"
FILE: Final = f"{NAME}/{NAME}.tflite"
TRAIN_SEEDS: Final = range(300)
CALIBRATE_SEEDS: Final = range(5_000, 5_060)
QUANTILES: Final = (0.1, 0.5, 0.9)
SEED: Final = 20261123
EPOCHS: Final = 40


def main() -> None:
    """Train, calibrate, export and register."""
    import tensorflow

    tensorflow.keras.utils.set_random_seed(SEED)
    train = labelled_scenes(TRAIN_SEEDS, every_s=7)
    contrast, people = _mirrored(train.contrast, train.people)
    network = _network(tensorflow)
    rate = tensorflow.keras.optimizers.schedules.CosineDecay(2e-3, EPOCHS * len(people) // 256)
    network.compile(optimizer=tensorflow.keras.optimizers.Adam(rate), loss=_pinball(tensorflow))
    network.fit(contrast, people, batch_size=256, epochs=EPOCHS, verbose=2, shuffle=True)
    calibrate = labelled_scenes(CALIBRATE_SEEDS, every_s=7)
    below, above = missing_margins(network.predict(calibrate.contrast[..., None], verbose=0), calibrate.people)
    print(f"margins added: {below:.3f} below, {above:.3f} above")
    _export(tensorflow, network, below, above)
    shape_in = (Tensor("contrast_degc", (-1, 8, 8, 1), "float32"),)
    register(NAME, VERSION, FILE, shape_in, (Tensor("people_low_median_high", (-1, 3), "float32"),))
    counter_onnx.write(NAME)


def missing_margins(quantiles: NDArray[np.float32], people: NDArray[np.float32]) -> tuple[float, float]:
    """How far the lower and the upper quantile, shape (samples, 3), must move for 10 % of the truth beyond each."""
    below = float(np.quantile(quantiles[:, 0] - people, 0.9))
    above = float(np.quantile(people - quantiles[:, 2], 0.9))
    return below, above


def _mirrored(
    contrast: NDArray[np.float32], people: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The four mirror images of every sample, shape (samples, 8, 8, 1): nothing in the count depends on the side."""
    images = [contrast, contrast[:, ::-1], contrast[:, :, ::-1], contrast[:, ::-1, ::-1]]
    return np.concatenate(images)[..., None], np.tile(people, 4)


def _network(tensorflow: Any) -> Any:
    layers = tensorflow.keras.layers
    given = layers.Input((8, 8, 1))
    x = layers.Rescaling(0.25)(given)
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    x = layers.Conv2D(24, 3, padding="same", activation="relu")(x)
    x = layers.Conv2D(24, 3, padding="same", activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(32, activation="relu")(x)
    median = layers.Dense(1)(x)
    spread = layers.Dense(2, activation="softplus")(x)
    signs = layers.Rescaling([-1.0, 0.0, 1.0])(layers.Concatenate()([spread[:, :1], median, spread[:, 1:]]))
    return tensorflow.keras.Model(given, layers.Add()([layers.Concatenate()([median, median, median]), signs]))


def _pinball(tensorflow: Any) -> Any:
    quantiles = tensorflow.constant(QUANTILES)

    def loss(truth: Any, predicted: Any) -> Any:
        error = tensorflow.reshape(truth, (-1, 1)) - predicted
        return tensorflow.reduce_mean(tensorflow.maximum(quantiles * error, (quantiles - 1.0) * error))

    return loss


def _export(tensorflow: Any, network: Any, below: float, above: float) -> None:
    layers = tensorflow.keras.layers
    moved = layers.Rescaling([1.0, 1.0, 1.0], offset=[-below, 0.0, above])(network.output)
    shipped = tensorflow.keras.Model(network.input, moved)
    path = Path(__file__).with_name(NAME) / Path(FILE).name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(tensorflow.lite.TFLiteConverter.from_keras_model(shipped).convert())
    print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
