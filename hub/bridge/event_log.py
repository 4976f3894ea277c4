"""The owner's event log laid over a campaign: which found step is which event, and which events are nearer than one can tell.

Rules it keeps:
- A log tells days; a step belongs to the nearest entry from half a day before the day until a day after it.
- An entry without a step gets a step at noon of its day, so that it is measured, too.
- Entries that are nearer to another step than ``campaign_steps.APART_H`` share it, and so do steps between which less than
  ``FEWEST_BETWEEN`` settled hours were measured: they are measured as one sum.
- An entry before anything was measured, or after, has no before or no after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from hub.bridge.campaign_law import LEADING_H, SETTLING_H
from hub.bridge.campaign_steps import APART_H, EDGE_H
from hub.bridge.felt_temperature import HOUR_S, Floats
from hub.bridge.twin_file import Event
from hub.errors import ConfigError

BEFORE_S, AFTER_S = 12.0 * HOUR_S, 24.0 * HOUR_S
FEWEST_BETWEEN = 4


@dataclass(frozen=True)
class Entry:
    """An event of the log and when it was [s UTC]: from ``begin_s`` until before ``end_s``."""

    event: Event
    begin_s: float
    end_s: float

    @property
    def middle_s(self) -> float:
        """Noon of its day."""
        return 0.5 * (self.begin_s + self.end_s)

    def may_be(self, at_s: float) -> bool:
        """Whether a step found then may be this entry's."""
        return self.begin_s - BEFORE_S <= at_s < self.end_s + AFTER_S


@dataclass
class Step:
    """A step of the law: found in the measurements or put there for an entry, and the entries that it stands for."""

    at_s: float
    found: bool
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True)
class Laid:
    """Steps in order of time; entries that have no before or no after are apart."""

    steps: list[Step]
    outside: list[Entry]


def entries(events: Sequence[Event], zone: str) -> list[Entry]:
    """Entries in order of time.

    Raises ConfigError for a date or a zone that is none.
    """
    try:
        local = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as problem:
        raise ConfigError(f"zone: {zone!r}; wanted a name such as Asia/Tokyo") from problem
    return sorted((_entry(event, local) for event in events), key=lambda one: one.begin_s)


def _entry(event: Event, zone: ZoneInfo) -> Entry:
    try:
        if len(event.date) == len("2023-11-16"):
            begin = datetime.combine(date.fromisoformat(event.date), time(), zone)
            return Entry(event, begin.timestamp(), (begin + timedelta(days=1)).timestamp())
        moment = datetime.fromisoformat(event.date)
    except ValueError as problem:
        raise ConfigError(f"event {event.name!r}: date {event.date!r}; wanted for example 2023-11-27") from problem
    at = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()
    return Entry(event, at, at)


def lay(found_s: Sequence[float], log: Sequence[Entry], measured_s: Floats) -> Laid:
    """Steps for all found ones and all entries.

    Args:
        found_s: dates of the steps that were found [s UTC].
        measured_s: (hours,), when anything was measured, rising.
    """
    steps = [Step(at, True) for at in sorted(found_s)]
    first_s = measured_s[0] + EDGE_H * HOUR_S
    latest_s = measured_s[-1] - (SETTLING_H + EDGE_H) * HOUR_S
    outside = [
        one for one in log
        if one.begin_s < first_s or (one.middle_s > latest_s and not any(map(one.may_be, found_s)))
    ]  # fmt: skip
    inside = [one for one in log if one not in outside]
    pairs = sorted(
        (abs(step.at_s - entry.middle_s), number, which)
        for number, entry in enumerate(inside)
        for which, step in enumerate(steps)
        if entry.may_be(step.at_s)
    )
    given: dict[int, int] = {}
    for _, number, which in pairs:
        if number not in given and which not in given.values():
            given[number] = which
            steps[which].entries.append(inside[number])
    for number, entry in enumerate(inside):
        if number in given:
            continue
        near = min(steps, key=lambda step: abs(step.at_s - entry.middle_s), default=None)
        if near is not None and abs(near.at_s - entry.middle_s) < APART_H * HOUR_S:
            near.entries.append(entry)
        else:
            steps.append(Step(entry.middle_s, False, [entry]))
    return Laid(_told_apart(sorted(steps, key=lambda step: step.at_s), measured_s), outside)


def _between(measured_s: Floats, settled_s: float, next_s: float) -> int:
    """Measured hours after one step has settled and before the next begins."""
    return int(((measured_s >= settled_s) & (measured_s < next_s - LEADING_H * HOUR_S)).sum())


def _told_apart(steps: list[Step], measured_s: Floats) -> list[Step]:
    """Neighbours between which too little was measured are one step, at the found one's date."""
    kept: list[Step] = []
    for step in steps:
        before = kept[-1] if kept else None
        settled = -np.inf if before is None else before.at_s + SETTLING_H * HOUR_S
        if before is not None and _between(measured_s, settled, step.at_s) < FEWEST_BETWEEN:
            before.at_s = step.at_s if step.found and not before.found else before.at_s
            before.found = before.found or step.found
            before.entries += step.entries
        else:
            kept.append(step)
    for step in kept:
        step.entries.sort(key=lambda one: one.begin_s)
    return kept
