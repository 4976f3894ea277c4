"""What the page and the operator are told of a bridge's long-term judgement: state, since when, how sure.

Rules it keeps:
- Only an alarm is told; a flagged hour is a figure beside it.
- While nothing is judged, or nothing was judged lately, the state is ``unknown`` and says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from hub.bridge import wording
from hub.bridge.change_class import ChangeClass
from hub.bridge.long_term import LongTerm, logged_near
from hub.city import Levels, LoggedEvent
from hub.judgement import Alert, Figure, Level
from hub.words import Words

CONFIDENCE_95 = 1.96
HOUR_US = 3_600_000_000
JUDGED_FRESH_S = 4.0 * 3600.0
STALE_S = 2.0 * 86_400.0
"""A bridge whose newest judged hour is older is not said to be as it was."""


@dataclass(frozen=True)
class Changed:
    """What moved in the alarm that goes on: since when [µs UTC], the mode that moved most [%], the half width, the class."""

    since: int
    mode: str
    percent: float
    reach: float
    kind: ChangeClass
    event: Words | None


def changed(chart: LongTerm, log: list[LoggedEvent], zone: ZoneInfo) -> Changed | None:
    """The alarm that goes on, its changes together; None while there is none."""
    episodes = chart.episodes
    if chart.drift is None or not episodes or episodes[-1][1] is not None:
        return None
    before = episodes[-2][1] if len(episodes) > 1 else None
    mine = [one for one in chart.drift.changes if before is None or chart.date_of(one) >= before]
    if not mine:
        return None
    total = np.sum([np.nan_to_num(one.change.effect) for one in mine], axis=0)
    std = np.sqrt(np.sum([np.square(one.change.std) for one in mine], axis=0))
    most = int(np.argmax(np.abs(total) / std))
    dates = [chart.date_of(one) for one in mine]
    kinds = {one.kind for one in mine}
    events = [entry.text for at in dates for entry in logged_near(at, log, zone)]
    return Changed(
        round(min(dates) * 1e6), chart.drift.modes[most], 100.0 * float(total[most]),
        100.0 * CONFIDENCE_95 * float(std[most]), kinds.pop() if len(kinds) == 1 else "undetermined",
        events[0] if events else None,
    )  # fmt: skip


def headline(chart: LongTerm, found: Changed | None, shift: Levels, zone: ZoneInfo, now: int) -> tuple[Level, Words]:
    """The state in a sentence."""
    if found is not None:
        size = abs(found.percent)
        level: Level = "bad" if size >= shift.bad else "warning" if size >= shift.warning else "notice"
        return level, said(found)
    if chart.period is not None and chart.why == "learning":
        return "unknown", wording.learning(_day(chart.period.end_s, zone))
    newest = newest_judged(chart)
    if chart.drift is None or newest is None:
        return "unknown", wording.NO_LAW
    if now - newest > STALE_S * 1e6:
        return "unknown", wording.STALE
    return "good", wording.NORMAL


def said(found: Changed) -> Words:
    """The change in a sentence."""
    return wording.frequency_changed(found.mode, found.percent, found.reach, found.kind, found.event)


def alert(found: Changed, shift: Levels) -> Alert:
    """What an owner is told: one alert an episode, since its first change."""
    is_bad = abs(found.percent) >= shift.bad
    return Alert(key="bridge_change", severity="critical" if is_bad else "warning", text=said(found), since=found.since)


def newest_judged(chart: LongTerm) -> int | None:
    """End of the newest hour that was judged [µs UTC]."""
    if chart.drift is None:
        return None
    rows = np.flatnonzero(np.isfinite(chart.drift.judged.score))
    return round(float(chart.times_s[rows[-1]]) * 1e6) + HOUR_US if len(rows) else None


def figures(chart: LongTerm, zone: ZoneInfo) -> list[Figure]:
    """The chart's newest value, each mode's departure with its interval on a healthy bridge, and the reference."""
    made: list[Figure] = []
    newest = newest_judged(chart)
    if chart.drift is not None and newest is not None:
        row = int(np.flatnonzero(np.isfinite(chart.drift.judged.score))[-1])
        made.append(
            Figure(
                key="change_score", label=wording.SCORE, value=float(chart.drift.judged.score[row]), t=newest,
                fresh_for_s=JUDGED_FRESH_S, digits=2,
            )
        )  # fmt: skip
        for column, mode in enumerate(chart.drift.modes):
            known = np.flatnonzero(np.isfinite(chart.drift.residuals[:, column]))
            if not len(known):
                continue
            percent = 100.0 * float(chart.drift.residuals[known[-1], column])
            reach = 100.0 * CONFIDENCE_95 * float(chart.drift.uncertainty[known[-1], column])
            made.append(
                Figure(
                    key=f"departure_{mode}_percent", label=wording.departure_label(mode), value=percent, unit="%",
                    t=round(float(chart.times_s[known[-1]]) * 1e6) + HOUR_US, fresh_for_s=JUDGED_FRESH_S,
                    low=percent - reach, high=percent + reach, digits=2,
                )
            )  # fmt: skip
    if chart.period is not None:
        days = _day(chart.period.begin_s, zone), _day(chart.period.end_s - 1.0, zone)
        text = wording.reference(*days, chart.period.chosen)
        made.append(
            Figure(key="reference", label=wording.REFERENCE, value=text.en, text=text, fresh_for_s=JUDGED_FRESH_S)
        )
    return made


def _day(t_s: float, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(t_s, UTC).astimezone(zone).strftime("%Y-%m-%d")
