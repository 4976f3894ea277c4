"""Labelled thermal scenes for the people model: simulated frames through the agent's own background step.

A scene is 20 minutes of one waiting area: its own offsets, drift, people who come and go around a level that changes,
and in every third scene a patch of sun. One sample is one second: the mean of 10 frames above the background.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.counter.features import Background
from simulators.counter.people import Person, arrive, in_view
from simulators.counter.thermal import REGISTER_DEGC, ThermalScene, sun_patch

SCENE_S = 1200
FRAMES_A_SECOND = 10
MOST_PEOPLE = 14
BACKGROUND_HALFLIFE_S = 1800.0
FIRST_SAMPLE_S = 30


@dataclass(frozen=True)
class Labelled:
    """Samples with their truth: contrast in °C, shape (samples, 8, 8), people in view, whether the sun shone in."""

    contrast: NDArray[np.float32]
    people: NDArray[np.float32]
    sunny: NDArray[np.bool_]


def labelled_scenes(seeds: range, every_s: int) -> Labelled:
    """One scene a seed, a sample every ``every_s`` seconds."""
    scenes = [_scene(seed, every_s) for seed in seeds]
    return Labelled(
        np.concatenate([scene.contrast for scene in scenes]),
        np.concatenate([scene.people for scene in scenes]),
        np.concatenate([scene.sunny for scene in scenes]),
    )


def _scene(seed: int, every_s: int) -> Labelled:
    rng = np.random.default_rng(seed)
    sunny = seed % 3 == 0
    patches = (sun_patch(rng, rng.uniform(-1500.0, 300.0)),) if sunny else ()
    scene = ThermalScene(rng, patches, floor_degc=rng.uniform(17.0, 27.0))
    background = Background(BACKGROUND_HALFLIFE_S)
    people = [arrive(rng, -60.0, ()) for _ in range(int(rng.integers(0, 5)))]
    level = float(rng.uniform(0.0, 12.0))
    contrasts, counts = [], []
    for second in range(SCENE_S):
        if second % 240 == 0:
            level = float(rng.uniform(0.0, 12.0))
        people = _come_and_go(rng, people, level, float(second))
        seen = in_view(people, second + 0.5)
        frames = scene.counts(scene.temperatures(second + 0.5, seen), FRAMES_A_SECOND)
        mean_degc = (frames.mean(axis=0) * REGISTER_DEGC).astype(np.float32)
        contrast = background.contrast(mean_degc, 1.0)
        if second >= FIRST_SAMPLE_S and second % every_s == 0:
            contrasts.append(contrast)
            counts.append(len(seen))
    return Labelled(np.stack(contrasts), np.array(counts, dtype=np.float32), np.full(len(counts), sunny))


def _come_and_go(rng: np.random.Generator, people: list[Person], level: float, t_s: float) -> list[Person]:
    """People arrive while there are fewer than ``level`` and are called away while there are more."""
    people = [person for person in people if not person.gone(t_s)]
    staying = [person for person in people if person.left_s > t_s]
    if len(staying) < min(level, MOST_PEOPLE) and rng.random() < 0.15:
        people.append(arrive(rng, t_s, people))
    elif len(staying) > level and rng.random() < 0.15:
        staying[int(rng.integers(len(staying)))].left_s = t_s
    elif staying and rng.random() < 0.003:
        staying[0].left_s = t_s
    return people
