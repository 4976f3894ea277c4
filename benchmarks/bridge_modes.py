"""Bridge-modes: how near the identification comes to the least error that anyone can have, beside pyoma-2.

Windows of ten minutes at 50 Hz, four channels, of six structures whose spectra are known exactly: well separated, close,
weak, heavily damped, many modes, and a pair that nobody can part. The bound is Whittle's Fisher information of the full
model at truth. Modes of at least 10 dB count for recall; those below are reported apart.

Quick form: 40 windows in all and 2 for the peer; long form: 200 seeds of every structure, 25 windows for the peer.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.figures import Figure
from benchmarks.modal_bound import Bound, Real, System, TrueMode, bounds, drawn
from benchmarks.peers import pyoma

RATE_HZ, SECONDS, BAND_HZ = 50.0, 600.0, (0.5, 20.0)
CI95 = 1.959964
CLEAR_DB = 10.0
SAME_STDS, SAME_LEAST = 6.0, 0.003
QUICK_SEEDS, LONG_SEEDS, QUICK_PEERS, LONG_PEERS = 8, 200, 2, 25
PEER_BLOCK_ROWS, PEER_TIMEOUT_S = 30, 400.0

A, B, C, D = (1.0, 0.8, 0.5, 0.3), (0.9, -0.3, -1.0, 0.6), (0.5, -1.0, 0.8, 0.4), (-0.6, 0.7, 0.2, 1.0)
SYSTEMS = (
    System("separate", (TrueMode(2.0, 0.01, 25.0, A), TrueMode(5.3, 0.01, 22.0, B), TrueMode(11.0, 0.005, 20.0, C))),
    System("close", (TrueMode(3.0, 0.008, 25.0, A), TrueMode(3.2, 0.008, 22.0, B), TrueMode(8.0, 0.01, 20.0, C))),
    System("weak", (TrueMode(2.0, 0.01, 25.0, A), TrueMode(4.4, 0.01, 12.0, B), TrueMode(7.5, 0.01, 6.0, D))),
    System("damped", (TrueMode(2.0, 0.05, 22.0, A), TrueMode(6.5, 0.03, 20.0, B), TrueMode(14.0, 0.02, 18.0, C))),
    System(
        "many",
        (
            TrueMode(1.1, 0.012, 24.0, A), TrueMode(2.6, 0.01, 20.0, B), TrueMode(4.9, 0.008, 26.0, C),
            TrueMode(7.7, 0.012, 16.0, D), TrueMode(12.0, 0.006, 18.0, A), TrueMode(17.0, 0.005, 14.0, B),
        ),
    ),
)  # fmt: skip
PAIR = System("pair", (TrueMode(4.0, 0.01, 22.0, A), TrueMode(4.06, 0.01, 22.0, B)))
"""Closer than two half-power bandwidths: one answer or two within the pair are both right."""


class Estimate(NamedTuple):
    """One identified mode; standard errors are relative, None where the method gives none."""

    frequency_hz: float
    damping: float
    frequency_std: float | None = None
    damping_std: float | None = None


@dataclass(slots=True)
class Tally:
    """Counts and errors over windows; errors are over their bounds, ``inside`` says whether the 95 % interval held."""

    windows: int = 0
    wanted: int = 0
    found: int = 0
    weak_wanted: int = 0
    weak_found: int = 0
    spurious: int = 0
    frequency: list[float] = field(default_factory=list)
    damping: list[float] = field(default_factory=list)
    frequency_inside: list[bool] = field(default_factory=list)
    damping_inside: list[bool] = field(default_factory=list)

    def take(self, system: System, least: Sequence[Bound], found: Sequence[Estimate]) -> None:
        """Compare one window's modes with the truth."""
        self.windows += 1
        left = list(found)
        for mode, bound in zip(system.modes, least, strict=True):
            best = min(left, key=lambda one: abs(np.log(one.frequency_hz / mode.frequency_hz)), default=None)
            off = np.inf if best is None else abs(np.log(best.frequency_hz / mode.frequency_hz))
            hit = best is not None and off <= max(SAME_STDS * bound.frequency, SAME_LEAST)
            clear = mode.peak_db >= CLEAR_DB
            self.wanted += clear
            if best is not None and hit:
                left.remove(best)
                self.found += clear
                if clear:
                    self._errors(mode, bound, best)
        self.spurious += len(left)

    def take_weak(self, system: System, least: Sequence[Bound], apart: Sequence[Estimate]) -> None:
        """Count which of the modes below 10 dB the offline door would list apart."""
        for mode, bound in zip(system.modes, least, strict=True):
            if mode.peak_db < CLEAR_DB:
                near = max(SAME_STDS * bound.frequency, SAME_LEAST)
                self.weak_wanted += 1
                self.weak_found += any(abs(np.log(one.frequency_hz / mode.frequency_hz)) <= near for one in apart)

    def _errors(self, mode: TrueMode, bound: Bound, one: Estimate) -> None:
        frequency = float(np.log(one.frequency_hz / mode.frequency_hz))
        damping = float(np.log(one.damping / mode.damping))
        self.frequency.append(frequency / bound.frequency)
        self.damping.append(damping / bound.damping)
        if one.frequency_std is not None and one.damping_std is not None:
            self.frequency_inside.append(abs(frequency) <= CI95 * one.frequency_std)
            self.damping_inside.append(abs(damping) <= CI95 * one.damping_std)


