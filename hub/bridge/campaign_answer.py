"""The answer of ``machikado analyse bridge-campaign``: a file in; events, changes, twin and findings out."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from hub.bridge import event_log, series_file
from hub.bridge.campaign import Judged, Sized, Windows, judge
from hub.bridge.change_class import ChangeClass, largest_likely
from hub.bridge.felt_temperature import Floats
from hub.bridge.twin import Twin
from hub.bridge.twin_file import BridgeFile
from hub.bridge.twin_update import Updated
from hub.errors import SeriesRefused

CONFIDENCE_95 = 1.96
CAUSES_TOLD = 3
LEAST_SHARE = 0.02
FURTHER = re.compile(r"f_?\d+_std(_hz)?|level\w*|rms\w*")


class Effect(msgspec.Struct, frozen=True):
    """How far one mode moved [%], with its 95 % interval."""

    percent: float
    ci95: tuple[float, float]


class Cause(msgspec.Struct, frozen=True):
    """What may have moved, by the twin.

    Attributes:
        what: the part; share: of the posterior.
        change: of a stiffness or mass [%]; of a restraint in 4·EI/L; change_ci95: its interval.
        fits: whether it alone explains the effect; no class is claimed where the best does not.
    """

    what: str
    share: float
    change: float
    change_ci95: tuple[float, float]
    fits: bool


class Told(msgspec.Struct, frozen=True):
    """One change.

    Attributes:
        t: when, UTC.
        events: entries of the log that it stands for; empty where the log has none.
        sum: several events, too near to each other to be told apart.
        found: seen in the measurements alone.
        says: ``changed`` or ``no detectable effect``.
    """

    t: str
    events: list[str]
    sum: bool
    found: bool
    says: str
    effects: dict[str, Effect]
    causes: list[Cause]
    kind: ChangeClass = msgspec.field(name="class")


class Predicted(msgspec.Struct, frozen=True):
    """A mode of the first segment: measured, predicted as designed and as updated [Hz]."""

    mode: str
    measured_hz: float
    designed_hz: float
    updated_hz: float
    updated_std_hz: float


class Moved(msgspec.Struct, frozen=True):
    """A parameter of the twin after the update: stiffness and mass in percent of the design, restraint in 4·EI/L."""

    what: str
    change: float
    std: float
    learnt: float


class Answer(msgspec.Struct, frozen=True):
    """All that is answered; ``modes`` and ``parameters`` are empty without a girder in the bridge's file."""

    changes: list[Told]
    not_measured: list[str]
    modes: list[Predicted]
    parameters: list[Moved]
    findings: list[str]


class Analysed(NamedTuple):
    """The answer with what figures are made of."""

    answer: Answer
    judged: Judged
    windows: Windows
    names: tuple[str, ...]


def read(path: Path) -> tuple[Windows, tuple[str, ...], list[str]]:
    """A table's windows, names of its modes, and findings.

    Raises SeriesRefused when the table cannot be read.
    """
    table = series_file.read(path, FURTHER)
    std = [table.further.get(f"{mode.lower().removesuffix('_hz')}_std") for mode in table.series.modes]
    level = next((values for name, values in table.further.items() if name.startswith(("level", "rms"))), None)
    findings = list(table.findings)
    if level is None:
        findings.append("no column level: what the level of vibration does to frequencies is not taken out")
    told = [each for each in std if each is not None]
    stated = np.column_stack(told) if len(told) == len(std) else None
    series = table.series
    windows = Windows(series.times_s, series.frequencies_hz, stated, series.temperatures_degc, level)
    return windows, series.modes, findings


def answer(windows: Windows, names: tuple[str, ...], bridge: BridgeFile, findings: list[str]) -> Analysed:
    """Judge a campaign.

    Raises ConfigError for a wrong entry of the log, SeriesRefused when there is too little.
    """
    log = event_log.entries(bridge.events, bridge.zone)
    twin = None if bridge.girder is None else Twin(bridge.girder)
    if bridge.girder is not None and bridge.girder.modes and len(bridge.girder.modes) < len(names):
        raise SeriesRefused(f"modes of the girder: {len(bridge.girder.modes)}; wanted one a column, {len(names)}")
    judged = judge(windows, log, twin)
    findings = list(findings)
    if twin is None:
        findings.append("no girder in the bridge's file: frequencies alone cannot tell mass from stiffness")
    if judged.calibration is not None and not judged.calibration.fits:
        findings.append(
            "the girder of the bridge's file explains the measured frequencies only by stiffness and mass far from its "
            "design: no class is claimed; look at spans, stiffness, mass, and which modes f1, f2 … are"
        )
    found = Answer(
        [_told(one, names) for one in judged.changes],
        [entry.event.name for entry in judged.outside],
        _predicted(judged, names),
        _moved(judged.calibration),
        findings,
    )
    return Analysed(found, judged, windows, names)


