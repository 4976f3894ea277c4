"""Train the bridge's novelty model: ``python -m models.train_bridge_novelty``.

A principal-component autoencoder of the spectrum's rows, on exactly what the device computes (its own pipeline) from
simulated healthy days. It is judged on seeds it was not trained on, healthy and with stiffness lost in the middle span,
beside a plain rule (distance of the row from the mean row), and its card is written from those figures.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.bridge.config import Channel, Config, Modes, Novelty
from edge.bridge.items import AccelerationChunk
from edge.bridge.pipeline import pipeline
from edge.bridge.score_novelty import FEATURES, features
from edge.contract.records.bridge import BridgeSpectrum
from models import manifest
from models.bridge_novelty_card import card
from simulators.bridge.settings import Settings
from simulators.bridge.vibration import Vibration

Real = NDArray[np.float64]

NAME = "bridge-novelty"
VERSION = "1"
FOLDER = Path(__file__).with_name(NAME)
MINUTES = 20
TRAINING_SEEDS = range(1000, 1060)
HEALTHY_SEEDS = range(2000, 2010)
LOSSES = (0.02, 0.05, 0.10, 0.20)
VARIANCE_KEPT = 0.5
CONFIG = Config(
    channels=[Channel(name=name) for name in ("a1", "a3", "a4")],
    modes=Modes(first_s=3600.0, step_s=3600.0),
    novelty=Novelty(model=""),
)


class Rows(NamedTuple):
    """Feature rows of one simulated stretch, (rows, levels), and the grid they are on."""

    features: Real
    f_first_hz: float
    f_step_hz: float


class Detector(NamedTuple):
    """What is exported: standardise, project on the kept components, mean squared remainder over its limit."""

    mean: Real
    deviation: Real
    components: Real
    limit: float

    def score(self, rows: Real) -> Real:
        """(rows,) scores; 1 is the 99th percentile on healthy validation rows."""
        z = (rows - self.mean) / self.deviation
        rest = z - z @ self.components.T @ self.components
        return np.asarray((rest**2).mean(axis=1) / self.limit)


def simulated_rows(seed: int, stiffness_loss: float = 0.0, minutes: int = MINUTES) -> Rows:
    """What the device's pipeline makes of ``minutes`` of a day of any season and hour; the seed decides which."""
    rng = np.random.default_rng(seed)
    settings = Settings(
        hour_of_day=float(rng.uniform(0.0, 24.0)),
        mean_degc=float(rng.uniform(0.0, 28.0)),
        stiffness_loss=[0.0, stiffness_loss, 0.0],
    )
    vibration, device = Vibration(settings, rng), pipeline(CONFIG)
    windows: dict[int, list[BridgeSpectrum]] = {}
    count = round(settings.rate_hz)
    for second in range(minutes * 60 + 10):
        chunk = AccelerationChunk(
            run=0, first_sample=second * count, rate_hz=settings.rate_hz, channels=3, encoding="f4",
            data=vibration.second().astype("<f4").tobytes(),
        )  # fmt: skip
        for record in device.process((second + 1) * 1_000_000, chunk):
            if isinstance(record, BridgeSpectrum) and record.t is not None:
                windows.setdefault(record.t, []).append(record)
    rows = list(windows.values())
    grid = rows[0][0]
    return Rows(np.array([features(row) for row in rows], dtype=np.float64), grid.f_first_hz, grid.f_step_hz)


def train(rows: Real, validation: Real) -> Detector:
    """Components of the training rows; the limit from validation rows, which are other seeds."""
    mean, deviation = rows.mean(axis=0), np.maximum(rows.std(axis=0), 0.1)
    _, singular, axes = np.linalg.svd((rows - mean) / deviation, full_matrices=False)
    share = np.cumsum(singular**2) / (singular**2).sum()
    kept = int(np.searchsorted(share, VARIANCE_KEPT)) + 1
    detector = Detector(mean, deviation, axes[:kept], 1.0)
    return detector._replace(limit=float(np.quantile(detector.score(validation), 0.99)))


