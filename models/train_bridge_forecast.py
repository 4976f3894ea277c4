"""Train the model that foretells a bridge's frequencies from their history: ``python -m models.train_bridge_forecast``.

A network of two hidden layers: thirty days of a mode's level and of the deck's temperature in, the change of the level
1, 7 and 30 days on out. Learnt over a population of simulated bridges, each with slopes, lags, scatter, wander, weather
and damage of its own, and of campaigns with construction; judged on bridges it was not trained on, beside persistence.
Its card is written from those figures. Wants scikit-learn (extra ``train``).
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from models import manifest
from models.bridge_forecast_card import card
from models.forecast_history import DAY_H, DAYS, HORIZONS_D, WIDTH, changes, inputs, levels, measured_ahead
from simulators.bridge import campaign
from simulators.bridge.year import Year, simulate

Real = NDArray[np.float64]
Rows = NDArray[np.float32]

NAME: Final = "bridge-forecast"
VERSION: Final = "1"
FOLDER: Final = Path(__file__).with_name(NAME)
STREAM: Final = 7_000_000
"""First number of every seed here; no benchmark and no test draws from it."""

BRIDGES: Final = {"training": range(300), "validation": range(300, 340), "held out": range(340, 400)}
CAMPAIGNS: Final = range(10)
"""Held out, all of them."""

MOMENTS: Final = 60
"""Moments drawn of each bridge; a campaign gives half as many."""

DAMAGED_SHARE: Final = 0.3
HIDDEN: Final = (96, 48)
MOST_ROUNDS, PATIENCE = 30, 5
FURTHEST_PERCENT: Final = 3.0
"""Changes are drawn in to this where they are learnt: a step that nobody can foresee must not teach."""
CLIP_SIGMAS: Final = 6.0


class Examples(NamedTuple):
    """What is learnt from: inputs (rows, WIDTH), and changes (rows, horizons) in percent."""

    inputs: Rows
    changes: Real


class Network(NamedTuple):
    """What is exported: standardise, draw in, and layers of (weights, offsets) with a ramp between."""

    mean: Real
    deviation: Real
    layers: list[tuple[Real, Real]]

    def foretell(self, rows: Rows) -> Real:
        """(rows, horizons), change in percent."""
        out = np.clip((rows - self.mean) / self.deviation, -CLIP_SIGMAS, CLIP_SIGMAS)
        for number, (weights, offsets) in enumerate(self.layers):
            out = out @ weights + offsets
            out = out if number == len(self.layers) - 1 else np.maximum(out, 0.0)
        return np.asarray(out)


def drawn_year(generator: np.random.Generator) -> Year:
    """A bridge and its climate, drawn; one in three is damaged for its last months."""

    def each(low: float, high: float) -> tuple[float, ...]:
        return tuple(generator.uniform(low, high, 4).tolist())

    damaged = bool(generator.random() < DAMAGED_SHARE)
    return Year(
        healthy_h=DAY_H * int(generator.integers(150, 420)),
        damaged_h=DAY_H * int(generator.integers(20, 120)) if damaged else 0,
        warm_loss=each(0.03, 0.12), cold_loss=each(0.1, 0.6), scatter=each(0.1, 0.7),
        wander=float(generator.uniform(0.05, 0.3)), wander_h=float(generator.uniform(24.0, 200.0)),
        moisture=float(generator.uniform(0.0, 0.2)), frost_wander=float(generator.choice([0.0, 0.5])),
        lag_h=float(generator.uniform(2.0, 10.0)), frozen_lag_h=float(generator.uniform(15.0, 50.0)),
        stages=tuple(np.cumsum(generator.uniform(0.2, 2.0, int(generator.integers(1, 8)))).tolist()),
        pattern=each(0.3, 1.0),
        mean_degc=float(generator.uniform(5.0, 14.0)), season_degc=float(generator.uniform(6.0, 12.0)),
    )  # fmt: skip


def of_bridge(number: int) -> Examples:
    """Moments of a simulated bridge's life."""
    generator = np.random.default_rng([STREAM, 0, number])
    series = simulate(drawn_year(generator), generator)
    return _moments(series.times_s, series.frequencies_hz, series.temperatures_degc[:, 0], MOMENTS, generator)


def of_campaign(number: int) -> Examples:
    """Moments of a simulated campaign, one window in six."""
    generator = np.random.default_rng([STREAM, 1, number])
    drawn = campaign.simulate(
        msgspec.structs.replace(campaign.Settings(), wander=float(generator.uniform(0.05, 0.2))), generator
    )
    hour = np.floor(drawn.times_s / 3600.0)
    first = np.flatnonzero(np.diff(hour, prepend=-1.0))
    return _moments(
        3600.0 * hour[first], drawn.frequencies_hz[first], drawn.temperatures_degc[first, 0], MOMENTS // 2, generator
    )


