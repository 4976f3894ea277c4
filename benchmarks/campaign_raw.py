"""Two raw days about one event, sample by sample through the device's whole pipeline, against the campaign's features.

The raw days follow the same truth as the features do: each mode of the simulated girder is an oscillator whose frequency is
the campaign's at that time, shaken by white force at the campaign's level. What the pipeline reports (band of analysis,
health, identification, tracking and all) is held against truth with the same bound as the features' errors, and its step at
the event against the step that the features show.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
from scipy.signal import lfilter

from benchmarks.bridge_modes import rms
from benchmarks.figures import Figure
from edge.bridge.config import Channel, Config, Modes, Novelty
from edge.bridge.items import AccelerationChunk
from edge.bridge.pipeline import pipeline
from edge.contract.records.bridge import BridgeMode
from simulators.bridge.building_site import modes_of
from simulators.bridge.campaign import ROWS_A_DAY, START_S, STEP_S, Campaign, Settings, simulate
from simulators.bridge.girder import Real

SEED = 1212
RATE_HZ, HIGHEST_HZ = 100.0, 25.0
SENSORS_M = (8.0, 20.0, 42.0, 58.0, 84.0, 97.0)
EVENT = 3
"""Place in the plan: the scaffold's removal, which takes no time."""

WARM_UP = 6
NOISE_DENSITY = 2e-6
CHUNK = 2000
SAME = 0.05


def figures(excess: float, days: float = 2.0) -> Iterator[Figure]:
    """How far raw days agree with features.

    Args:
        excess: error of the features over their bound.
        days: half before the event, half after it.
    """
    settings = msgspec.structs.replace(Settings(), error_excess=excess, dropouts=0.0, outages=0, wrong=0.0)
    campaign = simulate(settings, np.random.default_rng([SEED, 0]))
    at = int((campaign.truth[EVENT].at_s - START_S) / STEP_S)
    half = round(0.5 * days * ROWS_A_DAY)
    rows = np.arange(at - half, at + half)
    found = _identified(campaign, settings, rows)
    kept = rows >= rows[0] + WARM_UP
    true = campaign.true_hz[rows]
    bound = np.sqrt(np.array(settings.damping) / (2.0 * np.pi * true * STEP_S))
    raw = ((found / true - 1.0) / bound)[kept]
    features = ((campaign.frequencies_hz[rows] / true - 1.0) / bound)[kept]
    said = f"{days:g} raw days of {len(SENSORS_M)} channels at {RATE_HZ:g} Hz, {int(kept.sum())} windows, 6 modes"
    yield Figure(
        "bridge-campaign-raw-seen", 100.0 * float(np.isfinite(raw).mean()), "% of mode-windows", said, aim=">= 95"
    )
    errors = rms(raw[np.isfinite(raw)].tolist())
    yield Figure(
        "bridge-campaign-raw-error", errors, "bounds rms", f"{said}; the features': {excess:.3g}", aim="<= 1.5"
    )
    off = [_step(raw * bound[kept], features * bound[kept], rows[kept] >= at, mode) for mode in range(settings.modes)]
    steps = f"{said}; step of each mode, raw less features"
    yield Figure("bridge-campaign-raw-step-off", 100.0 * rms([one for one, _ in off]), "% of frequency, rms", steps)
    yield Figure("bridge-campaign-raw-step-sigmas", rms([one / std for one, std in off]), "rms", steps, aim="<= 2")


def _step(raw: Real, features: Real, after: np.ndarray, mode: int) -> tuple[float, float]:
    """Step of a mode by raw windows less that by features, both about the same truth, and its standard uncertainty."""
    apart = (raw - features)[:, mode]
    early, late = (apart[side & np.isfinite(apart)] for side in (~after, after))
    return float(late.mean() - early.mean()), float(np.sqrt(late.var() / len(late) + early.var() / len(early)))


def _identified(campaign: Campaign, settings: Settings, rows: np.ndarray) -> Real:
    """(rows, modes): what the device's pipeline reports in each window of ten minutes, NaN where it does not."""
    channels = [Channel(name=f"s{number + 1}") for number in range(len(SENSORS_M))]
    modes = Modes(window_s=STEP_S, step_s=STEP_S, first_s=STEP_S, confirm=1)
    device = pipeline(Config(channels=channels, highest_hz=HIGHEST_HZ, modes=modes, novelty=Novelty(model="")))
    out = np.full((len(rows), settings.modes), np.nan)
    first = 0
    for number, samples in enumerate(_windows(campaign, settings, rows)):
        for start in range(0, len(samples), CHUNK):
            part = samples[start : start + CHUNK].astype("<f4")
            end_us = round((first + start + len(part)) * 1e6 / RATE_HZ)
            chunk = AccelerationChunk(
                run=1, first_sample=first + start, rate_hz=RATE_HZ, channels=len(SENSORS_M), encoding="f4",
                data=part.tobytes(),
            )  # fmt: skip
            for record in device.process(end_us, chunk):
                if isinstance(record, BridgeMode) and record.t is not None:
                    _take(out, round(record.t / 1e6 / STEP_S) - 1, record.frequency_hz, campaign.true_hz[rows[number]])
        first += len(samples)
    return out


def _take(out: Real, row: int, frequency_hz: float, true_hz: Real) -> None:
    off = np.abs(frequency_hz / true_hz - 1.0)
    mode = int(np.argmin(off))
    if off[mode] < SAME and 0 <= row < len(out):
        out[row, mode] = frequency_hz


def _windows(campaign: Campaign, settings: Settings, rows: np.ndarray) -> Iterator[Real]:
    """Accelerations (samples, sensors) of each window [m/s²]; oscillators go on from one window to the next."""
    generator = np.random.default_rng([SEED, 1])
    before = tuple(one.event for one in campaign.truth[:EVENT])
    shapes = modes_of(campaign.built, before, settings.modes).at(np.array(SENSORS_M))
    shapes = shapes / np.abs(shapes).max(axis=1, keepdims=True)
    count = round(STEP_S * RATE_HZ)
    held = np.zeros((settings.modes, 2))
    for row in rows:
        modal = np.empty((settings.modes, count))
        for mode, (hertz, damping) in enumerate(zip(campaign.true_hz[row], settings.damping, strict=True)):
            omega = 2.0 * np.pi * hertz
            force = generator.normal(size=count) * campaign.level_m_s2[row] * np.sqrt(damping * omega / RATE_HZ)
            modal[mode], held[mode] = lfilter(*_oscillator(omega, damping), force, zi=held[mode])
        noise = NOISE_DENSITY * np.sqrt(0.5 * RATE_HZ) * generator.normal(size=(count, len(SENSORS_M)))
        yield modal.T @ shapes + noise


def _oscillator(omega: float, damping: float) -> tuple[Real, Real]:
    """Acceleration of an oscillator as a filter with its exact poles; two zeros at rest, as an accelerometer has."""
    pole = np.exp((-damping + 1j * np.sqrt(1.0 - damping**2)) * omega / RATE_HZ)
    return np.array([1.0, -2.0, 1.0]), np.array([1.0, -2.0 * pole.real, abs(pole) ** 2])
