"""A bridge's stored hours judged against its healthy reference: the live form of ``drift``, on the same modules.

Rules it keeps:
- The reference is the owner's, from the city file; without his word it is the first ``FIRST_DAYS`` days, and that is said.
- Before the reference has ended, or where no law can be made of it, nothing is judged, and why is said.
- Nothing is carried on from one judgement to the next: a late hour counts as if it had come in time, a restart changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib.util import find_spec
from typing import Final, Literal
from zoneinfo import ZoneInfo

import numpy as np

from hub.bridge.change_class import ChangeClass
from hub.bridge.control_chart import runs
from hub.bridge.drift import Classify, DatedChange, Drift, Series, analyse, undetermined
from hub.bridge.felt_temperature import HOUR_S, Floats
from hub.bridge.twin_file import Girder
from hub.city import LoggedEvent, Reference
from hub.errors import SeriesRefused

FIRST_DAYS = 60
"""Length of the reference where the city file names none: below it false flags are likely (``drift.FEWEST_DAYS``)."""

BEFORE_S, AFTER_S = 12.0 * HOUR_S, 24.0 * HOUR_S
"""A change belongs to an entry of the log from so long before its day until so long after it."""

Why = Literal["nothing_yet", "learning", "no_law"]


@dataclass(frozen=True)
class Period:
    """The reference [s UTC], end not included; ``chosen`` by the owner, else by the hub."""

    begin_s: float
    end_s: float
    chosen: bool


@dataclass(frozen=True)
class LongTerm:
    """What the hours say.

    Attributes:
        period: the reference, None without any hour.
        why: nothing is judged; ``refusal`` is the reason in words where no law could be made.
        times_s: (rows,), of the judged hours; drift: about them, None where nothing is judged.
        through_s: beginning of the newest hour that was looked at.
    """

    period: Period | None
    why: Why | None
    refusal: str
    times_s: Floats
    drift: Drift | None
    through_s: float

    @property
    def episodes(self) -> list[tuple[float, float | None]]:
        """Alarms that an owner is told of: from the first hour until the first one after it, None while it goes on [s UTC]."""
        if self.drift is None:
            return []
        rows = runs(self.drift.judged.alarm)
        last = len(self.times_s)
        return [(float(self.times_s[a]), None if b == last else float(self.times_s[b])) for a, b in rows]

    def date_of(self, change: DatedChange) -> float:
        """When a change was [s UTC]."""
        assert self.drift is not None
        return float(self.times_s[max(0, change.row - self.drift.first_row)])


NOTHING: Final = LongTerm(None, "nothing_yet", "", np.empty(0), None, -np.inf)
"""Before any hour was told."""


def reference_of(named: Reference | None, first_s: float, zone: ZoneInfo) -> Period:
    """The reference of a bridge whose first hour was at ``first_s`` [s UTC]."""
    if named is None:
        return Period(first_s, first_s + FIRST_DAYS * 24.0 * HOUR_S, False)
    return Period(day_of(named.first, zone)[0], day_of(named.last, zone)[1], True)


def classify_with(girder: Girder | None) -> Classify:
    """The twin's classes; without a girder, where scipy is not installed, or where a label has no number, none is claimed."""
    if girder is None or find_spec("scipy") is None:
        return undetermined
    from hub.bridge.twin import Twin
    from hub.bridge.twin_change import classifier

    by_twin = classifier(Twin(girder))

    def classify(modes: tuple[str, ...], usual_hz: Floats, effect: Floats, covariance: Floats) -> ChangeClass:
        if not all(any(map(str.isdigit, mode)) for mode in modes):
            return "undetermined"
        return by_twin(modes, usual_hz, effect, covariance)

    return classify


def day_of(day: date, zone: ZoneInfo) -> tuple[float, float]:
    """Beginning and end of a local day [s UTC]."""
    begin, end = (datetime.combine(one, time(), zone) for one in (day, day + timedelta(days=1)))
    return begin.timestamp(), end.timestamp()


def judge(series: Series, named: Reference | None, zone: ZoneInfo, classify: Classify = undetermined) -> LongTerm:
    """Judge all hours after the reference; see ``drift.analyse``."""
    times = series.times_s
    measured = times[np.isfinite(series.frequencies_hz).any(axis=1)]
    if not len(measured):
        return NOTHING
    period, through = reference_of(named, float(measured[0]), zone), float(times[-1])
    first, after = (int(row) for row in np.searchsorted(times, (period.begin_s, period.end_s)))
    if after >= len(times):
        return LongTerm(period, "learning", "", times[:0], None, through)
    try:
        drift = analyse(series, first, after, classify)
    except SeriesRefused as problem:
        return LongTerm(period, "no_law", str(problem), times[:0], None, through)
    return LongTerm(period, None, "", times[after:], drift, through)


def logged_near(at_s: float, log: list[LoggedEvent], zone: ZoneInfo) -> list[LoggedEvent]:
    """Entries of the log that a change at ``at_s`` [s UTC] may be."""
    found = []
    for entry in log:
        begin, end = day_of(entry.date, zone)
        if begin - BEFORE_S <= at_s < end + AFTER_S:
            found.append(entry)
    return found