def utc(t_s: float) -> str:
    """ISO 8601 to the minute."""
    return datetime.fromtimestamp(t_s, UTC).strftime("%Y-%m-%dT%H:%MZ")


def _interval(value: float, std: float, digits: int) -> tuple[float, float]:
    return round(value - CONFIDENCE_95 * std, digits), round(value + CONFIDENCE_95 * std, digits)


def _told(one: Sized, names: tuple[str, ...]) -> Told:
    percent, std = 100.0 * one.effect, 100.0 * one.std
    effects = {
        name: Effect(round(float(value), 4), _interval(float(value), float(off), 4))
        for name, value, off in zip(names, percent, std, strict=True)
    }
    likely = [each for each in one.verdict.explained[:CAUSES_TOLD] if each.share >= LEAST_SHARE]
    causes = [
        Cause(
            each.pattern.what,
            round(each.share, 3),
            *_change(each.pattern.what, each.size, each.std),
            fits=each.misfit <= largest_likely(len(names) - 1),
        )
        for each in likely
    ]
    says = "changed" if one.detectable else "no detectable effect"
    events = [f"{entry.event.number} {entry.event.name}" for entry in one.entries]
    return Told(utc(one.at_s), events, len(events) > 1, one.found, says, effects, causes, one.verdict.kind)


def _change(what: str, size: float, std: float) -> tuple[float, tuple[float, float]]:
    """A factor's logarithm as percent; a restraint as it is."""
    if what.startswith("restraint"):
        return round(size, 3), _interval(size, std, 3)
    return round(100.0 * float(np.expm1(size)), 2), _interval(100.0 * float(np.expm1(size)), 100.0 * std, 2)


def _predicted(judged: Judged, names: tuple[str, ...]) -> list[Predicted]:
    if judged.calibration is None:
        return []
    rows: tuple[Floats, ...] = (
        judged.start_hz, judged.calibration.before_hz, judged.calibration.after_hz, judged.calibration.after_std_hz,
    )  # fmt: skip
    return [
        Predicted(name, *(round(float(value), 4) for value in values))
        for name, *values in zip(names, *rows, strict=True)
    ]


def _moved(calibration: Updated | None) -> list[Moved]:
    if calibration is None:
        return []
    out = []
    for parameter, value, std, learnt in zip(
        calibration.parameters, calibration.values, calibration.std, calibration.learnt, strict=True
    ):
        scale = 1.0 if parameter.what == "restraint" else 100.0
        change = float(value) if parameter.what == "restraint" else float(np.expm1(value))
        name = f"{parameter.what} of {parameter.name}"
        out.append(Moved(name, round(scale * change, 3), round(scale * float(std), 3), round(float(learnt), 3)))
    return out


def told(found: Answer) -> str:
    """The answer in a few lines for a person."""
    lines = []
    for one in found.changes:
        name = " + ".join(one.events) if one.events else "not in the log"
        lines.append(f"{one.t} {name}{' (one sum: too near to be told apart)' if one.sum else ''}: {one.says}")
        effects = (
            f"{mode} {each.percent:+.2f} % ({each.ci95[0]:+.2f} to {each.ci95[1]:+.2f})"
            for mode, each in one.effects.items()
        )
        lines.append(f"  {', '.join(effects)}")
        if one.says == "changed":
            likely = "; ".join(
                f"{cause.what} {cause.change:+g} ({100.0 * cause.share:.0f} %{'' if cause.fits else ', does not fit'})"
                for cause in one.causes
            )
            lines.append(f"  class: {one.kind}{f'; likeliest: {likely}' if likely else ''}")
    lines += [f"{name}: outside of the measurements, nothing to compare" for name in found.not_measured]
    if found.modes:
        lines.append("mode: measured, as designed, as updated [Hz]")
    lines += [
        f"  {mode.mode}: {mode.measured_hz:.3f}, {mode.designed_hz:.3f}, {mode.updated_hz:.3f} ± {mode.updated_std_hz:.3f}"
        for mode in found.modes
    ]
    return "\n".join([*lines, *(f"note: {finding}" for finding in found.findings)])
