"""How well a sensor whose sampling rate is 0.33 % off and drifts is measured against the device's clock and corrected.

A simulated girder without traffic, sampled at a nominal 200 Hz by a sensor that runs 0.33 % fast (what a public driver of
the ADXL355 admits) and whose rate swings by ±60 ppm over two hours with its temperature. Chunks of 25 samples are delivered
late by chance (a gamma distribution, 3 ms in the mean, and one in a hundred by 40 ms more), once with the counter jumping
by 0.4 s. They go through the bridge's whole pipeline; rates, times and frequencies that it reports are held against truth.

`--quick`: 15 minutes. Long: three hours.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import Figure
from edge.bridge.config import Config, Modes, Novelty
from edge.bridge.items import AccelerationChunk
from edge.bridge.pipeline import pipeline
from edge.contract.records import Record
from edge.contract.records.bridge import BridgeMode, BridgeSampling
from simulators.bridge.settings import Settings
from simulators.bridge.vibration import Vibration

SEED = 5
NOMINAL_HZ = 200.0
SIZE = 25
FAST, SWING_PPM, SWING_S = 0.0033, 60.0, 7200.0
LATE_S, STALL_S, STALLS = 0.0015, 0.04, 0.01
JUMP_S = 0.4
START_US = 5_000_000
KNOWN_AFTER_S = 120.0
MATCH = 0.02
"""Relative distance within which a reported frequency is of a true mode."""


@dataclass(slots=True)
class Run:
    """What came out: records, and for the end of each simulated second its true time [µs] and true rate over nominal."""

    frequency_hz: NDArray[np.float64]
    records: list[Record] = field(default_factory=list)
    second_us: list[float] = field(default_factory=list)
    ratio: list[float] = field(default_factory=list)

    def ratio_at(self, t: float) -> float:
        """The true rate over the nominal one at a time [µs]."""
        return float(np.interp(t, self.second_us, self.ratio))


def run(quick: bool) -> Iterator[Figure]:
    """The figures."""
    seconds = 900 if quick else 3 * 3600
    made = simulate(seconds)
    told = [one for one in made.records if isinstance(one, BridgeSampling) and _t(one) > START_US + KNOWN_AFTER_S * 1e6]
    errors = [1e6 * abs(1.0 + one.deviation_ppm * 1e-6 - made.ratio_at(_t(one))) for one in told]
    said = f"{seconds} s at a nominal {NOMINAL_HZ:g} Hz, {100 * FAST:g} % fast ± {SWING_PPM:g} ppm, seed {SEED}"
    yield Figure("bridge-clock-rate-error-worst", max(errors), "ppm", f"{said}; {len(told)} reports", aim="<= 20")
    within = np.mean([error <= 1.96 * (one.deviation_std_ppm or 0.0) for error, one in zip(errors, told, strict=True)])
    yield Figure("bridge-clock-rate-within-stated-95", float(within), "of the reports", said, aim=">= 0.9")
    yield Figure("bridge-clock-jumps-found", told[-1].jumps or 0, "jumps", f"{said}; one was made", aim="== 1")
    bias, scatter, raw_bias, count = _frequencies(made)
    of = f"{said}; {count} reported frequencies"
    yield Figure("bridge-clock-frequency-bias", 1e6 * abs(bias), "ppm", of, "uncorrected", 1e6 * abs(raw_bias),
                 "<= 0.1 x peer")  # fmt: skip
    yield Figure("bridge-clock-frequency-scatter", 1e6 * scatter, "ppm", of)
    off = [1e-3 * abs(_t(one) - _nearest(made.second_us, _t(one))) for one in told]
    yield Figure("bridge-clock-time-error-worst", max(off), "ms", f"{said}; of samples on whole minutes")


def simulate(seconds: int) -> Run:
    """Everything through the pipeline, novelty model aside."""
    rng = np.random.default_rng(SEED)
    vibration = Vibration(Settings(rate_hz=NOMINAL_HZ, vehicles_an_hour=0.0, swing_degc=0.0), rng)
    config = Config(
        modes=Modes(step_s=300.0), sampling_every_s=60.0, novelty=Novelty(model="")
    )  # fmt: skip
    made = Run(vibration.frequency_hz.copy())
    steps = pipeline(config)
    at_us: float = START_US
    for second in range(seconds):
        ratio = 1.0 + FAST + SWING_PPM * 1e-6 * float(np.sin(2.0 * np.pi * second / SWING_S))
        if second == seconds * 2 // 3:
            at_us += JUMP_S * 1e6
        samples = vibration.second()
        for first in range(0, len(samples), SIZE):
            at_us += SIZE * 1e6 / (NOMINAL_HZ * ratio)
            late_s = rng.gamma(2.0, LATE_S) + STALL_S * (rng.random() < STALLS)
            made.records += steps.process(
                round(at_us + 1e6 * late_s), _chunk(samples[first : first + SIZE], second * round(NOMINAL_HZ) + first)
            )
        made.second_us.append(at_us)
        made.ratio.append(ratio)
    return made


def _chunk(samples: NDArray[np.float64], first: int) -> AccelerationChunk:
    return AccelerationChunk(
        run=1, first_sample=first, rate_hz=NOMINAL_HZ, channels=samples.shape[1], encoding="f4",
        data=samples.astype("<f4").tobytes(),
    )  # fmt: skip


def _frequencies(made: Run) -> tuple[float, float, float, int]:
    """Mean and scatter of relative errors, the mean that the nominal rate would have given, and how many."""
    errors, uncorrected = [], []
    for one in made.records:
        if not isinstance(one, BridgeMode):
            continue
        # The girder vibrates in the sensor's seconds: by a true clock each mode is faster by the true ratio.
        ratio = made.ratio_at(_t(one) - 300e6)
        true_hz = made.frequency_hz * ratio
        nearest = float(true_hz[np.argmin(abs(true_hz / one.frequency_hz - 1.0))])
        error = one.frequency_hz / nearest - 1.0
        if abs(error) < MATCH:
            errors.append(error)
            uncorrected.append((1.0 + error) / ratio - 1.0)
    return float(np.mean(errors)), float(np.std(errors)), float(np.mean(uncorrected)), len(errors)


def _nearest(times: list[float], t: float) -> float:
    at = int(np.searchsorted(times, t))
    return min(times[max(0, at - 1) : at + 1], key=lambda one: abs(one - t))


def _t(record: Record) -> int:
    assert record.t is not None
    return record.t
