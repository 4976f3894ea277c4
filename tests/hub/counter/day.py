"""A simulated day's ticket events through the device's pipeline and the hub's judgement, beside the true waits."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from edge.counter.items import TicketEvent
from edge.counter.pipeline import Config, pipeline
from hub.counter.judgement import Judgement
from simulators.counter.office import Office
from simulators.counter.simulator import Settings

START_US = 1_790_000_000_000_000
SECOND_US = 1_000_000


class Compared(NamedTuple):
    """What was said to somebody who took a ticket, and how long they waited [min]."""

    service: str
    low_min: float
    median_min: float
    high_min: float
    true_min: float


class Day(NamedTuple):
    """Waits that were estimated, and tickets for which nothing could be said."""

    compared: list[Compared]
    unknown: int
    level_changes: int


def day(seed: int, hours: float) -> Day:
    """From 9:00 on, so many hours."""
    settings = Settings()
    office = Office(np.random.default_rng(seed), settings.services, settings.ticket_max, 1, 6)
    steps = pipeline(Config())
    judgement = Judgement()
    said: dict[tuple[str, int], tuple[float, float, float] | None] = {}
    compared: list[Compared] = []
    levels: list[str] = []
    for second in range(round(hours * 3600)):
        now = START_US + second * SECOND_US
        for event in office.step(float(second), 9.0 + second / 3600.0):
            key = (event.service, event.ticket)
            if event.event == "issued":
                said[key] = _said(judgement, event.service, now)
            estimate = said.get(key)
            if event.wait_s is not None and estimate is not None:
                compared.append(Compared(event.service, *estimate, event.wait_s / 60.0))
            item = TicketEvent(service=event.service, event=event.event, ticket=event.ticket, window=event.window)
            for record in steps.process(second * SECOND_US, item):
                judgement.observe(record, START_US + (record.t or 0))
        if second % 10 == 0:
            levels.append(judgement.status(now).level)
    changes = sum(before != after for before, after in pairwise(levels))
    return Day(compared, sum(estimate is None for estimate in said.values()), changes)


def _said(judgement: Judgement, service: str, now: int) -> tuple[float, float, float] | None:
    for figure in judgement.status(now).figures:
        if figure.key == f"wait_{service}" and figure.low is not None and figure.high is not None:
            assert isinstance(figure.value, float)
            return figure.low, figure.value, figure.high
    return None
