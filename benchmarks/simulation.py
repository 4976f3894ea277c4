"""Simulation: the whole system on a tick clock in one process, other weather for each seed, and with each of ten bugs planted.

`tests/simulation/world.py` runs the production outbox, settler, link, ingest and ledger of two devices and a hub for 150
simulated seconds of loss, duplication, partitions, a wiped broker, crashes, failing disks, wrong clocks, restores and
copied cards, then in calm weather until everything that can arrive has arrived. *Red* is a seed with a reading lost, stored
twice, altered or never arriving. The same protocol as a state machine of hypothesis (`tests/simulation/model.py`) counts its
events; for each planted bug the figure's input says after how many an invariant broke.

Quick form: 60 seeds, 20 a planted bug, and 4,000 events.
"""

import contextlib
import time
from collections.abc import Iterator
from typing import NamedTuple

from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from benchmarks.figures import Figure
from tests.simulation.model import Delivery
from tests.simulation.planted import IN_THEIR_WEATHER, PLANTED
from tests.simulation.test_model import LOOK, STEPS
from tests.simulation.test_simulation import CALM_TICKS, STORM_TICKS
from tests.simulation.world import World


class Form(NamedTuple):
    """How many of each."""

    seeds: int
    planted_seeds: int
    events: int


QUICK = Form(seeds=60, planted_seeds=20, events=4_000)
LONG = Form(seeds=1_000, planted_seeds=120, events=100_000)
PLANTED_EVENTS = 12_000
"""Most events for which the model looks for a planted bug."""


def run(quick: bool) -> Iterator[Figure]:
    """The figures of the simulation, of the model, and of both with each bug."""
    form = QUICK if quick else LONG
    began = time.monotonic()
    red = red_seeds(World, form.seeds)
    took = f"{form.seeds} seeds in {time.monotonic() - began:.1f} s"
    yield Figure("simulation, red seeds", len(red), "seeds", f"{took}; {STORM_TICKS} s of storm each", aim="== 0")
    events, broke = model(World, form.events)
    yield Figure("model, invariants broken", float(broke), "1", f"{events} events", aim="== 0")
    for planted in PLANTED:
        red = red_seeds(planted, form.planted_seeds)
        events, broke = model(planted, PLANTED_EVENTS)
        found = f"the model breaks after {events} events" if broke else f"the model sees nothing in {events} events"
        what = f"{form.planted_seeds} seeds, the first is {red[0] if red else 'none'}; {found}"
        yield Figure(f"planted {planted.__name__}, red seeds", len(red), "seeds", what, aim="> 0")
        yield Figure(f"planted {planted.__name__}, model broken", float(broke), "1", f"{events} events", aim="== 1")
    for planted in IN_THEIR_WEATHER:
        red = red_seeds(planted, form.planted_seeds)
        what = f"{form.planted_seeds} seeds of its own weather, the first is {red[0] if red else 'none'}"
        yield Figure(f"planted {planted.__name__}, red seeds", len(red), "seeds", what, aim="> 0")


def red_seeds(world: type[World], seeds: int) -> list[int]:
    """The seeds with which something is wrong at the end, or in between."""
    red = []
    for seed in range(seeds):
        try:
            wrong = world(seed).run(STORM_TICKS, CALM_TICKS).is_red
        except AssertionError:
            wrong = True
        if wrong:
            red.append(seed)
    return red


def model(world: type[World], events: int) -> tuple[int, bool]:
    """How many events were tried and whether an invariant broke; it ends at the first."""

    class Machine(Delivery):
        world_type = world
        steps = 0

    look = settings(LOOK, max_examples=max(1, events // STEPS), phases=[Phase.generate], report_multiple_bugs=False)
    broke = True
    with contextlib.suppress(AssertionError, ExceptionGroup), contextlib.redirect_stdout(None):
        run_state_machine_as_test(Machine, settings=look)
        broke = False
    return Machine.steps, broke
