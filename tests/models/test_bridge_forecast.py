"""The shipped forecast model: what it sees, that it is the file its training describes, and that it foretells weather."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from models import manifest
from models.forecast_history import DAYS, HORIZONS_D, WIDTH, changes, inputs, levels, measured_ahead, trailing_median
from models.train_bridge_forecast import BRIDGES, STREAM, Network, drawn_year, export
from simulators.bridge.year import simulate

HOUR_S = 3600.0


def test_a_trailing_median_is_numpys_of_what_is_known() -> None:
    rng = np.random.default_rng(3)
    values = np.where(rng.random((60, 2)) < 0.3, np.nan, rng.normal(size=(60, 2)))

    medians = trailing_median(values, 24, 6)

    np.testing.assert_allclose(medians[40], np.nanmedian(values[17:41], axis=0))
    assert np.isnan(medians[:3]).all()


def test_history_ends_at_its_hour_and_knows_nothing_of_later_frequencies() -> None:
    rng = np.random.default_rng(4)
    times, hz, degc = HOUR_S * np.arange(2400.0), 4.0 + 0.01 * rng.normal(size=(2400, 2)), rng.normal(size=2400)
    at, coming = np.array([1500]), np.zeros((1, len(HORIZONS_D)))
    other = hz.copy()
    other[1501:] *= 0.9

    rows = [inputs(levels(times, each, degc), at, coming) for each in (hz, other)]

    assert rows[0].shape == (2, WIDTH)
    np.testing.assert_array_equal(rows[0], rows[1])
    assert np.isnan(inputs(levels(times, hz, degc), np.array([24 * DAYS - 25]), coming)).all()


def test_changes_are_percent_of_the_level_and_unknown_beyond_the_end() -> None:
    times = HOUR_S * np.arange(24.0 * 60.0)
    hz = np.where(np.arange(len(times)) < 24 * 40, 4.0, 3.96)[:, None]

    change = changes(levels(times, hz, np.zeros(len(times))), np.array([24 * 40 - 1, 24 * 50]))

    np.testing.assert_allclose(change[0, :2], 100.0 * np.log(0.99), rtol=1e-9)
    assert np.isnan(change[:, 2]).all()


def test_the_exported_network_computes_what_numpy_does(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    sizes = (WIDTH, 7, 5, len(HORIZONS_D))
    layers = [(rng.normal(size=(a, b)), rng.normal(size=b)) for a, b in pairwise(sizes)]
    network = Network(rng.normal(size=WIDTH), rng.uniform(0.1, 1.0, WIDTH), layers)
    rows = rng.normal(size=(50, WIDTH)).astype(np.float32)
    export(network, tmp_path / "m" / "x.onnx")

    session = onnxruntime.InferenceSession(str(tmp_path / "m" / "x.onnx"), providers=["CPUExecutionProvider"])

    (change,) = session.run(["change"], {"history": rows})
    np.testing.assert_allclose(change, network.foretell(rows), rtol=1e-3, atol=1e-3)


def test_no_bridge_is_learnt_from_and_judged_on() -> None:
    parts = [set(part) for part in BRIDGES.values()]

    assert sum(map(len, parts)) == len(set().union(*parts))


@pytest.mark.parametrize("horizon", range(len(HORIZONS_D)))
def test_the_shipped_model_beats_persistence_where_there_is_only_weather(horizon: int) -> None:
    entry = manifest.load("bridge-forecast")
    session = onnxruntime.InferenceSession(str(entry.path), providers=["CPUExecutionProvider"])
    rng = np.random.default_rng([STREAM, 9, 1])
    bridges = [simulate(drawn_year(rng), rng) for _ in range(4)]
    healthy = [slice(0, one.healthy_rows) for one in bridges]
    known = [
        levels(one.times_s[rows], one.frequencies_hz[rows], one.temperatures_degc[rows, 0])
        for one, rows in zip(bridges, healthy, strict=True)
    ]
    hours = [np.arange(24 * DAYS, len(each.percent), 24) for each in known]

    rows = [inputs(each, at, measured_ahead(each, at)) for each, at in zip(known, hours, strict=True)]
    (foretold,) = session.run(["change"], {"history": np.concatenate(rows)})

    came = np.concatenate([changes(each, at) for each, at in zip(known, hours, strict=True)])
    assert entry.path.stat().st_size < 1_000_000
    assert np.nanmean((came - foretold)[:, horizon] ** 2) < 0.9 * np.nanmean(came[:, horizon] ** 2)
