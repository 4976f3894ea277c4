"""The answer of ``machikado analyse bridge-drift``: a file in, rows, changes and findings out, for programs and people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from hub.bridge import series_file
from hub.bridge.change_class import ChangeClass
from hub.bridge.control_chart import runs
from hub.bridge.drift import Classify, DatedChange, Drift, analyse, undetermined
from hub.bridge.twin_file import Girder
from hub.errors import SeriesRefused

CONFIDENCE_95 = 1.96


class Row(msgspec.Struct, frozen=True):
    """One row after the reference.

    Attributes:
        t: as in the file.
        residual: departure from the law of temperature [%] by mode, None where not measured.
        residual_ci95: half width of its interval on a healthy bridge [%] by mode.
        score: distance of the chart's average over the flag limit, None where not judged.
        flagged: the chart is outside at this row.
        alarm: an owner is being told.
    """

    t: str | float
    residual: dict[str, float | None]
    residual_ci95: dict[str, float | None]
    score: float | None
    flagged: bool
    alarm: bool


class Effect(msgspec.Struct, frozen=True):
    """How far one mode moved [%], None where not known."""

    percent: float | None
    ci95: tuple[float, float] | None


class Told(msgspec.Struct, frozen=True):
    """One change: the first row after it, the modes that moved, the size [%] of the surest, all effects, its class."""

    t: str | float
    modes: list[str]
    size: float | None
    effects: dict[str, Effect]
    kind: ChangeClass = msgspec.field(name="class")


class Answer(msgspec.Struct, frozen=True):
    """All that is answered."""

    rows: list[Row]
    changes: list[Told]
    findings: list[str]


def answer(path: Path, first: int, last: int, girder: Girder | None = None) -> Answer:
    """Judge the rows after ``last``, with rows ``first`` to ``last`` (from 1, in order of time) as reference.

    Args:
        girder: the bridge, so that changes get a class; without it every change is ``undetermined``.

    Raises SeriesRefused when the file or the reference cannot be used.
    """
    table = series_file.read(path)
    count = len(table.row_of)
    first = max(first, 1)
    if not first < last <= count:
        raise SeriesRefused(
            f"reference {first}:{last}: {path} has rows 1 to {count}; wanted A below B, both among them"
        )
    begin, after = table.row_of[first - 1], table.row_of[last - 1] + 1
    drift = analyse(table.series, begin, after, _classify(girder))
    rows = [
        _row(table.written[number], drift, table.row_of[number] - after)
        for number in range(last, count)
        if table.row_of[number] >= after
    ]
    moments = {row: table.written[number] for number, row in reversed(list(enumerate(table.row_of)))}
    changes = [_told(moments[one.row], drift.modes, one) for one in drift.changes]
    findings = [*table.findings, *drift.findings]
    if changes and girder is None:
        findings.append(
            "classes: frequencies alone cannot tell mass from stiffness; a model of the bridge can (--bridge)"
        )
    return Answer(rows, changes, findings)


def _classify(girder: Girder | None) -> Classify:
    """The twin's classes; scipy and the model are loaded only where there is one."""
    if girder is None:
        return undetermined
    from hub.bridge.twin import Twin
    from hub.bridge.twin_change import classifier

    return classifier(Twin(girder))


def _percent(relative: float) -> float | None:
    return round(100.0 * relative, 4) if np.isfinite(relative) else None


def _row(t: str | float, drift: Drift, row: int) -> Row:
    score = float(drift.judged.score[row])
    return Row(
        t=t,
        residual={mode: _percent(float(drift.residuals[row, k])) for k, mode in enumerate(drift.modes)},
        residual_ci95={
            mode: _percent(CONFIDENCE_95 * float(drift.uncertainty[row, k])) for k, mode in enumerate(drift.modes)
        },
        score=round(score, 4) if np.isfinite(score) else None,
        flagged=bool(drift.judged.flagged[row]),
        alarm=bool(drift.judged.alarm[row]),
    )


def _told(t: str | float, modes: tuple[str, ...], dated: DatedChange) -> Told:
    effect, std = dated.change.effect, dated.change.std
    effects = {}
    for k, mode in enumerate(modes):
        if np.isfinite(effect[k]):
            low, high = (100.0 * float(effect[k] + side * CONFIDENCE_95 * std[k]) for side in (-1.0, 1.0))
            effects[mode] = Effect(_percent(float(effect[k])), (round(low, 4), round(high, 4)))
        else:
            effects[mode] = Effect(None, None)
    surest = int(np.argmax(np.abs(np.nan_to_num(effect)) / std))
    return Told(t, [modes[k] for k in dated.change.modes], _percent(float(effect[surest])), effects, dated.kind)


def told(found: Answer) -> str:
    """The answer in a few lines for a person."""
    flagged = sum(row.flagged for row in found.rows)
    alarms = runs(np.array([row.alarm for row in found.rows], dtype=np.bool_))
    lines = [f"{len(found.rows)} rows judged, {flagged} flagged, {len(alarms)} alarms"]
    for first, after in alarms:
        lines.append(f"alarm from {found.rows[first].t} to {found.rows[after - 1].t}")
    for change in found.changes:
        lines.append(f"change at {change.t}, {change.kind}: {_effects(change)}")
    return "\n".join([*lines, *(f"note: {finding}" for finding in found.findings)])


def _effects(change: Told) -> str:
    known: list[tuple[str, Any]] = [(mode, change.effects[mode]) for mode in change.modes]
    return ", ".join(
        f"{mode} {effect.percent:+.2f} % ({effect.ci95[0]:+.2f} to {effect.ci95[1]:+.2f})"
        for mode, effect in known
        if effect.ci95 is not None
    )
