"""Spectrum's rows with damage, scored by the shipped ONNX novelty model, and hours of a year drawn from them.

Stretches of raw acceleration are simulated, each at a season and hour of its own, and again with as much stiffness of the
middle span gone as lowers the first frequency by a wanted share: the same vehicles and the same noise, so that what
differs is the damage. They go through the device's pipeline. Years of raw samples are too slow: an hour of a year is a
row of one of the stretches nearest to it in temperature and in the hour of the day, for traffic has its hours. What an hour
has of the hour before it (slow wander, a week of heavy traffic) is not in it, and the model was trained on this very
girder: both flatter the score.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import onnxruntime

from hub.bridge.felt_temperature import Floats
from models import manifest
from models.train_bridge_novelty import simulated_rows
from simulators.bridge.girder import girder_modes
from simulators.bridge.settings import Settings, structure_degc

SEED: Final = 60_000
ALIKE_DEGC, ALIKE_H = 3.0, 3.0
"""Departures in temperature and in the hour of the day that count alike."""

LOSSES_PERCENT: Final = (0.0, 1.2, 2.4, 4.0, 6.0)
NEAREST: Final = 3


class Bank(NamedTuple):
    """Temperature and hour of the day of the stretches (stretches,), their rows' scores (losses, stretches, rows)."""

    degc: Floats
    hour: Floats
    scores: Floats


def bank(stretches: int, minutes: int) -> Bank:
    """So many stretches at every loss."""
    session = onnxruntime.InferenceSession(
        str(manifest.load("bridge-novelty").path), providers=["CPUExecutionProvider"]
    )
    scores = np.array(
        [
            [_scored(session, SEED + number, stiffness_loss(percent), minutes) for number in range(stretches)]
            for percent in LOSSES_PERCENT
        ]
    )
    drawn = np.array([_degc_and_hour(SEED + number) for number in range(stretches)])
    return Bank(drawn[:, 0], drawn[:, 1], scores)


def _scored(session: onnxruntime.InferenceSession, seed: int, loss: float, minutes: int) -> Floats:
    rows = simulated_rows(seed, loss, minutes).features.astype(np.float32)
    return np.asarray(session.run(["score"], {"features": rows})[0][:minutes], dtype=np.float64)


def _degc_and_hour(seed: int) -> tuple[float, float]:
    """Temperature of the structure and hour of the day that ``simulated_rows`` draws for a seed."""
    generator = np.random.default_rng(seed)
    hour, mean = float(generator.uniform(0.0, 24.0)), float(generator.uniform(0.0, 28.0))
    return structure_degc(Settings(hour_of_day=hour, mean_degc=mean), hour), hour


def stiffness_loss(percent: float) -> float:
    """Share of the middle span's stiffness whose loss lowers the first frequency by so many percent."""
    settings = Settings()
    low, high = 0.0, 0.9
    whole = _first_hz(settings, 0.0)
    for _ in range(30):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if 100.0 * (1.0 - _first_hz(settings, middle) / whole) < percent else (low, middle)
    return high if percent else 0.0


def _first_hz(settings: Settings, loss: float) -> float:
    left = 1e10 * np.array([1.0, 1.0 - loss, 1.0])
    return float(girder_modes(settings.spans_m, left, settings.mass_kg_m, 1).frequency_hz[0])


def hourly(stored: Bank, times_s: Floats, degc: Floats, loss_percent: Floats, generator: np.random.Generator) -> Floats:
    """(rows, 1): logarithm of the score of one row an hour.

    Args:
        times_s: (rows,), local time is nine hours on.
        degc: (rows,), NaN where not measured, and then the hour has no score. loss_percent: (rows,), of the first
            frequency; the nearest of ``LOSSES_PERCENT`` is taken.
    """
    apart_h = np.abs(((times_s / 3600.0 + 9.0)[:, None] - stored.hour + 12.0) % 24.0 - 12.0)
    apart_degc = np.nan_to_num(degc)[:, None] - stored.degc
    order = np.argsort(np.hypot(apart_degc / ALIKE_DEGC, apart_h / ALIKE_H), axis=1)
    rows = np.arange(len(degc))
    stretch = order[rows, generator.integers(0, min(NEAREST, len(stored.degc)), len(degc))]
    level = np.abs(loss_percent[:, None] - np.array(LOSSES_PERCENT)).argmin(axis=1)
    drawn = stored.scores[level, stretch, generator.integers(0, stored.scores.shape[2], len(degc))]
    return np.where(np.isnan(degc), np.nan, np.log(drawn))[:, None]