def plain_rule(rows: Real, validation: Real) -> Detector:
    """The rule to beat: mean squared distance of the row from the mean row, in decibels."""
    nothing = Detector(rows.mean(axis=0), np.ones(rows.shape[1]), np.zeros((0, rows.shape[1])), 1.0)
    return nothing._replace(limit=float(np.quantile(nothing.score(validation), 0.99)))


def area_under_curve(healthy: Real, damaged: Real) -> float:
    """Chance that a damaged row scores above a healthy one (Mann–Whitney)."""
    below = np.searchsorted(np.sort(healthy), damaged, side="left")
    upto = np.searchsorted(np.sort(healthy), damaged, side="right")
    return float((below + upto).mean() / (2.0 * len(healthy)))


def export(detector: Detector, rows: Rows, path: Path) -> None:
    """Write the ONNX file: features (n, levels) float32 → score (n,) float32."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    levels = rows.features.shape[1]
    constants = {
        "mean": detector.mean, "deviation": detector.deviation, "down": detector.components.T,
        "up": detector.components, "limit": np.array(detector.limit),
    }  # fmt: skip
    nodes = [
        helper.make_node("Sub", [FEATURES, "mean"], ["centred"]),
        helper.make_node("Div", ["centred", "deviation"], ["z"]),
        helper.make_node("MatMul", ["z", "down"], ["code"]),
        helper.make_node("MatMul", ["code", "up"], ["rebuilt"]),
        helper.make_node("Sub", ["z", "rebuilt"], ["rest"]),
        helper.make_node("Mul", ["rest", "rest"], ["squared"]),
        helper.make_node("ReduceMean", ["squared"], ["error"], axes=[1], keepdims=0),
        helper.make_node("Div", ["error", "limit"], ["score"]),
    ]
    graph = helper.make_graph(
        nodes, NAME,
        [helper.make_tensor_value_info(FEATURES, TensorProto.FLOAT, ["n", levels])],
        [helper.make_tensor_value_info("score", TensorProto.FLOAT, ["n"])],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in constants.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="machikado")
    model.ir_version = 8
    made_for = {
        "levels": levels, "f_first_hz": rows.f_first_hz, "f_step_hz": rows.f_step_hz,
        "window_s": CONFIG.spectrum.window_s,
    }  # fmt: skip
    helper.set_model_props(model, {"rows": json.dumps(made_for)})
    onnx.checker.check_model(model)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(model.SerializeToString())


def main() -> None:
    """Simulate, train, judge, export, register and write the card."""
    argparse.ArgumentParser(description="Train the bridge's novelty model and write its card.").parse_args()
    parts = [simulated_rows(seed) for seed in TRAINING_SEEDS]
    split = len(parts) * 2 // 3
    training = np.concatenate([part.features for part in parts[:split]])
    validation = np.concatenate([part.features for part in parts[split:]])
    rules = {"model": train(training, validation), "plain": plain_rule(training, validation)}
    healthy = np.concatenate([simulated_rows(seed).features for seed in HEALTHY_SEEDS])
    results: dict[str, dict[str, float]] = {
        name: {"false_alarms": float((rule.score(healthy) > 1.0).mean())} for name, rule in rules.items()
    }
    for loss in LOSSES:
        damaged = np.concatenate([simulated_rows(seed, loss).features for seed in HEALTHY_SEEDS])
        for name, rule in rules.items():
            results[name][f"auc_{loss:.0%}"] = area_under_curve(rule.score(healthy), rule.score(damaged))
            results[name][f"found_{loss:.0%}"] = float((rule.score(damaged) > 1.0).mean())
    file = FOLDER / f"{NAME}-{VERSION}.onnx"
    export(rules["model"], parts[0], file)
    levels = training.shape[1]
    manifest.register(
        NAME, VERSION, f"{NAME}/{file.name}",
        (manifest.Tensor(FEATURES, (-1, levels), "float32"),), (manifest.Tensor("score", (-1,), "float32"),),
    )  # fmt: skip
    sizes = {
        "training": len(training), "validation": len(validation), "healthy": len(healthy),
        "components": len(rules["model"].components), "levels": levels, "bytes": file.stat().st_size,
    }  # fmt: skip
    text = card(results, sizes, LOSSES)
    (FOLDER / "card.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
