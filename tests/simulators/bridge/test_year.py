"""The simulated year of a bridge: seeded, with a law that bends at freezing, and damage where its truth says so."""

from __future__ import annotations

import msgspec
import numpy as np

from simulators.bridge.year import Year, simulate

QUIET = Year(
    healthy_h=365 * 24,
    damaged_h=200,
    scatter=(0.0,) * 4,
    wander=0.0,
    missing=0.0,
    missing_mode=0.0,
    gaps=0,
    outliers=0.0,
)


def test_the_same_seed_gives_the_same_year_and_another_another() -> None:
    one, again, other = (simulate(QUIET, np.random.default_rng(seed)) for seed in (1, 1, 2))

    np.testing.assert_array_equal(one.frequencies_hz, again.frequencies_hz)
    assert (one.temperatures_degc != other.temperatures_degc).all()


def test_frequencies_fall_faster_below_freezing_than_above() -> None:
    series = simulate(QUIET, np.random.default_rng(3))
    first, deck = series.frequencies_hz[: series.healthy_rows, 0], series.temperatures_degc[: series.healthy_rows, 0]

    warm, cold = (np.polyfit(deck[rows], first[rows], 1)[0] for rows in (deck > 5.0, deck < -3.0))

    assert deck.min() < -5.0
    assert cold < 2.0 * warm < 0.0


def test_damage_begins_at_the_hour_the_truth_names_with_its_size() -> None:
    series = simulate(QUIET, np.random.default_rng(3))
    row = series.healthy_rows

    step = series.frequencies_hz[row] / series.frequencies_hz[row - 1] - 1.0

    assert series.loss[row - 1 : row + 1].tolist() == [0.0, QUIET.stages[0]]
    np.testing.assert_allclose(step, -0.01 * QUIET.stages[0] * np.array(QUIET.pattern), atol=2e-3)


def test_hours_and_modes_are_missing_as_often_as_set() -> None:
    year = msgspec.structs.replace(QUIET, missing=0.1, missing_mode=0.05)

    series = simulate(year, np.random.default_rng(5))

    assert abs(1.0 - len(series.times_s) / (year.healthy_h + year.damaged_h) - 0.1) < 0.02
    assert abs(np.isnan(series.frequencies_hz).mean() - 0.05) < 0.01