def rms(values: Sequence[float]) -> float:
    """Root mean square; 0 of nothing."""
    return float(np.sqrt(np.mean(np.square(values)))) if values else 0.0


def run(quick: bool) -> Iterator[Figure]:
    """The figures over all structures."""
    seeds = QUICK_SEEDS if quick else LONG_SEEDS
    least = {system.name: bounds(system, SECONDS, (0.3, 0.5 * RATE_HZ)) for system in SYSTEMS}
    every = Tally()
    for system in SYSTEMS:
        own = Tally()
        for seed in range(seeds):
            samples = window(system, seed)
            found = identified(samples)
            own.take(system, least[system.name], found)
            every.take(system, least[system.name], found)
            if any(mode.peak_db < CLEAR_DB for mode in system.modes):
                every.take_weak(system, least[system.name], identified(samples, weak=True))
        said = f"structure '{system.name}', {own.windows} windows of {SECONDS:g} s"
        yield Figure(f"modes-{system.name}-frequency-error", rms(own.frequency), "bounds", said)
        yield Figure(f"modes-{system.name}-damping-error", rms(own.damping), "bounds", said)
    peer = _peer(QUICK_PEERS if quick else LONG_PEERS, least)
    yield from _pooled(every, peer, f"{every.windows} windows of {SECONDS:g} s, {every.wanted} clear mode-windows")
    yield from _pair_figures(seeds)


def window(system: System, seed: int) -> Real:
    """Samples of one structure, (samples, channels)."""
    return drawn(system, RATE_HZ, SECONDS, np.random.default_rng([len(system.name), ord(system.name[0]), seed]))


def identified(samples: Real, weak: bool = False) -> list[Estimate]:
    """Modes by the gates of the field, or by those of what is listed apart."""
    from edge.bridge.analyse import WEAK
    from edge.bridge.identification import identify

    return [
        Estimate(
            mode.frequency_hz, mode.damping, mode.frequency_std_hz / mode.frequency_hz, mode.damping_std / mode.damping
        )
        for mode in identify([samples], RATE_HZ, BAND_HZ, WEAK if weak else None)
    ]


def _peer(windows: int, least: dict[str, list[Bound]]) -> Tally | None:
    if not pyoma.installed():
        return None
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        chosen = [SYSTEMS[index % len(SYSTEMS)] for index in range(windows)]
        tasks = []
        for index, system in enumerate(chosen):
            path = Path(folder) / f"{index}.npy"
            np.save(path, window(system, index // len(SYSTEMS)))
            tasks.append(pyoma.Task(path, RATE_HZ, 1, PEER_BLOCK_ROWS, BAND_HZ))
        for system, found in zip(chosen, pyoma.identify(tasks, PEER_TIMEOUT_S) or (), strict=True):
            modes = [
                Estimate(hz, zeta) for hz, zeta in zip(found.frequency_hz, found.damping, strict=True) if zeta > 0.0
            ]
            tally.take(system, least[system.name], modes)
    return tally


def _pooled(every: Tally, peer: Tally | None, said: str) -> Iterator[Figure]:
    beside = f"{said}; the peer on {peer.windows} of them" if peer else said
    compared: tuple[tuple[str, str, str, Callable[[Tally], float]], ...] = (
        ("frequency-error", "bounds rms", "<= 1.2", lambda one: rms(one.frequency)),
        ("damping-error", "bounds rms", "<= 1.2", lambda one: rms(one.damping)),
        ("recall", "% of modes of 10 dB and more", ">= 99.5", lambda one: _percent(one.found, one.wanted)),
        ("spurious", "modes in 200 windows", "<= 1", lambda one: 200.0 * one.spurious / one.windows),
    )
    for name, unit, wanted, of in compared:
        theirs = None if peer is None else of(peer)
        yield Figure(f"modes-{name}", of(every), unit, beside, pyoma.NAME, theirs, wanted)
    weak = _percent(every.weak_found, every.weak_wanted)
    yield Figure("modes-weak-reported", weak, "% of modes of 3 to 10 dB", said)
    aim = ">= 93 and <= 97"
    inside = _percent(sum(every.frequency_inside), len(every.frequency_inside))
    yield Figure("modes-frequency-interval-holds", inside, "%", said, aim=aim)
    inside = _percent(sum(every.damping_inside), len(every.damping_inside))
    yield Figure("modes-damping-interval-holds", inside, "%", f"{said}, on a log scale", aim=aim)


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 0.0


def _pair_figures(seeds: int) -> Iterator[Figure]:
    """An unresolved pair: every answer lies within it, and there is one."""
    low, high = PAIR.modes[0].frequency_hz * 0.985, PAIR.modes[1].frequency_hz * 1.015
    right = 0
    for seed in range(seeds):
        found = identified(window(PAIR, seed))
        right += 1 <= len(found) <= 2 and all(low <= one.frequency_hz <= high for one in found)
    said = f"{seeds} windows, 4.00 and 4.06 Hz, 1 %"
    yield Figure("modes-pair-answered-within", _percent(right, seeds), "% of windows", said)
