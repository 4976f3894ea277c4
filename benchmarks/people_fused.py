"""People-fused: people in a simulated waiting area through whole days, by the line, by the thermal array, and by both.

Days of eight hours: people come in over one line, sit, are called and leave over the same line, up to 14 at once; a patch
of sun wanders over the floor on every third day. The line counts 7 % of those who come in twice and nobody who leaves:
the drift in one direction of the field's complaints. Thermal people are the shipped model's, one sample in ten seconds;
the evening's air says that nobody is there. Each day begins without any knowledge of the line's drift.

Quick form: fewer days.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import Figure
from benchmarks.people_count import estimates
from edge.contract.records.counter import CounterOccupancy, CounterPassages, CounterPeople
from edge.counter.features import Background
from edge.counter.steps.fuse_people import FusePeople
from edge.counter.steps.people_windows import SATURATED_PEOPLE
from models.thermal_scenes import BACKGROUND_HALFLIFE_S, MOST_PEOPLE, Labelled
from simulators.counter.people import Person, arrive, in_view
from simulators.counter.thermal import REGISTER_DEGC, ThermalScene, sun_patch

DAYS, DAYS_QUICK = 20, 3
DAY_S, EVENING_S = 8 * 3600, 1800
EVERY_S = 10
LINE_WINDOW_S = 60
DOUBLED = 0.07
FIRST_SEED = 7_000
LINE, THERMAL = "the line alone", "the thermal array alone"


class Day(NamedTuple):
    """Every ten seconds: the contrast, how many there are, how many came and left since, as the line counted."""

    contrast: NDArray[np.float32]
    people: NDArray[np.float32]
    entered: NDArray[np.int64]
    left: NDArray[np.int64]


class Estimated(NamedTuple):
    """Fused people with their interval, those of the array and of the line, each of one day."""

    fused: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    thermal: NDArray[np.float64]
    line: NDArray[np.float64]


def run(quick: bool) -> Iterator[Figure]:
    """The figures over all days."""
    days = [_day(FIRST_SEED + nth) for nth in range(DAYS_QUICK if quick else DAYS)]
    found = [_estimated(day) for day in days]
    true = np.concatenate([day.people for day in days])
    fused, low, high, thermal, line = (np.concatenate(parts) for parts in zip(*found, strict=True))
    said = f"{len(days)} simulated days of 8 h, {len(true)} samples; the line counts {DOUBLED:.0%} of the entries twice"
    for name, chosen in (("", true >= 0), ("_above_10", true >= SATURATED_PEOPLE)):
        error = _error(fused[chosen], true[chosen])
        yield Figure(f"fused_error{name}", error, "people", said, LINE, _error(line[chosen], true[chosen]), "< peer")
        yield Figure(
            f"fused_error{name}_beside_thermal", error, "people", said, THERMAL,
            _error(thermal[chosen], true[chosen]), "< peer",
        )  # fmt: skip
    held = float(np.mean((low <= true) & (true <= high)))
    yield Figure("fused_coverage_80", held, "share", said, aim=">= 0.75 and <= 0.85")
    evening, evening_line = (max(abs(getattr(each, name)[-1]) for each in found) for name in ("fused", "line"))
    yield Figure(
        "fused_at_the_end_of_the_day_most", float(evening), "people", said, LINE, float(evening_line), "<= 0.5"
    )
    yield Figure("fused_least", float(fused.min()), "people", said, LINE, float(line.min()), ">= 0")


def _error(estimate: NDArray[np.float64], true: NDArray[np.float32]) -> float:
    return float(np.mean(np.abs(estimate - true)))


def _day(seed: int) -> Day:
    rng = np.random.default_rng(seed)
    patches = (sun_patch(rng, float(rng.uniform(0, DAY_S / 2))),) if seed % 3 == 0 else ()
    scene = ThermalScene(rng, patches)
    background = Background(BACKGROUND_HALFLIFE_S)
    people: list[Person] = []
    contrasts, counts, came, went = [], [], [], []
    level, entered, left = 3.0, 0, 0
    for second in range(DAY_S + EVENING_S):
        if second % 1200 == 0:
            level = float(rng.uniform(0.0, 14.0)) if second < DAY_S else 0.0
        staying = [person for person in people if person.left_s > second]
        if len(staying) < min(level, MOST_PEOPLE) and rng.random() < 0.03:
            people.append(arrive(rng, float(second), people))
            entered += 1 + int(rng.random() < DOUBLED)
        elif staying and rng.random() < (0.03 if len(staying) > level else 0.004):
            staying[int(rng.integers(len(staying)))].left_s = float(second)
            left += 1
        if second % EVERY_S == EVERY_S - 1:
            people = [person for person in people if not person.gone(float(second))]
            seen = in_view(people, second + 0.5)
            frames = scene.counts(scene.temperatures(second + 0.5, seen), 10)
            mean_degc = (frames.mean(axis=0) * REGISTER_DEGC).astype(np.float32)
            contrasts.append(background.contrast(mean_degc, float(EVERY_S)))
            counts.append(sum(person.left_s > second for person in people))
            came.append(entered)
            went.append(left)
            entered = left = 0
    return Day(np.stack(contrasts), np.array(counts, np.float32), np.array(came), np.array(went))


def _estimated(day: Day) -> Estimated:
    seen = estimates(Labelled(day.contrast, day.people, np.zeros(len(day.people), np.bool_)))
    step = FusePeople("waiting", "entrance")
    rows = []
    since = [0, 0]
    for nth, (low, people, high) in enumerate(seen):
        t = (nth + 1) * EVERY_S * 1_000_000
        since = [since[0] + int(day.entered[nth]), since[1] + int(day.left[nth])]
        if (nth + 1) * EVERY_S % LINE_WINDOW_S == 0:
            list(step(t, _passages(t, since)))
            since = [0, 0]
            if nth * EVERY_S > DAY_S + EVENING_S - 300:
                list(step(t, CounterOccupancy(t=t, occupied=False, probability=0.02, method="model")))
        window = CounterPeople(
            t=t, zone="waiting", people=people, low=low, high=high, method="model", saturated=people >= SATURATED_PEOPLE
        )
        fused = next(record for record in step(t, window) if isinstance(record, CounterPeople))
        rows.append((fused.people, fused.low, fused.high))
    found = np.array(rows).T
    return Estimated(found[0], found[1], found[2], seen[:, 1], np.cumsum(day.entered - day.left).astype(float))


def _passages(t: int, since: list[int]) -> CounterPassages:
    return CounterPassages(t=t, line="entrance", entered=since[0], left=since[1], window_s=float(LINE_WINDOW_S))
