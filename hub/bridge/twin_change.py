"""What a change of a bridge can have been: the patterns over modes that its twin predicts for each single cause.

A cause is more or less stiffness or mass over one stretch of neighbouring sections, or the restraint of one support or
of both ends. Patterns are of the size that explains the effect, solved anew at that size: a girder that loses a
twentieth of its stiffness does not move its modes by twenty times a thousandth's pattern.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hub.bridge.change_class import ChangeClass, Pattern, Verdict, judge
from hub.bridge.twin import Kind, Parameter, Twin, What
from hub.bridge.twin_beam import Floats
from hub.bridge.twin_update import Measured, update

LARGEST = 0.5
"""A factor of e to this, or so much of 4·EI/L, is the most that one cause is taken to be."""

REFINED = 2
CONTENDS = 30.0
"""A cause whose misfit is above the best one's by more is not looked at more closely."""


@dataclass(frozen=True)
class Cause:
    """One thing that may have moved, as a direction among the twin's parameters.

    Attributes:
        direction: (parameters,).
        from_m, to_m: where.
    """

    kind: Kind
    what: What
    name: str
    direction: Floats
    from_m: float
    to_m: float


def causes(twin: Twin) -> list[Cause]:
    """All single causes."""
    found = []
    for what in ("stiffness", "mass"):
        numbers = [n for n, one in enumerate(twin.parameters) if one.what == what]
        for first in range(len(numbers)):
            for after in range(first + 1, len(numbers) + 1):
                found.append(_cause(twin, numbers[first:after]))
    supports = [n for n, one in enumerate(twin.parameters) if one.what == "restraint"]
    found += [_cause(twin, [number]) for number in supports]
    found.append(_cause(twin, [supports[0], supports[-1]]))
    return found


def _cause(twin: Twin, numbers: list[int]) -> Cause:
    parts = [twin.parameters[number] for number in numbers]
    direction = np.zeros(len(twin.parameters))
    direction[numbers] = 1.0
    return Cause(
        parts[0].kind, parts[0].what, _name(parts), direction, min(part.from_m for part in parts),
        max(part.to_m for part in parts),
    )  # fmt: skip


def _name(parts: list[Parameter]) -> str:
    if len(parts) == 1:
        return f"{parts[0].what} of {parts[0].name}"
    joint = " and " if parts[0].what == "restraint" else " to "
    return f"{parts[0].what} of {parts[0].name}{joint}{parts[-1].name}"


def patterns(twin: Twin, values: Floats, count: int) -> list[Pattern]:
    """Patterns of small changes about a state of the twin, of its first ``count`` measured modes.

    Args:
        values: (parameters,), the state before the change.
    """
    slopes = twin.sensitivities(values, count)
    return [Pattern(cause.kind, slopes @ cause.direction, cause.name) for cause in causes(twin)]


def explain(twin: Twin, values: Floats, effect: Floats, covariance: Floats) -> Verdict:
    """The class of a change by the twin, and its likeliest causes with their sizes.

    Args:
        values: (parameters,), the state before the change.
        effect: (modes,), relative change of frequency; covariance: (modes, modes).
    """
    every = causes(twin)
    count = len(effect)
    before = twin.modes(values, count).frequency_hz
    tried = patterns(twin, values, count)
    for _ in range(REFINED):
        rough = {id(one.pattern): one for one in judge(effect, covariance, tried).explained}
        least = min((one.misfit for one in rough.values()), default=0.0)
        tried = [
            _at(twin, values, cause, pattern, rough[id(pattern)].size, before)
            if rough and rough[id(pattern)].misfit < least + CONTENDS
            else pattern
            for cause, pattern in zip(every, tried, strict=True)
        ]
    return judge(effect, covariance, tried)


def classifier(twin: Twin) -> Callable[[tuple[str, ...], Floats, Floats, Floats], ChangeClass]:
    """What tells ``drift.analyse`` the class of a change: the twin brought to the usual frequencies first.

    Columns f1 … fk are the girder's modes in the order of its file; of columns that were left out nothing is needed. A
    twin that must go far from its design to explain the usual frequencies is not this bridge: nothing is claimed.
    """

    def classify(modes: tuple[str, ...], usual_hz: Floats, effect: Floats, covariance: Floats) -> ChangeClass:
        numbers = [int("".join(re.findall(r"\d+", mode))) for mode in modes]
        count = max(numbers)
        places = [number - 1 for number in numbers]
        every = np.full(count, np.nan)
        every[places] = usual_hz
        found = update(twin, Measured(every, 1e-3 * every))
        if not found.fits:
            return "undetermined"
        moved, errors = np.full(count, np.nan), np.eye(count)
        moved[places] = effect
        errors[np.ix_(places, places)] = covariance
        return explain(twin, found.values, moved, errors).kind

    return classify


def _at(twin: Twin, values: Floats, cause: Cause, pattern: Pattern, size: float, before: Floats) -> Pattern:
    """The pattern of a cause of a size, over that size."""
    size = float(np.clip(size, -LARGEST, LARGEST))
    if abs(size) < 1e-6:
        return pattern
    moved = values + size * cause.direction
    if cause.what == "restraint":
        moved = np.where(cause.direction > 0.0, np.maximum(moved, 0.0), moved)
        size = float((moved - values)[cause.direction > 0.0].mean())
        if abs(size) < 1e-6:
            return pattern
    return Pattern(cause.kind, (twin.modes(moved, len(before)).frequency_hz / before - 1.0) / size, cause.name)
