"""People-count: people in simulated thermal scenes beside counting warm blobs, and occupancy on a real room's recording.

Scenes of 20 minutes that the model was not trained on: people come, sit and leave, up to 14 at once, often side by
side, with a patch of sun in every third. 8×8 points cannot separate twelve people; from ten on the agent says that the
sensor is saturated. Occupancy is judged by the shipped model on the two days that were held out whole, never told the
hour, beside the best threshold of the light.

Quick form: fewer scenes.
"""

import csv
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.counter_recordings import recording
from benchmarks.errors import MeasurementFailed
from benchmarks.figures import Figure
from edge.counter.features import people_by_rule
from edge.counter.model_or_rule import NO_MODEL
from edge.counter.recorded import occupancies, read_air
from edge.counter.steps.count_people import CountPeople, PeopleEstimate
from edge.counter.steps.subtract_background import Contrast
from models.thermal_scenes import Labelled, labelled_scenes

FIRST_SEED = 9_000
SCENES, SCENES_QUICK = 120, 40
EVERY_S = 10
GROUPS = {"up_to_4": (0, 4, 0.5), "up_to_12": (0, 12, 1.5), "5_to_12": (5, 12, 1.5)}
"""Fewest and most people in view, and the error aimed at."""
OCCUPANCY_FILE = "occupancy-train.txt"
HELD_OUT_DAYS = ("2015-02-09", "2015-02-10")
BLOBS, LIGHT = "warm blobs", "light above 365 lx"


def run(quick: bool) -> Iterator[Figure]:
    """The figures of the scenes, then those of the recording."""
    count = SCENES_QUICK if quick else SCENES
    scenes = labelled_scenes(range(FIRST_SEED, FIRST_SEED + count), EVERY_S)
    yield from _people(scenes, f"{count} simulated scenes of 20 min")
    yield from _occupancy()


def _people(scenes: Labelled, said: str) -> Iterator[Figure]:
    low, people, high = estimates(scenes).T
    blobs = np.array([people_by_rule(contrast) for contrast in scenes.contrast])
    truth = scenes.people
    for name, (fewest, most, aim) in GROUPS.items():
        chosen = (truth >= fewest) & (truth <= most)
        error, peer = (float(np.mean(np.abs(each[chosen] - truth[chosen]))) for each in (people, blobs))
        yield Figure(
            f"people_error_{name}", error, "people", f"{said}, {chosen.sum()} samples", BLOBS, peer, f"<= {aim}"
        )
    sunny = scenes.sunny & (truth <= 4)
    error, peer = (float(np.mean(np.abs(each[sunny] - truth[sunny]))) for each in (people, blobs))
    yield Figure("people_error_up_to_4_in_sun", error, "people", f"{said}, {sunny.sum()} samples", BLOBS, peer)
    held = (low <= truth) & (truth <= high)
    yield Figure("people_coverage_80", float(held.mean()), "share", said, aim=">= 0.75 and <= 0.85")


def estimates(scenes: Labelled) -> NDArray[np.float64]:
    """Low, median and high of each sample, shape (samples, 3), by the agent's own step.

    Raises:
        MeasurementFailed: the model does not run here.
    """
    step = CountPeople("counter-people")
    found = []
    for mono, contrast in enumerate(scenes.contrast):
        found += [each for each in step(mono, Contrast(contrast)) if isinstance(each, PeopleEstimate)]
    if any(each.method != "model" for each in found):
        raise MeasurementFailed("the model counter-people does not run here; install the extra [counter]")
    return np.array([(each.low, each.people, each.high) for each in found])


def _occupancy() -> Iterator[Figure]:
    path = recording(OCCUPANCY_FILE)
    with path.open(encoding="utf-8", newline="") as file:
        rows = read_air(file)
    with path.open(encoding="utf-8", newline="") as file:
        told = list(csv.reader(file))[1:]
    held_out = np.array([line[1][:10] in HELD_OUT_DAYS for line in told])
    truth = np.array([line[-1] == "1" for line in told])
    model, light = (
        np.array([judged is not None and judged.occupied for judged in occupancies(rows, name)])
        for name in ("counter-occupancy", NO_MODEL)
    )
    right, peer = (float(np.mean(each[held_out] == truth[held_out])) for each in (model, light))
    said = f"{held_out.sum()} minutes of {' and '.join(HELD_OUT_DAYS)}, held out whole"
    yield Figure("occupancy_accuracy", right, "share", said, LIGHT, peer, ">= 0.97")
