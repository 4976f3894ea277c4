"""A bridge's month judged: a row a mode, the long-term chart, and the campaign of the month with figure and twin.

Figures come from the modules of ``analyse bridge-drift`` and ``analyse bridge-campaign``; here they are put together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, pstdev
from zoneinfo import ZoneInfo

import numpy as np

from hub.bridge import long_term
from hub.bridge.campaign import Windows
from hub.bridge.campaign_answer import Analysed, Told, answer
from hub.bridge.hourly import in_order
from hub.bridge.month import HOUR_US, Facts
from hub.bridge.twin_file import BridgeFile, Event
from hub.city import DeviceContext, LoggedEvent
from hub.errors import HubError, SeriesRefused
from hub.store.port import Series, Stored

NAME_LENGTH, NUMBER_MOST = 80, 99
"""Of an entry of the log, as ``twin_file.Event`` has it."""
FEWEST_HOURS = 48
"""A mode seen in fewer hours of the month is in its table, and not in its campaign."""


@dataclass(frozen=True)
class ModeMonth:
    """One mode in the month.

    Attributes:
        windows: identifications; hours: in which there was one.
        frequency_hz, scatter_hz: their mean and standard deviation, the weather's part included.
        uncertainty_hz: median standard uncertainty of a single one.
        damping, damping_std: medians of the ratio and of its standard uncertainty; level_m_s2: median level of vibration.
    """

    label: str
    windows: int
    hours: int
    frequency_hz: float
    scatter_hz: float
    uncertainty_hz: float
    damping: float | None
    damping_std: float | None
    level_m_s2: float | None


@dataclass(frozen=True)
class JudgedMonth:
    """What is judged: ``campaign`` is None where it was refused, and ``refusal`` says why; ``missed`` are known modes unseen."""

    facts: Facts
    context: DeviceContext
    modes: list[ModeMonth]
    missed: list[str]
    long_term: long_term.LongTerm
    campaign: Analysed | None
    refusal: str

    @property
    def zone(self) -> ZoneInfo:
        """The city's."""
        return ZoneInfo(self.context.time_zone)

    @property
    def log(self) -> list[LoggedEvent]:
        """Entries of the owner's log in the month, in order of time."""
        month = (self.facts.month.year, self.facts.month.month)
        return [one for one in self.numbered.values() if (one.date.year, one.date.month) == month]

    @property
    def numbered(self) -> dict[int, LoggedEvent]:
        """All entries of the log, numbered by their dates."""
        return _numbered(self.context)

    @property
    def month_changes(self) -> list[tuple[int, Told]]:
        """Changes of the campaign in the month, with their times [µs UTC]."""
        if self.campaign is None:
            return []
        told = zip(self.campaign.judged.changes, self.campaign.answer.changes, strict=True)
        changes = [(round(found.at_s * 1e6), one) for found, one in told]
        return [(t, one) for t, one in changes if t >= self.facts.month.t_from]

    @property
    def not_compared(self) -> list[str]:
        """Entries of the month without a before or an after."""
        within = {one.text.ja[:NAME_LENGTH] for one in self.log}
        return [] if self.campaign is None else [name for name in self.campaign.answer.not_measured if name in within]


def _numbered(context: DeviceContext) -> dict[int, LoggedEvent]:
    return dict(enumerate(sorted(context.events, key=lambda one: one.date), 1))


def judge(facts: Facts, context: DeviceContext) -> JudgedMonth:
    """Judge the month of a bridge, in the light of what the city file says of it."""
    zone = ZoneInfo(context.time_zone)
    series = facts.hours.series()
    chart = long_term.judge(series, context.reference, zone, long_term.classify_with(context.girder))
    labels = sorted({one.tags["mode"] for one in facts.modes}, key=in_order)
    modes = [_mode([one for one in facts.modes if one.tags["mode"] == label], label) for label in labels]
    campaign, refusal = None, ""
    try:
        campaign = _campaign(facts, context, [one.label for one in modes if one.hours >= FEWEST_HOURS])
    except HubError as problem:
        refusal = str(problem)
    missed = [label for label in series.modes if label not in labels]
    return JudgedMonth(facts, context, modes, missed, chart, campaign, refusal)


def _mode(records: Sequence[Stored], label: str) -> ModeMonth:
    def known(field: str) -> list[float]:
        return [float(one.values[field]) for one in records if field in one.values]

    def middle(field: str) -> float | None:
        values = known(field)
        return median(values) if values else None

    hertz = known("frequency_hz")
    return ModeMonth(
        label, len(records), len({one.t // HOUR_US for one in records}), sum(hertz) / len(hertz), pstdev(hertz),
        median(known("frequency_std_hz")), middle("damping_ratio"), middle("damping_std"), middle("level_m_s2"),
    )  # fmt: skip


def _campaign(facts: Facts, context: DeviceContext, labels: list[str]) -> Analysed:
    """The month as a campaign of its own: one law of temperature, the log laid over it, the twin brought to its beginning."""
    if not facts.campaign_temperatures or not labels:
        raise SeriesRefused(f"campaign: no {'temperature' if labels else 'frequency'} was reported in the month")
    month = facts.month.with_lead
    entries = [
        Event(date=one.date.isoformat(), name=one.text.ja[:NAME_LENGTH], number=number, kind=one.kind)
        for number, one in _numbered(context).items()
        if month.t_from <= _noon(one, context) < month.t_to and number <= NUMBER_MOST
    ]
    bridge = BridgeFile(girder=context.girder, events=entries, zone=context.time_zone)
    names = tuple(_usual_name(label) for label in labels)
    return answer(windows(facts.campaign_modes, facts.campaign_temperatures, labels), names, bridge, [])


def _noon(entry: LoggedEvent, context: DeviceContext) -> int:
    begin, _ = long_term.day_of(entry.date, ZoneInfo(context.time_zone))
    return round((begin + 12 * 3600) * 1e6)


def _usual_name(label: str) -> str:
    """Of a mode m1, f1: its frequency."""
    return f"f{label[1:]}" if label[:1] == "m" and label[1:].isdigit() else label


def windows(records: Sequence[Stored], temperatures: Sequence[Series], labels: Sequence[str]) -> Windows:
    """Identifications by their time, each with its hour's temperatures; NaN where there is none."""
    records = [one for one in records if one.tags["mode"] in labels]
    times = sorted({one.t for one in records})
    row = {t: number for number, t in enumerate(times)}
    column = {label: number for number, label in enumerate(labels)}
    hertz, std = (np.full((len(times), len(labels)), np.nan) for _ in range(2))
    levels = np.full((len(times), len(labels)), np.nan)
    for one in records:
        at = row[one.t], column[one.tags["mode"]]
        hertz[at] = one.values["frequency_hz"]
        std[at] = one.values["frequency_std_hz"] or np.nan
        levels[at] = one.values.get("level_m_s2", np.nan)
    degc = np.full((len(times), max(1, len(temperatures))), np.nan)
    for number, series in enumerate(temperatures):
        by_hour = {point.t: float(point.value) for point in series.points}
        degc[:, number] = [by_hour.get(t - t % HOUR_US, np.nan) for t in times]
    told = np.isfinite(levels).any(axis=1)
    level = np.full(len(times), np.nan)
    level[told] = np.nanmean(levels[told], axis=1)
    return Windows(
        np.array(times, dtype=np.float64) / 1e6, hertz, std, degc, level if told.all() and len(told) else None
    )