def _moments(times_s: Real, hz: Real, degc: Real, count: int, generator: np.random.Generator) -> Examples:
    known = levels(times_s, hz, degc)
    hours = generator.integers(DAY_H * DAYS, len(known.percent) - DAY_H * HORIZONS_D[0], count)
    rows, came = inputs(known, hours, measured_ahead(known, hours)), changes(known, hours)
    whole = np.isfinite(rows).all(axis=1) & np.isfinite(came).all(axis=1)
    return Examples(rows[whole], came[whole])


def _joined(several: Sequence[Examples]) -> Examples:
    return Examples(np.concatenate([one.inputs for one in several]), np.concatenate([one.changes for one in several]))


def train(learn: Examples, check: Examples, most_rounds: int = MOST_ROUNDS) -> Network:
    """The network of the round that erred least on other bridges."""
    from sklearn.neural_network import MLPRegressor

    mean, deviation = learn.inputs.mean(axis=0, dtype=np.float64), learn.inputs.std(axis=0, dtype=np.float64)
    deviation = np.maximum(deviation, 0.05)
    x = np.clip((learn.inputs - mean) / deviation, -CLIP_SIGMAS, CLIP_SIGMAS)
    y = np.clip(learn.changes, -FURTHEST_PERCENT, FURTHEST_PERCENT)
    usual = y.std(axis=0)
    model = MLPRegressor(hidden_layer_sizes=HIDDEN, batch_size=512, learning_rate_init=1e-3, alpha=1e-3, random_state=1)
    best, least, since = Network(mean, deviation, []), np.inf, 0
    for _ in range(most_rounds):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.partial_fit(x, y / usual)
        layers = [(w.copy(), b.copy()) for w, b in zip(model.coefs_, model.intercepts_, strict=True)]
        layers[-1] = (layers[-1][0] * usual, layers[-1][1] * usual)
        network = Network(mean, deviation, layers)
        drawn_in = np.clip(check.changes, -FURTHEST_PERCENT, FURTHEST_PERCENT)
        error = float(np.mean(np.square((network.foretell(check.inputs) - drawn_in) / usual)))
        best, least, since = (network, error, 0) if error < least else (best, least, since + 1)
        if since >= PATIENCE:
            break
    return best


def export(network: Network, path: Path) -> None:
    """Write the ONNX file: history (n, WIDTH) float32 → change (n, horizons) float32."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    constants = {"mean": network.mean, "deviation": network.deviation}
    limits = {"low": np.array(-CLIP_SIGMAS), "high": np.array(CLIP_SIGMAS)}
    nodes = [
        helper.make_node("Sub", ["history", "mean"], ["centred"]),
        helper.make_node("Div", ["centred", "deviation"], ["z"]),
        helper.make_node("Clip", ["z", "low", "high"], ["layer0"]),
    ]
    for number, (weights, offsets) in enumerate(network.layers):
        constants |= {f"weights{number}": weights, f"offsets{number}": offsets}
        last = number == len(network.layers) - 1
        nodes += [
            helper.make_node("MatMul", [f"layer{number}", f"weights{number}"], [f"product{number}"]),
            helper.make_node("Add", [f"product{number}", f"offsets{number}"], ["change" if last else f"sum{number}"]),
        ]
        nodes += [] if last else [helper.make_node("Relu", [f"sum{number}"], [f"layer{number + 1}"])]
    graph = helper.make_graph(
        nodes, NAME,
        [helper.make_tensor_value_info("history", TensorProto.FLOAT, ["n", WIDTH])],
        [helper.make_tensor_value_info("change", TensorProto.FLOAT, ["n", len(HORIZONS_D)])],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in (constants | limits).items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="machikado")
    model.ir_version = 8
    onnx.checker.check_model(model)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(model.SerializeToString())


def main() -> None:
    """Simulate, train, judge, export, register and write the card."""
    argparse.ArgumentParser(description="Train the bridge's forecast model and write its card.").parse_args()
    parts = {part: _joined([of_bridge(number) for number in numbers]) for part, numbers in BRIDGES.items()}
    campaigns = _joined([of_campaign(number) for number in CAMPAIGNS])
    network = train(parts["training"], parts["validation"])
    file = FOLDER / f"{NAME}-{VERSION}.onnx"
    export(network, file)
    manifest.register(
        NAME, VERSION, f"{NAME}/{file.name}",
        (manifest.Tensor("history", (-1, WIDTH), "float32"),),
        (manifest.Tensor("change", (-1, len(HORIZONS_D)), "float32"),),
    )  # fmt: skip
    errors = {
        name: (_rms(one.changes), _rms(one.changes - network.foretell(one.inputs)))
        for name, one in (("bridges", parts["held out"]), ("campaigns", campaigns))
    }
    text = card(
        {part: len(one.changes) for part, one in parts.items()} | {"campaigns": len(campaigns.changes)},
        errors,
        file.stat().st_size,
    )
    (FOLDER / "card.md").write_text(text, encoding="utf-8")
    print(text)


def _rms(errors: Real) -> list[float]:
    return np.sqrt(np.mean(np.square(errors), axis=0)).tolist()  # type: ignore[no-any-return]


if __name__ == "__main__":
    main()
