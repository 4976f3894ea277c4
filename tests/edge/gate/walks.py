"""Items of a gate written down as they happen at the lane: edges with their counters, ticks between."""

from __future__ import annotations

from collections.abc import Iterable

from edge.contract.records import Record
from edge.gate.items import BeamEdge
from edge.pipeline import Pipeline, Step, Tick

SECOND = 1_000_000


def edges(*happened: tuple[int, str, bool], lane: int = 0) -> list[tuple[int, BeamEdge]]:
    """(time [ms], ``outer`` or ``inner``, interrupted) to timed items with the counters that a board would give."""
    counters = [0, 0]
    timed: list[tuple[int, BeamEdge]] = []
    for at_ms, beam_name, blocked in happened:
        beam = ("outer", "inner").index(beam_name)
        counters[beam] += 1
        timed.append((at_ms * 1000, BeamEdge(lane, beam, blocked, counters[beam], at_ms)))
    return timed


def through_step(step: Step, timed: Iterable[tuple[int, object]]) -> list[object]:
    """What a single step makes of timed items."""
    return [made for mono, item in timed for made in step(mono, item)]


def with_ticks(pipeline: Pipeline, timed: Iterable[tuple[int, object]], until_s: int) -> list[Record]:
    """Records of timed items with a tick every second until ``until_s``."""
    everything: list[tuple[int, int, object]] = [(mono, 0, item) for mono, item in timed]
    everything += [(second * SECOND, 1, Tick()) for second in range(until_s + 1)]
    everything.sort(key=lambda each: each[:2])
    return [record for mono, _, item in everything for record in pipeline.process(mono, item)]
